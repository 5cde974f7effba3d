"""Recordings: what was asked of which Cognito, and what came back. One JSON file a question, with nothing secret."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore

FOLDER = Path(__file__).parents[2] / "recordings"

# What must not be in a file, however it got there. Only a name is ever reported, never what was found.
FORBIDDEN = {
    "an account id": re.compile(r"(?<!\d)\d{12}(?!\d)"),
    "a phone number": re.compile(r"\+\d{7,15}"),
    "a code": re.compile(r"(?<![\w.:-])\d{6,8}(?![\w.:-])"),
    "an access key id": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"),
    "a token": re.compile(r"\beyJ[\w-]{10,}"),
    "a session": re.compile(r"\bAYAB[\w+/=-]{10,}"),
    "a UUID": re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
    "a pool's id": re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-\d_[0-9A-Za-z]+"),
}


class SecretInRecordingError(Exception):
    """An answer holds what must not be written down; the text says of which kind."""


class DiffersError(AssertionError):
    """The sandbox and the recording do not agree."""


@dataclass(frozen=True)
class Recording:
    """`against`: "aws" or "sandbox". `at`: the day. `answer`: JSON."""

    question: str
    asked: str
    settles: list[str]
    answer: Any
    against: str
    region: str
    at: str
    botocore: str

    @classmethod
    def of(cls, question, answer, account):
        """A recording of now. `account`: the one that was asked."""
        return cls(
            question=question.name,
            asked=question.asked,
            settles=list(question.settles),
            answer=answer,
            against=account.against,
            region=account.session.region_name,
            at=datetime.now(UTC).date().isoformat(),
            botocore=botocore.__version__,
        )

    @classmethod
    def read(cls, folder, name):
        """None if that question was never recorded."""
        path = folder / f"{name}.json"
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    def write(self, folder, secrets=None):
        """Write `<question>.json`.

        `secrets`: those of the run (`secret_scan.Secrets`); none of them may be in it.

        Raises:
            SecretInRecordingError: nothing was written.
            ValueError: it is not AWS's, and the folder is that of AWS's answers.
        """
        if self.against != "aws" and folder.resolve() == FOLDER.resolve():
            raise ValueError(f"{self.question} was asked of the {self.against}: {FOLDER.name}/ has AWS's answers only.")
        text = json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"
        leaks = [kind for kind, pattern in FORBIDDEN.items() if pattern.search(text)]
        leaks += secrets.found_in({self.question: text.encode()}) if secrets else []
        if leaks:
            raise SecretInRecordingError(f"The answer to {self.question} holds {', '.join(leaks)}: redact it.")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.question}.json"
        path.write_text(text, encoding="utf-8")
        return path

    def compare(self, answer, against="sandbox"):
        """Raise DiffersError unless this is the same answer."""
        if answer != self.answer:
            raise DiffersError(
                f'The answers to "{self.question}" differ.\n'
                f"Question: {self.asked}\n"
                f"{self.against} ({self.at}, {self.region}) answered: {_readable(self.answer)}\n"
                f"{against} answers now: {_readable(answer)}\n"
                f"Settles: {', '.join(self.settles)}"
            )


def redacted(answer, names):
    """The same answer with a name for each value that another run would not have.

    `names`: value to name, for example {"+12065550100": "<phone>"}. Longer values first, so that none hides in another.
    """
    text = json.dumps(answer)
    for value in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(json.dumps(value)[1:-1], names[value])
    return json.loads(text)


def _readable(answer):
    return json.dumps(answer, indent=2, sort_keys=True)
