"""JSON-RPC over HTTP with every size and time bounded (standard library only, so it loads fast).

``eth_sendRawTransaction`` is never repeated here: a lost answer does not mean a lost transaction,
and only the outbox knows how to ask. It goes over a connection that answered a moment ago, or over
a new one. Reads are repeated once when a kept-alive connection turns out dead.
"""

import base64
import http.client
import select
import ssl
import threading
import time
from functools import partial
from itertools import count
from typing import Final, cast
from urllib.parse import unquote

import orjson

from chain.config import ChainConfig, shown_url, split_chain_url
from chain.errors import ChainAnswerError, ChainUnavailableError, RpcError
from chain.timed_response import TimedResponse
from trace_node.canonical_json import JsonValue

_CHUNK: Final = 65_536
_NEVER_REPEATED: Final = frozenset({"eth_sendRawTransaction", "eth_sendTransaction"})
_LEAST_SECONDS: Final = 0.001  # 0 would mean another kind of socket
_FRESH_SECONDS: Final = 2  # servers and proxies close idle connections after 5 or more
_OK: Final = 200
_MAX_ERROR_DATA = 8_192  # revert data of a typed error is some hundred bytes


class HttpTransport:
    """Posts JSON-RPC bodies to one endpoint; safe to share between threads.

    Args:
        config: Endpoint, time-out and answer bound.
    """

    def __init__(self, config: ChainConfig) -> None:
        self._parts = split_chain_url(config.url)
        self._timeout = config.timeout_s
        self._max_bytes = config.max_answer_bytes
        self._connections: dict[threading.Thread, http.client.HTTPConnection] = {}
        self._answered: dict[threading.Thread, float] = {}  # when each thread's last answered
        self._lock = threading.Lock()
        self._tls = ssl.create_default_context() if self._parts.scheme == "https" else None
        self.shown = shown_url(config.url)

    def post(self, body: bytes, *, method: str) -> bytes:
        """Send one body and return the answer's bytes.

        Args:
            body: The JSON-RPC request.
            method: Its method; decides whether a dead connection may be replaced by a fresh one.

        Raises:
            ChainUnavailableError: No connection, no answer in time, or a failing HTTP status.
            ChainAnswerError: The answer is over its bound.
        """
        if method in _NEVER_REPEATED:
            if not self._is_fresh():
                self._drop()
            return self._exchange(body, method)
        kept_alive = self._connection() is not None
        try:
            return self._exchange(body, method)
        except _ConnectionLostError:
            if not kept_alive:
                raise
        return self._exchange(body, method)

    def close(self) -> None:
        """Close the connections of all threads; none of them may be asking meanwhile."""
        with self._lock:
            connections = list(self._connections.values())
            self._connections.clear()
        for connection in connections:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection | None:
        return self._connections.get(threading.current_thread())

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        """Make it this thread's connection; those of threads that have ended are closed."""
        with self._lock:
            for thread in [each for each in self._connections if not each.is_alive()]:
                self._connections.pop(thread).close()
                self._answered.pop(thread, None)
            self._connections[threading.current_thread()] = connection

    def _is_fresh(self) -> bool:
        """Whether this thread's connection answered a moment ago and has not been closed since."""
        connection = self._connection()
        if connection is None or connection.sock is None:
            return False
        since = time.monotonic() - self._answered.get(threading.current_thread(), -_FRESH_SECONDS)
        if since >= _FRESH_SECONDS:
            return False
        end = select.poll()  # of an idle connection, there is nothing to read but its end
        end.register(connection.sock, select.POLLIN)
        return not end.poll(0)

    def _drop(self) -> None:
        """Close this thread's connection."""
        with self._lock:
            connection = self._connections.pop(threading.current_thread(), None)
        if connection is not None:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        host = cast("str", self._parts.hostname)
        if self._tls is not None:
            return http.client.HTTPSConnection(
                host, self._parts.port, timeout=self._timeout, context=self._tls
            )
        return http.client.HTTPConnection(host, self._parts.port, timeout=self._timeout)

    def _exchange(self, body: bytes, method: str) -> bytes:
        connection = self._connection()
        if connection is None:
            connection = self._connect()
            self._keep(connection)
        deadline = time.monotonic() + self._timeout
        connection.response_class = partial(TimedResponse, deadline=deadline)  # type: ignore[assignment]
        try:
            if connection.sock is None:
                connection.connect()
            # Of the whole sending; reads have their own.
            connection.sock.settimeout(max(deadline - time.monotonic(), _LEAST_SECONDS))
            connection.request("POST", self._target(), body=body, headers=self._headers())
            with connection.getresponse() as answer:  # open, the next request could not go in
                raw = self._read(answer)
            self._answered[threading.current_thread()] = time.monotonic()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._drop()
            raise _ConnectionLostError(
                "{endpoint}: no answer to {method}: {detail}",
                endpoint=self.shown,
                method=method,
                detail=str(error) or type(error).__name__,
                remedy="check that the chain runs and that the address is right",
            ) from error
        except ChainAnswerError:
            self._drop()
            raise
        if answer.status != _OK and not raw.lstrip().startswith((b"{", b"[")):
            self._drop()
            raise ChainUnavailableError(
                "{endpoint}: answered HTTP status {status} to {method}",
                endpoint=self.shown,
                status=answer.status,
                method=method,
            )
        return raw

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := answer.read1(_CHUNK):
            pieces.append(piece)
            size += len(piece)
            if size > self._max_bytes:
                raise ChainAnswerError(
                    "{endpoint}: the answer is longer than {bound} bytes",
                    endpoint=self.shown,
                    bound=self._max_bytes,
                )
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
        return b"".join(pieces)

    def _target(self) -> str:
        query = f"?{self._parts.query}" if self._parts.query else ""
        return (self._parts.path or "/") + query

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._parts.username is not None:
            user = f"{unquote(self._parts.username)}:{unquote(self._parts.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
        return headers


