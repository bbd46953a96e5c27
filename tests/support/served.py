"""A served node and a client of it, and what is in its log."""

import socket
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from support.builders import NOW
from support.node_app import LOG, NodeApp

from api.tokens import Role
from trace_node.metering.records.wire import MEDIA_TYPE

BEGIN = NOW - timedelta(hours=3)  # 08:10 in China
MINUTE = timedelta(minutes=1)


@dataclass(kw_only=True)
class Api:
    """A client of one served node."""

    node: NodeApp
    url: str
    client: httpx.Client

    def get(self, path: str, *, token: str = "", **more: object) -> httpx.Response:
        return self.client.get(self.url + path, headers=bearer(token), **more)

    def ask(self, name: str, *, token: str | None = None, **query: object) -> httpx.Response:
        """Ask an interface; trailing underscores are dropped from names: ``from_``."""
        body = {key.rstrip("_"): value for key, value in query.items()}
        headers = bearer(self.token() if token is None else token)
        return self.client.post(f"{self.url}/api/v1/{name}", json=body, headers=headers)

    def data(self, name: str, **query: object) -> dict:
        """The data of a successful answer."""
        answer = self.ask(name, **query)
        assert answer.status_code == 200, answer.text
        envelope = answer.json()
        assert (envelope["code"], set(envelope)) == ("000000", {"code", "message", "data"})
        return envelope["data"]

    def deliver(self, body: bytes, *, log: str = LOG, **headers: str) -> httpx.Response:
        sent = {"Content-Type": MEDIA_TYPE, **headers}
        return self.client.post(
            f"{self.url}/ingest/v1/{log}/deliveries", content=body, headers=sent
        )

    def token(self, role: Role = Role.VERIFIER) -> str:
        return self.node.token(role)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What is in the log of ``api``: where its parts begin.

    The first part is anchored for good, the second is sealed, the third is only received.
    """

    first: int
    second: int
    third: int
    anchored: int
    sealed: int
    late_index: int
    gap_seq: int
    conflict: bytes
    boot: bytes


def stream_until_answered(
    url: str, path: str, *headers: str, piece: int = 1 << 16, most: int = 1 << 25
) -> tuple[bytes, int]:
    """Send a body that does not end; the answer, and how much was sent before it came."""
    parts = urlsplit(url)
    start = (f"POST {path} HTTP/1.1", "Host: test", "Transfer-Encoding: chunked", *headers)
    chunk = b"%x\r\n%s\r\n" % (piece, b" " * piece)
    sent, pending = 0, b""
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as wire:
        wire.sendall("\r\n".join([*start, "", ""]).encode())
        wire.setblocking(False)
        while sent < most:
            pending = pending or chunk
            try:
                pending = pending[wire.send(pending) :]
                sent += 0 if pending else piece
            except BlockingIOError:
                pass
            except ConnectionError:  # the server has closed it; its answer is there already
                return wire.recv(65_536), sent
            try:
                return wire.recv(65_536), sent
            except BlockingIOError:
                pass
    return b"", sent
