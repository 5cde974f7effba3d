"""The pages of a pool's domain that are not simulated: they say so."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

PATHS = ("/signup", "/confirm", "/confirmUser", "/forgotPassword", "/confirmforgotPassword", "/error")
# An ASGI application.
not_simulated = PlainTextResponse(
    "The sandbox's hosted pages sign users in, and nothing else. Use the user pools API to sign up and to reset"
    " passwords.\n",
    status_code=501,
)
