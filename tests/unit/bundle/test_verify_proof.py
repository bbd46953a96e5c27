"""A single proof against trust root, witnesses and chain: outcome, exit code, reasons, labels.

Shows S2-7.4-2, S2-12.3.2-2, S3-4.2-1, S3-4.2-2, S3-7.3-1, S3-7.3-2, S4-1-1.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from support import bundles
from support.bundles import DeadChain, FakeChain, World, small_world, trust_root

from trace_node.services.verify_against import Against
from trace_node.services.verify_proof import ProofReport, verify_proof
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.bundle import format_bundle
from trace_node.tlog.hasher import SHA256
from trace_node.tlog.tlog_proof import parse as parse_log_proof
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.trust_root import SignedTrustRoot
from trace_node.tlog.verdict import Anchored, Check, Status

FIRST, SECOND, LAST = 6, 12, 21  # anchored alone; anchored and witnessed; in no anchor


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


def _verify(
    raw: bytes, *, chain: object = None, root: SignedTrustRoot | None = None, **more: object
) -> ProofReport:
    signed = root or trust_root()
    return verify_proof(
        raw, against=Against(trust_root=signed.raw, now=bundles.NOW, chain=chain, **more)
    )


def _check(report: ProofReport, name: str) -> Check:
    return next(check for check in report.verdict.checks if check.kind.name == name)


def _labels(report: ProofReport) -> set[str]:
    return {label.code for label in report.verdict.labels}


class TestOffline:
    def test_is_signed_and_the_anchor_is_not_done(self, world: World) -> None:
        report = _verify(world.bundle_file(FIRST))
        assert report.verdict.signed is Status.PASSED
        assert report.verdict.anchored is Anchored.NOT_DONE
        assert report.verdict.exit_code == 3
        assert _check(report, "anchor.binding").status is Status.PASSED
        assert _check(report, "anchor.live").reason == "anchor.offline"

    def test_says_who_is_behind_the_evidence(self, world: World) -> None:
        report = _verify(world.bundle_file(FIRST))
        assert _labels(report) == {"single_operator.chain", "single_operator.log"}
        assert report.verdict.labels[0].text.startswith("embedded (single operator)")
        assert report.record is not None
        assert report.record.device == "meter-1"
        assert report.record.value_scaled == 1050
        assert report.collector is not None
        assert report.collector.subject == "collector-1"
        assert report.context is not None
        assert report.context.organisation == "example-steel"

    def test_an_entry_that_no_anchor_covers_is_not_done(self, world: World) -> None:
        report = _verify(world.bundle_file(LAST), chain=FakeChain(world.anchors))
        assert report.verdict.signed is Status.PASSED
        assert _check(report, "anchor.binding").reason == "anchor.absent"
        assert report.verdict.exit_code == 3

    def test_a_log_that_is_on_no_chain_is_not_done(self, world: World) -> None:
        root = trust_root(chain=None, log_id=None)
        report = _verify(world.bundle_file(FIRST), chain=FakeChain(world.anchors), root=root)
        assert _check(report, "anchor.binding").reason == "trust_root.no_chain"
        assert report.verdict.exit_code == 3

    @pytest.mark.parametrize("count", [1, 2])
    def test_several_validators_take_the_label_away(self, world: World, count: int) -> None:
        validators = tuple(bytes([place]) * 20 for place in range(count))
        root = trust_root(chain=replace(bundles.CHAIN, validators=validators))
        labels = _labels(_verify(world.bundle_file(FIRST), root=root))
        assert ("single_operator.chain" in labels) == (count == 1)


class TestLive:
    def test_both_halves_pass(self, world: World) -> None:
        report = _verify(world.bundle_file(FIRST), chain=FakeChain(world.anchors))
        assert report.verdict.signed is Status.PASSED
        assert report.verdict.anchored is Anchored.LIVE_CHAIN
        assert report.verdict.exit_code == 0
        assert "endpoint_trusted" in _labels(report)
        (label,) = (lb for lb in report.verdict.labels if lb.code == "endpoint_trusted")
        assert "http://127.0.0.1:8545" in label.text
        assert report.live is not None
        assert report.live.confirmations == 3

    @pytest.mark.parametrize(
        "changes",
        [
            {"transaction_hash": bytes(32)},
            {"block_hash": bytes(32)},
            {"block_number": 99},
            {"block_time": 1},
            {"previous": bundles.AnchoredHead(size=1, root=bytes(32))},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_what_only_the_chain_can_refute_it_refutes(
        self, world: World, changes: dict[str, object]
    ) -> None:
        bundle = world.bundle(FIRST)
        assert bundle.anchor is not None
        raw = format_bundle(replace(bundle, anchor=replace(bundle.anchor, **changes)))
        assert _verify(raw).verdict.exit_code == 3  # offline these fields are not authenticated
        report = _verify(raw, chain=FakeChain(world.anchors))
        assert report.verdict.anchored is Anchored.FAILED
        assert _check(report, "anchor.live").reason == "chain.event"
        assert report.verdict.exit_code == 1

    def test_an_anchor_that_the_chain_does_not_hold_fails(self, world: World) -> None:
        report = _verify(world.bundle_file(FIRST), chain=FakeChain([]))
        assert report.verdict.anchored is Anchored.FAILED
        assert report.verdict.exit_code == 1

    def test_an_anchor_that_is_not_final_is_not_done(self, world: World) -> None:
        chain = FakeChain(world.anchors, confirmations=0)
        report = _verify(world.bundle_file(FIRST), chain=chain)
        assert _check(report, "anchor.live").reason == "chain.not_final"
        assert report.verdict.anchored is Anchored.NOT_DONE
        assert report.verdict.exit_code == 3

    def test_a_chain_that_does_not_answer_is_not_a_failure(self, world: World) -> None:
        report = _verify(world.bundle_file(FIRST), chain=DeadChain())
        check = _check(report, "anchor.live")
        assert (check.status, check.reason) == (Status.NOT_DONE, "chain.unavailable")
        assert report.verdict.signed is Status.PASSED
        assert report.verdict.exit_code == 4

    def test_a_forged_file_stays_invalid_when_the_chain_is_silent(self, world: World) -> None:
        raw = world.bundle_file(FIRST).replace(b'"block_number":1', b'"block_number":2')
        assert _verify(raw, chain=DeadChain()).verdict.exit_code == 1

    def test_the_chain_is_not_asked_about_a_foreign_anchor(self, world: World) -> None:
        bundle = world.bundle(FIRST)
        assert bundle.anchor is not None
        raw = format_bundle(replace(bundle, anchor=replace(bundle.anchor, chain_id=1)))
        chain = FakeChain(world.anchors)
        report = _verify(raw, chain=chain)
        assert _check(report, "anchor.live").reason == "blocked"
        assert chain.asked == 0


class TestWitnesses:
    def test_a_quorum_that_is_met_passes(self, world: World) -> None:
        root = trust_root(witness_policy=bundles.witness_policy())
        report = _verify(world.bundle_file(SECOND), root=root)
        check = _check(report, "checkpoint.witnesses")
        assert check.status is Status.PASSED
        assert "w1" in check.text
        assert "single_operator.log" not in _labels(report)
        assert report.log.witnessed_at == int(
            (bundles.START + timedelta(hours=2, minutes=1)).timestamp()
        )

    def test_a_quorum_of_none_is_a_single_operator(self, world: World) -> None:
        policy = bundles.witness_policy().replace("quorum w1", "quorum none")
        report = _verify(world.bundle_file(SECOND), root=trust_root(witness_policy=policy))
        assert _check(report, "checkpoint.witnesses").reason == "single_operator"
        assert report.verdict.signed is Status.PASSED
        assert "single_operator.log" in _labels(report)


class TestTrustRoot:
    def test_the_fingerprint_is_compared_when_given(self, world: World) -> None:
        root = trust_root()
        good = _verify(world.bundle_file(FIRST), fingerprint=f" {root.fingerprint.upper()}\n")
        assert good.verdict.signed is Status.PASSED
        bad = _verify(world.bundle_file(FIRST), fingerprint="sm3:" + 64 * "0")
        assert _check(bad, "trust_root").reason == "trust_root.fingerprint"
        assert bad.verdict.exit_code == 1

    def test_a_successor_passes(self, world: World) -> None:
        first = trust_root()
        second = trust_root(version=2, predecessor=first.digest)
        report = _verify(world.bundle_file(FIRST), root=second, predecessor=first.raw)
        assert report.verdict.signed is Status.PASSED

    def test_without_it_nothing_else_is_judged(self, world: World) -> None:
        report = verify_proof(
            world.bundle_file(FIRST), against=Against(trust_root=b"{}", now=bundles.NOW)
        )
        assert _check(report, "trust_root").reason == "trust_root.unsigned"
        blocked = {c.kind.name for c in report.verdict.checks if c.reason == "blocked"}
        assert {"inclusion", "collector", "delivery.signature", "record", "context"} <= blocked
        assert report.verdict.exit_code == 1


def test_where_a_reading_comes_from_is_shown() -> None:
    world = World()
    made = world.deliver(
        [world.reading(bundles.START, origin="replay", clock="unknown")], at=bundles.START
    )
    world.seal(at=bundles.START)
    labels = _labels(_verify(world.bundle_file(made.indexes[0])))
    assert {"origin.replay", "clock"} <= labels


def test_an_event_is_proved_like_a_reading() -> None:
    world = World()
    made = world.deliver([world.event(bundles.START, event="boot")], at=bundles.START)
    world.seal(at=bundles.START)
    report = _verify(world.bundle_file(made.indexes[0]))
    assert report.verdict.signed is Status.PASSED
    assert report.record is not None
    assert report.record.event == "boot"


def test_a_failed_read_is_proved_as_what_it_is() -> None:
    world = World()
    made = world.deliver(
        [world.reading(bundles.START, value=None, reason="timeout")], at=bundles.START
    )
    world.seal(at=bundles.START)
    report = _verify(world.bundle_file(made.indexes[0]))
    assert report.verdict.signed is Status.PASSED
    assert report.record is not None
    assert (report.record.value_scaled, report.record.reason) == (None, "timeout")


def test_the_chain_is_asked_for_the_anchor_of_the_bundle(world: World) -> None:
    bundle = world.bundle(SECOND)
    assert isinstance(bundle.anchor, Anchor)
    assert bundle.anchor.head.size == max(anchor.head.size for anchor in world.anchors)
    report = _verify(world.bundle_file(SECOND), chain=FakeChain(world.anchors))
    assert report.live is not None
    assert report.live.block_time == bundle.anchor.block_time


def test_a_log_of_the_sha256_profile_is_verified_by_its_own_hash() -> None:
    origin = bundles.Origin("trace-node.example/plant-a/sha256")
    world = World(origin=origin, tree=MemoryTree(hasher=SHA256))
    made = world.deliver([world.reading(bundles.START + bundles.STEP * n) for n in range(3)],
                         at=bundles.START)  # fmt: skip
    world.seal(at=bundles.START)
    vkey = bundles.Sm2NoteSigner(name=origin, signer=bundles.LOG_KEY).vkey
    root = trust_root(
        origin=origin, log_keys=(bundles.LogKey(vkey=vkey, from_size=0, to_size=None),)
    )
    bundle = world.bundle(made.indexes[1])
    assert bundle.hash_name == "sha256"
    assert _verify(format_bundle(bundle), root=root).verdict.signed is Status.PASSED
    raw = format_bundle(replace(bundle, hash_name="sm3"))
    assert _check(_verify(raw, root=root), "checkpoint.origin").reason == "checkpoint.hash"


def test_a_bundle_of_a_log_of_ten_million_leaves_is_small(world: World) -> None:
    bundle = world.bundle(SECOND)
    proof = parse_log_proof(bundle.log_proof.encode())
    assert len(proof.note.signatures) == 2  # the log and a witness
    large = replace(proof, hashes=(bytes(32),) * 24)  # 2^23 < 10 million <= 2^24
    delivery = replace(bundle.delivery, path=(bytes(32),) * 12)
    raw = format_bundle(replace(bundle, log_proof=large.format().decode(), delivery=delivery))
    assert len(raw) <= 8192
