"""The embedded chain over HTTP: a child process on a loopback port."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.evm import CHAIN_ID, Engine, registry_on, sender
from web3 import HTTPProvider, Web3

from chain.embedded import child as child_module
from chain.embedded.chain import EmbeddedChain
from chain.embedded.child import EmbeddedChild
from chain.embedded.dispatch import MAX_BATCH, MAX_BODY_BYTES
from chain.embedded.errors import ChainFileError, UnsafeBindError
from chain.embedded.server import serve

JSON = {"Content-Type": "application/json"}
ASK = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedChild]:
    path = tmp_path_factory.mktemp("served") / "chain.db"
    with EmbeddedChild(path, chain_id=CHAIN_ID) as running:
        yield running


def _post(
    child: EmbeddedChild, body: bytes, headers: dict[str, str] | None = None, method: str = "POST"
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(str(urlsplit(child.url).netloc), timeout=30)
    try:
        connection.request(method, "/", body=body, headers=JSON if headers is None else headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _ask(child: EmbeddedChild, body: Any) -> Any:
    status, raw = _post(child, json.dumps(body).encode())
    assert status == 200
    return json.loads(raw)


def test_it_says_where_it_is_and_which_chain(child: EmbeddedChild) -> None:
    assert child.chain_id == CHAIN_ID
    assert child.url.startswith("http://127.0.0.1:")
    assert _ask(child, ASK) == {"jsonrpc": "2.0", "id": 1, "result": hex(CHAIN_ID)}


def test_an_ordinary_web3_provider_works(child: EmbeddedChild) -> None:
    provider = HTTPProvider(child.url)
    engine = Engine("embedded", Web3(provider))
    registry = registry_on(engine)
    owner = sender("owner over http")
    origin = Web3.keccak(text="over http")
    assert engine.send(registry, "openLog", origin, owner.address, account=owner).status == 1
    refused = engine.refusal(registry, "openLog", origin, owner.address, account=owner)
    assert refused[0] == "LogAlreadyOpen"
    for session in provider._request_session_manager.session_cache._data.values():
        session.close()


def test_batches_are_answered_in_order_and_bounded(child: EmbeddedChild) -> None:
    batch = [ASK | {"id": number} for number in range(MAX_BATCH)]
    assert [each["id"] for each in _ask(child, batch)] == list(range(MAX_BATCH))
    assert _ask(child, [*batch, ASK])["error"]["code"] == -32600
    assert _ask(child, [])["error"]["code"] == -32600


def test_one_bad_request_does_not_spoil_its_batch(child: EmbeddedChild) -> None:
    found = _ask(child, [ASK, 5, ASK | {"id": 2, "method": "nothing"}, ASK | {"id": "last"}])
    assert [each.get("id") for each in found] == [1, None, 2, "last"]
    assert [each["error"]["code"] for each in found if "error" in each] == [-32600, -32601]


def test_notifications_get_no_answer(child: EmbeddedChild) -> None:
    silent = {"jsonrpc": "2.0", "method": "eth_chainId"}
    assert _post(child, json.dumps(silent).encode()) == (204, b"")
    assert _post(child, json.dumps([silent, silent]).encode()) == (204, b"")
    assert len(_ask(child, [silent, ASK])) == 1


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"id": NaN}', -32700),
        (b"[" * 100_000, -32700),
        (b"null", -32600),
        (b'"eth_chainId"', -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "eth_chainId"}', -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "eth_chainId"}', -32600),
        (b"{}", -32600),
        (b'{"jsonrpc": "2.0", "id": 1}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": ["eth_chainId"]}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "nothing"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": {}}', -32602),
    ],
)
def test_malformed_bodies_are_answered_by_name(
    child: EmbeddedChild, body: bytes, number: int
) -> None:
    status, raw = _post(child, body)
    assert status == 200
    assert json.loads(raw)["error"]["code"] == number


def test_a_body_over_the_bound_is_refused(child: EmbeddedChild) -> None:
    body = json.dumps(ASK).encode() + b" " * MAX_BODY_BYTES
    assert _post(child, body)[0] == 413


def test_a_chunked_body_over_the_bound_is_refused(child: EmbeddedChild) -> None:
    with socket.create_connection(_place(child), timeout=30) as raw:
        raw.sendall(
            b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        answer = b""
        try:
            for _ in range(MAX_BODY_BYTES // 0x10000 + 2):
                raw.sendall(chunk)
            answer = raw.recv(100)
        except ConnectionError:
            answer = answer or raw.recv(100)
    assert b"413" in answer


def _place(child: EmbeddedChild) -> tuple[str, int]:
    parts = urlsplit(child.url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


@pytest.mark.parametrize(
    ("headers", "method", "status"),
    [
        ({"Content-Type": "text/plain"}, "POST", 415),
        ({}, "POST", 415),
        (JSON | {"Host": "evil.example"}, "POST", 403),
        (JSON | {"Host": "127.0.0.1.evil.example:80"}, "POST", 403),
        (JSON | {"Host": "localhost:1234"}, "POST", 200),
        (JSON | {"Host": "[::1]:1234"}, "POST", 200),
        (JSON, "GET", 405),
        (JSON, "OPTIONS", 405),
    ],
)
def test_a_web_page_cannot_talk_to_it(
    child: EmbeddedChild, headers: dict[str, str], method: str, status: int
) -> None:
    assert _post(child, json.dumps(ASK).encode(), headers, method)[0] == status


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104  refused
        "::",
        "192.0.2.1",
        "example.org",
        "127.0.0.1.nip.io",
    ],
)
def test_addresses_that_others_reach_are_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(UnsafeBindError) as caught:
        serve(tmp_path / "chain.db", host=host)
    assert caught.value.reason == "chain.embedded.bind"
    assert not (tmp_path / "chain.db").exists()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UnsafeBindError, match=str(port)) as caught:
            serve(tmp_path / "chain.db", port=port)
    assert caught.value.reason == "chain.embedded.bind.busy"


def test_a_child_that_cannot_start_tells_its_own_reason(
    tmp_path: Path,
) -> None:
    (tmp_path / "chain.db").write_bytes(b"nothing of a chain" * 500)
    with pytest.raises(ChainFileError) as caught:
        EmbeddedChild(tmp_path / "chain.db")
    assert caught.value.reason == "chain.embedded.file.foreign"
    assert "backup" in caught.value.remedy


def test_a_child_that_starts_too_slowly_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "OWNER_SECONDS", 0)
    with pytest.raises(ChainFileError) as caught:
        EmbeddedChild(tmp_path / "chain.db", start_seconds=0.01)
    assert caught.value.reason == "chain.embedded.start"


def test_a_large_file_is_given_the_time_to_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    EmbeddedChain(tmp_path / "chain.db").close()
    monkeypatch.setattr(child_module, "OWNER_SECONDS", 0)
    monkeypatch.setattr(child_module, "CHECKED_BYTES_PER_SECOND", 1)  # as if it were gigabytes
    with EmbeddedChild(tmp_path / "chain.db", start_seconds=0.01) as started:
        assert started.url


def test_a_child_waits_for_the_one_before_it_to_end(tmp_path: Path) -> None:
    """A node was killed, and its chain ends only after the call that it is carrying out."""
    with EmbeddedChild(tmp_path / "chain.db") as first:
        port = int(first.url.rpartition(":")[2])
        ending = threading.Timer(2, first.stop)
        ending.start()
        with EmbeddedChild(tmp_path / "chain.db", port=port) as second:
            assert first.process.wait(20) == 0
            assert second.url == first.url
        ending.join()


def test_only_named_senders_reach_the_chain(tmp_path: Path) -> None:
    """No sender named on the command line means that nobody may send."""
    raw = sender("ana").sign_transaction(
        {"nonce": 0, "gas": 30_000, "gasPrice": 0, "to": "0x" + "42" * 20, "chainId": CHAIN_ID}
    )
    send = ASK | {"method": "eth_sendRawTransaction", "params": ["0x" + raw.raw_transaction.hex()]}
    listed = [bytes.fromhex(sender("ana").address[2:])]
    for senders, expected in (([], -32003), (listed, None)):
        with EmbeddedChild(tmp_path / "chain.db", chain_id=CHAIN_ID, senders=senders) as child:
            assert _ask(child, send).get("error", {}).get("code") == expected


def test_it_ends_cleanly_when_told_and_when_its_parent_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "chain.db"
    with EmbeddedChild(path) as child:
        os.kill(child.process.pid, signal.SIGTERM)
        assert child.process.wait(20) == 0
    code = (
        "import sys, time; from pathlib import Path;"
        "from chain.embedded.child import EmbeddedChild;"
        f"child = EmbeddedChild(Path({str(path)!r}));"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        grandchild = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 20
    while _alive(grandchild):
        assert time.monotonic() < deadline, "the chain outlived its parent"
        time.sleep(0.05)


def _alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
