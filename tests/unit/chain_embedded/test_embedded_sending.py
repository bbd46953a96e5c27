"""Which transactions get a block, and what a block is."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.evm import CHAIN_ID, Engine, sender

from chain.embedded.chain import EmbeddedChain
from chain.embedded.dispatch import answer_call
from chain.embedded.errors import RpcRefusal

ANA, BEN = sender("ana"), sender("ben")
TO = "0x" + "42" * 20


def _raw(account: LocalAccount = ANA, **fields: Any) -> bytes:
    fields = {"nonce": 0, "gas": 100_000, "gasPrice": 0, "to": TO, "chainId": CHAIN_ID} | fields
    if "maxFeePerGas" in fields:
        del fields["gasPrice"]
    return bytes(account.sign_transaction(fields).raw_transaction)


def _refusal(chain: EmbeddedChain, raw: bytes) -> tuple[int, str]:
    before = chain.head()
    with pytest.raises(RpcRefusal) as caught:
        chain.send(raw)
    assert chain.head() == before
    return caught.value.number, caught.value.text


def test_a_transaction_makes_one_block_at_once(chain: EmbeddedChain) -> None:
    assert chain.head().block_number == 0
    transaction_hash = chain.send(_raw())
    assert chain.place_of(transaction_hash) == (1, 0)
    assert chain.head().block_number == 1
    assert chain.head().base_fee_per_gas == 0


def test_every_kind_of_transaction_is_taken(engine: Engine, chain: EmbeddedChain) -> None:
    access = [{"address": TO, "storageKeys": ["0x" + "01" * 32]}]
    dynamic = {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "accessList": access}
    kinds = [{}, {"type": 1, "accessList": access}, dynamic]
    for nonce, fields in enumerate(kinds):
        sent = chain.send(_raw(nonce=nonce, **fields))
        found = engine.web3.eth.get_transaction(sent)
        assert (found["type"], found["hash"]) == (nonce, sent)
        assert engine.web3.eth.get_transaction_receipt(sent)["type"] == nonce


def test_a_failing_transaction_is_mined_with_status_0(engine: Engine, chain: EmbeddedChain) -> None:
    sent = chain.send(_raw(to="", data=bytes.fromhex("60006000fd")))
    receipt = engine.web3.eth.get_transaction_receipt(sent)
    assert receipt["status"] == 0
    assert chain.head().block_number == 1


def test_the_same_transaction_again_is_already_known(chain: EmbeddedChain) -> None:
    raw = _raw()
    chain.send(raw)
    assert _refusal(chain, raw) == (-32000, "already known")


def test_nonces_are_taken_in_order(chain: EmbeddedChain) -> None:
    assert _refusal(chain, _raw(nonce=1))[1].startswith("nonce too high: next is 0")
    chain.send(_raw(nonce=0))
    assert _refusal(chain, _raw(nonce=0, gas=99_999))[1].startswith("nonce too low: next is 1")


def test_only_listed_senders_may_send(tmp_path: Path) -> None:
    listed = bytes.fromhex(ANA.address[2:])
    with EmbeddedChain(tmp_path / "chain.db", chain_id=CHAIN_ID, senders=[listed]) as chain:
        assert _refusal(chain, _raw(BEN))[0] == -32003
        chain.send(_raw(ANA))


def test_an_empty_list_lets_nobody_send(tmp_path: Path) -> None:
    with EmbeddedChain(tmp_path / "chain.db", chain_id=CHAIN_ID, senders=[]) as chain:
        assert _refusal(chain, _raw(ANA))[0] == -32003


@pytest.mark.parametrize(
    ("fields", "number", "text"),
    [
        ({"chainId": CHAIN_ID + 1}, -32000, "invalid chain id"),
        ({"gasPrice": 1}, -32000, "insufficient funds"),
        ({"maxFeePerGas": 1, "maxPriorityFeePerGas": 0}, -32000, "insufficient funds"),
        ({"value": 1}, -32000, "insufficient funds"),
        ({"gas": 20_999}, -32000, "intrinsic gas too low"),
        ({"gas": 100_000_001}, -32000, "exceeds block gas limit"),
        ({"data": bytes(140_000), "gas": 99_000_000}, -32602, "131072 bytes"),
        ({"to": "", "data": bytes(49_153), "gas": 99_000_000}, -32000, "max initcode size"),
    ],
)
def test_terms_that_cannot_be_met_are_refused(
    chain: EmbeddedChain, fields: dict[str, Any], number: int, text: str
) -> None:
    refused = _refusal(chain, _raw(**fields))
    assert refused[0] == number
    assert text in refused[1]


def test_a_transaction_without_a_chain_id_is_refused(chain: EmbeddedChain) -> None:
    fields = {"nonce": 0, "gas": 100_000, "gasPrice": 0, "to": TO, "value": 0}
    raw = bytes(ANA.sign_transaction(fields).raw_transaction)
    assert "invalid chain id" in _refusal(chain, raw)[1]


def test_blob_and_delegation_transactions_are_refused(chain: EmbeddedChain) -> None:
    for kind in (3, 4, 5, 0x7F):
        assert _refusal(chain, bytes([kind]) + _raw()[1:])[0] == -32602


def test_trailing_bytes_are_refused(chain: EmbeddedChain) -> None:
    assert _refusal(chain, _raw() + b"\x00")[0] == -32602


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), cut=st.integers(0, 10_000))
def test_a_damaged_transaction_never_passes_for_its_sender(
    chain: EmbeddedChain, place: int, bit: int, cut: int
) -> None:
    """A flipped bit changes the sender or breaks the form; the listed sender's nonce stays 0."""
    raw = bytearray(_raw())
    raw[place % len(raw)] ^= 1 << bit
    listed = frozenset([bytes.fromhex(ANA.address[2:])])
    chain.senders = listed
    for damaged in (bytes(raw), bytes(raw[: cut % len(raw)])):
        with pytest.raises(RpcRefusal):
            chain.send(damaged)
    assert chain.head().block_number == 0


