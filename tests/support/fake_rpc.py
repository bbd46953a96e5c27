"""The fake chain behind real loopback HTTP, with faults injected into chosen requests."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support.fake_chain import FakeChain, RpcRefusedError


@dataclass
class Fault:
    """What is done to the requests of one method.

    ``kind``: ``drop_before`` and ``drop_after`` close the connection without and with the effect;
    ``error_before`` and ``error_after`` answer ``text`` without and with the effect; ``delay`` answers
    after ``seconds``; ``stale`` answers from ``lag`` blocks ago; the others spoil the answer.
    """

    method: str
    kind: str
    skip: int = 0
    times: int = 1
    text: str = "internal error"
    seconds: float = 0.0
    lag: int = 0


_SPOILING = {
    "http_503",
    "redirect",
    "garbage",
    "list",
    "wrong_id",
    "oversize",
    "truncate",
    "trickle",
    "malformed",
}


@dataclass
class FakeRpc:
    chain: FakeChain
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, list[Any]]] = field(default_factory=list)
    peers: set[tuple[str, int]] = field(default_factory=set)
    authorizations: list[str | None] = field(default_factory=list)
    url: str = ""
    alternate_lag: int = 0  # every second read is answered by a host that far behind
    down: bool = False
    max_batch: int = 100
    batches: list[int] = field(default_factory=list)  # how long those were that were asked
    change: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _, answer: answer
    reshape: Callable[[list[Any]], list[Any]] = lambda answers: answers  # of a batch

    def count(self, method: str) -> int:
        return sum(1 for name, _ in self.requests if name == method)

    def take_fault(self, method: str) -> Fault | None:
        for fault in self.faults:
            if fault.method in (method, "*") and fault.times > 0:
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def lag_of(self, method: str, fault: Fault | None) -> int:
        if fault is not None and fault.kind == "stale":
            return fault.lag
        if self.alternate_lag and not method.startswith("eth_send") and len(self.requests) % 2:
            return self.alternate_lag
        return 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rpc: FakeRpc

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rpc = self.rpc
        rpc.peers.add(self.client_address)
        rpc.authorizations.append(self.headers["Authorization"])
        if isinstance(body, list):
            rpc.batches.append(len(body))
            if len(body) > rpc.max_batch:
                self._send(
                    {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "no"}}
                )
                return
        requests = body if isinstance(body, list) else [body]
        answers = []
        for request in requests:
            fault, answer = self._one(request)
            if answer is None:
                self._drop()
                return
            if fault in _SPOILING:
                self._spoil(fault, answer)
                return
            answers.append(answer)
        self._send(rpc.reshape(answers) if isinstance(body, list) else answers[0])

    def _one(self, request: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        """What was done to a request, and its answer; ``None`` where the connection is closed."""
        method, params = request["method"], request.get("params", [])
        rpc = self.rpc
        rpc.requests.append((method, params))
        fault = rpc.take_fault(method)
        kind = fault.kind if fault else ""
        if rpc.down or kind == "drop_before":
            return kind, None
        if kind == "error_before":
            return kind, self._error(request, fault.text)
        answer = self._answer(request, rpc.lag_of(method, fault))
        if kind == "drop_after":
            return kind, None
        if kind == "error_after":
            return kind, self._error(request, fault.text)
        if kind == "delay":
            time.sleep(fault.seconds)
        return kind, rpc.change(method, answer)

    def _spoil(self, kind: str, answer: dict[str, Any]) -> None:
        if kind == "http_503":
            self._raw(b"<html>try later</html>", status=503)
        elif kind == "redirect":
            self._raw(b"", status=307)
        elif kind == "garbage":
            self._raw(b"{not json")
        elif kind == "list":
            self._raw(b"[1]")
        elif kind == "wrong_id":
            self._send(answer | {"id": 10_000_000})
        elif kind == "oversize":
            self._raw(b'{"result":"' + b"a" * 20_000_000 + b'"}')
        elif kind == "truncate":
            self._raw(json.dumps(answer).encode(), announce=1_000)
        elif kind == "trickle":
            self._trickle()
        elif kind == "malformed":
            self._send(answer | {"result": {"number": "many"}})

    def _answer(self, body: dict[str, Any], lag: int) -> dict[str, Any]:
        shown: dict[str, Any] = {"jsonrpc": "2.0", "id": body["id"]}
        try:
            return shown | {
                "result": self.rpc.chain.answer(body["method"], body.get("params", []), lag=lag)
            }
        except RpcRefusedError as failure:
            error: dict[str, Any] = {"code": failure.code, "message": failure.text}
            if failure.data is not None:
                error["data"] = "0x" + failure.data.hex()
            return shown | {"error": error}

    def _error(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": body["id"], "error": {"code": -32000, "message": text}}

    def _send(self, answer: dict[str, Any] | list[dict[str, Any]]) -> None:
        self._raw(json.dumps(answer).encode())

    def _raw(self, raw: bytes, *, status: int = 200, announce: int = 0) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw) + announce))
            self.end_headers()
            self.wfile.write(raw)
            if announce:
                self._drop()
        except OSError:  # the client went away, which is what the test is about
            self.close_connection = True

    def _trickle(self) -> None:
        try:
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass
        self.close_connection = True

    def _drop(self) -> None:
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    """Clients of these tests break connections on purpose: that is not worth a trace."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving_chain(chain: FakeChain) -> Iterator[FakeRpc]:
    """Serve ``chain`` on a free loopback port."""
    rpc = FakeRpc(chain)
    handler = type("Handler", (_Handler,), {"rpc": rpc})
    server = _Server(("127.0.0.1", 0), handler)
    rpc.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield rpc
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def mining(rpc: FakeRpc) -> Callable[[float], None]:
    """A pause in which the chain makes a block."""
    return lambda _seconds: rpc.chain.mine()
