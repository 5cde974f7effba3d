"""The API of the Controls panel: a sandbox's clock, limits, faults and users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sms_redirect.inbox import bodies
from sms_redirect.inbox.parameters import BadParameter, Parameters
from sms_redirect.inbox.sources import NotThere
from sms_redirect.messages.members import timestamp

if TYPE_CHECKING:
    from starlette.requests import Request

    from sms_redirect.inbox.sources import Controls, FaultName, User

LONGEST_JUMP = 10 * 365 * 24 * 3600  # seconds
MOST_TIMES = 1_000_000
NO_SANDBOX = "This inbox shows a deployed stack: it has no controls. Use a sandbox."


@dataclass(frozen=True, slots=True)
class ControlsApi:
    """`controls` None: this inbox is not a sandbox's."""

    controls: Controls | None

    async def show(self, request: Request) -> Response:
        Parameters.parse(request.query_params.multi_items(), ())
        return JSONResponse(_document(self._there()))

    async def advance(self, request: Request) -> Response:
        body = await bodies.read(request, "advance_seconds")
        controls = self._there()
        controls.advance(bodies.number(body, "advance_seconds", LONGEST_JUMP))
        return JSONResponse(_document(controls))

    async def limit(self, request: Request) -> Response:
        body = await bodies.read(request, "enabled")
        controls = self._there()
        controls.limit(enabled=bodies.boolean(body, "enabled"))
        return JSONResponse(_document(controls))

    async def set_sender(self, request: Request) -> Response:
        return await self._set_fault(request, "sender")

    async def set_user_pools(self, request: Request) -> Response:
        return await self._set_fault(request, "user-pools")

    async def _set_fault(self, request: Request, name: FaultName) -> Response:
        body = await bodies.read(request, "mode", "times")
        controls = self._there()
        mode, times = _fault(body, controls.fault(name).modes)
        controls.set_fault(name, mode, times)
        return JSONResponse(_document(controls))

    async def list_users(self, request: Request) -> Response:
        Parameters.parse(request.query_params.multi_items(), ())
        found = await _there(self._there().users, request.path_params["id"])
        return JSONResponse({"users": [_user(each) for each in found]})

    async def delete_user(self, request: Request) -> Response:
        values = Parameters.parse(request.query_params.multi_items(), ("user_name",)).values
        if "user_name" not in values:
            raise BadParameter("user_name", "is missing: the user to delete.")
        await _there(self._there().delete_user, request.path_params["id"], values["user_name"])
        return JSONResponse({"deleted": 1})

    def _there(self) -> Controls:
        if self.controls is None:
            raise HTTPException(403, NO_SANDBOX)
        return self.controls


def routes(api: ControlsApi) -> list[Route]:
    return [
        Route("/api/controls", api.show, methods=["GET"]),
        Route("/api/controls/clock", api.advance, methods=["POST"]),
        Route("/api/controls/limits", api.limit, methods=["POST"]),
        Route("/api/controls/sender", api.set_sender, methods=["POST"]),
        Route("/api/controls/user-pools", api.set_user_pools, methods=["POST"]),
        Route("/api/pools/{id}/users", api.list_users, methods=["GET"]),
        Route("/api/pools/{id}/users", api.delete_user, methods=["DELETE"]),
    ]


async def _there(call: Any, *arguments: str) -> Any:
    try:
        return await run_in_threadpool(call, *arguments)
    except NotThere as error:
        raise HTTPException(404, str(error)) from error


def _document(controls: Controls) -> dict[str, Any]:
    return {
        "clock": {"now": timestamp(controls.now()), "ahead_seconds": controls.ahead()},
        "limits": {"enabled": controls.limits()},
        "sender": _state(controls, "sender"),
        "user_pools": _state(controls, "user-pools"),
    }


def _state(controls: Controls, name: FaultName) -> dict[str, Any]:
    fault = controls.fault(name)
    return {"mode": fault.mode, "times": fault.times, "modes": list(fault.modes)}


def _fault(body: Mapping[str, Any], modes: tuple[str, ...]) -> tuple[str, int]:
    mode = body.get("mode")
    if mode not in modes:
        raise BadParameter("mode", f"must be one of {', '.join(modes)}.")
    if mode == "none":
        return mode, 0
    times = bodies.number(body, "times", MOST_TIMES)
    if times != int(times):
        raise BadParameter("times", "must be a whole number.")
    return mode, int(times)


def _user(user: User) -> dict[str, Any]:
    return {
        "user_name": user.user_name,
        "sub": user.sub,
        "status": user.status,
        "enabled": user.enabled,
        "phone_number": user.phone_number,
        "email": user.email,
        "created_at": timestamp(user.created_at),
    }
