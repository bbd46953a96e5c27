"""keccak256, EIP-55 and log ids."""

import pytest
from eth_utils import keccak, to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from chain.addresses import checksum_address, keccak256, log_id_of, origin_hash, parse_address
from chain.errors import ChainConfigError
from trace_node.ids import Origin

# EIP-55, "Test Cases"
EIP_55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize("text", EIP_55)
def test_the_examples_of_eip_55(text: str) -> None:
    assert checksum_address(parse_address(text, field="address")) == text


@given(st.binary(min_size=20, max_size=20))
def test_the_same_as_another_library(address: bytes) -> None:
    assert checksum_address(address) == to_checksum_address(address)


@pytest.mark.parametrize(
    "text",
    ["", "0x", "52908400098527886E0F7030069857D2E4169EE7", EIP_55[2].replace("5aA", "5AA"), "0xz"],
)
def test_what_is_not_an_address(text: str) -> None:
    with pytest.raises(ChainConfigError) as caught:
        parse_address(text, field="contract")
    assert caught.value.reason == "chain.address"


def test_lower_case_carries_no_checksum() -> None:
    assert parse_address(EIP_55[2].lower(), field="a") == parse_address(EIP_55[2], field="a")


def test_the_empty_keccak() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"").hex() == empty


def test_a_log_id_is_the_hash_of_owner_and_origin_hash() -> None:
    origin, owner = Origin("trace-node.local/plant-a/sm3"), bytes(range(20))
    assert origin_hash(origin) == keccak(text=origin)
    assert log_id_of(owner=owner, origin=origin) == keccak(owner + keccak(text=origin))


def test_a_wrong_length_is_refused() -> None:
    with pytest.raises(ChainConfigError):
        checksum_address(bytes(21))
