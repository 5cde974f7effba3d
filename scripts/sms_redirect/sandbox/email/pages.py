"""The pages that open when somebody follows a link in an email, with the words of AWS's."""

from __future__ import annotations

import html

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.paths import CONFIRM_PATH, UNSUBSCRIBE_PATH

PATHS = (CONFIRM_PATH, UNSUBSCRIBE_PATH)


def application(mailroom: Mailroom) -> Starlette:
    async def confirm(request: Request) -> HTMLResponse:
        query = request.query_params
        subscription = mailroom.confirm(query.get("TopicArn", ""), query.get("Token", ""))
        if subscription is None:
            return _page(
                "Subscription not confirmed", ["The link is unknown or older than two days. Subscribe again."], 400
            )
        return _page(
            "Subscription confirmed!",
            ["You have successfully subscribed.", f"Your subscription's id is: {subscription['arn']}"],
        )

    async def unsubscribe(request: Request) -> HTMLResponse:
        arn = request.query_params.get("SubscriptionArn", "")
        if not mailroom.unsubscribe(arn):
            return _page("Subscription not removed", ["It is gone, still pending, or its link was switched off."], 400)
        return _page("Subscription removed!", [f"Your subscription's id is: {arn}"])

    return Starlette(routes=[Route(CONFIRM_PATH, confirm), Route(UNSUBSCRIBE_PATH, unsubscribe)])


def _page(title: str, paragraphs: list[str], status: int = 200) -> HTMLResponse:
    body = "".join(f"<p>{html.escape(text)}" for text in paragraphs)
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"
    return HTMLResponse(page, status, headers={"Content-Security-Policy": "default-src 'none'"})
