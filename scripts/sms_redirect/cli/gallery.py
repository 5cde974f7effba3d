"""`sms-redirect gallery`: every SMS of a user pool on one page, also of a pool that does not exist yet."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sms_redirect.aws import Aws
from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.errors import SmsInboxError
from sms_redirect.gallery import reading, template, template_file
from sms_redirect.gallery.compose import Gallery, compose
from sms_redirect.gallery.document import document
from sms_redirect.gallery.errors import GalleryError, UnknownParameterError
from sms_redirect.gallery.pool import Pool
from sms_redirect.gallery.texts import Texts
from sms_sender.findings import Caution

STDOUT = "-"
OF_THE_POOL = ""  # --custom-message without a name
OF_A_TEMPLATE = ("logical_id", "parameter_overrides")


@click.command()
@click.option("--user-pool-id", help="The user pool.")
@stack_option
@click.option(
    "--template", "file", type=click.Path(path_type=Path), help="A CloudFormation or SAM template, YAML or JSON."
)
@click.option("--logical-id", help="With --template: which of its user pools.")
@click.option(
    "--parameter-overrides",
    multiple=True,
    metavar="NAME=VALUE",
    help="With --template: the value of a parameter. May be repeated.",
)
@click.option(
    "--custom-message",
    is_flag=False,
    flag_value=OF_THE_POOL,
    metavar="[FUNCTION]",
    help="Ask the pool's CustomMessage function for the texts, or the function of this name or ARN.",
)
@click.option("--output", default="gallery.html", show_default=True, help="The page's file; - is the standard output.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the gallery as JSON; the page is written with --output only."
)
@click.option("--check", is_flag=True, help="Exit with 1 when there is a warning.")
@click.option("--allow", multiple=True, metavar="CODE", help="With --check: a warning that is known. May be repeated.")
@aws_options
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Write one page with every SMS that a user pool can send, and whether it sends it.

    The pool is that of a stack, unless --user-pool-id or --template names another. Nothing is sent, and nobody's data
    are read: names and codes are samples.
    """
    _check_usage(context, options)
    try:
        gallery = _gallery(options)
        _write(gallery, options, page_wanted=not options["as_json"] or _given(context, "output"))
    except UnknownParameterError as problem:
        raise click.BadParameter(str(problem), param_hint="--parameter-overrides") from problem
    except (GalleryError, SmsInboxError) as problem:
        raise click.ClickException(str(problem)) from problem
    found = _reported(gallery)
    if options["check"] and any(warning.code not in options["allow"] for warning in found):
        sys.exit(1)


def _check_usage(context: click.Context, options: Mapping[str, Any]) -> None:
    chosen = [name for name in ("user_pool_id", "stack_name", "file") if _given(context, name)]
    if len(chosen) > 1:
        raise click.UsageError("Choose one of --user-pool-id, --stack-name and --template.")
    if not options["file"] and any(options[name] for name in OF_A_TEMPLATE):
        raise click.UsageError("--logical-id and --parameter-overrides belong to --template.")
    if options["as_json"] and _given(context, "output") and options["output"] == STDOUT:
        raise click.UsageError("--json and --output - both want the standard output.")
    if options["allow"] and not options["check"]:
        raise click.UsageError("--allow belongs to --check.")


def _given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not ParameterSource.DEFAULT


def _gallery(options: Mapping[str, Any]) -> Gallery:
    named = options["custom_message"]
    if options["file"]:
        pool = _described(options)
        if named is None:
            return compose(Texts(pool))  # without AWS, its configuration and its credentials
    aws = Aws.of(options["region"], options["profile"], options["endpoint_url"])
    if not options["file"]:
        pool = reading.read(aws, options["user_pool_id"] or reading.pool_of_stack(aws, options["stack_name"]))
    return compose(Texts(pool, None if named is None else reading.asker(aws, pool, named or None)))


def _described(options: Mapping[str, Any]) -> Pool:
    file: Path = options["file"]
    overrides = dict(map(_assignment, options["parameter_overrides"]))
    return template.read(template_file.load(file), file.name, options["logical_id"], overrides, options["region"])


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE.", param_hint="--parameter-overrides")
    return name, value


def _write(gallery: Gallery, options: Mapping[str, Any], *, page_wanted: bool) -> None:
    if options["as_json"]:
        click.echo(json.dumps(document(gallery), indent=2))
    if not page_wanted:
        return
    output = options["output"]
    page = _page(gallery).encode(errors="replace")  # half a surrogate pair is no character
    if output == STDOUT:
        click.echo(page, nl=False)
        return
    try:
        Path(output).write_bytes(page)
    except OSError as problem:
        raise click.ClickException(f"{output} cannot be written: {problem.strerror}.") from problem
    click.echo(output, err=options["as_json"])


def _page(gallery: Gallery) -> str:
    try:
        from sms_redirect.gallery.page import render  # noqa: PLC0415 - --json does without the page's packages
    except ModuleNotFoundError as problem:
        raise click.ClickException(
            f"The page needs the package {problem.name}: install sms-redirect[inbox]."
        ) from problem
    return render(gallery)


def _reported(gallery: Gallery) -> list[Caution]:
    """The warnings that count, each told once on stderr."""
    sent = sum(picture.occasion.sent is True for picture in gallery.pictures)
    click.echo(f"{sent} of {len(gallery.pictures)} SMS are sent by {gallery.pool.name}.", err=True)
    where: dict[Caution, list[str]] = {}
    for subject, warning in gallery.about_copy():
        where.setdefault(warning, []).append(subject)
    for warning, subjects in where.items():
        click.echo(f"Warning {warning.code} ({', '.join(subjects)}): {warning.text}", err=True)
    return list(where)
