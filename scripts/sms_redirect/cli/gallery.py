"""`sms-redirect gallery`: every SMS of a user pool on one page, also of a pool that does not exist yet."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sms_redirect.aws import Aws
from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.errors import SmsInboxError
from sms_redirect.gallery import (
    github,
    parameters_file,
    plain,
    reading,
    samples,
    saved,
    template,
    template_file,
)
from sms_redirect.gallery.comparison import compare
from sms_redirect.gallery.compose import WARNINGS, Gallery, compose
from sms_redirect.gallery.document import document
from sms_redirect.gallery.errors import AttributeNameError, GalleryError, ParameterError
from sms_redirect.gallery.lint import ERRORS
from sms_redirect.gallery.outcomes import Compared, Outcome, Shown
from sms_redirect.gallery.parameters import Given
from sms_redirect.gallery.pool import Pool
from sms_redirect.gallery.texts import Texts

STDOUT = "-"
OF_THE_POOL = ""  # --custom-message without a name
OF_A_TEMPLATE = ("logical_id", "parameter_overrides", "parameters_file", "config_env")
FORMATS = ("html", "json", "markdown", "github")


class NothingToCompareError(click.ClickException):
    exit_code = 2  # 1 says that there are new errors


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
    help="With --template: the value of a parameter, or of AWS::StackName and the like. May be repeated.",
)
@click.option(
    "--parameters-file",
    type=click.Path(path_type=Path),
    help="With --template: parameters as CloudFormation (JSON, YAML) or the SAM CLI (samconfig) keeps them.",
)
@click.option("--config-env", help="With a samconfig file: the environment.  [default: default]")
@click.option(
    "--custom-message",
    is_flag=False,
    flag_value=OF_THE_POOL,
    metavar="[FUNCTION]",
    help="Ask the pool's CustomMessage function for the texts, or the function of this name or ARN.",
)
@click.option("--attribute", multiple=True, metavar="NAME=VALUE", help="An attribute of the sample user. Repeatable.")
@click.option(
    "--client-metadata",
    multiple=True,
    metavar="NAME=VALUE",
    help="Client metadata of the sample calls, also as a JSON object. Repeatable.",
)
@click.option("--locale", multiple=True, help="The sample user's locale; several are shown side by side.")
@click.option(
    "--compare",
    "old",
    metavar="OLD",
    help="Show what changed since OLD: a template, a pool's id or a gallery saved with --json (which --template takes "
    "then, too). Exits with 1 if there are new errors.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="html",
    show_default=True,
    help="html writes a page; the others print: json for programs, markdown for a pull request's comment, github for "
    "annotations in GitHub Actions.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", default="gallery.html", show_default=True, help="The page's file; - is the standard output.")
@click.option("--check", is_flag=True, help="Exit with 1 if there is an error or a warning.")
@click.option("--allow", multiple=True, metavar="CODE", help="With --check: a warning to accept. May be repeated.")
@aws_options
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Write one page with every SMS that a user pool can send, and whether it sends it.

    The pool is that of a stack, unless --user-pool-id or --template names another. Nothing is sent, and no user data is
    read: names and codes are samples. The formats other than html write the page only with --output.
    """
    _check_usage(context, options)
    form = "json" if options["as_json"] else options["form"]
    try:
        outcome = _outcome(options)
    except (GalleryError, SmsInboxError) as error:
        if form == "github":
            click.echo(github.command("error", "no-gallery", str(error), getattr(error, "place", None)))
        raise _failure(error, options) from error
    _print(form, outcome)
    if form == "html" or _given(context, "output"):
        _write_page(outcome, options["output"], told_on_stderr=form != "html")
    for line in outcome.report():
        click.echo(plain.terminal(line), err=True)
    if outcome.fails(check=options["check"], allowed=options["allow"]):
        sys.exit(1)


def _failure(error: Exception, options: Mapping[str, Any]) -> click.ClickException:
    text = plain.terminal(error)
    if isinstance(error, ParameterError):
        return click.BadParameter(text, param_hint="--parameter-overrides, --parameters-file")
    if isinstance(error, AttributeNameError):
        return click.BadParameter(text, param_hint="--attribute")
    return click.ClickException(text) if options["old"] is None else NothingToCompareError(text)


def _check_usage(context: click.Context, options: Mapping[str, Any]) -> None:
    chosen = [name for name in ("user_pool_id", "stack_name", "file") if _given(context, name)]
    if len(chosen) > 1:
        raise click.UsageError("Choose one of --user-pool-id, --stack-name and --template.")
    if not options["file"] and not options["old"] and any(options[name] for name in OF_A_TEMPLATE):
        names = ", ".join(f"--{name.replace('_', '-')}" for name in OF_A_TEMPLATE)
        raise click.UsageError(f"These belong to --template: {names}.")
    if options["config_env"] and not options["parameters_file"]:
        raise click.UsageError("--config-env belongs to --parameters-file.")
    if options["as_json"] and options["form"] not in {"html", "json"}:
        raise click.UsageError("--json and --format both say what to print: choose one.")
    prints = options["as_json"] or options["form"] != "html"
    if prints and _given(context, "output") and options["output"] == STDOUT:
        raise click.UsageError("--output - writes the page to the standard output, where the other format goes.")
    _check_allowed(options)


