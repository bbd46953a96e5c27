"""CheckpointRegistry: a head moves forward by proof, and in no other way."""

from itertools import pairwise

from support import reference
from support.evm import EMPTY_ROOT, Engine
from support.registry_log import (
    ENTRIES,
    FORKED,
    NONE,
    OWNER,
    SIGNER,
    STRANGER,
    ZERO,
    Log,
    proof,
    root,
)
from web3 import Web3
from web3.contract import Contract

from trace_node.crypto.sm3 import sm3


def test_log_id_is_made_of_the_owner_and_the_origin(engine: Engine, registry: Contract) -> None:
    log = Log(engine, registry)
    opened = log.send("openLog", log.origin, SIGNER.address)
    expected = {
        "logId": log.id,
        "owner": OWNER.address,
        "originHash": log.origin,
        "signer": SIGNER.address,
    }
    assert opened.events == [("LogOpened", expected)]
    assert registry.functions.openLog(log.origin, ZERO.replace("0" * 4, "1234", 1)).call(
        {"from": STRANGER.address}
    ) == Web3.solidity_keccak(["address", "bytes32"], [STRANGER.address, log.origin])


def test_an_open_log_stands_at_the_empty_tree(log: Log) -> None:
    assert log.registry.functions.head(log.id).call() == [0, EMPTY_ROOT, 0]
    info = log.registry.functions.logInfo(log.id).call()
    assert info == (OWNER.address, SIGNER.address, log.origin, NONE, NONE, 0, NONE)


def test_a_log_opens_once(log: Log) -> None:
    arguments = (log.origin, STRANGER.address)
    assert log.refused("openLog", *arguments) == ("LogAlreadyOpen", (log.id,))
    assert log.send("openLog", *arguments).status == 0


def test_a_log_needs_a_signer(engine: Engine, registry: Contract) -> None:
    log = Log(engine, registry)
    assert log.refused("openLog", log.origin, ZERO) == ("ZeroSigner", ())


def test_what_does_not_exist_reads_as_zero(engine: Engine, registry: Contract) -> None:
    functions = registry.functions
    assert functions.head(b"\x01" * 32).call() == [0, NONE, 0]
    assert functions.anchoredAt(b"\x01" * 32, 5).call() == [NONE, 0, 0]
    assert functions.logInfo(b"\x01" * 32).call() == (ZERO, ZERO, NONE, NONE, NONE, 0, NONE)
    log = Log(engine, registry)
    assert log.refused("anchor", *log.move(0, 1)) == ("UnknownLog", (log.id,))
    assert log.refused("rotateSigner", log.id, SIGNER.address) == ("UnknownLog", (log.id,))


def test_the_first_anchor_starts_from_the_empty_tree(log: Log) -> None:
    sent = log.anchor(0, 3)
    block = log.engine.web3.eth.get_block(sent.raw["blockNumber"])
    assert sent.events == [
        (
            "Anchored",
            {
                "logId": log.id,
                "prevSize": 0,
                "prevRoot": EMPTY_ROOT,
                "size": 3,
                "root": root(3),
                "time": block["timestamp"],
            },
        )
    ]
    assert log.registry.functions.head(log.id).call() == [3, root(3), block["timestamp"]]
    found = log.registry.functions.anchoredAt(log.id, 3).call()
    assert found == [root(3), block["number"], block["timestamp"]]


def test_the_first_anchor_takes_no_proof_and_the_empty_root(log: Log) -> None:
    assert log.anchor_refused(0, 3, proof=[root(1)])[0] == "BadConsistencyProof"
    refused = log.anchor_refused(0, 3, prev_root=NONE)
    assert refused == ("HeadMismatch", (log.id, 0, EMPTY_ROOT))


def test_heads_move_by_proof_and_old_ones_stay_readable(log: Log) -> None:
    steps = [0, 1, 2, 5, 8, 13, 20]
    for first, second in pairwise(steps):
        assert log.anchor(first, second).status == 1
        assert log.head() == (second, root(second))
    for size in steps[1:]:
        assert log.registry.functions.anchoredAt(log.id, size).call()[0] == root(size)
    assert log.registry.functions.anchoredAt(log.id, 3).call() == [NONE, 0, 0]


