"""What anybody may read of a pool: its keys, and where its endpoints are (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.values.pool import Pool

PATH = re.compile(
    r"/(?P<pool>[\w-]+_[0-9a-zA-Z]+)/\.well-known/(?P<document>jwks\.json|openid-configuration)", re.ASCII
)


class Discovery:
    """In front of what else may be at such paths: an object of S3, for example."""

    def __init__(self, context: Context, endpoint_url: str, otherwise: ASGIApp) -> None:
        self._context = context
        self._endpoint_url = endpoint_url
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = PATH.fullmatch(scope.get("path", ""))
        pool = self._context.store.pools.get(found["pool"]) if found else None
        if found is None or pool is None or scope.get("method") not in ("GET", "HEAD"):
            await self._otherwise(scope, receive, send)
            return
        document = self._context.tokens.jwks(pool) if found["document"] == "jwks.json" else self._configuration(pool)
        await JSONResponse(document, headers={"cache-control": "public, max-age=86400"})(scope, receive, send)

    def _configuration(self, pool: Pool) -> dict[str, Any]:
        """The issuer is the tokens' own, the addresses are those of this sandbox."""
        here = self._endpoint_url
        return {
            "authorization_endpoint": f"{here}/oauth2/authorize",
            "end_session_endpoint": f"{here}/logout",
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": self._context.tokens.issuer(pool),
            "jwks_uri": f"{here}/{pool.id}/.well-known/jwks.json",
            "response_types_supported": ["code", "token"],
            "revocation_endpoint": f"{here}/oauth2/revoke",
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint": f"{here}/oauth2/token",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "userinfo_endpoint": f"{here}/oauth2/userInfo",
        }
