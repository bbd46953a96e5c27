"""The whole way on real EVMs: the embedded chain in this process and as a child, and anvil."""

import os
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from support.anchoring import AnchorWorld, MemoryHistory, anchoring
from support.evm import anvil, anvil_program, equal_consistency, equal_root

from chain.embedded.child import EmbeddedChild
from chain.errors import ContractRefusalError
from chain.events import Anchored
from chain.light import LightChain
from chain.registry_feed import registry_follower
from chain.revert import BadConsistencyProofError, HeadMismatchError, SizeNotGrowingError
from trace_node.errors import UnavailableError
from trace_node.ports.chain import ExpectedRegistry, LiveOutcome
from trace_node.tlog.anchor import AnchoredHead

NO_ANVIL = "no anvil: run infra/scripts/contracts --install, or set TN_ANVIL to the program"


@pytest.fixture(params=["in-process", "child", pytest.param("anvil", marks=pytest.mark.anvil)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnchorWorld]:
    if request.param == "in-process":
        url = f"embedded:{tmp_path / 'chain.db'}"
        with anchoring(tmp_path, url, engine="embedded", finality_depth=None) as world:
            yield world
    elif request.param == "child":
        with (
            EmbeddedChild(tmp_path / "chain.db") as child,
            anchoring(tmp_path, child.url, engine="embedded", finality_depth=None) as world,
        ):
            yield world
    else:
        if anvil_program() is None:
            pytest.skip(NO_ANVIL)
        with (
            anvil() as engine,
            anchoring(
                tmp_path, engine.web3.provider.endpoint_uri, engine="anvil", finality_depth=None
            ) as world,
        ):
            yield world


def test_anchors_grow_and_are_read_by_an_independent_client(world: AnchorWorld) -> None:
    for count in (1, 6, 57):
        head = world.checkpoint(count)
        report = world.service.anchor_once()
        assert report.settled
        assert report.chain == head
    follower = registry_follower(world.live, address=world.deployment.contract)
    step = follower.step(follower.begin(0))
    assert [e.head.size for e in step.events if isinstance(e, Anchored)] == [1, 7, 64]
    if not world.url.startswith("http"):
        return
    light = LightChain(world.url)
    expected = ExpectedRegistry(
        engine=world.engine,
        chain_id=world.deployment.chain_id,
        genesis_hash=world.deployment.genesis_hash,
        contract=world.deployment.contract,
        runtime_code_hash=world.deployment.runtime_code_hash,
        log_id=world.log_id,
    )
    assert light.head(expected=expected) == world.history.head()
    for size in (1, 7, 64):
        anchor = world.registry.anchored_at(world.log_id, size)
        result = light.check_anchor(anchor, expected=expected)
        assert result.outcome is LiveOutcome.PASSED, result.checks
    light.close()


def test_a_forked_or_shortened_history_reverts_on_chain(world: AnchorWorld) -> None:
    world.checkpoint(9)
    head = world.service.anchor_once().chain
    forged = MemoryHistory()
    forged.grow(20, flavour=b"rewritten")
    proof = forged.consistency(old_size=9, new_size=20)
    attempts = [
        (head, forged.head(), proof, BadConsistencyProofError),
        (AnchoredHead(size=9, root=forged.root_at(9)), forged.head(), proof, HeadMismatchError),
        (head, AnchoredHead(size=4, root=forged.root_at(4)), [], SizeNotGrowingError),
        (head, AnchoredHead(size=9, root=forged.root_at(9)), [], SizeNotGrowingError),
    ]
    for previous, wanted, given, error in attempts:
        with pytest.raises(error):
            world.registry.submit(world.log_id, previous=previous, head=wanted, proof=given)
    # and as transactions, past the rehearsal
    world.contract.rehearse = lambda *_, **__: None
    for previous, wanted, given, _ in attempts:
        for _ in range(100):  # anvil answers a sending before it has made the block
            submission = world.registry.submit(
                world.log_id, previous=previous, head=wanted, proof=given
            )
            if submission.failure:
                break
            time.sleep(0.05)
        assert submission.failure == "chain.refused"
        assert world.registry.head(world.log_id) == head


def test_an_immediate_engine_executes_a_step_once(world: AnchorWorld) -> None:
    """It is tried out beforehand only where that spares a transaction, or after one reverted."""
    tried: list[str] = []
    rehearse = world.contract.rehearse

    def noted(function: str, *arguments: object, sender: bytes) -> None:
        tried.append(function)
        rehearse(function, *arguments, sender=sender)

    world.contract.rehearse = noted
    immediate = world.engine == "embedded"
    heads = [world.service.anchor_once().chain for _ in range(3) if world.checkpoint(2)]
    assert len(tried) == (0 if immediate else 3)
    forged = MemoryHistory()
    forged.grow(20, flavour=b"rewritten")
    tried.clear()
    height = world.contract.client.height()
    for wanted in (forged.head(), AnchoredHead(size=19, root=forged.root_at(19))):
        with pytest.raises(BadConsistencyProofError):
            world.registry.submit(world.log_id, previous=heads[-1], head=wanted, proof=[])
    assert world.contract.client.height() - height == (1 if immediate else 0)
    world.checkpoint(2)
    assert world.service.anchor_once().settled
    assert len(tried) == 3
    world.checkpoint(2)
    assert world.service.anchor_once().settled
    assert len(tried) == (3 if immediate else 4)


def test_the_longest_proof_of_a_million_fits_its_gas(world: AnchorWorld) -> None:
    first, second = 2**20 - 1, 2**20
    heads = [AnchoredHead(size=size, root=equal_root(size)) for size in (0, first, second)]
    for previous, head in pairwise(heads):
        proof = equal_consistency(previous.size, head.size)
        submission = world.registry.submit(world.log_id, previous=previous, head=head, proof=proof)
        assert not submission.failure
        assert world.registry.head(world.log_id) == head
    assert len(proof) == 21


def test_the_child_is_killed_between_two_anchors(tmp_path: Path) -> None:
    """The chain dies without warning and comes back on another port; nothing is lost or doubled."""
    path = tmp_path / "chain.db"
    with EmbeddedChild(path) as child:
        world = AnchorWorld(tmp_path, child.url, engine="embedded", finality_depth=None)
        world.set_up()
        world.checkpoint(3)
        first = world.service.anchor_once().chain
        os.kill(child.process.pid, signal.SIGKILL)
        child.process.wait()
        world.checkpoint(4)
        with pytest.raises(UnavailableError):
            world.service.anchor_once()
    with EmbeddedChild(path) as child:
        world.url = child.url
        world.chain_id = world.deployment.chain_id
        world.restart()
        assert world.registry.head(world.log_id) == first
        assert world.service.anchor_once().settled
        assert world.live.nonce(world.key.address, pending=False) == 2
        world.close()


def test_a_sender_that_the_chain_does_not_know_is_named(tmp_path: Path) -> None:
    with EmbeddedChild(tmp_path / "chain.db", senders=[]) as child:
        world = AnchorWorld(tmp_path, child.url, engine="embedded")
        with pytest.raises((UnavailableError, ContractRefusalError)) as caught:
            world.set_up()
        assert "not among the senders" in caught.value.message
        world.close()
