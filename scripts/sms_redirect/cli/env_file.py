"""Keeps a sandbox's settings in an app's `.env` file while it runs.

They are a block at the file's end: of two lines with one name the later counts, for Vite, Next.js, Compose and
python-dotenv. So what the file says otherwise stays as it is, and a block that a killed sandbox left is recognised.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

BEGIN = "# >>> sms-redirect sandbox: removed when it stops"
END = "# <<< sms-redirect sandbox"
BLOCK = re.compile(rf"^{re.escape(BEGIN)}$.*?^{re.escape(END)}$\n?", re.MULTILINE | re.DOTALL)
# What these prefixes have is built into web pages, so secrets have no such twin.
PUBLIC_PREFIXES = ("VITE_", "NEXT_PUBLIC_")
PUBLIC = ("AWS_ENDPOINT_URL", "AWS_REGION", "USER_POOL_ID", "USER_POOL_CLIENT_ID")
OWNER_ONLY = 0o600


@contextmanager
def env_file(path: Path, values: Mapping[str, str]) -> Iterator[None]:
    """While the context lasts the file has these values, and only its owner can read it.

    Raises:
        click.ClickException: it cannot be written.
    """
    target = path.resolve()
    try:
        before = target.stat() if target.exists() else None
        own = _without_block(target)
        _replace(target, f"{own}{'' if not own or own.endswith(chr(10)) else chr(10)}{_block(values)}", OWNER_ONLY)
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(
            f"--env-file: {path} cannot be written: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}."
        ) from error
    try:
        yield
    finally:
        try:
            _restore(target, before, ended_with_newline=not own or own.endswith("\n"))
        except (OSError, UnicodeDecodeError) as error:
            click.echo(f"{path} could not be restored ({type(error).__name__}): remove the block by hand.", err=True)


def _restore(target: Path, before: os.stat_result | None, *, ended_with_newline: bool) -> None:
    """Remove the block, and keep what was edited meanwhile."""
    if not target.exists():
        return
    rest = _without_block(target)
    if before is None and not rest:
        target.unlink()
        return
    if not ended_with_newline:
        rest = rest.removesuffix("\n")
    _replace(target, rest, stat.S_IMODE(before.st_mode) if before else OWNER_ONLY)


def _without_block(target: Path) -> str:
    if not target.exists():
        return ""
    with target.open(encoding="utf-8", newline="") as file:
        return BLOCK.sub("", file.read())


def _block(values: Mapping[str, str]) -> str:
    twins = {f"{prefix}{name}": values[name] for prefix in PUBLIC_PREFIXES for name in PUBLIC if name in values}
    lines = [f"{name}={value}" for name, value in {**values, **twins}.items()]
    return "\n".join([BEGIN, *lines, END, ""])


def _replace(target: Path, text: str, mode: int) -> None:
    """All or nothing: an app that reads the file sees it before or after."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # created with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
