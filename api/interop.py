"""``POST /interop/v1/{log}/add``: one opaque entry a request, answered with its leaf index.

For logs of the interop profile only. It stands in front of the framework, because at ten thousand
requests a second routing, validation and the access log would cost more than the log itself.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.body import too_large
from api.envelope import error_response
from api.metrics import RequestFigures
from api.middleware import request_id_of
from api.refusals import language_for, nothing_at, unexpected, wrong_log, wrong_method
from api.settings import Settings
from trace_node.canonical_json import MAX_RECORD_BYTES
from trace_node.errors import TraceNodeError

logger = logging.getLogger(__name__)
PREFIX: Final = "/interop/v1/"
ROUTE: Final = "/interop/v1/{log}/add"
_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")

AddTogether = Callable[[Sequence[bytes]], "Future[int]"]


class _GoneError(Exception):
    """The client went away before its body was whole."""


class CommitWaiters:
    """Lets coroutines wait for commits at the cost of a few futures a commit, not one an entry.

    Entries that arrive in one turn of the event loop go to the writer together, and its thread
    wakes the loop once for all of them.

    Args:
        add_together: Hands entries to the writer; the future ends with the index of the first.
    """

    def __init__(self, add_together: AddTogether) -> None:
        self._add_together = add_together
        self._entries: list[bytes] = []
        self._waiters: list[asyncio.Future[int]] = []

    def submit(self, entry: bytes) -> "asyncio.Future[int]":
        """Take ``entry`` and return what ends after its commit, with its leaf index."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[int] = loop.create_future()
        if not self._entries:
            loop.call_soon(self._hand_over, loop)
        self._entries.append(entry)
        self._waiters.append(waiter)
        return waiter

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Queue what this turn of the loop brought."""
        entries, self._entries = self._entries, []
        waiters, self._waiters = self._waiters, []
        try:
            committed = self._add_together(entries)
        except Exception as error:  # noqa: BLE001  # it goes to those who wait, whatever it is
            _fail(waiters, error)
            return

        def finish(done: "Future[int]") -> None:
            """In the writer's thread; a loop that has ended waits for nothing."""
            if not loop.is_closed():
                loop.call_soon_threadsafe(_release, waiters, done)

        committed.add_done_callback(finish)


def _release(waiters: "Sequence[asyncio.Future[int]]", done: "Future[int]") -> None:
    error = done.exception()
    if error is not None:
        _fail(waiters, error)
        return
    for index, waiter in enumerate(waiters, done.result()):
        if not waiter.done():
            waiter.set_result(index)


def _fail(waiters: "Sequence[asyncio.Future[int]]", error: BaseException) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(error)


class OpaqueEntries:
    """Answers the one path of the interop profile, and passes on everything else.

    Args:
        app: What answers everything else.
        add_together: Hands entries to the writer; the future ends with the index of the first.
        settings: Name the log and the language.
        figures: Counts and times the requests.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        add_together: AddTogether,
        settings: Settings,
        figures: RequestFigures,
    ) -> None:
        self._app = app
        self._waiters = CommitWaiters(add_together)
        self._settings = settings
        self._path = ROUTE.replace("{log}", settings.log)
        self._requests = figures.requests
        self._answered = figures.requests.labels("POST", ROUTE, "200")
        self._seconds = figures.seconds.labels(ROUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        if scope["path"] != self._path or scope["method"] != "POST":
            await self._refuse(scope, receive, send, self._elsewhere(scope))
            return
        began = time.perf_counter()
        try:
            index = await self._waiters.submit(await _read(receive))
        except TraceNodeError as error:
            await self._refuse(scope, receive, send, error)
            return
        except _GoneError:
            return
        except Exception:
            # The edge of the server: a fault of the software ends one request, not the process.
            logger.exception("unexpected error")
            await self._refuse(scope, receive, send, unexpected())
            return
        body = b"%d" % index
        headers = [_TEXT, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self._answered.inc()
        self._seconds.observe(time.perf_counter() - began)

    def _elsewhere(self, scope: Scope) -> TraceNodeError:
        path: str = scope["path"]
        asked, _, verb = path.removeprefix(PREFIX).partition("/")
        if verb != "add":
            return nothing_at(path)
        if asked != self._settings.log:
            return wrong_log(self._settings.log, asked)
        return wrong_method(scope["method"], path)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, error: TraceNodeError
    ) -> None:
        """Answer an error as every other path does."""
        asked = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
        request_id = request_id_of(scope)
        language = language_for(asked.decode("latin-1"), self._settings)
        response = error_response(error, language=language, request_id=request_id)
        response.headers["X-Request-ID"] = request_id
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = "POST"
        self._requests.labels(scope["method"], ROUTE, str(response.status_code)).inc()
        logger.info("entry refused", extra={"request_id": request_id, "reason": error.reason})
        await response(scope, receive, send)


async def _read(receive: Receive) -> bytes:
    """The body, at most 65,535 bytes.

    Raises:
        TooLargeError: It is longer; reading stopped there.
        _GoneError: The client went away.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= MAX_RECORD_BYTES:
        message = await receive()
        body += message.get("body", b"")
    if message["type"] != "http.request":
        raise _GoneError
    if len(body) > MAX_RECORD_BYTES:
        raise too_large(MAX_RECORD_BYTES)
    return body
