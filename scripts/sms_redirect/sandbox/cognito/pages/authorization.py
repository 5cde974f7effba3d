"""What an app asks of /oauth2/authorize, and what it gets back at its redirect URI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool

OPENID = "openid"
FLOWS = {"code": "code", "token": "implicit"}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43,128}")


class PageError(Exception):
    """Nothing that may be redirected: the text is shown to the person. `code` is OAuth's."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class RedirectError(Exception):
    """Goes to the app, at its redirect URI."""

    def __init__(self, authorization: Authorization, code: str, text: str) -> None:
        super().__init__(text)
        self.location = authorization.redirected({"error": code, "error_description": text})


@dataclass(frozen=True, slots=True)
class Authorization:
    """A checked authorization request."""

    client_id: str
    redirect_uri: str
    response_type: str
    scopes: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None

    def as_state(self) -> dict[str, Any]:
        """For a session between the pages."""
        return asdict(self)

    @classmethod
    def of_state(cls, state: Mapping[str, Any]) -> Self:
        return cls(**{**state, "scopes": tuple(state["scopes"])})

    def redirected(self, response: Mapping[str, Any]) -> str:
        """The redirect URI with a response: of the implicit grant in the fragment, else in the query."""
        given = {**response, **({"state": self.state} if self.state is not None else {})}
        parts = urlsplit(self.redirect_uri)
        if self.response_type == "token":
            return urlunsplit(parts._replace(fragment=urlencode(given)))
        return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *given.items()])))


def client_of(context: Context, client_id: str | None) -> tuple[Pool, Client]:
    """Raises PageError for an app client that does not exist."""
    client = context.store.clients.get(client_id or "")
    pool = context.store.pools.get(client.pool_id) if client else None
    if client is None or pool is None:
        raise PageError("invalid_request", "There is no app client with this client_id in the sandbox.")
    return pool, client


def read(context: Context, query: Mapping[str, str]) -> Authorization:
    """Check a request to /oauth2/authorize or /login.

    Raises:
        PageError: client or redirect URI are not to be trusted, so nothing is redirected.
        RedirectError: anything else.
    """
    _, client = client_of(context, query.get("client_id"))
    allowed = tuple(client.settings.get("CallbackURLs") or ())
    redirect_uri = str(query.get("redirect_uri") or client.settings.get("DefaultRedirectURI"))
    if redirect_uri not in allowed:
        raise PageError(
            "redirect_mismatch",
            "The redirect_uri is not one of the app client's CallbackURLs, which must match to the letter.",
        )
    asked = Authorization(
        client_id=client.id,
        redirect_uri=redirect_uri,
        response_type=query.get("response_type", ""),
        scopes=tuple((query.get("scope") or "").split()) or granted(client),
        state=query.get("state"),
        nonce=query.get("nonce"),
        code_challenge=query.get("code_challenge"),
    )
    _check(client, asked, query)
    return asked


def granted(client: Client) -> tuple[str, ...]:
    """The scopes that a client may ask for."""
    return tuple(client.settings.get("AllowedOAuthScopes") or ())


def allows(client: Client, flow: str) -> bool:
    settings = client.settings
    return bool(settings.get("AllowedOAuthFlowsUserPoolClient")) and flow in (settings.get("AllowedOAuthFlows") or ())


def _check(client: Client, asked: Authorization, query: Mapping[str, str]) -> None:
    flow = FLOWS.get(asked.response_type)
    if flow is None:
        raise RedirectError(asked, "invalid_request", "response_type must be code or token")
    if not allows(client, flow):
        raise RedirectError(asked, "unauthorized_client", f"the app client does not allow the {flow} grant")
    if not set(asked.scopes) <= set(granted(client)):
        raise RedirectError(asked, "invalid_scope", "a scope is not one of the app client's")
    method = query.get("code_challenge_method")
    if asked.code_challenge is None:
        if method:
            raise RedirectError(asked, "invalid_request", "code_challenge is missing")
    elif method != "S256" or not _CHALLENGE.fullmatch(asked.code_challenge):
        raise RedirectError(asked, "invalid_request", "code_challenge_method must be S256")
    provider = query.get("identity_provider")
    if provider and provider != "COGNITO":
        raise RedirectError(asked, "invalid_request", "the sandbox does not simulate other identity providers")
