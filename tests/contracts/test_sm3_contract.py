"""SM3 on chain against the standard's examples, the readable contract and the product's own SM3."""

import random

import pytest
from support.evm import Engine
from web3.contract import Contract

from trace_node.crypto.sm3 import sm3

GB_T_32905 = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}
LENGTHS = [*range(301), 511, 512, 1000]
EDGES = [0, 3, 55, 56, 63, 64, 65, 119, 120, 128]


def _message(length: int) -> bytes:
    return random.Random(length).randbytes(length)


@pytest.mark.parametrize("message", GB_T_32905, ids=["A.1", "A.2"])
def test_examples_of_the_standard(message: bytes, registry: Contract, harness: Contract) -> None:
    expected = bytes.fromhex(GB_T_32905[message])
    assert registry.functions.sm3(message).call() == expected
    assert harness.functions.slow(message).call() == expected


def test_every_length_agrees_with_the_product(engine: Engine, registry: Contract) -> None:
    for length in LENGTHS if engine.name == "anvil" else LENGTHS[:140]:
        message = _message(length)
        assert registry.functions.sm3(message).call() == sm3(message), length


def test_optimised_agrees_with_the_readable_contract(engine: Engine, harness: Contract) -> None:
    for length in LENGTHS if engine.name == "anvil" else EDGES:
        message = _message(length)
        assert harness.functions.slow(message).call() == harness.functions.fast(message).call()


def test_words_of_ones_and_zeros(harness: Contract) -> None:
    """Carries between the lanes would show where all bits of a word are set."""
    words = [
        b"\x00" * 4,
        b"\xff" * 4,
        b"\x80\x00\x00\x00",
        b"\x7f\xff\xff\xff",
        b"\x00\x00\x00\x01",
    ]
    for first in words:
        for second in words:
            message = (first + second) * 8
            assert harness.functions.fast(message).call() == sm3(message)


def test_inner_hash_is_sm3_of_the_prefixed_pair(harness: Contract) -> None:
    chance = random.Random(1)
    pairs = [(bytes(32), bytes(32)), (b"\xff" * 32, b"\xff" * 32)]
    pairs += [(chance.randbytes(32), chance.randbytes(32)) for _ in range(40)]
    for left, right in pairs:
        assert harness.functions.inner(left, right).call() == sm3(b"\x01" + left + right)


def test_message_is_read_where_the_abi_says_it_is(engine: Engine, harness: Contract) -> None:
    """Bytes behind the message in the call data must not leak into its last block."""
    data = bytes.fromhex(harness.encode_abi("fast", args=[b"abc"])[2:])
    dirty = data[:-29] + b"\xee" * 29
    answer = engine.web3.eth.call({"to": harness.address, "data": dirty})
    assert answer == sm3(b"abc")
