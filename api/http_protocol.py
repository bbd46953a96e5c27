"""The server's side of a connection, with the bounds on the head of a request that uvicorn lacks.

A head that is long or slow would hold memory or a connection for as long as its sender likes. What
is no HTTP at all, too long or too slow is answered in the envelope, as everything else is.
"""

import asyncio
from typing import Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.envelope import error_response
from trace_node.errors import InputError, TooLargeError

MOST_HEAD_BYTES: Final = 65_536
HEAD_SECONDS: Final = 20


class BoundedHead(HttpToolsProtocol):
    """Refuses a request whose head is no HTTP, too long or too slow."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = False
    _head_bytes = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head, but not for ever."""
        super().connection_made(transport)
        self._wait_for_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Parse what came; what adds to a head that goes on is counted."""
        went_on = self._in_head
        super().data_received(data)
        if self.transport.is_closing():
            return
        if went_on and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(
                    TooLargeError(
                        "{field}: more than {bound} bytes",
                        field="head",
                        bound=MOST_HEAD_BYTES,
                        remedy="send fewer and shorter header fields",
                        code="input.head",
                    )
                )
                return
        waits = self._timer is not None or self.timeout_keep_alive_task is not None
        if not waits and (self._in_head or self._is_between_requests()):
            self._wait_for_head()

    @override
    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    @override
    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(
            InputError(
                "{field}: not a request of HTTP/1.1",
                field="request",
                remedy="send it by a client that keeps to RFC 9112",
                code="input.http",
            )
        )

    def _is_between_requests(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return cycle is None or cycle.response_complete

    def _wait_for_head(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        self._refuse(
            InputError(
                "{field}: was not whole in {seconds} s",
                field="head",
                seconds=HEAD_SECONDS,
                remedy="send the request without pauses",
                code="input.slow",
            )
        )

    def _refuse(self, error: InputError) -> None:
        """Answer and close; nothing is known of a request yet, not even its language."""
        answer = error_response(error, language="en", request_id="")
        lines = [b"HTTP/1.1 %d Refused" % answer.status_code, b"connection: close"]
        lines += [
            b"%s: %s" % pair for pair in answer.raw_headers if pair[0].lower() != b"connection"
        ]
        if not self.transport.is_closing():
            self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
            self.transport.close()
