"""JSON-RPC over HTTP as a small ASGI application.

The chain has one lock and py-evm one interpreter, so that calls run one after another in one worker
thread; the event loop stays free to refuse what is too much.

A web page in a browser on this machine must not be able to talk to it: only the content type
``application/json`` is taken, which a page of another origin cannot send without a permission that
is never given, and the Host header must name this machine, which stops DNS rebinding.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Self

from chain.embedded.chain import EmbeddedChain
from chain.embedded.dispatch import MAX_BODY_BYTES, answer_body

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
BODY_SECONDS: Final = 10.0


class _HttpRefusal(Exception):  # noqa: N818  an answer of the protocol
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class RpcApplication:
    """The ASGI application over one open chain.

    Args:
        chain: The chain; the application does not close it.
    """

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded-chain")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            _check_head(scope)
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read_body(receive)
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._worker, answer_body, self._chain, body)
            await _send(send, 200 if found else 204, found)
        except TimeoutError:
            await _refuse(send, 408, f"the body did not arrive within {BODY_SECONDS:.0f} s")
        except _HttpRefusal as refusal:
            await _refuse(send, refusal.status, refusal.text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The running call ends first; no further one is taken.
        self._worker.shutdown(wait=True, cancel_futures=True)


def _check_head(scope: Scope) -> None:
    headers = {name.lower(): value for name, value in scope["headers"]}
    host = headers.get(b"host", b"").decode("latin-1")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in LOOPBACK_NAMES:
        raise _HttpRefusal(403, "the Host header must name this machine, such as 127.0.0.1")
    if scope["method"] != "POST":
        raise _HttpRefusal(405, "JSON-RPC requests are sent with POST")
    content_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if content_type != b"application/json":
        raise _HttpRefusal(415, "the content type must be application/json")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 12 or int(length) > MAX_BODY_BYTES:  # noqa: PLR2004  digits
        raise _HttpRefusal(413, f"a body has at most {MAX_BODY_BYTES} bytes")


async def _read_body(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _HttpRefusal(400, "the connection was closed within the body")
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MAX_BODY_BYTES:
            raise _HttpRefusal(413, f"a body has at most {MAX_BODY_BYTES} bytes")
        if not message.get("more_body", False):
            return b"".join(pieces)


async def _refuse(send: Send, status: int, text: str) -> None:
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": text}}
    await _send(send, status, json.dumps(error).encode("ascii"))


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode("ascii"))]
    if body:
        headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
