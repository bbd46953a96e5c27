"""JSON-RPC over real sockets: bounded in size and time, and never sent twice."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from support.fake_chain import FakeChain
from support.fake_rpc import FakeRpc, Fault, serving_chain

from chain import transport
from chain.client import EvmClient
from chain.config import ChainConfig
from chain.errors import ChainAnswerError, ChainConfigError, ChainUnavailableError, RpcError
from chain.transport import HttpTransport, JsonRpc, revert_bytes


@pytest.fixture
def rpc() -> Iterator[FakeRpc]:
    with serving_chain(FakeChain()) as rpc:
        yield rpc


@pytest.fixture
def caller(rpc: FakeRpc) -> Iterator[JsonRpc]:
    caller = JsonRpc(HttpTransport(ChainConfig(url=rpc.url, timeout_s=1)))
    yield caller
    caller.close()


def test_calls_share_one_connection(caller: JsonRpc, rpc: FakeRpc) -> None:
    assert [caller.call("eth_chainId") for _ in range(5)] == ["0x539"] * 5
    assert rpc.count("eth_chainId") == 5
    assert len(rpc.peers) == 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("drop_before", ChainUnavailableError),
        ("http_503", ChainUnavailableError),
        ("truncate", ChainUnavailableError),
        ("garbage", ChainAnswerError),
        ("list", ChainAnswerError),
        ("wrong_id", ChainAnswerError),
        ("error_before", RpcError),
    ],
)
def test_an_answer_that_is_none(
    caller: JsonRpc, rpc: FakeRpc, kind: str, error: type[Exception]
) -> None:
    rpc.faults.append(Fault("eth_chainId", kind, times=2))
    with pytest.raises(error):
        caller.call("eth_chainId")
    rpc.faults.clear()
    assert caller.call("eth_chainId") == "0x539"


def test_an_answer_over_its_bound_is_not_read_to_its_end(caller: JsonRpc, rpc: FakeRpc) -> None:
    rpc.faults.append(Fault("eth_chainId", "oversize"))
    with pytest.raises(ChainAnswerError) as caught:
        caller.call("eth_chainId")
    assert "16777216" in caught.value.message


@pytest.mark.parametrize("kind", ["delay", "trickle"])
def test_the_whole_answer_must_come_in_time(caller: JsonRpc, rpc: FakeRpc, kind: str) -> None:
    rpc.faults.append(Fault("eth_chainId", kind, seconds=8, times=5))
    begun = time.monotonic()
    with pytest.raises(ChainUnavailableError) as caught:
        caller.call("eth_chainId")
    assert time.monotonic() - begun < 6
    assert "timed out" in caught.value.message


def test_a_dead_connection_is_replaced_for_a_read(caller: JsonRpc, rpc: FakeRpc) -> None:
    caller.call("eth_chainId")
    rpc.faults.append(Fault("eth_chainId", "drop_before"))
    assert caller.call("eth_chainId") == "0x539"
    assert rpc.count("eth_chainId") == 3


def test_a_transaction_is_never_handed_in_twice(caller: JsonRpc, rpc: FakeRpc) -> None:
    caller.call("eth_chainId")
    rpc.faults.append(Fault("eth_sendRawTransaction", "drop_before", times=9))
    with pytest.raises(ChainUnavailableError):
        caller.call("eth_sendRawTransaction", "0x00")
    assert rpc.count("eth_sendRawTransaction") == 1


def test_a_transaction_goes_over_a_connection_that_answered_a_moment_ago(
    caller: JsonRpc, rpc: FakeRpc
) -> None:
    rpc.faults.append(Fault("eth_sendRawTransaction", "error_before", times=2))
    for _ in range(2):
        caller.call("eth_chainId")
        with pytest.raises(RpcError):
            caller.call("eth_sendRawTransaction", "0x00")
    assert len(rpc.peers) == 1


def test_a_transaction_does_not_go_over_one_that_has_been_idle(
    caller: JsonRpc, rpc: FakeRpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_FRESH_SECONDS", 0)
    rpc.faults.append(Fault("eth_sendRawTransaction", "error_before"))
    caller.call("eth_chainId")
    with pytest.raises(RpcError):
        caller.call("eth_sendRawTransaction", "0x00")
    assert len(rpc.peers) == 2


def test_a_transaction_does_not_go_over_one_that_was_closed() -> None:
    """A server that closes after every answer without saying so."""
    answer = b'{"jsonrpc":"2.0","id":%d,"result":"0x1"}'
    taken: list[int] = []

    def serve(listener: socket.socket) -> None:
        for number in (1, 2, 3):
            wire, _ = listener.accept()
            with wire, wire.makefile("rb") as lines:
                size = 0
                while (line := lines.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        size = int(line.split(b":")[1])
                lines.read(size)
                body = answer % number
                wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            taken.append(number)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        caller = JsonRpc(HttpTransport(ChainConfig(url=url, timeout_s=5)))
        for number, method in enumerate(["eth_chainId", *["eth_sendRawTransaction"] * 2], start=1):
            assert caller.call(method) == "0x1"
            while len(taken) < number:
                time.sleep(0.01)
        server.join()
        caller.close()


def test_nobody_listens() -> None:
    caller = JsonRpc(HttpTransport(ChainConfig(url="http://127.0.0.1:1", timeout_s=1)))
    with pytest.raises(ChainUnavailableError) as caught:
        caller.call("eth_chainId")
    assert caught.value.reason == "chain.unavailable"
    assert "127.0.0.1:1" in caught.value.message


def test_credentials_are_sent_and_not_shown(rpc: FakeRpc) -> None:
    url = rpc.url.replace("http://", "http://me:p%40ss@")
    caller = JsonRpc(HttpTransport(ChainConfig(url=url)))
    caller.call("eth_chainId")
    caller.close()
    assert rpc.authorizations[-1] == "Basic bWU6cEBzcw=="
    assert "p%40ss" not in caller.shown


def test_redirects_are_not_followed(caller: JsonRpc, rpc: FakeRpc) -> None:
    rpc.faults.append(Fault("eth_chainId", "redirect", times=2))
    with pytest.raises(ChainUnavailableError) as caught:
        caller.call("eth_chainId")
    assert "307" in caught.value.message


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("0x0102", b"\x01\x02"),
        ({"data": "0x03"}, b"\x03"),
        ({"result": "0x04"}, b"\x04"),
        ("0102", b""),
        ("0xzz", b""),
        (None, b""),
        (["0x01"], b""),
        ("0x" + "00" * 100_000, b""),
    ],
)
def test_revert_data_in_the_forms_clients_use(data: object, found: bytes) -> None:
    assert revert_bytes(data) == found


@pytest.mark.parametrize("kind", ["malformed", "garbage", "http_503", "list"])
def test_the_client_names_a_malformed_answer(rpc: FakeRpc, kind: str) -> None:
    client = EvmClient.connect(ChainConfig(url=rpc.url))
    rpc.faults.append(Fault("eth_getBlockByNumber", kind, times=2))
    with pytest.raises(ChainUnavailableError):
        client.block(0)
    client.close()


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        ({"chain_id": 1}, "chain.wrong_chain_id"),
        ({"genesis_hash": bytes(32)}, "chain.wrong_genesis"),
        ({"engine": "besu"}, "chain.wrong_engine"),
    ],
)
def test_the_client_refuses_another_chain(
    rpc: FakeRpc, expected: dict[str, object], code: str
) -> None:
    with pytest.raises(ChainConfigError) as caught:
        EvmClient.connect(ChainConfig(url=rpc.url, **expected))
    assert caught.value.reason == code


def test_the_headers_of_proof_of_authority_chains_are_read() -> None:
    with serving_chain(FakeChain(poa=True)) as rpc:
        client = EvmClient.connect(ChainConfig(url=rpc.url))
        rpc.chain.mine()
        header = client.block(1)
        client.close()
    assert header.parent_hash == rpc.chain.blocks[0].hash


def test_the_verifiers_reader_loads_no_web3() -> None:
    """It must start fast and be independent of the library the node writes with."""
    code = (
        "import sys, chain.light;"
        "from chain.light import LightChain; LightChain('http://127.0.0.1:1');"
        "bad = {'web3', 'eth_account', 'eth', 'httpx', 'requests', 'aiohttp', 'pydantic'};"
        "sys.exit(sorted(bad & set(sys.modules)).__repr__() if bad & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
