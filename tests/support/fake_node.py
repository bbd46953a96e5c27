"""A node that takes deliveries: checks signature, root and chain order, and can misbehave."""

import itertools
import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from trace_node.crypto import signed_record
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import to_base64url
from trace_node.metering.records.delivery import parse_delivery
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.parse import parse_record
from trace_node.metering.records.wire import decode_delivery, require_consistent
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import SM3


class FakeNode:
    """Keeps what it acknowledged; ``script`` holds answers that are given instead."""

    def __init__(self, public: PublicKey) -> None:
        self.public = public
        self.leaves: list[bytes] = []
        self.accepted: dict[bytes, tuple[int, int]] = {}
        self.bodies: list[bytes] = []
        self.by_key: dict[tuple[str, bytes, int], bytes] = {}
        self.script: deque = deque()
        self.unknown_devices: set[str] = set()
        self.final = 0
        self.root = bytes(32)
        self.serves_state = True
        self.most_records: int | None = None

    def handle(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if method == "GET" and path.endswith("/state"):
            return self.state()
        if not path.endswith("/deliveries"):
            return 404, {}, b"{}"
        self.bodies.append(body)
        if self.script:
            return self.script.popleft()
        return self.take(body)

    def state(self) -> tuple[int, dict[str, str], bytes]:
        if not self.serves_state:
            return 404, {}, b"{}"
        final = {"size": self.final, "root": to_base64url(self.root)} if self.final else None
        return 200, {}, envelope({"size": len(self.leaves), "final": final})

    def take(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        wire = decode_delivery(body)
        if self.most_records is not None and len(wire.records) > self.most_records:
            return 413, {}, envelope({"reason": "input.too_large"})
        delivery = parse_delivery(wire.delivery)
        signed_record.verify(wire.delivery, self.public)
        require_consistent(delivery, wire)
        tree = CompactRange(hasher=SM3)
        tree.extend([record_digest(record) for record in wire.records])
        assert tree.root() == delivery.root
        records = [parse_record(raw) for raw in wire.records]
        if unknown := {record.device for record in records} & self.unknown_devices:
            return 400, {}, envelope({"reason": "input.unknown_device", "field": min(unknown)})
        digest = record_digest(wire.delivery)
        if digest not in self.accepted:
            first = len(self.leaves)
            for record, raw in zip(records, wire.records, strict=True):
                key = (record.device, record.boot, record.seq)
                assert self.by_key.setdefault(key, raw) == raw, "a resend has other bytes"
                self.leaves.append(raw)
            self.leaves += [wire.delivery, b"received"]
            self.accepted[digest] = (first, len(wire.records))
        first, count = self.accepted[digest]
        return (
            201,
            {},
            envelope(
                {
                    "delivery": to_base64url(digest),
                    "first_index": first,
                    "count": count,
                    "final": self.final,
                }
            ),
        )

    def chains(self) -> dict[str, list]:
        """The records of each device in the order of their chain; fails where a link is missing."""
        records = {}
        for raw in self.by_key.values():
            record = parse_record(raw)
            records.setdefault(record.device, {})[record_digest(raw)] = record
        return {device: _linked(found) for device, found in records.items()}


def _linked(found: dict) -> list:
    after = {record.prev: digest for digest, record in found.items()}
    assert len(after) == len(found), "two records follow the same one: the chain forks"
    starts = [prev for prev in after if prev not in found]
    assert starts == [None], "a link of the chain is missing"
    chain, digest = [], after[None]
    while digest is not None:
        chain.append(found[digest])
        digest = after.get(digest)
    assert len(chain) == len(found)
    for before, record in itertools.pairwise(chain):
        expected = before.seq + 1 if before.boot == record.boot else 0
        assert record.seq == expected, "seq is not gapless within its boot"
    return chain


def envelope(data: dict) -> bytes:
    return json.dumps({"code": "000000", "message": "", "data": data}).encode()


class NodeServer:
    """Serves a ``FakeNode`` over HTTP on the loopback interface."""

    def __init__(self, node: FakeNode) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def do_GET(self) -> None:
                self._answer(b"")

            def _answer(self, body: bytes) -> None:
                status, headers, answer = node.handle(self.command, self.path, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "NodeServer":  # noqa: PYI034
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
