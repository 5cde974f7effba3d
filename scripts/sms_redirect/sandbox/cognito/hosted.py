"""The pages and endpoints of a pool's domain, which are not simulated yet: they say so."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

PATHS = (
    "/login",
    "/logout",
    "/signup",
    "/oauth2/authorize",
    "/oauth2/token",
    "/oauth2/revoke",
    "/oauth2/userInfo",
    "/oauth2/userinfo",
)
# An ASGI application.
not_simulated = PlainTextResponse(
    "The sandbox does not simulate the hosted pages and OAuth endpoints of a user pool's domain. Sign in through the"
    " user pools API.\n",
    status_code=501,
)
