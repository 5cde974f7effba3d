"""The page itself: plain HTML without scripts, as a person sees it in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

from sms_redirect.sandbox.cognito.pages.sign_in import Form

CHOICES = {"SMS_MFA": "Code by SMS", "SOFTWARE_TOKEN_MFA": "Authenticator app", "EMAIL_OTP": "Code by email"}
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 22rem; margin: 12vh auto 0; padding: 0 1rem }
h1 { font-size: 1.25rem } label { display: block; margin: 1rem 0 } small { color: GrayText }
input:not([type=radio]) { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit }
button { padding: .5rem 1rem; font: inherit } [role=alert] { border-left: 4px solid #c62828; padding-left: .75rem }
"""
HEADERS = {
    # The form may lead to the app's redirect URI, which may be anywhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def sign_in(query: str, error: str | None = None, status: int = 200) -> HTMLResponse:
    fields = (
        '<label>User name <input name="username" autocomplete="username" required autofocus></label>'
        '<label>Password <input name="password" type="password" autocomplete="current-password" required></label>'
    )
    return _page("Sign in", _form(query, {}, fields, "Sign in"), error, status)


def challenge(query: str, form: Form, error: str | None = None, status: int = 200) -> HTMLResponse:
    if form.choices:
        fields = "".join(
            f'<label><input type="radio" name="answer" value="{escape(each)}" required> '
            f"{escape(CHOICES.get(each, each))}</label>"
            for each in form.choices
        )
    else:
        kind = 'type="password" autocomplete="new-password"'
        if form.kind == "one-time-code":
            kind = 'autocomplete="one-time-code" inputmode="numeric"'
        fields = f'<label>{escape(form.label)} <input name="answer" {kind} required autofocus></label>'
    return _page(form.title, _form(query, form.hidden, fields, "Continue"), error, status)


def confirmed(title: str, text: str) -> HTMLResponse:
    return _page(title, f"<p>{escape(text)}</p>", None, 200)


def failure(title: str, text: str, status: int = 400) -> HTMLResponse:
    return _page(title, "", text, status)


def _form(query: str, hidden: Mapping[str, str], fields: str, button: str) -> str:
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    return f'<form method="post" action="/login?{escape(query)}">{kept}{fields}<button>{button}</button></form>'


def _page(title: str, body: str, error: str | None, status: int) -> HTMLResponse:
    alert = f'<p role="alert">{escape(error)}</p>' if error else ""
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><main><h1>{escape(title)}</h1>{alert}{body}"
        "<p><small>A sandbox's page (sms-redirect). It is not Amazon's.</small></main>"
    )
    return HTMLResponse(page, status, headers=HEADERS)