def test_a_duplicate_is_harmless(log: Log) -> None:
    log.anchor(0, 3)
    before = log.registry.functions.anchoredAt(log.id, 3).call()
    for again in (log.anchor(0, 3), log.anchor(3, 3), log.anchor(1, 3, proof=[NONE])):
        assert again.status == 1
        assert again.events == []
    assert log.registry.functions.anchoredAt(log.id, 3).call() == before


def test_a_replayed_step_is_refused(log: Log) -> None:
    log.anchor(0, 3)
    log.anchor(3, 7)
    assert log.anchor_refused(0, 3) == ("HeadMismatch", (log.id, 7, root(7)))


def test_a_skipped_step_is_refused(log: Log) -> None:
    log.anchor(0, 3)
    assert log.anchor_refused(5, 9) == ("HeadMismatch", (log.id, 3, root(3)))


def test_a_right_size_with_another_root_is_not_the_head(log: Log) -> None:
    log.anchor(0, 7)
    refused = log.anchor_refused(7, 9, prev_root=root(7, FORKED))
    assert refused == ("HeadMismatch", (log.id, 7, root(7)))


def test_a_forked_history_is_refused(log: Log) -> None:
    log.anchor(0, 7)
    for forged in (proof(7, 12), proof(7, 12, FORKED), []):
        refused = log.anchor_refused(7, 12, root=root(12, FORKED), proof=forged)
        assert refused == ("BadConsistencyProof", (7, 12))


def test_another_root_at_the_same_size_is_refused(log: Log) -> None:
    log.anchor(0, 7)
    refused = log.anchor_refused(7, 7, root=root(7, FORKED))
    assert refused == ("SizeNotGrowing", (7, 7))


def test_a_shortened_history_is_refused(log: Log) -> None:
    log.anchor(0, 9)
    refused = log.anchor_refused(9, 4, proof=proof(4, 9))
    assert refused == ("SizeNotGrowing", (9, 4))
    assert log.anchor_refused(9, 0, root=EMPTY_ROOT, proof=[]) == ("SizeNotGrowing", (9, 0))


def test_a_corrupted_proof_is_refused(log: Log) -> None:
    log.anchor(0, 6)
    honest = proof(6, 15)
    for place in range(len(honest)):
        wrong = [*honest[:place], sm3(honest[place]), *honest[place + 1 :]]
        assert log.anchor_refused(6, 15, proof=wrong) == ("BadConsistencyProof", (6, 15))
    assert log.anchor_refused(6, 15, proof=honest[:-1])[0] == "BadConsistencyProof"
    assert log.anchor_refused(6, 15, proof=[*honest, NONE])[0] == "BadConsistencyProof"
    assert log.anchor(6, 15).status == 1


def test_two_senders_that_race_cannot_fork(log: Log) -> None:
    """Two nodes with one key build on the same head; whoever is second changes nothing."""
    log.anchor(0, 4)
    web3, forked = log.engine.web3, {"root": root(9, FORKED), "proof": proof(4, 9, FORKED)}
    nonce = web3.eth.get_transaction_count(SIGNER.address)
    hashes = []
    for place, arguments in enumerate((log.move(4, 9), log.move(4, 9, **forked))):
        data = log.registry.encode_abi("anchor", args=list(arguments))
        raw = log.engine.sign(SIGNER, to=log.registry.address, data=data, nonce=nonce + place)
        hashes.append(web3.eth.send_raw_transaction(raw))
    assert [log.engine.receipt(each)["status"] for each in hashes] == [1, 0]
    assert log.head() == (9, root(9))


def test_only_the_signer_anchors(log: Log) -> None:
    arguments = log.move(0, 3)
    for account in (OWNER, STRANGER):
        refused = log.refused("anchor", *arguments, account=account)
        assert refused == ("NotSigner", (log.id, account.address.lower()))
        assert log.send("anchor", *arguments, account=account).status == 0
    assert log.head() == (0, EMPTY_ROOT)


def test_a_duplicate_of_somebody_else_is_refused_too(log: Log) -> None:
    log.anchor(0, 3)
    assert log.refused("anchor", *log.move(0, 3), account=STRANGER)[0] == "NotSigner"


def test_the_owner_rotates_the_signer_and_the_head_stays(log: Log) -> None:
    log.anchor(0, 3)
    rotated = log.send("rotateSigner", log.id, STRANGER.address)
    assert rotated.events == [
        (
            "SignerRotated",
            {"logId": log.id, "oldSigner": SIGNER.address, "newSigner": STRANGER.address},
        )
    ]
    assert log.head() == (3, root(3))
    refused = log.refused("anchor", *log.move(3, 7), account=SIGNER)
    assert refused == ("NotSigner", (log.id, SIGNER.address.lower()))
    assert log.send("anchor", *log.move(3, 7), account=STRANGER).status == 1


