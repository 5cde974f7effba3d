"""The command line: `sms-redirect COMMAND`. Each command is a module, imported when it runs."""

from __future__ import annotations

import errno
import importlib
import os
from typing import Any

import click
from click.shell_completion import CompletionItem

from sms_redirect.cli.ending import INTERRUPTED

COMMANDS = {
    "attach": "Put a deployed stack's redirect on its pool again.",
    "confirm": "Confirm a subscription so that mail scanners cannot end it.",
    "demo": "Run every SMS flow in a local sandbox and show the emails.",
    "detach": "Take the redirect off a pool, whatever became of its stack.",
    "doctor": "Find out why no SMS came.",
    "gallery": "Write one page with every SMS that a pool can send.",
    "inbox": "Read the SMS of a deployed stack in the browser.",
    "plan": "Show what attaching to an existing pool would change.",
    "sandbox": "Run the stack on this machine, without an AWS account.",
    "subscribe": "Send a stack's SMS to one more address.",
    "subscriptions": "List who receives a stack's SMS.",
    "unsubscribe": "Stop sending a stack's SMS to an address.",
    "wait": "Print the code of the next SMS, for scripts and tests.",
}


class LazyCommands(click.Group):
    """Imports a command's module only when it runs, so that `wait` does not pay for the sandbox."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        try:
            module = importlib.import_module(f"sms_redirect.cli.{cmd_name}")
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "sms_redirect":
                raise
            raise click.ClickException(
                f"`sms-redirect {cmd_name}` needs the package {error.name}, which is not installed. Install "
                "sms-redirect with its sandbox: pip install '/path/to/checkout[sandbox]'."
            ) from error
        command: click.Command = module.command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands by their names alone: click's would import each of them."""
        names = [CompletionItem(name, help=COMMANDS[name]) for name in sorted(COMMANDS) if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":  # https://no-color.org
            ctx.color = False
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise  # a closed pipe is click's to deal with
            raise click.ClickException("There is no space left for the output.") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in sorted(COMMANDS)])


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sms-redirect")
def main() -> None:
    """Redirect every SMS of an Amazon Cognito user pool to email, for development and testing."""
