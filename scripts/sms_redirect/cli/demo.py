"""`sms-redirect demo`: every SMS flow in a local sandbox, with the emails as they arrive."""

from __future__ import annotations

import threading
import time

import boto3
import click

from sms_redirect.cli.ending import cleans_up_undisturbed
from sms_redirect.cli.sandbox_inbox import sandbox_inbox
from sms_redirect.demo import leftovers
from sms_redirect.demo.existing_pool import ExistingPool
from sms_redirect.demo.story import EMAIL, DemoError, Story
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox import deploy
from sms_redirect.sandbox.email.mailbox import Mail
from sms_redirect.sandbox.server import Sandbox, SandboxError, SandboxSettings

STACK = "sms-redirect-demo"
FOOTER = "--"  # the line that SNS puts between a message and its own words
NEXT = """\
Next: scripts/sandbox, for your app's own SMS in the browser (docs/sandbox.md),
or redirect a pool on AWS (README.md, "On AWS")."""


@click.command()
@click.option("--existing", is_flag=True, help="Attach to an existing pool, then restore it.")
@click.option("--keep", is_flag=True, help="Keep the stack running, with the web inbox, until Ctrl-C.")
def command(*, existing: bool, keep: bool) -> None:
    """Deploy the stack into a local sandbox, trigger each kind of SMS, show the emails, and delete the stack."""
    started = time.monotonic()
    try:
        with cleans_up_undisturbed(), Sandbox(SandboxSettings(auto_confirm=True)) as sandbox:
            _progress(f"A sandbox is running at {sandbox.endpoint_url}.")
            if keep:
                _keep(sandbox, existing=existing)
            else:
                _run(sandbox, existing=existing)
                _progress(f"Done in {time.monotonic() - started:.0f} s.\n\n{NEXT}")
    except (SandboxError, deploy.DeployError, DemoError) as error:
        raise click.ClickException(str(error)) from error


def _run(sandbox: Sandbox, *, existing: bool) -> None:
    session = boto3.Session()
    pool = ExistingPool.create(session) if existing else None
    before = leftovers.resources(session)
    _play(sandbox, session, pool)
    _step("Delete the stack")
    deploy.delete(session, STACK)
    _show_what_is_left(session, before)
    if pool:
        if changed := pool.changed_settings():
            raise DemoError(f"The pool was not restored completely: {', '.join(changed)} differ.")
        click.echo(f"    The pool {pool.id} is as it was, setting for setting.")


def _keep(sandbox: Sandbox, *, existing: bool) -> None:
    """Show the same, and leave everything as it is for the user to look at."""
    with sandbox_inbox(sandbox, SmsStore(), None, STACK) as inbox:
        session = boto3.Session()
        pool = ExistingPool.create(session) if existing else None
        inbox.connect(*_play(sandbox, session, pool))
        _progress(f"\nThe SMS are in the inbox: {inbox.server.url}\nIt shows how your app uses this pool. {NEXT}")
        _progress("\nPress Ctrl-C to stop.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            _progress("\nStopping.")


def _play(sandbox: Sandbox, session: boto3.Session, pool: ExistingPool | None) -> tuple[str, str]:
    """Deploy the stack and show every flow; returns the ids of its pool and app client."""
    where = f"onto the existing pool {pool.id}" if pool else "with a new pool"
    _step(f"Deploy template.yaml {where}, email to {EMAIL}")
    parameters = {"UserPoolId": pool.id} if pool else {"Passwordless": "yes"}
    outputs = deploy.deploy(session, STACK, {"Email": EMAIL} | parameters)
    ids = outputs["UserPoolId"], pool.client_id if pool else outputs["UserPoolClientId"]
    Story(*ids, mailbox=sandbox.mailroom.mailbox, step=_step, email=_Emails().show).play()
    return ids


def _show_what_is_left(session: boto3.Session, before: set[str]) -> None:
    left = leftovers.resources(session) - before
    if left:
        raise DemoError(f"The deleted stack left {', '.join(sorted(left))}.")
    click.echo("    Nothing is left but the KMS key, which is pending deletion (and free).")


def _step(text: str) -> None:
    click.echo(click.style(f"==> {text}", bold=True))


class _Emails:
    """The first email is shown with all that SNS adds, which is the same in each."""

    def __init__(self) -> None:
        self._shown_whole = False

    def show(self, mail: Mail) -> None:
        body = mail.body.splitlines()
        if self._shown_whole and FOOTER in body:
            body = body[: body.index(FOOTER)]
            while not body[-1]:
                body.pop()
        self._shown_whole = True
        lines = [f"To: {mail.to}", f"Subject: {mail.subject}", "", *body]
        click.echo("\n".join(f"    | {line}".rstrip() for line in lines))


def _progress(text: str) -> None:
    click.echo(text, err=True)
