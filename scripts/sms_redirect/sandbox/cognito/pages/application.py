"""The endpoints as an ASGI application."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.pages import authorization, grants, html, sign_in
from sms_redirect.sandbox.cognito.pages.authorization import Authorization, PageError, RedirectError
from sms_redirect.sandbox.cognito.pages.confirmation import confirm
from sms_redirect.sandbox.cognito.pages.grants import GrantError
from sms_redirect.sandbox.cognito.pages.sign_in import SignedIn
from sms_redirect.sandbox.errors import CognitoError

# Where an app may send a browser, and what it may call: on AWS, below the pool's domain.
PATHS = (
    "/oauth2/authorize",
    "/oauth2/token",
    "/oauth2/userInfo",
    "/oauth2/revoke",
    "/login",
    "/logout",
    "/confirmUser",
)
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def application(context: Context) -> Starlette:
    pages = _Pages(context)
    return Starlette(
        routes=[
            Route("/oauth2/authorize", pages.authorize, methods=["GET", "POST"]),
            Route("/login", pages.login, methods=["GET", "POST"]),
            Route("/logout", pages.logout),
            Route("/confirmUser", pages.confirm_user),
            Route("/oauth2/token", pages.token, methods=["POST"]),
            Route("/oauth2/userInfo", pages.user_info, methods=["GET", "POST"]),
            Route("/oauth2/revoke", pages.revoke, methods=["POST"]),
        ],
        exception_handlers={PageError: _shown, RedirectError: _redirected, GrantError: _as_json},
    )


class _Pages:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def authorize(self, request: Request) -> Response:
        """Where an app begins: checked here, and once more on the page that it leads to."""
        query = str(request.url.query)
        if request.method == "POST":
            query = "&".join(filter(None, [query, (await request.body()).decode("utf-8", "replace")]))
            return RedirectResponse(f"/login?{query}", 303, headers=NO_STORE)
        authorization.read(self._context, request.query_params)
        return RedirectResponse(f"/login?{query}", 302, headers=NO_STORE)

    async def login(self, request: Request) -> Response:
        asked = authorization.read(self._context, request.query_params)
        query = str(request.url.query)
        if request.method == "GET":
            return html.sign_in(query)
        form = await _form(request)
        try:
            if "challenge" in form:
                _, client = authorization.client_of(self._context, asked.client_id)
                following = await sign_in.go_on(self._context, client, form)
            else:
                name, password = form.get("username", ""), form.get("password", "")
                following = await sign_in.begin(self._context, asked, name, password)
        except CognitoError as error:
            return _repeated(query, form, error)
        if isinstance(following, SignedIn):
            location = await self._finished(asked, following)
            return RedirectResponse(location, 302, headers=NO_STORE)
        return html.challenge(query, following)

    async def _finished(self, asked: Authorization, signed_in: SignedIn) -> str:
        if asked.response_type == "code":
            return asked.redirected({"code": signed_in.code})
        pool, client = authorization.client_of(self._context, asked.client_id)
        session = self._context.sessions.find(signed_in.code, grants.CODE, client)
        self._context.sessions.close(session)
        return asked.redirected(await grants.for_user(self._context, pool, client, session.sub, asked))

    async def logout(self, request: Request) -> Response:
        """To the app, or to the sign-in page of the same request. The page keeps no session that would have to end."""
        query = request.query_params
        _, client = authorization.client_of(self._context, query.get("client_id"))
        target = query.get("logout_uri")
        if target is None:
            authorization.read(self._context, query)
            return RedirectResponse(f"/login?{request.url.query}", 302, headers=NO_STORE)
        if target not in (client.settings.get("LogoutURLs") or ()):
            raise PageError("invalid_request", "The logout_uri is not one of the app client's LogoutURLs.")
        return RedirectResponse(target, 302, headers=NO_STORE)

    async def confirm_user(self, request: Request) -> Response:
        """Where the link of a verification email leads (DefaultEmailOption CONFIRM_WITH_LINK)."""
        if request.method == "HEAD":  # a look at what is there confirms nobody
            return html.confirmed("Confirm your registration", "")
        query = request.query_params
        try:
            await confirm(self._context, query.get("client_id"), query.get("user_name"), query.get("confirmation_code"))
        except CognitoError as error:
            return html.failure("An error was encountered with the requested page", error.message)
        return html.confirmed("Confirmed", "Your registration has been confirmed!")

    async def token(self, request: Request) -> Response:
        form = await _form(request)
        pool, client = grants.client_of(self._context, form, request.headers.get("authorization"))
        return JSONResponse(await grants.tokens(self._context, pool, client, form), headers=NO_STORE)

    async def user_info(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise GrantError("invalid_request")
        return JSONResponse(grants.user_info(self._context, token), headers=NO_STORE)

    async def revoke(self, request: Request) -> Response:
        form = await _form(request)
        _, client = grants.client_of(self._context, form, request.headers.get("authorization"))
        grants.revoke(self._context, client, form)
        return Response(status_code=200)


def _repeated(query: str, form: dict[str, str], error: CognitoError) -> Response:
    """The same form again, with the reason. A session that is over begins anew."""
    retry = form.get("challenge") in sign_in.CODES and error.code == "CodeMismatchException"
    if retry:
        again = sign_in.form_again(form)
        return html.challenge(query, again, error.message, 400)
    return html.sign_in(query, error.message, 400)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a urlencoded body; of one that is given twice, the last."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


async def _shown(_request: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, PageError) else "error"
    return html.failure(f"An error was encountered with the requested page: {code}", str(error))


async def _redirected(_request: Request, error: Exception) -> Response:
    location = error.location if isinstance(error, RedirectError) else "/"
    return RedirectResponse(location, 302, headers=NO_STORE)


async def _as_json(_request: Request, error: Exception) -> Response:
    code, status = (error.code, error.status) if isinstance(error, GrantError) else ("server_error", 500)
    headers = {"WWW-Authenticate": f'Bearer error="{code}"'} if status == 401 else {}  # noqa: PLR2004 - HTTP
    return JSONResponse({"error": code}, status, headers={**NO_STORE, **headers})
