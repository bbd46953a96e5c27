"""Around every request: an id, a log line and a figure; and HEAD wherever there is GET."""

import logging
import secrets
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access_log import mask
from api.metrics import RequestFigures

logger = logging.getLogger(__name__)
REQUEST_ID = b"x-request-id"
_MAX_ID = 64


class RequestRecord:
    """Gives each request an id, writes one log line and counts it."""

    def __init__(self, app: ASGIApp, *, figures: RequestFigures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        method = scope["method"]
        if (
            method == "HEAD"
        ):  # answered as GET; the server, which keeps its own scope, drops the body
            scope = {**scope, "method": "GET"}
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((REQUEST_ID, request_id.encode()))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                self._record(scope, method, status=status, seconds=time.perf_counter() - began)

    def _record(self, scope: Scope, method: str, *, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self._figures.requests.labels(method, route, str(status)).inc()
        self._figures.seconds.labels(route).observe(seconds)
        logger.info(
            "request",
            extra={
                "method": method,
                "path": mask(scope["path"]),
                "route": route,
                "status": status,
                "milliseconds": round(seconds * 1000, 3),
                "client": (scope.get("client") or ("",))[0],
            },
        )


def request_id_of(scope: Scope) -> str:
    """The id the caller gave, if it is a plain one of at most 64 characters; else a new one."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID and 0 < len(value) <= _MAX_ID and value.isascii():
            given: str = value.decode("ascii")
            if given.replace("-", "").isalnum():
                return given
    return secrets.token_hex(8)
