"""Whoever holds the whole log can make every proof fit; what was left out shows all the same."""

from datetime import timedelta
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from support import bundles
from support.bundle_forger import records_of, without_records
from support.bundle_reader import WorldReader
from support.bundles import DEVICE, START, STEP, FakeChain, World, period_world, trust_root

from trace_node.metering.device_chain import SEQ_GAP
from trace_node.metering.records.finding import Finding
from trace_node.record.fields import Code
from trace_node.services.period_chain import ChainWalk
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.bundle_file import read_bundle_file
from trace_node.tlog.period_bundle import PeriodBundle
from trace_node.tlog.period_bundle_json import period_bundle_from_file
from trace_node.tlog.verdict import Verdict

BEGIN, END = START + STEP * 2, START + STEP * 10


@cache
def whole() -> tuple[World, PeriodBundle]:
    """A complete period of two devices, two boots and three deliveries."""
    world = period_world()
    return world, _proved(world)


@cache
def with_a_gap() -> tuple[World, PeriodBundle]:
    """A period in which two records never came, as the log itself says."""
    world = World()
    bodies = [world.reading(START + STEP * step) for step in range(12)]
    world.deliver(bodies[:5] + bodies[7:], at=START + timedelta(hours=3))
    world.find(seq_from=5, seq_to=6)
    world.seal(at=START + timedelta(hours=4))
    world.anchor(at=START + timedelta(hours=4))
    return world, _proved(world)


def _proved(world: World) -> PeriodBundle:
    raw = prove_period(PeriodRequest(begin=BEGIN, end=END), reader=WorldReader(world))
    return period_bundle_from_file(read_bundle_file(raw))


def _verdict(raw: bytes, world: World) -> Verdict:
    chain = FakeChain(world.anchors)
    against = Against(trust_root=trust_root().raw, now=bundles.NOW, chain=chain)
    return verify_file(raw, against=against).verdict


def _without(made: tuple[World, PeriodBundle], dropped: set[int]) -> Verdict:
    world, bundle = made
    raw = without_records(
        bundle,
        lambda record: record.index in dropped,
        world=world,
        size=int(bundle.checkpoint.split("\n")[1]),
    )
    return _verdict(raw, world)


def _indexes(made: tuple[World, PeriodBundle]) -> list[int]:
    return sorted(record.index for record in records_of(made[1]))


def test_the_forger_s_proofs_do_fit() -> None:
    assert _without(whole(), set()).exit_code == 0
    assert _without(with_a_gap(), set()).exit_code == 3


@given(st.data())
def test_no_records_can_be_left_out_of_a_complete_period(data: st.DataObject) -> None:
    indexes = _indexes(whole())
    dropped = data.draw(st.sets(st.sampled_from(indexes), min_size=1, max_size=len(indexes) - 1))
    verdict = _without(whole(), dropped)
    failure = verdict.first_failure
    assert verdict.exit_code in (1, 3)
    assert failure is None or failure.reason.startswith(("period.", "bundle.", "collector."))


@given(st.data())
def test_a_recorded_gap_excuses_no_other(data: st.DataObject) -> None:
    inner = _indexes(with_a_gap())[1:-1]
    dropped = data.draw(st.sets(st.sampled_from(inner), min_size=1))
    verdict = _without(with_a_gap(), dropped)
    failure = verdict.first_failure
    assert failure is not None
    assert failure.reason in ("period.gap", "period.link")


def test_a_whole_device_can_only_be_left_out_by_not_naming_it() -> None:
    world, bundle = whole()
    other = {
        record.index
        for record in records_of(bundle)
        if f'"device":"{DEVICE}"'.encode() not in record.body
    }
    verdict = _without((world, bundle), other)
    doubt = next(check for check in verdict.checks if check.kind.name == "completeness")
    assert (verdict.exit_code, doubt.reason) == (3, "period.no_readings")


SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), max_size=6)


@given(SPANS, st.integers(0, 12), st.integers(0, 6))
def test_findings_cover_exactly_the_numbers_that_they_name(
    spans: list[tuple[int, int]], first: int, more: int
) -> None:
    boot, other_boot = bytes(16), bytes([1]) * 16
    findings = [_finding(SEQ_GAP, boot, begin, begin + length) for begin, length in spans]
    findings += [_finding("other", boot, 0, 99), _finding(SEQ_GAP, other_boot, 0, 99)]
    named = {number for begin, length in spans for number in range(begin, begin + length + 1)}
    wanted = set(range(first, first + more + 1)) <= named
    assert ChainWalk(DEVICE, findings)._is_found(SEQ_GAP, boot, first, first + more) is wanted


def _finding(code: str, boot: bytes, seq_from: int, seq_to: int) -> Finding:
    return Finding(
        salt=bytes(16),
        finding=Code(code),
        device=DEVICE,
        boot=boot,
        seq_from=seq_from,
        seq_to=seq_to,
        subjects=(),
        detail={},
        found_at=START,
        signed_by=bundles.NODE_KEY.public.key_id,
    )