class _ConnectionLostError(ChainUnavailableError):
    """The connection failed before a whole answer was there."""


class JsonRpc:
    """Calls JSON-RPC 2.0 methods of one endpoint.

    Args:
        transport: Where the bodies go.
    """

    def __init__(self, transport: HttpTransport) -> None:
        self._transport = transport
        self._ids = count(1)
        self.shown = transport.shown

    def call(self, method: str, *params: JsonValue) -> JsonValue:
        """Call ``method`` and return its result.

        Raises:
            ChainUnavailableError: See ``HttpTransport.post``.
            ChainAnswerError: The answer is not the answer to this request.
            RpcError: The endpoint answered with an error.
        """
        number = next(self._ids)
        body = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        answer = decode_answer(
            self._transport.post(orjson.dumps(body), method=method), shown=self.shown
        )
        if answer.get("id") != number and "error" not in answer:
            raise ChainAnswerError(
                "{endpoint}: answered another request than {method}",
                endpoint=self.shown,
                method=method,
            )
        raise_rpc_error(answer, method=method)
        return answer["result"]

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def decode_answer(raw: bytes, *, shown: str) -> dict[str, JsonValue]:
    """Parse an answer of bounded size and require a JSON-RPC result or error.

    Raises:
        ChainAnswerError: It is neither.
    """
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ChainAnswerError("{endpoint}: the answer is not JSON", endpoint=shown) from error
    if not isinstance(answer, dict) or not ("result" in answer or answer.get("error")):
        raise ChainAnswerError("{endpoint}: the answer is not JSON-RPC", endpoint=shown)
    return answer


def raise_rpc_error(answer: dict[str, JsonValue], *, method: str) -> None:
    """Raise the error an answer holds, if it holds one.

    Raises:
        RpcError: It does.
    """
    error = answer.get("error")
    if not error:
        return
    fields = error if isinstance(error, dict) else {"message": str(error)}
    number = fields.get("code")
    raise RpcError(
        method=method,
        number=number if isinstance(number, int) else 0,
        text=str(fields.get("message", "")),
        data=revert_bytes(fields.get("data")),
    )


def revert_bytes(data: JsonValue) -> bytes:
    """Revert data as clients send it: a hex string, or one inside an object; empty if neither."""
    if isinstance(data, dict):  # some clients wrap it once more
        data = data.get("data", data.get("result"))
    if not isinstance(data, str) or not data.startswith("0x") or len(data) > 2 * _MAX_ERROR_DATA:
        return b""
    try:
        return bytes.fromhex(data[2:])
    except ValueError:
        return b""
