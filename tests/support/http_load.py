"""A small load generator: keep-alive connections that post bodies one after the other.

Run it in a process of its own: ``python -m support.http_load URL``, with the options below. It is
bare asyncio, so that it takes little of the machine from the server it measures.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit


class Connection(asyncio.Protocol):
    """Posts what ``bodies`` gives until it ends, waiting for each answer."""

    def __init__(self, head: bytes, bodies: Iterator[bytes], times: list[float]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.last = b""
        self._head, self._bodies, self._times = head, bodies, times
        self._received = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return
        self._times.append(time.perf_counter() - self._began)
        if not head.startswith((b"HTTP/1.1 20", b"HTTP/1.0 20")):
            self.done.set_exception(RuntimeError(self._received.decode("latin-1")))
            return
        self.last, self._received = rest, b""
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        body = next(self._bodies, None)
        if body is None:
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(b"%sContent-Length: %d\r\n\r\n%s" % (self._head, len(body), body))


async def load(
    url: str, bodies: Iterator[bytes], *, connections: int, media_type: str
) -> tuple[float, list[float]]:
    """Post all bodies over ``connections``; seconds in all, and of each request."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {media_type}\r\n"
    ).encode()
    times: list[float] = []
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        await loop.create_connection(
            lambda: Connection(head, bodies, times), parts.hostname, parts.port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    return time.perf_counter() - began, times


def report(seconds: float, times: list[float], *, items: int) -> dict[str, float]:
    """Figures of one run."""
    ordered = sorted(times)
    return {
        "requests": len(ordered),
        "seconds": round(seconds, 3),
        "requests_per_second": round(len(ordered) / seconds, 1),
        "items_per_second": round(items / seconds, 1),
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 3),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 3),
        "load_average": os.getloadavg()[0],
    }


def _random_entries(count: int, size: int) -> Iterator[bytes]:
    pool = os.urandom(size + 4096)
    for number in range(count):
        start = number % 4096
        yield b"%012d" % number + pool[start : start + size - 12]


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000, help="random entries to post")
    parser.add_argument("--size", type=int, default=200, help="bytes of each")
    parser.add_argument("--folder", type=Path, help="post the files of a folder instead")
    parser.add_argument("--items", type=int, default=1, help="items in each body")
    parser.add_argument("--media-type", default="application/octet-stream")
    given = parser.parse_args()
    bodies = (
        iter(_files(given.folder)) if given.folder else _random_entries(given.count, given.size)
    )
    try:
        import uvloop  # noqa: PLC0415 (the load generator also runs without it)
    except ImportError:
        run = asyncio.run
    else:
        run = uvloop.run
    seconds, times = run(
        load(given.url, bodies, connections=given.connections, media_type=given.media_type)
    )
    json.dump(report(seconds, times, items=len(times) * given.items), sys.stdout)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
