"""`sms-redirect demo`: every SMS flow in a local sandbox, with the emails as they arrive."""

from __future__ import annotations

import time

import boto3
import click

from sms_redirect.demo import leftovers
from sms_redirect.demo.existing_pool import ExistingPool
from sms_redirect.demo.story import EMAIL, DemoError, Story
from sms_redirect.sandbox import deploy
from sms_redirect.sandbox.email.mailbox import Mail
from sms_redirect.sandbox.server import Sandbox, SandboxError, SandboxSettings

STACK = "sms-redirect-demo"


@click.command()
@click.option("--existing", is_flag=True, help="Attach to an existing pool, then restore it.")
def command(*, existing: bool) -> None:
    """Deploy the stack into a local sandbox, trigger each kind of SMS, show the emails, and delete the stack."""
    started = time.monotonic()
    try:
        with Sandbox(SandboxSettings(auto_confirm=True)) as sandbox:
            _progress(f"A sandbox is running at {sandbox.endpoint_url}.")
            _run(sandbox, existing=existing)
    except (SandboxError, deploy.DeployError, DemoError) as error:
        raise click.ClickException(str(error)) from error
    _progress(f"Done in {time.monotonic() - started:.0f} s.")


def _run(sandbox: Sandbox, *, existing: bool) -> None:
    session = boto3.Session()
    pool = ExistingPool.create(session) if existing else None
    before = leftovers.resources(session)
    parameters = {"Email": EMAIL} | ({"UserPoolId": pool.id} if pool else {})
    _step(
        f"Deploy template.yaml {f'onto the existing pool {pool.id}' if pool else 'with a new pool'}, email to {EMAIL}"
    )
    outputs = deploy.deploy(session, STACK, parameters)
    Story(
        pool_id=outputs["UserPoolId"],
        client_id=pool.client_id if pool else outputs["UserPoolClientId"],
        mailbox=sandbox.mailroom.mailbox,
        step=_step,
        email=_show,
    ).play()
    _step("Delete the stack")
    deploy.delete(session, STACK)
    _show_what_is_left(session, before)
    if pool:
        if changed := pool.changed_settings():
            raise DemoError(f"The pool was not restored completely: {', '.join(changed)} differ.")
        click.echo(f"    The pool {pool.id} is as it was, setting for setting.")


def _show_what_is_left(session: boto3.Session, before: set[str]) -> None:
    left = leftovers.resources(session) - before
    if left:
        raise DemoError(f"The deleted stack left {', '.join(sorted(left))}.")
    keys = leftovers.keys_by_state(session)
    if any(state != "PendingDeletion" for state in keys.values()):
        raise DemoError(f"The deleted stack left a KMS key that is not pending deletion: {keys}.")
    click.echo("    Nothing is left but the KMS key, which is pending deletion (and free).")


def _step(text: str) -> None:
    click.echo(click.style(f"==> {text}", bold=True))


def _show(mail: Mail) -> None:
    lines = [f"To: {mail.to}", f"Subject: {mail.subject}", "", *mail.body.splitlines()]
    click.echo("\n".join(f"    | {line}".rstrip() for line in lines))


def _progress(text: str) -> None:
    click.echo(text, err=True)
