"""Templates for the gallery's tests: written to a file, and read as the command reads them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sms_redirect.gallery import template, template_file
from sms_redirect.gallery.parameters import Given
from sms_redirect.gallery.pool import Pool

ROLE = "SmsConfiguration: {SnsCallerArn: 'arn:aws:iam::111122223333:role/sms'}"


def one_pool(properties: str, head: str = "") -> str:
    """A template with one pool; `properties` are lines of YAML."""
    lines = "".join(f"      {line}\n" for line in properties.strip().splitlines())
    return f"{head}\nResources:\n  Pool:\n    Type: AWS::Cognito::UserPool\n    Properties:\n{lines}"


def read(
    text: str,
    *,
    logical_id: str | None = None,
    region: str | None = None,
    given: Given | None = None,
    name: str = "template.yaml",
) -> Pool:
    """The pool of a template."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return template.read(template_file.load(path), logical_id, given or Given(), region)
