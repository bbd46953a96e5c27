"""A node under attack over real sockets, while a good collector goes on delivering to it."""

import contextlib
import gzip
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.builders import Run, key
from support.campaign import Acknowledged, Client, enrol, registrar
from support.node_process import LOG, NodeProcess, get, make_home, run_well

from api.home import Home
from api.http_protocol import MOST_HEAD_BYTES
from api.wiring import registrations
from trace_node.canonical_json import encode
from trace_node.ids import OrganisationId, Origin
from trace_node.metering.records.wire import MAX_BODY_BYTES, MEDIA_TYPE, encode_delivery

DELIVERIES = f"/ingest/v1/{LOG}/deliveries"
MOST_GROWTH_KIB = 200 * 1024  # of the node's memory: the bound of deliveries, thrice
GOOD, VICTIM = "meter-1", "meter-2"
HOUR = timedelta(hours=1)


@dataclass
class Siege:
    """A node, its good collector and what attackers know.

    Attributes:
        node: The node.
        known: What it has acknowledged to the good collector.
        collector: The good collector.
        tokens: Tokens by what they are for.
    """

    node: NodeProcess
    known: Acknowledged
    collector: Client
    tokens: dict[str, str]

    def send(self, raw: bytes, *, wait: float = 20) -> bytes:
        """Send bytes on a connection of their own; everything that came back until it closed."""
        parts = urlsplit(self.node.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=wait) as wire:
            with contextlib.suppress(OSError):  # refused while it was sent: the answer is there
                wire.sendall(raw)
            return _all_of(wire)

    def post(self, path: str, body: bytes, *headers: str) -> tuple[int, dict]:
        """A whole request; status and envelope of its answer."""
        head = (f"POST {path} HTTP/1.1", "Host: node", "Connection: close", *headers)
        length = f"Content-Length: {len(body)}"
        answer = self.send("\r\n".join([*head, length, "", ""]).encode("latin-1") + body)
        return _status(answer), _envelope(answer)

    def get(self, path: str, *headers: str) -> tuple[int, dict]:
        head = (f"GET {path} HTTP/1.1", "Host: node", "Connection: close", *headers, "", "")
        answer = self.send("\r\n".join(head).encode("latin-1"))
        return _status(answer), _envelope(answer)

    def memory(self) -> int:
        """Resident memory of the node, in KiB."""
        status = Path(f"/proc/{self.node.popen.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def _all_of(wire: socket.socket) -> bytes:
    found = b""
    try:
        while part := wire.recv(65_536):
            found += part
    except ConnectionResetError:
        pass
    return found


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def _envelope(answer: bytes) -> dict:
    body = answer.partition(b"\r\n\r\n")[2]
    return json.loads(body) if body.startswith(b"{") else {}


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    folder = tmp_path_factory.mktemp("siege")
    home = make_home(folder / "home")
    enrol(home, collector=key("collector").public, devices=[GOOD, VICTIM])
    authority = registrar(home)
    past = authority.now - 2 * HOUR
    ended = type(authority)(
        origin=authority.origin,
        organisation=authority.organisation,
        authority=authority.authority,
        now=past - timedelta(days=366 * 5),
    ).key(key("ended").public, usage="collector", subject="ended")
    registrations.save(Home(home), ended)
    tokens = {"operator": run_well("tokens", "issue", "o", "--role", "operator", "--home", home)}
    names = ("tokens", "issue", "v", "--role", "verifier", "--home", home)
    tokens["verifier"] = run_well(*names, "--organisation", LOG)
    other = ("tokens", "issue", "e", "--role", "enterprise", "--organisation", "plant-b")
    tokens["other"] = run_well(*other, "--home", home)
    tokens = {name: text.strip() for name, text in tokens.items()}
    with NodeProcess(home) as process:
        node = process.ready()
        known = Acknowledged()
        collector = Client(GOOD, known, batch=5, pause=0.1)
        collector.uplink.url = node.url
        collector.start()
        yield Siege(node=node, known=known, collector=collector, tokens=tokens)
        collector.finish()
        _nothing_is_lost(node, known)
        node.stop()
        for secret in (*tokens.values(), (home / "passphrase").read_text().strip()):
            assert secret not in node.output
        assert "Traceback" not in node.output
        assert '"status": 500' not in node.output


def _nothing_is_lost(node: NodeProcess, known: Acknowledged) -> None:
    """Every acknowledged leaf is the one that the published tiles hold."""
    leaves = known.snapshot()
    assert leaves
    size = node.wait_final(max(leaves) + 1)
    hashes = b"".join(
        get(f"{node.url}/log/{LOG}/tile/0/{_tile(first, size)}") for first in range(0, size, 256)
    )
    assert all(hashes[32 * index : 32 * index + 32] == leaf for index, leaf in leaves.items())


def _tile(first: int, size: int) -> str:
    width = min(256, size - first)
    return f"{first // 256:03d}" + ("" if width == 256 else f".p/{width}")


@pytest.fixture(autouse=True)
def _the_good_collector_goes_on(siege: Siege) -> Iterator[None]:
    before = siege.known.deliveries
    yield
    deadline = time.monotonic() + 30
    while siege.known.deliveries == before:
        assert siege.collector.failure is None, siege.collector.failure
        assert time.monotonic() < deadline, "the good collector was kept out"
        time.sleep(0.02)


def fresh(**changes: object) -> Run:
    now = datetime.now(UTC)
    return Run(**{"now": now.replace(microsecond=now.microsecond // 1000 * 1000)} | changes)


def one(run: Run, **reading: object) -> bytes:
    return run.deliver([run.reading(device=VICTIM, **reading)])


def altered(**members: object) -> bytes:
    run = fresh()
    fields = json.loads(run.reading(device=VICTIM)) | members
    return run.deliver(
        [encode({name: value for name, value in fields.items() if value is not ...})]
    )


def forged() -> bytes:
    run = fresh()
    records = [run.reading(device=VICTIM)]
    mine, theirs = run.delivery(records), run.delivery(records, signer="thief")
    fields = json.loads(mine)
    fields["signature"]["value"] = json.loads(theirs)["signature"]["value"]
    return encode_delivery(delivery=encode(fields), context=run.context, records=records)


def deep() -> bytes:
    run = fresh()
    return run.deliver([b'{"type":' + b"[" * 30_000 + b"]" * 30_000 + b"}"])


def surrogate() -> bytes:
    run = fresh()
    raw = run.reading(device=VICTIM).replace(b'"kWh"', b'"\\ud800"')
    return run.deliver([raw])


DELIVERED: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "noise": (lambda: random.Random(1).randbytes(5000), 400, "delivery.wire.cut_off"),
    "nothing": (lambda: b"", 400, "delivery.wire.empty"),
    "zeros": (lambda: bytes(5000), 400, "delivery.wire.empty_entry"),
    "a forged signature": (forged, 422, "integrity.signature.mismatch"),
    "from the future": (lambda: one(fresh(), at=datetime.now(UTC).replace(microsecond=0) + HOUR), 400, "record.future"),
    "no unit": (lambda: altered(unit=...), 400, "record.unit"),
    "a record of another run": (lambda: fresh().deliver([fresh().reading(device=VICTIM)]), 400, "ingest.record_context"),
    "an unknown key": (lambda: one(fresh(collector="stranger")), 403, "ingest.key"),
    "a key that has ended": (lambda: one(fresh(collector="ended")), 403, "ingest.key"),
    "another organisation": (lambda: one(fresh(organisation=OrganisationId("plant-b"))), 403, "ingest.organisation"),
    "another log": (lambda: one(fresh(origin=Origin("trace-node.local/plant-b/sm3"))), 400, "ingest.log"),
    "deep JSON": (deep, 400, "input.canonical"),
    "a lone surrogate": (surrogate, 400, "input.canonical"),
    "a bomb": (lambda: gzip.compress(bytes(50_000_000)), 400, "delivery.wire.cut_off"),
}  # fmt: skip


@pytest.mark.parametrize("name", DELIVERED)
def test_a_bad_delivery_has_its_own_reason(siege: Siege, name: str) -> None:
    make, status, reason = DELIVERED[name]
    found, said = siege.post(DELIVERIES, make(), f"Content-Type: {MEDIA_TYPE}")
    assert (found, said["data"]["reason"]) == (status, reason), said
    assert re.fullmatch(r"[23]\d{5}", said["code"])


def test_an_unknown_device(siege: Siege) -> None:
    run = fresh()
    found, said = siege.post(
        DELIVERIES, run.deliver([run.reading(device="meter-9")]), f"Content-Type: {MEDIA_TYPE}"
    )
    assert (found, said["data"]["reason"]) == (400, "ingest.device")


def test_a_replay_adds_nothing(siege: Siege) -> None:
    body, media = one(fresh()), f"Content-Type: {MEDIA_TYPE}"
    answers = [siege.post(DELIVERIES, body, media) for _ in range(5)]
    assert {status for status, _ in answers} == {201}
    assert len({said["data"]["first_index"] for _, said in answers}) == 1


def test_a_packed_body_is_not_unpacked(siege: Siege) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    for path, media in ((DELIVERIES, MEDIA_TYPE), ("/api/v1/Points", "application/json")):
        headers = (f"Content-Type: {media}", "Content-Encoding: gzip")
        token = f"Authorization: Bearer {siege.tokens['operator']}"
        status, said = siege.post(path, bomb, *headers, token)
        assert (status, said["code"]) == (415, "200025"), said


def test_oversized_bodies(siege: Siege) -> None:
    head = f"POST {DELIVERIES} HTTP/1.1\r\nHost: node\r\nContent-Type: {MEDIA_TYPE}\r\n"
    answer = siege.send(f"{head}Content-Length: {10**12}\r\n\r\n".encode())
    assert (_status(answer), _envelope(answer)["code"]) == (413, "200002")
    chunk = b"10000\r\n" + bytes(65_536) + b"\r\n"
    raw = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
    answer = siege.send(raw + chunk * (MAX_BODY_BYTES // 65_536 + 2))
    assert (_status(answer), _envelope(answer)["code"]) == (413, "200002")


def test_oversized_heads(siege: Siege) -> None:
    line = b"X-Filler: " + b"x" * 8000 + b"\r\n"
    before = siege.memory()
    answer = siege.send(b"GET /healthz HTTP/1.1\r\nHost: node\r\n" + line * 4000)
    assert (_status(answer), _envelope(answer)["code"]) == (431, "200024")
    answer = siege.send(b"GET /" + b"x" * (20 * MOST_HEAD_BYTES))
    assert _status(answer) in {400, 431}
    assert siege.memory() - before < MOST_GROWTH_KIB


SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n"
SHAPES = {
    "both lengths": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 60\r\n\r\n",
    "a list of lengths": b"Content-Length: 0, 60\r\n\r\n",
    "a signed length": b"Content-Length: +0\r\n\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length too long": b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "a coding of no name": b"Transfer-Encoding: xchunked\r\n\r\n",
    "a folded coding": b"Transfer-Encoding:\r\n chunked, identity\r\n\r\n",
    "a space before the colon": b"Content-Length : 0\r\n\r\n",
    "bare line feeds": b"Content-Type: a\nContent-Length: 0\n\n",
    "a NUL in a value": b"X-Thing: a\0b\r\n\r\n",
    "a chunk size with a sign": b"Transfer-Encoding: chunked\r\n\r\n+1\r\nx\r\n0\r\n\r\n",
    "a chunk size too long": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\n",
}


@pytest.mark.parametrize("name", SHAPES)
def test_no_second_request_is_smuggled(siege: Siege, name: str) -> None:
    raw = b"POST /healthz HTTP/1.1\r\nHost: node\r\n" + SHAPES[name] + SMUGGLED
    answer = siege.send(raw)
    assert answer.count(b"HTTP/1.1 ") == 1, answer
    assert 400 <= _status(answer) < 500, answer
    assert re.fullmatch(r"2\d{5}", _envelope(answer)["code"])
    assert b'"status":"ok"' not in answer


@pytest.mark.parametrize(
    "tile",
    [
        *("0/../../../../etc/passwd", "0/%2e%2e/%2e%2e/passphrase", "0/..%2f..%2fpassphrase"),
        *("0/x999/x999/x999/x999/999", "0/" + "x001/" * 40 + "001", "9/000", "0/-01", "0/000.p/0"),
        *("0/000.p/257", "0/0", "0/%00", "0/000.p/999999999999999999999", "0/000/", "0//000"),
        *("entries/../0/000", "0/%ef%bc%90%ef%bc%90%ef%bc%90", "\x7f/000"),
    ],
)
def test_paths_of_tiles_lead_to_tiles_only(siege: Siege, tile: str) -> None:
    status, said = siege.get(f"/log/{LOG}/tile/{tile}")
    assert 400 <= status < 500, said or tile
    assert re.fullmatch(r"[23]\d{5}", said["code"])


def test_tokens_of_the_wrong_kind(siege: Siege) -> None:
    own = siege.tokens["operator"]
    tried = {
        "": "302002",
        "Authorization:": "302002",
        "Authorization: Bearer ": "302002",
        f"Authorization: Basic {own}": "302002",
        "Authorization: Bearer wrong": "302003",
        f"Authorization: Bearer {own[:-1]}": "302003",
        f"Authorization: Bearer {own.swapcase()}": "302003",
        f"Authorization: Bearer {'x' * 30_000}": "302003",
        "Authorization: Bearer \xff\xfe": "302003",
        f"Authorization: Bearer {siege.tokens['other']}": "302005",
    }
    for header, code in tried.items():
        headers = ("Content-Type: application/json", *([header] if header else []))
        _, said = siege.post("/api/v1/Points", b"{}", *headers)
        assert said["code"] == code, header[:60]
        assert own not in json.dumps(said)
        status, _ = siege.get(f"/log/{LOG}/tile/entries/000.p/1", *([header] if header else []))
        assert status in {401, 403}
    _, said = siege.post(
        *("/api/v1/BundleLink", b'{"index": 0}', "Content-Type: application/json"),
        f"Authorization: Bearer {siege.tokens['verifier']}",
    )
    assert said["code"] == "302004"
    for link in ("", "x", "x" * 64, "%00", "%ff" * 20):
        status, said = siege.get(f"/evidence/v1/bundles/0?link={link}")
        assert (status, said["code"]) == (403, "302006"), link


@pytest.mark.parametrize(
    "body",
    [
        *(b"[" * 60_000, b'{"a":' * 10_000, b'{"device":"\\ud800"}', b'{"device":"\\u0000"}'),
        *(b'{"device":"\xff"}', b"\0", b'{"device":1e999}', b'{"limit":' + b"9" * 5000 + b"}"),
        b'{"device":NaN}',
    ],
)
def test_queries_that_are_none(siege: Siege, body: bytes) -> None:
    token = f"Authorization: Bearer {siege.tokens['operator']}"
    status, said = siege.post("/api/v1/Findings", body, "Content-Type: application/json", token)
    assert (status, said["code"][:1]) == (400, "2"), said


def test_slow_heads_and_bodies_keep_nobody_out(siege: Siege) -> None:
    """Connections that dribble, and long bodies that are announced and never come."""
    parts = urlsplit(siege.node.url)
    announced = (
        f"POST {DELIVERIES} HTTP/1.1\r\nHost: node\r\nContent-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {MAX_BODY_BYTES}\r\n\r\n"
    ).encode()
    wires = [socket.create_connection((parts.hostname, parts.port), timeout=60) for _ in range(60)]
    try:
        for number, wire in enumerate(wires):
            wire.sendall(announced if number % 2 else b"GET /healthz HTTP/1.1\r\nX-A")
        before = siege.known.deliveries
        for _ in range(8):
            for wire in wires:
                wire.sendall(b"a")
            time.sleep(0.2)
        assert siege.known.deliveries > before
        answers = [_all_of(wire) for wire in wires]  # each is given up on within 20 seconds
    finally:
        for wire in wires:
            wire.close()
    assert {(_status(answer), _envelope(answer)["code"]) for answer in answers} == {(408, "200023")}


def test_a_flood_is_borne(siege: Siege) -> None:
    """Many at once, each with something wrong; the memory of the node stays within bounds."""
    before = siege.memory()
    found: set[int] = set()
    bodies = [bytes(2_000_000), one(fresh(collector="stranger")), forged(), b"x" * 100]

    def attack(number: int) -> None:
        for turn in range(30):
            status, _ = siege.post(
                DELIVERIES, bodies[(number + turn) % len(bodies)], f"Content-Type: {MEDIA_TYPE}"
            )
            found.add(status)

    threads = [threading.Thread(target=attack, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found <= {400, 403, 422, 429}
    assert siege.memory() - before < MOST_GROWTH_KIB