def _check_allowed(options: Mapping[str, Any]) -> None:
    if options["allow"] and not options["check"]:
        raise click.UsageError("--allow belongs to --check.")
    for code in options["allow"]:
        if code in ERRORS:
            raise click.BadParameter(f"{code} is an error: Cognito refuses it.", param_hint="--allow")
        if code not in WARNINGS:
            raise click.BadParameter(
                f"There is no warning {code!r}; there are {', '.join(sorted(WARNINGS))}.", param_hint="--allow"
            )


def _given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not ParameterSource.DEFAULT


# ---- what is shown ----


def _outcome(options: Mapping[str, Any]) -> Outcome:
    if options["old"] is None:
        return Shown(_galleries(options))
    saved_gallery = saved.load(options["file"]) if options["file"] else None
    return Compared(compare(_old(options), saved_gallery or document(*_galleries(options))))


def _galleries(options: Mapping[str, Any]) -> list[Gallery]:
    """One for each locale."""
    if options["file"]:  # without AWS, its configuration and its credentials
        pool = _described(options["file"], options["logical_id"], _given_values(options), options)
    else:
        aws = _aws(options)
        pool = reading.read(aws, options["user_pool_id"] or reading.pool_of_stack(aws, options["stack_name"]))
    return _composed(pool, options["custom_message"], options)


def _old(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The gallery to compare with: of a file if there is one of that name, else of a pool."""
    path, function = Path(options["old"]), options["custom_message"]
    if not path.exists() and reading.is_pool_id(options["old"]):
        pool = reading.read(_aws(options), options["old"])
        return document(*_composed(pool, function if pool.custom_message else function or None, options))
    found = saved.load(path)
    if found is not None:
        return found
    pool = _described(path, options["logical_id"], _given_values(options).for_another_template(), options)
    return document(*_composed(pool, function or None, options))


def _described(file: Path, logical_id: str | None, given: Given, options: Mapping[str, Any]) -> Pool:
    return template.read(template_file.load(file), logical_id, given, options["region"])


def _composed(pool: Pool, function: str | None, options: Mapping[str, Any]) -> list[Gallery]:
    """`function` None: none is asked."""
    asked = None if function is None else reading.asker(_aws(options), pool, function or None)
    attributes = _assignments(options["attribute"], "--attribute")
    metadata = _metadata(options["client_metadata"])
    locales = list(dict.fromkeys(options["locale"])) or [None]
    return [compose(Texts(pool, asked), samples.Person(attributes, metadata, locale)) for locale in locales]


def _given_values(options: Mapping[str, Any]) -> Given:
    path = options["parameters_file"]
    given = parameters_file.load(path, options["config_env"]) if path else Given()
    return given.overridden(_assignments(options["parameter_overrides"], "--parameter-overrides"))


def _aws(options: Mapping[str, Any]) -> Aws:
    return Aws.of(options["region"], options["profile"], options["endpoint_url"])


def _metadata(texts: Iterable[str]) -> dict[str, str]:
    """As the AWS CLI takes it: NAME=VALUE, or a JSON object of strings."""
    found: dict[str, str] = {}
    for text in texts:
        try:
            values = json.loads(text) if text.lstrip().startswith("{") else None
        except (ValueError, RecursionError) as error:
            raise click.BadParameter(f"{text!r} is not valid JSON.", param_hint="--client-metadata") from error
        if values is None:
            found |= _assignments([text], "--client-metadata")
        elif all(isinstance(value, str) for value in values.values()):
            found |= values
        else:
            raise click.BadParameter("The values must be strings.", param_hint="--client-metadata")
    return found


def _assignments(texts: Iterable[str], option: str) -> dict[str, str]:
    found = {}
    for text in texts:
        assignment = parameters_file.assignment(text)
        if assignment is None:
            raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE.", param_hint=option)
        found[assignment[0]] = assignment[1]
    return found


# ---- what is printed and written ----


def _print(form: str, outcome: Outcome) -> None:
    if form == "json":
        # The same document, but no command of a pipeline (see `plain.terminal`).
        click.echo(json.dumps(outcome.document(), indent=2).replace("##[", r"##\u005b"))
    elif form == "markdown":
        click.echo(outcome.markdown().encode(errors="replace"), nl=False)
    elif form == "github":
        click.echo("".join(f"{line}\n" for line in outcome.annotations()).encode(errors="replace"), nl=False)


def _write_page(outcome: Outcome, output: str, *, told_on_stderr: bool) -> None:
    try:
        page = outcome.page().encode(errors="replace")  # half a surrogate pair is not a character
    except ModuleNotFoundError as error:
        raise click.ClickException(f"The page needs the package {error.name}: install sms-redirect[inbox].") from error
    if output == STDOUT:
        click.echo(page, nl=False)
        return
    try:
        Path(output).write_bytes(page)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from error
    click.echo(output, err=told_on_stderr)
