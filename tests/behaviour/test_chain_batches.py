"""Many requests in few bodies, over sockets, with endpoints that take fewer, or none at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.fake_chain import FakeChain
from support.fake_rpc import FakeRpc, Fault, serving_chain

from chain.client import EvmClient
from chain.config import ChainConfig
from chain.errors import ChainAnswerError, ChainUnavailableError, RpcError
from chain.signer_key import AnchorKey, SignedTransaction


@pytest.fixture
def rpc() -> Iterator[FakeRpc]:
    with serving_chain(FakeChain()) as rpc:
        rpc.chain.mine(130)
        yield rpc


@pytest.fixture
def client(rpc: FakeRpc) -> Iterator[EvmClient]:
    client = EvmClient.connect(ChainConfig(url=rpc.url, timeout_s=5))
    yield client
    client.close()


def hashes(rpc: FakeRpc, first: int, last: int) -> list[bytes]:
    return [block.hash for block in rpc.chain.blocks[first : last + 1]]


def test_blocks_come_in_the_order_in_which_they_are_asked(rpc: FakeRpc, client: EvmClient) -> None:
    found = client.blocks([7, 3, rpc.chain.blocks[5].hash, 900, 3])
    assert [block and block.number for block in found] == [7, 3, 5, None, 3]
    assert rpc.batches == [5]


def test_a_long_list_goes_in_pieces_of_the_engines_limit(rpc: FakeRpc, client: EvmClient) -> None:
    found = client.blocks(range(1, 121))
    assert [block.block_hash for block in found if block] == hashes(rpc, 1, 120)
    assert rpc.batches == [50, 50, 20]


@pytest.mark.parametrize("limit", [0, 1, 8, 49])
def test_an_endpoint_that_takes_fewer_is_asked_for_fewer(
    rpc: FakeRpc, client: EvmClient, limit: int
) -> None:
    rpc.max_batch = limit
    found = client.blocks(range(1, 121))
    assert [block.block_hash for block in found if block] == hashes(rpc, 1, 120)
    rpc.batches.clear()
    client.blocks(range(1, 121))
    assert all(1 < length <= limit for length in rpc.batches), "it has learnt the limit"


def test_answers_may_come_in_any_order(rpc: FakeRpc, client: EvmClient) -> None:
    rpc.reshape = lambda answers: answers[::-1]
    found = client.blocks([4, 5, 6])
    assert [block.number for block in found if block] == [4, 5, 6]


def test_an_error_stands_in_its_place(rpc: FakeRpc, client: EvmClient) -> None:
    contract = b"c" * 20
    rpc.faults.append(Fault("eth_call", "error_before", skip=1, text="out of gas"))
    first, second, third = client.call_many([(contract, b"")] * 3, block="latest")
    assert isinstance(second, RpcError)
    assert second.text == "out of gas"
    assert (first, third) == (b"", b"")


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "http_503", "truncate"])
def test_a_lost_answer_is_no_answer(rpc: FakeRpc, client: EvmClient, kind: str) -> None:
    rpc.faults.append(Fault("eth_getBlockByNumber", kind, skip=1, times=2))
    with pytest.raises(ChainUnavailableError):
        client.blocks([1, 2, 3])


@pytest.mark.parametrize("kind", ["garbage", "list"])
def test_what_is_no_answer_to_the_batch_is_refused(
    rpc: FakeRpc, client: EvmClient, kind: str
) -> None:
    rpc.faults.append(Fault("eth_getBlockByNumber", kind))
    with pytest.raises(ChainAnswerError):
        client.blocks([1, 2, 3])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answers: answers[:-1],
        lambda answers: [*answers, answers[0]],
        lambda answers: [answers[0], answers[0], answers[2]],
        lambda answers: [answers[0] | {"id": 999_999}, *answers[1:]],
        lambda answers: [{"jsonrpc": "2.0", "id": answers[0]["id"]}, *answers[1:]],
        lambda answers: [7, *answers[1:]],
    ],
)
def test_answers_that_do_not_match_the_requests_are_refused(
    rpc: FakeRpc, client: EvmClient, spoil: Any
) -> None:
    rpc.reshape = spoil
    with pytest.raises(ChainAnswerError):
        client.blocks([1, 2, 3])


def test_a_batch_whose_answer_is_too_long_is_halved(rpc: FakeRpc) -> None:
    client = EvmClient.connect(ChainConfig(url=rpc.url, max_answer_bytes=12_000))
    found = client.blocks(range(1, 51))
    assert [block.block_hash for block in found if block] == hashes(rpc, 1, 50)
    assert max(rpc.batches[1:]) <= 25
    client.close()


def test_a_single_answer_that_is_too_long_is_an_error(rpc: FakeRpc) -> None:
    client = EvmClient.connect(ChainConfig(url=rpc.url, max_answer_bytes=2_000))
    rpc.chain.mine(1)
    rpc.change = lambda method, answer: (
        answer | {"padding": "x" * 3_000} if method == "eth_getBlockByNumber" else answer
    )
    with pytest.raises(ChainAnswerError, match="longer than"):
        client.blocks([1, 2])
    client.close()


SEND = "eth_sendRawTransaction"


@pytest.fixture
def signed() -> SignedTransaction:
    return AnchorKey(b"\x07" * 32).sign(
        chain_id=1337, nonce=0, to=b"\x08" * 20, data=b"", gas=21_000
    )


def test_a_transaction_goes_in_with_the_questions_of_what_came_of_it(
    rpc: FakeRpc, client: EvmClient, signed: SignedTransaction
) -> None:
    rpc.chain.automine = True
    found, newest = client.send_and_look(signed.raw, signed.transaction_hash)
    assert found is not None
    assert newest is not None
    assert (found.block_number, found.block_hash) == (newest.number, newest.block_hash)
    assert newest.number == 131
    assert rpc.batches == [3]


def test_what_is_not_mined_at_once_is_not_there_yet(
    rpc: FakeRpc, client: EvmClient, signed: SignedTransaction
) -> None:
    rpc.chain.automine = False
    found, newest = client.send_and_look(signed.raw, signed.transaction_hash)
    assert found is None
    assert newest is not None
    assert newest.number == 130
    assert client.knows_transaction(signed.transaction_hash)


@pytest.mark.parametrize(
    "kind", ["drop_before", "drop_after", "http_503", "truncate", "garbage", "list"]
)
def test_a_body_with_a_transaction_goes_over_the_wire_once(
    rpc: FakeRpc, client: EvmClient, signed: SignedTransaction, kind: str
) -> None:
    rpc.faults.append(Fault(SEND, kind, times=9))
    with pytest.raises(ChainUnavailableError):
        client.send_and_look(signed.raw, signed.transaction_hash)
    assert rpc.count(SEND) == 1


def test_an_endpoint_that_takes_no_batches_is_not_sent_the_transaction_again(
    rpc: FakeRpc, client: EvmClient, signed: SignedTransaction
) -> None:
    rpc.max_batch = 1
    with pytest.raises(ChainAnswerError):
        client.send_and_look(signed.raw, signed.transaction_hash)
    assert rpc.batches == [3]
    assert not client.knows_transaction(signed.transaction_hash)


def test_a_refused_transaction_is_an_error_whatever_the_other_answers(
    rpc: FakeRpc, client: EvmClient, signed: SignedTransaction
) -> None:
    rpc.faults.append(Fault(SEND, "error_before", text="nonce too low"))
    with pytest.raises(RpcError, match="nonce too low"):
        client.send_and_look(signed.raw, signed.transaction_hash)


def test_both_numbers_of_transactions_come_in_one_body(rpc: FakeRpc, client: EvmClient) -> None:
    assert client.nonces(b"\x07" * 20) == (0, 0)
    assert rpc.batches == [2]