@given(noise=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_refused_with_an_answer(chain: EmbeddedChain, noise: bytes) -> None:
    answer = answer_call(chain, "eth_sendRawTransaction", ["0x" + noise.hex()])
    assert answer["error"]["code"] in (-32602, -32000)


def test_block_times_grow_even_when_the_clock_does_not(tmp_path: Path) -> None:
    times = iter([1_000, 1_000, 1_000, 500, 2_000])
    now = lambda: next(times)  # noqa: E731
    with EmbeddedChain(tmp_path / "chain.db", chain_id=CHAIN_ID, now=now) as chain:
        found = [chain.head().timestamp]
        for nonce in range(4):
            chain.send(_raw(nonce=nonce))
            found.append(chain.head().timestamp)
    assert found == [1_000, 1_001, 1_002, 1_003, 2_000]


def test_code_sees_the_time_and_number_of_its_block(engine: Engine, chain: EmbeddedChain) -> None:
    """A constructor that stores TIMESTAMP in slot 0 and NUMBER in slot 1."""
    sent = chain.send(_raw(to="", data=bytes.fromhex("42600055436001550000"), gas=200_000))
    where = engine.web3.eth.get_transaction_receipt(sent)["contractAddress"]
    stored = [int.from_bytes(engine.web3.eth.get_storage_at(where, slot)) for slot in (0, 1)]
    assert stored == [chain.head().timestamp, 1]


def test_threads_that_send_at_once_make_one_line_of_blocks(chain: EmbeddedChain) -> None:
    people = [sender(f"thread {number}") for number in range(4)]

    def send_all(account: LocalAccount) -> list[bytes]:
        return [chain.send(_raw(account, nonce=nonce)) for nonce in range(5)]

    with ThreadPoolExecutor(len(people)) as pool:
        hashes = [each for sent in pool.map(send_all, people) for each in sent]
    places = sorted(chain.place_of(each) for each in hashes)
    assert places == [(number, 0) for number in range(1, 21)]
    parents = [chain.header(number) for number in range(21)]
    for parent, child in pairwise(parents):
        assert child.parent_hash == parent.hash


def test_equal_beginnings_make_equal_genesis_blocks(tmp_path: Path) -> None:
    hashes = []
    for name, chain_id, now in [("a", 5, 7), ("b", 5, 7), ("c", 6, 7), ("d", 5, 8)]:
        with EmbeddedChain(tmp_path / name, chain_id=chain_id, now=lambda now=now: now) as chain:
            hashes.append(chain.head().hash)
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
