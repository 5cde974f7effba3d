"""What the sandbox's operations refuse a request with."""

from __future__ import annotations


class CognitoError(Exception):
    """An error that Cognito answers: a code of its API and the text that goes with it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
