"""The Chainpoint export: right by merkletools, and labelled for what it is."""

import hashlib

import pytest
from support.bundles import START, STEP, World, small_world
from support.chainpoint_oracle import accepts

from trace_node.crypto.sm3 import sm3
from trace_node.services.chainpoint import chainpoint_receipt


def _world(size: int) -> World:
    world = World()
    made = world.deliver([world.reading(START + STEP * step) for step in range(size)], at=START)
    world.seal(at=made.received_at)
    return world


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_merkletools_accepts_the_receipt_of_every_reading(size: int) -> None:
    world = _world(size)
    for index in world.deliveries[0].indexes:
        receipt = chainpoint_receipt(world.bundle(index))
        assert accepts(receipt)
        assert receipt["targetHash"] == sm3(b"\x00" + world.entries[index]).hex()
        wrong = hashlib.sha256(b"x").hexdigest()
        assert not accepts(receipt, target=wrong)


def test_it_says_that_it_is_no_proof_and_why() -> None:
    receipt = chainpoint_receipt(small_world().bundle(6))
    assert "not a proof" in receipt["notice"]
    assert receipt["type"] == "ChainpointSM3v2"
    assert receipt["anchors"] == [
        {"type": "ETHData", "sourceId": small_world().anchors[0].transaction_hash.hex()}
    ]


def test_an_entry_without_an_anchor_has_none_in_its_receipt() -> None:
    assert chainpoint_receipt(_world(2).bundle(4))["anchors"] == []
