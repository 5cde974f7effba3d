"""The errors with which the sandbox's operations refuse a request."""

from __future__ import annotations


class CognitoError(Exception):
    """An error response of Cognito: a code of its API and the text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
