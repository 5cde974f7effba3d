"""What a browser may send, and for which pages: AWS trusts signatures alone, but a page anywhere on the web must not
reach a server on the machine that shows it.

Programs send none of the headers that are looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sms_redirect.sandbox.doors.incoming import Incoming
from sms_redirect.sandbox.doors.unsigned import Open

FROM_HERE = frozenset({"none", "same-origin"})
# Seconds that a browser remembers a preflight: Cognito's value (aws-amplify/amplify-js#4346).
MAX_AGE = "172800"
EXPOSED = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date,ETag,x-amz-request-id"
USER_POOL_HEADERS = (
    "Authorization,Cache-Control,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Amz-Target,X-Amz-User-Agent,"
    "amz-sdk-invocation-id,amz-sdk-request,x-amz-content-sha256"
)

Cors = dict[str, str]


@dataclass(frozen=True, slots=True)
class Origins:
    """`allowed` are origins that the user named, such as `http://localhost:3000`."""

    allowed: frozenset[str] = frozenset()

    def refusal(self, request: Incoming, kind: Open | None) -> str | None:
        """Why a request is not for the page that sent it; None if it is, or if no page did."""
        if not self._foreign(request):
            return None
        if kind in {Open.USER_POOLS, Open.HOSTED}:
            return None
        if kind in {Open.LINK, Open.PAGE} and _navigates(request):
            return None
        page = request.header("origin") or f"a {request.header('sec-fetch-site')} page"
        return (
            f"The sandbox does not take this request from a web page of another origin ({page}): only what a user pool "
            "serves without a signature. Start it with --allow-origin to let a page of yours do more."
        )

    def headers(self, request: Incoming, kind: Open | None) -> Cors:
        """The headers that let the page read what it gets."""
        origin = request.header("origin")
        if origin is None:
            return {}
        if origin in self.allowed:
            return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED, "Vary": "Origin"}
        if kind in {Open.USER_POOLS, Open.HOSTED}:
            return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
        return {}

    def preflight(self, request: Incoming, kind: Open | None) -> Cors | None:
        """What a browser is told that asks before it sends; None if it may not."""
        origin, method = request.header("origin"), request.header("access-control-request-method")
        if origin in self.allowed:
            return {
                "Access-Control-Allow-Origin": origin or "",
                "Access-Control-Allow-Methods": method or "",
                "Access-Control-Allow-Headers": request.header("access-control-request-headers") or "",
                "Access-Control-Max-Age": MAX_AGE,
                "Vary": "Origin",
            }
        if kind not in {Open.USER_POOLS, Open.HOSTED}:
            return None
        methods, headers = ("POST", USER_POOL_HEADERS) if kind is Open.USER_POOLS else (
            "GET,POST", "Authorization,Content-Type")  # fmt: skip
        return {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": headers,
            "Access-Control-Max-Age": MAX_AGE,
        }

    def _foreign(self, request: Incoming) -> bool:
        origin = request.header("origin")
        if origin is not None:
            return origin not in self.allowed and origin.lower() != f"http://{(request.header('host') or '').lower()}"
        return request.header("sec-fetch-site") not in {None, *FROM_HERE}


def normal(origins: Iterable[str]) -> frozenset[str]:
    """Origins as browsers write them."""
    return frozenset(origin.rstrip("/").lower() for origin in origins)


def _navigates(request: Incoming) -> bool:
    """Somebody follows a link: the other site sees nothing of what opens."""
    return request.header("sec-fetch-mode") == "navigate" and request.header("sec-fetch-dest") == "document"