def test_nobody_else_rotates_the_signer(log: Log) -> None:
    for account in (SIGNER, STRANGER):
        refused = log.refused("rotateSigner", log.id, STRANGER.address, account=account)
        assert refused == ("NotOwner", (log.id, account.address.lower()))
    assert log.refused("rotateSigner", log.id, ZERO) == ("ZeroSigner", ())
    assert log.registry.functions.logInfo(log.id).call()[1] == SIGNER.address


def test_a_successor_names_what_it_continues_and_closes_it(log: Log) -> None:
    log.anchor(0, 5)
    heir = Log(log.engine, log.registry)
    sent = log.send("openSuccessor", heir.origin, STRANGER.address, log.id)
    assert [name for name, _ in sent.events] == ["LogOpened", "LogSucceeded"]
    assert sent.events[1][1] == {
        "oldLogId": log.id,
        "newLogId": heir.id,
        "size": 5,
        "root": root(5),
    }
    info = log.registry.functions.logInfo
    assert info(heir.id).call()[1:] == (STRANGER.address, heir.origin, NONE, log.id, 5, root(5))
    assert info(log.id).call()[3] == heir.id
    assert heir.head() == (0, EMPTY_ROOT)
    assert heir.send("anchor", *heir.move(0, 2), account=STRANGER).status == 1


def test_a_closed_log_stays_closed(log: Log) -> None:
    log.anchor(0, 5)
    heir = Log(log.engine, log.registry)
    log.send("openSuccessor", heir.origin, SIGNER.address, log.id)
    closed = ("LogClosed", (log.id, heir.id))
    assert log.anchor_refused(5, 7) == closed
    assert log.anchor_refused(0, 5) == closed
    assert log.refused("rotateSigner", log.id, STRANGER.address) == closed
    third = Log(log.engine, log.registry)
    assert log.refused("openSuccessor", third.origin, SIGNER.address, log.id) == closed
    assert log.refused("openLog", log.origin, SIGNER.address) == ("LogAlreadyOpen", (log.id,))
    assert log.head() == (5, root(5))


def test_only_the_owner_names_a_successor(log: Log) -> None:
    heir = Log(log.engine, log.registry)
    for account in (SIGNER, STRANGER):
        arguments = (heir.origin, account.address, log.id)
        refused = log.refused("openSuccessor", *arguments, account=account)
        assert refused == ("NotOwner", (log.id, account.address.lower()))
    unknown = log.refused("openSuccessor", heir.origin, SIGNER.address, heir.id)
    assert unknown == ("UnknownLog", (heir.id,))


def test_a_log_cannot_succeed_itself_or_an_open_one(log: Log) -> None:
    arguments = (log.origin, SIGNER.address, log.id)
    assert log.refused("openSuccessor", *arguments) == ("LogAlreadyOpen", (log.id,))


def test_inclusion_is_judged_against_an_anchored_head(log: Log) -> None:
    log.anchor(0, 6)
    log.anchor(6, 11)
    check = log.registry.functions.verifyInclusion
    for size in (6, 11):
        for index in (0, 3, size - 1):
            leaf = reference.leaf(sm3, ENTRIES[index])
            path = reference.inclusion(sm3, index, ENTRIES[:size])
            assert check(log.id, size, index, leaf, path).call() is True
            assert check(log.id, size, index, sm3(leaf), path).call() is False
            assert check(log.id, size, size, leaf, path).call() is False
    refused = log.refused("verifyInclusion", log.id, 7, 0, NONE, [])
    assert refused == ("NotAnchored", (log.id, 7))


def test_only_four_functions_change_anything_and_none_takes_money(registry: Contract) -> None:
    functions = [item for item in registry.abi if item["type"] == "function"]
    changing = {item["name"] for item in functions if item["stateMutability"] == "nonpayable"}
    assert changing == {"openLog", "openSuccessor", "rotateSigner", "anchor"}
    assert not [item for item in registry.abi if item.get("stateMutability") == "payable"]
    assert {item["type"] for item in registry.abi} == {"function", "event", "error"}
