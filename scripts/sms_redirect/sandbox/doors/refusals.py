"""Why a request is not let in. `emulator.refusals` words it as the service that was called would."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a response, not an error of the program
    """The base. The text is AWS's, or says what to do. `status`: only if the service does not decide on it.

    `body` is that of the request, as far as it takes it to tell which service was called.
    """

    code = ""
    status: int | None = None
    body = b""


class UnknownKey(Refused):
    """No such access key, or a session token that does not belong to it."""

    code = "InvalidClientTokenId"

    def __init__(self, text: str = "The security token included in the request is invalid.") -> None:
        super().__init__(text)


class ExpiredToken(Refused):
    """Temporary credentials that are over."""

    code = "ExpiredTokenException"

    def __init__(self) -> None:
        super().__init__("The security token included in the request is expired")


class BadSignature(Refused):
    """Another secret, or another request than the one that was signed."""

    code = "SignatureDoesNotMatch"

    def __init__(
        self,
        text: str = "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    ) -> None:
        super().__init__(text)


class BadScopeDate(BadSignature):
    """The day in the credential scope is another than that of the request."""

    code = "CredentialDateMismatch"

    def __init__(self) -> None:
        super().__init__("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")


class WrongTime(Refused):
    """Signed too long ago, or in the future."""

    code = "RequestTimeTooSkewed"


class ExpiredUrl(Refused):
    """A pre-signed URL after its time."""

    code = "RequestExpired"

    def __init__(self) -> None:
        super().__init__("Request has expired")


class Incomplete(Refused):
    """A signature without one of its parts."""

    code = "IncompleteSignature"


class Unsupported(Refused):
    """Signed in a way that is not verified here: SigV4a, or SigV2 outside S3."""

    code = "UnsupportedSignature"

    def __init__(self) -> None:
        super().__init__("The request signature does not conform to AWS standards.")


class Missing(Refused):
    """Not signed, and not one of the few requests that need no signature."""

    code = "MissingAuthenticationToken"

    def __init__(self, body: bytes) -> None:
        super().__init__("Request is missing Authentication Token")
        self.body = body


class OtherSite(Refused):
    """Sent by a browser for a page that has no business here."""

    code = "AccessDenied"


class Malformed(Refused):
    """Not a request that can be understood in one way only."""

    status = 400
    code = "SerializationException"


class TooLarge(Malformed):
    """A body above the service's limit."""

    status = 413
    code = "RequestEntityTooLargeException"


class Failed(Refused):
    """The emulator failed; the sandbox's log says how."""

    status = 500
    code = "InternalFailure"

    def __init__(self) -> None:
        super().__init__("The sandbox failed; its log says how.")
