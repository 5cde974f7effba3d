"""The requests that need no signature, as on AWS: what a web app or somebody with a link sends.

Each is described so narrowly that the emulator behind the door cannot take it for anything else: it takes a request
without a key for the account's root user.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache

from sms_redirect.pool_rules.model import service_model
from sms_redirect.sandbox.doors.incoming import Incoming
from sms_redirect.sandbox.paths import CONFIRM_PATH, UNSUBSCRIBE_PATH

USER_POOLS = "AWSCognitoIdentityProviderService."


class Open(Enum):
    """What kind of open request one is; it decides which browsers may send it."""

    USER_POOLS = "an operation of the user pools API that needs no signature"
    HOSTED = "a hosted page, an OAuth 2.0 endpoint or a discovery document"
    LINK = "a link of an email"
    PAGE = "the root, opened in a browser"
    PROGRAM = "for programs on this machine"


# "User pool endpoints and managed login reference".
HOSTED = (
    (re.compile("/oauth2/authorize|/login"), {"GET", "POST"}),
    (re.compile("/logout|/signup|/confirm|/confirmUser|/forgotPassword|/confirmforgotPassword|/error"), {"GET"}),
    (re.compile("/oauth2/token|/oauth2/revoke"), {"POST"}),
    (re.compile("/oauth2/userInfo"), {"GET", "POST"}),
    (re.compile(r"/[a-z0-9-]+_[A-Za-z0-9]+/\.well-known/(jwks\.json|openid-configuration)"), {"GET"}),
)
# The pages behind the links of emails, and SNS's calls behind those of email-json documents: signed in the model of its
# API, yet served to everyone who has the token or the subscription's ARN.
LINK_PAGES = re.compile("|".join(map(re.escape, (CONFIRM_PATH, UNSUBSCRIBE_PATH))))
LINKS = {
    "ConfirmSubscription": {"Action", "TopicArn", "Token", "AuthenticateOnUnsubscribe", "Version"},
    "Unsubscribe": {"Action", "SubscriptionArn", "Version"},
}
# CloudFormation's pre-signed response URLs: the token at the end is a random UUID, and known to one function only.
RESPONSES = re.compile(r"/_ministack/cfn-(?:response|signal)/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SIGNS_OF_LIFE = re.compile("/_ministack/(?:health|ready)")
PATHS = (
    *((Open.HOSTED, path, methods) for path, methods in HOSTED),
    (Open.LINK, LINK_PAGES, {"GET", "HEAD"}),
    (Open.PROGRAM, RESPONSES, {"PUT"}),
    (Open.PROGRAM, SIGNS_OF_LIFE, {"GET", "HEAD"}),
)


def kind(request: Incoming, *, plain_host: bool) -> Open | None:
    """Which of the open requests one is; None if it must be signed. `plain_host`: not that of a bucket or an API."""
    if not plain_host or _names_a_key(request):
        return None
    if request.path == "/":
        return _of_the_root(request)
    found = (kind for kind, path, methods in PATHS if request.method in methods and path.fullmatch(request.path))
    return next(found, None)


def preflight_kind(request: Incoming) -> Open | None:
    """What a browser is about to send, which asks first (`OPTIONS`): it does not say all of it."""
    if request.path == "/":
        return Open.USER_POOLS
    return Open.HOSTED if any(path.fullmatch(request.path) for path, _ in HOSTED) else None


@cache
def operations() -> frozenset[str]:
    """The operations of the user pools API that are sent without a signature, by botocore's model of it."""
    model = service_model()
    return frozenset(name for name in model.operation_names if model.operation_model(name).auth_type == "none")


def _of_the_root(request: Incoming) -> Open | None:
    target = request.header("x-amz-target")
    if target is not None:
        known = target.startswith(USER_POOLS) and target.removeprefix(USER_POOLS) in operations()
        return Open.USER_POOLS if known and request.method == "POST" and not request.query_string else None
    wants_html = "text/html" in (request.header("accept") or "")
    if request.method in {"GET", "HEAD"} and not request.query_string and wants_html:
        return Open.PAGE  # a client of AWS would have signed it
    names = [name for name, _ in request.query]
    allowed = LINKS.get(dict(request.query).get("Action", ""), set())
    once = len(names) == len(set(names))
    return Open.LINK if request.method == "GET" and once and names and set(names) <= allowed else None


def _names_a_key(request: Incoming) -> bool:
    """A key that nobody checked must not reach the emulator, which would believe it."""
    bearer = (request.header("authorization") or "").startswith(("Bearer ", "Basic "))
    named = {name.lower() for name, _ in request.query} & {"awsaccesskeyid", "x-amz-credential", "x-amz-algorithm"}
    return bool(named) or ("authorization" in request.headers and not bearer)
