"""What opens when somebody follows a link of a mail."""

from __future__ import annotations

import html

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from sms_redirect.sandbox.email.mailroom import CONFIRM_PATH, UNSUBSCRIBE_PATH, Mailroom

PATHS = (CONFIRM_PATH, UNSUBSCRIBE_PATH)


def application(mailroom: Mailroom) -> Starlette:
    async def confirm(request: Request) -> HTMLResponse:
        query = request.query_params
        subscription = mailroom.confirm(query.get("TopicArn", ""), query.get("Token", ""))
        if subscription is None:
            return _page("Not confirmed", "The link is unknown or older than two days. Subscribe again.", 400)
        return _page("Subscription confirmed", f"{subscription['endpoint']} gets every SMS from now on.")

    async def unsubscribe(request: Request) -> HTMLResponse:
        if not mailroom.unsubscribe(request.query_params.get("SubscriptionArn", "")):
            return _page("Not unsubscribed", "The subscription is gone, pending, or protected from this link.", 400)
        return _page("Subscription removed", f"{request.query_params.get('Endpoint', '')} gets no more SMS.")

    return Starlette(routes=[Route(CONFIRM_PATH, confirm), Route(UNSUBSCRIBE_PATH, unsubscribe)])


def _page(title: str, text: str, status: int = 200) -> HTMLResponse:
    body = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>{html.escape(text)}"
    )
    return HTMLResponse(body, status, headers={"Content-Security-Policy": "default-src 'none'"})
