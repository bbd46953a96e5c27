"""An HTTP answer that must have come whole by a given moment (standard library only)."""

import http.client
import io
import socket
import time
from typing import Any

from typing_extensions import Buffer, override


class TimedResponse(http.client.HTTPResponse):
    """Reads an answer; every read may take what is left of the time, so their sum is bounded too.

    The socket's own time-out bounds one read only: an answer that trickles in could hold us for
    ever.

    Args:
        sock: As ``http.client`` gives it.
        arguments: Likewise.
        deadline: ``time.monotonic()`` by which all must be there; after it, reads raise
            ``TimeoutError``.
        more: As ``http.client`` gives it.
    """

    def __init__(
        self,
        sock: socket.socket,
        *arguments: Any,  # noqa: ANN401  http.client's
        deadline: float,
        **more: Any,  # noqa: ANN401  http.client's
    ) -> None:
        super().__init__(sock, *arguments, **more)
        self.fp = io.BufferedReader(_TimedReader(sock, self.fp.detach(), deadline))


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: io.RawIOBase, deadline: float) -> None:
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._deadline = deadline

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    @override
    def close(self) -> None:
        self._raw.close()
        super().close()
