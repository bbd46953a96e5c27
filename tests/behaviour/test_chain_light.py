"""What a verifier asks an endpoint, without web3 and without the node."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.anchoring import AnchorWorld, anchoring
from support.fake_chain import FakeChain
from support.fake_rpc import FakeRpc, Fault, serving_chain

from chain.errors import ChainConfigError, ChainUnavailableError
from chain.light import LightChain
from trace_node.ports.chain import ChainReader, ExpectedRegistry, LiveOutcome
from trace_node.tlog.anchor import Anchor, AnchoredHead

CHECKS = [
    *("claim", "chain_id", "genesis", "code", "block", "event", "state", "head", "finality"),
]


def expected_of(world: AnchorWorld) -> ExpectedRegistry:
    deployment = world.deployment
    return ExpectedRegistry(
        engine=world.engine,
        chain_id=deployment.chain_id,
        genesis_hash=deployment.genesis_hash,
        contract=deployment.contract,
        runtime_code_hash=deployment.runtime_code_hash,
        log_id=world.log_id,
    )


@dataclass(frozen=True, kw_only=True)
class Made:
    """A chain on which two checkpoints were anchored, and what a bundle and a trust root say."""

    chain: FakeChain
    anchor: Anchor
    newest: Anchor
    expected: ExpectedRegistry


def make(chain: FakeChain, folder: Path, engine: str = "evm") -> Made:
    with serving_chain(chain) as rpc, anchoring(folder, rpc.url, engine=engine) as world:
        anchors = []
        for _ in range(2):
            world.checkpoint(5)
            anchors.append(world.service.anchor_once().anchor)
        chain.mine(world.config.profile.finality_depth)
        return Made(chain=chain, anchor=anchors[0], newest=anchors[1], expected=expected_of(world))


class Anchored:
    """A reader of a copy of such a chain."""

    def __init__(self, rpc: FakeRpc, made: Made) -> None:
        self.rpc, self.made = rpc, made
        self.anchor, self.expected = made.anchor, made.expected
        self.light = LightChain(rpc.url, timeout_s=2)

    def check(self, anchor: Anchor | None = None, **expected: Any) -> list[tuple[str, str, str]]:
        """(name, outcome, reason) of each check."""
        reader: ChainReader = self.light
        result = reader.check_anchor(
            anchor or self.anchor, expected=replace(self.expected, **expected)
        )
        assert [check.name for check in result.checks] == CHECKS
        return [(check.name, check.outcome.value, check.reason) for check in result.checks]

    def failure(self, anchor: Anchor | None = None, **expected: Any) -> tuple[str, str]:
        """Name and reason of the one check that failed; what comes after it was not done."""
        found = self.check(anchor, **expected)
        at = [outcome for _, outcome, _ in found].index("failed")
        assert {outcome for _, outcome, _ in found[:at]} <= {"passed"}
        assert {rest[1:] for rest in found[at + 1 :]} <= {("not_done", "chain.earlier_check")}
        return found[at][0], found[at][2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(FakeChain(), tmp_path_factory.mktemp("made"))


@pytest.fixture
def anchored(made: Made) -> Iterator[Anchored]:
    with serving_chain(made.chain.copy()) as rpc:
        anchored = Anchored(rpc, made)
        yield anchored
        anchored.light.close()


def test_a_true_anchor_passes_every_check(anchored: Anchored) -> None:
    result = anchored.light.check_anchor(anchored.anchor, expected=anchored.expected)
    assert result.outcome is LiveOutcome.PASSED
    assert {check.outcome for check in result.checks} == {LiveOutcome.PASSED}
    assert result.block_time == anchored.anchor.block_time
    assert result.confirmations == 13
    assert result.endpoint == anchored.rpc.url


def test_the_newest_anchor_passes_too(anchored: Anchored) -> None:
    newest = anchored.made.newest
    assert {outcome for _, outcome, _ in anchored.check(newest)} == {"passed"}


def other_head(**change: Any) -> Callable[[Anchor], Anchor]:
    return lambda anchor: replace(anchor, head=replace(anchor.head, **change))


CLAIMS: list[tuple[str, Callable[[Anchor], Anchor], tuple[str, str]]] = [
    ("engine", lambda a: replace(a, engine="besu"), ("claim", "chain.claim.engine")),
    ("chain_id", lambda a: replace(a, chain_id=1), ("claim", "chain.claim.chain_id")),
    (
        "genesis",
        lambda a: replace(a, genesis_hash=bytes(32)),
        ("claim", "chain.claim.genesis_hash"),
    ),
    ("contract", lambda a: replace(a, contract=bytes(20)), ("claim", "chain.claim.contract")),
    ("log_id", lambda a: replace(a, log_id=bytes(32)), ("claim", "chain.claim.log_id")),
    ("block_hash", lambda a: replace(a, block_hash=bytes(32)), ("block", "chain.block_replaced")),
    (
        "block_number",
        lambda a: replace(a, block_number=a.block_number - 1),
        ("block", "chain.block_replaced"),
    ),
    (
        "block_time",
        lambda a: replace(a, block_time=a.block_time + 1),
        ("block", "chain.block_time"),
    ),
    (
        "transaction",
        lambda a: replace(a, transaction_hash=bytes(32)),
        ("event", "chain.transaction_unknown"),
    ),
    ("size", other_head(size=6), ("event", "chain.event_missing")),
    ("root", other_head(root=bytes(32)), ("event", "chain.event_missing")),
    (
        "previous size",
        lambda a: replace(a, previous=AnchoredHead(size=1, root=a.previous.root)),
        ("event", "chain.event_missing"),
    ),
    (
        "previous root",
        lambda a: replace(a, previous=AnchoredHead(size=0, root=bytes(32))),
        ("event", "chain.event_missing"),
    ),
]


@pytest.mark.parametrize(
    ("change", "expected"), [case[1:] for case in CLAIMS], ids=[case[0] for case in CLAIMS]
)
def test_every_claim_of_a_bundle_that_is_not_so(
    anchored: Anchored, change: Callable[[Anchor], Anchor], expected: tuple[str, str]
) -> None:
    assert anchored.failure(change(anchored.anchor)) == expected


def test_the_transaction_of_another_anchor(anchored: Anchored) -> None:
    newest = anchored.made.newest
    forged = replace(anchored.anchor, transaction_hash=newest.transaction_hash)
    assert anchored.failure(forged) == ("event", "chain.transaction_elsewhere")


def test_a_transaction_that_reverted(anchored: Anchored) -> None:
    block = anchored.rpc.chain.blocks[anchored.anchor.block_number]
    block.receipts[0].status = 0
    assert anchored.failure() == ("event", "chain.transaction_reverted")


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"chain_id": 1}, ("claim", "chain.claim.chain_id")),
        ({"runtime_code_hash": bytes(32)}, ("code", "chain.wrong_code")),
        ({"log_id": bytes(32)}, ("claim", "chain.claim.log_id")),
    ],
    ids=["chain_id", "code", "log_id"],
)
def test_what_the_trust_root_says_stands_over_the_bundle(
    anchored: Anchored, expected: dict[str, Any], found: tuple[str, str]
) -> None:
    assert anchored.failure(**expected) == found


def test_an_endpoint_of_another_chain(anchored: Anchored) -> None:
    anchored.rpc.chain.chain_id = 5
    assert anchored.failure() == ("chain_id", "chain.wrong_chain_id")
    anchored.rpc.chain.chain_id = 1337
    anchored.rpc.chain.blocks[0].hash = bytes(32)
    assert anchored.failure() == ("genesis", "chain.wrong_genesis")


def test_an_address_without_a_contract(anchored: Anchored) -> None:
    forged = replace(anchored.anchor, contract=bytes(20))
    assert anchored.failure(forged, contract=bytes(20)) == ("code", "chain.no_contract")


def test_a_contract_whose_state_was_altered(anchored: Anchored) -> None:
    block = anchored.rpc.chain.blocks[anchored.anchor.block_number]
    log = block.state.contracts[anchored.anchor.contract].logs[anchored.anchor.log_id]
    log.anchors[5] = (bytes(31) + b"x", block.number, block.time)
    assert anchored.failure() == ("state", "chain.state_differs")
    log.anchors[5] = (anchored.anchor.head.root, block.number - 1, block.time)
    assert anchored.failure() == ("state", "chain.state_differs")


def test_a_head_that_was_put_back(anchored: Anchored) -> None:
    log = (
        anchored.rpc.chain.blocks[-1]
        .state.contracts[anchored.anchor.contract]
        .logs[anchored.anchor.log_id]
    )
    log.size = 3
    assert anchored.failure() == ("head", "chain.head_behind")
    log.size, log.root = 5, b"r" * 32
    assert anchored.failure() == ("head", "chain.head_differs")


def test_a_block_that_was_replaced(anchored: Anchored) -> None:
    chain = anchored.rpc.chain
    chain.reorg(len(chain.blocks) - anchored.anchor.block_number)
    assert anchored.failure() == ("block", "chain.block_replaced")


def test_an_endpoint_that_has_not_come_so_far_says_nothing(anchored: Anchored) -> None:
    del anchored.rpc.chain.blocks[anchored.anchor.block_number :]
    found = {name: (outcome, reason) for name, outcome, reason in anchored.check()}
    assert found["block"] == ("not_done", "chain.stale_endpoint")
    assert found["state"] == ("not_done", "chain.earlier_check")


def test_an_anchor_that_is_not_final_yet(anchored: Anchored) -> None:
    anchored.rpc.chain.blocks = anchored.rpc.chain.blocks[:-5]
    result = anchored.light.check_anchor(anchored.anchor, expected=anchored.expected)
    assert result.outcome is LiveOutcome.NOT_DONE
    assert result.checks[-1].reason == "chain.not_final"
    assert (result.checks[-1].expected, result.checks[-1].found) == ("12", "8")


@pytest.mark.parametrize("kind", ["drop_before", "http_503", "garbage", "oversize", "error_before"])
@pytest.mark.parametrize("skip", range(0, 8, 2))  # a check asks 8 questions
def test_no_answer_is_not_a_verdict(anchored: Anchored, kind: str, skip: int) -> None:
    anchored.rpc.faults.append(Fault("*", kind, skip=skip, times=9))
    with pytest.raises(ChainUnavailableError):
        anchored.check()


def test_the_past_is_asked_at_the_block_itself(anchored: Anchored) -> None:
    anchored.rpc.requests.clear()
    anchored.check()
    tags = [params[1] for name, params in anchored.rpc.requests if name == "eth_call"]
    assert tags[0]["blockHash"] == "0x" + anchored.anchor.block_hash.hex()


def test_an_endpoint_that_dropped_the_state_of_that_block_is_asked_of_today(
    anchored: Anchored,
) -> None:
    anchored.rpc.chain.states_kept = 4
    anchored.rpc.requests.clear()
    assert {outcome for _, outcome, _ in anchored.check()} == {"passed"}
    tags = [params[1] for name, params in anchored.rpc.requests if name == "eth_call"]
    assert tags[1:] == ["latest", "latest"]
    contract = anchored.rpc.chain.blocks[-1].state.contracts[anchored.expected.contract]
    del contract.logs[anchored.expected.log_id].anchors[anchored.anchor.head.size]
    assert anchored.failure() == ("state", "chain.state_differs")


def test_an_endpoint_that_finds_no_old_transaction_is_asked_for_the_event(
    anchored: Anchored,
) -> None:
    anchored.rpc.chain.receipts_kept = 4
    assert {outcome for _, outcome, _ in anchored.check()} == {"passed"}
    assert anchored.rpc.count("eth_getLogs") == 1
    for wrong in (
        replace(anchored.anchor, transaction_hash=bytes(32)),
        replace(anchored.anchor, previous=AnchoredHead(size=0, root=b"r" * 32)),
    ):
        assert anchored.failure(wrong) == ("event", "chain.transaction_unknown")
    anchored.rpc.chain.hide_logs_of.add(anchored.anchor.block_number)
    assert anchored.failure() == ("event", "chain.transaction_unknown")


def test_the_head_now(anchored: Anchored) -> None:
    head = anchored.light.head(expected=anchored.expected)
    assert head == anchored.made.newest.head
    unknown = replace(anchored.expected, log_id=bytes(32))
    assert anchored.light.head(expected=unknown) is None
    with pytest.raises(ChainConfigError) as caught:
        anchored.light.head(expected=replace(anchored.expected, genesis_hash=bytes(32)))
    assert caught.value.reason == "chain.wrong_genesis"


def test_on_an_engine_without_a_past_the_present_is_asked(tmp_path: Path) -> None:
    chain = FakeChain(client="FISCO-BCOS/3.16.4", fisco=True)
    with serving_chain(chain) as rpc:
        anchored = Anchored(rpc, make(chain, tmp_path, "fisco"))
        assert {outcome for _, outcome, _ in anchored.check()} == {"passed"}
        tags = [params[1] for name, params in rpc.requests if name == "eth_call"]
        assert set(tags) == {"latest"}
        assert anchored.anchor.block_time < 10**11
        anchored.light.close()


def test_a_chain_file_is_not_an_endpoint() -> None:
    with pytest.raises(ChainConfigError) as caught:
        LightChain("embedded:/var/lib/chain.db")
    assert caught.value.reason == "chain.url"
    assert "http" in caught.value.remedy
