"""CheckpointRegistry at the edges: names, greatest sizes, call data that no honest encoder makes."""

from collections.abc import Iterator
from itertools import pairwise

from support.evm import EMPTY_ROOT, Engine, equal_consistency, equal_root
from support.registry_log import SIGNER, STRANGER, Log, root
from web3 import Web3
from web3.contract import Contract


def test_nobody_can_take_the_name_of_anothers_log(engine: Engine, registry: Contract) -> None:
    log = Log(engine, registry)
    assert log.send("openLog", log.origin, STRANGER.address, account=STRANGER).status == 1
    log.open()
    assert log.anchor(0, 3).status == 1
    assert log.head() == (3, root(3))
    theirs = Web3.solidity_keccak(["address", "bytes32"], [STRANGER.address, log.origin])
    assert registry.functions.head(theirs).call()[:2] == [0, EMPTY_ROOT]


def test_rotating_to_the_same_signer_changes_nothing(log: Log) -> None:
    assert log.send("rotateSigner", log.id, SIGNER.address).status == 1
    assert log.anchor(0, 3).status == 1


def test_the_greatest_sizes_are_anchored(log: Log) -> None:
    steps = [0, 1, 2**63 - 1, 2**63, 2**64 - 1]
    for first, second in pairwise(steps):
        step = {
            "prev_root": equal_root(first),
            "root": equal_root(second),
            "proof": equal_consistency(first, second),
        }
        arguments = {"id": log.id, "prev_size": first, "size": second} | step
        order = ("id", "prev_size", "prev_root", "size", "root", "proof")
        sent = log.send("anchor", *(arguments[name] for name in order), account=SIGNER)
        assert sent.status == 1, (first, second)
        assert log.head() == (second, equal_root(second))


def malformed(good: bytes) -> Iterator[bytes]:
    """Call data of ``anchor`` that no honest encoder makes."""
    words = [good[at : at + 32] for at in range(4, len(good), 32)]
    yield good[:-1]  # the last hash of the proof is cut
    yield good[: 4 + 5 * 32]
    yield good[:4]
    for place, value in (
        (1, 2**64),  # a previous size of more than 64 bits
        (3, 2**255 | 15),
        (3, 2**64 + 15),
        (5, 2**64 - 32),  # the proof begins where nothing is
        (5, 2**256 - 32),
        (6, 2**64),  # more hashes than there can be
        (6, 2**255),
        (6, len(words)),
    ):
        changed = [*words[:place], value.to_bytes(32), *words[place + 1 :]]
        yield good[:4] + b"".join(changed)


def test_malformed_call_data_is_refused(log: Log) -> None:
    log.anchor(0, 6)
    good = bytes.fromhex(log.registry.encode_abi("anchor", args=list(log.move(6, 15)))[2:])
    for data in malformed(good):
        raw = log.engine.sign(SIGNER, to=log.registry.address, data=data)
        sent = log.engine.receipt(log.engine.web3.eth.send_raw_transaction(raw))
        assert sent["status"] == 0, data.hex()
        assert log.head() == (6, root(6))
    raw = log.engine.sign(SIGNER, to=log.registry.address, data=good + b"\xee" * 32)
    sent = log.engine.receipt(log.engine.web3.eth.send_raw_transaction(raw))
    assert sent["status"] == 1
    assert log.head() == (15, root(15))
