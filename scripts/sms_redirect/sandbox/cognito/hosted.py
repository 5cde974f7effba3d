"""The pages of a pool's domain that are not simulated: they say so."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

PATHS = ("/signup", "/confirm", "/forgotPassword", "/confirmforgotPassword", "/error")
# An ASGI application.
not_simulated = PlainTextResponse(
    "The sandbox's hosted pages sign users in, confirm them by the links of emails, and nothing else. Use the user"
    " pools API to sign up and to reset passwords.\n",
    status_code=501,
)
