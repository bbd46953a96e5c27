"""A period bundle: complete and authentic, or refused for what is wrong with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import eq

import pytest
from support import bundles
from support.bundle_forger import records_of, refit, without_findings, without_records
from support.bundle_reader import WorldReader
from support.bundles import (
    DEVICE,
    OTHER_DEVICE,
    START,
    STEP,
    STRANGER,
    DeadChain,
    FakeChain,
    World,
    period_world,
    trust_root,
)

from trace_node.errors import InputError, NotFoundError, StateError
from trace_node.metering.records.chained import read_chained
from trace_node.services.period_report import DeviceCompleteness
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_period import PeriodReport
from trace_node.tlog.bundle_file import read_bundle_file
from trace_node.tlog.period_bundle import PeriodBundle
from trace_node.tlog.period_bundle_json import format_period_bundle, period_bundle_from_file
from trace_node.tlog.verdict import Anchored, Status

BEGIN, END = START + STEP * 2, START + STEP * 10


@pytest.fixture(scope="module")
def world() -> World:
    return period_world()


@pytest.fixture(scope="module")
def good(world: World) -> bytes:
    return _prove(world)


@pytest.fixture(scope="module")
def bundle(good: bytes) -> PeriodBundle:
    return period_bundle_from_file(read_bundle_file(good))


def _prove(world: World, **changes: object) -> bytes:
    request = PeriodRequest(begin=BEGIN, end=END)
    return prove_period(replace(request, **changes), reader=WorldReader(world))


def _verify(raw: bytes, *, chain: object = None, **changes: object) -> PeriodReport:
    report = verify_file(
        raw, against=Against(trust_root=trust_root(**changes).raw, now=bundles.NOW, chain=chain)
    )
    assert isinstance(report, PeriodReport)
    return report


def _size(bundle: PeriodBundle) -> int:
    return int(bundle.checkpoint.split("\n")[1])


def _failure(report: PeriodReport) -> tuple[str, str]:
    failure = report.verdict.first_failure
    assert failure is not None
    assert report.verdict.exit_code == 1
    return failure.kind.name, failure.reason


def _reason(report: PeriodReport, name: str) -> tuple[Status, str]:
    check = next(check for check in report.verdict.checks if check.kind.name == name)
    return check.status, check.reason


def _device(report: PeriodReport, name: str = DEVICE) -> DeviceCompleteness:
    return next(device for device in report.devices if device.device == name)


class TestWhole:
    def test_passes_offline_and_live(self, world: World, good: bytes) -> None:
        report = _verify(good)
        assert report.verdict.signed is Status.PASSED
        assert report.verdict.exit_code == 3
        report = _verify(good, chain=FakeChain(world.anchors))
        assert report.verdict.anchored is Anchored.LIVE_CHAIN
        assert _reason(report, "history") == (Status.PASSED, "ok")
        assert report.verdict.exit_code == 0

    def test_says_how_complete_each_device_is(self, good: bytes) -> None:
        report = _verify(good)
        first, second = _device(report), _device(report, OTHER_DEVICE)
        assert (first.expected, first.held, first.gaps) == (11, 11, ())  # one is an event
        assert (second.expected, second.held) == (10, 10)
        (counts,) = first.meter_registers
        assert (counts.planned, counts.present, counts.failed) == (8, 8, 0)
        assert first.status is Status.PASSED

    def test_holds_one_anchor_and_those_before_it(self, world: World, bundle: PeriodBundle) -> None:
        assert bundle.anchor == world.anchors[2]
        assert [entry.anchor for entry in bundle.history] == world.anchors[:2]

    def test_reading_and_writing_are_inverse(self, good: bytes, bundle: PeriodBundle) -> None:
        assert format_period_bundle(bundle) == good

    def test_one_meter_of_several(self, world: World) -> None:
        report = _verify(_prove(world, devices=(OTHER_DEVICE,)))
        assert report.verdict.signed is Status.PASSED
        assert [device.device for device in report.devices] == [OTHER_DEVICE]
        assert report.bundle is not None
        assert report.bundle.scope == "meters"

    def test_a_boundary_names_its_meters(self, world: World) -> None:
        report = _verify(_prove(world, devices=(DEVICE,), boundary="furnace 1"))
        assert report.bundle is not None
        assert (report.bundle.scope, report.bundle.scope_name) == ("boundary", "furnace 1")

    def test_a_quorum_of_witnesses_is_required_here_too(self, good: bytes) -> None:
        report = _verify(good, witness_policy=bundles.witness_policy())
        assert _reason(report, "checkpoint.witnesses") == (Status.PASSED, "ok")
        assert report.anchors[0].witnessed_at is not None

    def test_a_silent_chain_is_not_a_failure(self, good: bytes) -> None:
        assert _verify(good, chain=DeadChain()).verdict.exit_code == 4

    def test_every_single_removed_record_is_noticed(
        self, world: World, bundle: PeriodBundle
    ) -> None:
        for record in records_of(bundle):
            raw = without_records(bundle, partial(eq, record), world=world, size=_size(bundle))
            report = _verify(raw)
            assert _reason(report, "inclusion") == (Status.PASSED, "ok")
            status, reason = _reason(report, "completeness")
            at_an_end = read_chained(record.body).observed_at_ms // 900_000 % 96 in (0, 1, 10)
            assert status is (Status.NOT_DONE if at_an_end else Status.FAILED), reason
            assert report.verdict.exit_code == (3 if at_an_end else 1)


class TestForged:
    @pytest.mark.parametrize(
        ("change", "check", "reason"),
        [
            (lambda b: replace(b, organisation="another", scope_name="another"), "collector",
             "collector.organisation"),
            (lambda b: replace(b, hash_name="sha256"), "checkpoint.origin", "checkpoint.hash"),
            (lambda b: replace(b, collectors=()), "delivery.signature", "delivery.collector"),
            (lambda b: replace(b, collectors=b.collectors * 2), "file.form", "bundle.order"),
            (lambda b: replace(b, contexts=b.contexts[:-1]), "context", "context.digest"),
            (lambda b: replace(b, contexts=b.contexts[::-1]), "file.form", "bundle.order"),
            (lambda b: replace(b, devices=b.devices[1:]), "record", "record.device"),
            (lambda b: replace(b, proof=b.proof[:-1]), "inclusion", "tlog.proof.length"),
            (lambda b: replace(b, proof=(bytes(32), *b.proof[1:])), "inclusion",
             "tlog.proof.root"),
            (lambda b: replace(b, checkpoint=b.history[0].checkpoint), "inclusion",
             "tlog.proof.range"),
            (lambda b: replace(b, anchor=b.history[0].anchor), "anchor.binding", "anchor.size"),
            (lambda b: replace(b, begin=b.end), "file.form", "bundle.form"),
            (lambda b: replace(b, scope="everything"), "file.form", "bundle.form"),
            (lambda b: replace(b, devices=()), "file.form", "bundle.form"),
            (lambda b: replace(b, devices=b.devices[::-1]), "file.form", "bundle.order"),
            (lambda b: replace(b, deliveries=b.deliveries[::-1]), "file.form", "bundle.order"),
            (lambda b: replace(b, history=b.history[::-1]), "file.form", "bundle.order"),
        ],
    )  # fmt: skip
    def test_each_change_fails_its_own_check(
        self,
        bundle: PeriodBundle,
        change: Callable[[PeriodBundle], PeriodBundle],
        check: str,
        reason: str,
    ) -> None:
        report = _verify(format_period_bundle(change(bundle)))
        assert _failure(report) == (check, reason)

    def _with_record(self, bundle: PeriodBundle, old: bytes, new: bytes) -> bytes:
        first, *rest = bundle.deliveries
        body = first.records[2].body
        assert old in body
        records = list(first.records)
        records[2] = replace(records[2], body=body.replace(old, new))
        return format_period_bundle(
            replace(bundle, deliveries=(replace(first, records=tuple(records)), *rest))
        )

    def test_a_changed_value_is_not_in_the_tree(self, bundle: PeriodBundle) -> None:
        raw = self._with_record(bundle, b'"value":"1', b'"value":"2')
        assert _failure(_verify(raw)) == ("inclusion", "tlog.proof.root")

    def test_a_changed_record_of_no_known_form_is_named_by_its_leaf(
        self, bundle: PeriodBundle
    ) -> None:
        report = _verify(self._with_record(bundle, b'"reading@1"', b'"reading@2"'))
        check = next(c for c in report.verdict.checks if c.kind.name == "record")
        assert check.reason == "record.version"
        index = bundle.deliveries[0].records[2].index
        assert check.text.startswith(f"leaf {index}:")

    @pytest.mark.parametrize(
        ("old", "new"), [(b'"count":8', b'"count":9'), (b'"first_index":', b'"first_index":1')]
    )
    def test_what_the_node_received_is_signed(
        self, bundle: PeriodBundle, old: bytes, new: bytes
    ) -> None:
        first, *rest = bundle.deliveries
        assert old in first.received.body
        received = replace(first.received, body=first.received.body.replace(old, new))
        raw = format_period_bundle(
            replace(bundle, deliveries=(replace(first, received=received), *rest))
        )
        report = _verify(raw)
        assert _failure(report) == ("inclusion", "tlog.proof.root")
        assert _reason(report, "node.records")[0] is Status.FAILED

    def test_a_delivery_with_another_ones_acknowledgement_fails(
        self, world: World, bundle: PeriodBundle
    ) -> None:
        first, second, *rest = bundle.deliveries
        swapped = (
            replace(first, received=second.received),
            replace(second, received=first.received),
        )
        raw = format_period_bundle(
            refit(replace(bundle, deliveries=(*swapped, *rest)), world=world, size=_size(bundle))
        )
        assert _failure(_verify(raw)) == ("node.records", "node.received")

    def test_another_node_is_not_believed(self, good: bytes) -> None:
        stranger = bundles.TrustedKey(name="x", point=STRANGER.public.point)
        report = _verify(good, node_keys=(stranger,))
        assert _failure(report) == ("node.records", "node.unknown_key")

    def test_a_device_with_the_description_of_another_fails(self, bundle: PeriodBundle) -> None:
        first, second = bundle.devices
        raw = format_period_bundle(
            replace(bundle, devices=(replace(first, registration=second.registration), second))
        )
        assert _failure(_verify(raw)) == ("device.registration", "device.registration")

    def test_an_unknown_plan_is_said_and_does_not_harm(self, bundle: PeriodBundle) -> None:
        devices = tuple(replace(device, registration=None) for device in bundle.devices)
        report = _verify(format_period_bundle(replace(bundle, devices=devices)))
        assert _reason(report, "device.registration") == (
            Status.NOT_DONE,
            "device.unregistered",
        )
        assert report.verdict.signed is Status.PASSED
        assert _device(report).meter_registers[0].planned is None

    def test_a_longer_period_than_the_file_shows_is_not_complete(
        self, bundle: PeriodBundle
    ) -> None:
        later = format_period_bundle(replace(bundle, end=END + STEP))
        assert _reason(_verify(later), "completeness") == (Status.NOT_DONE, "period.open_end")
        earlier = format_period_bundle(replace(bundle, begin=BEGIN - STEP))
        assert _reason(_verify(earlier), "completeness") == (
            Status.NOT_DONE,
            "period.open_start",
        )

    def test_the_beginning_of_a_chain_is_no_reading_before_the_period(self, world: World) -> None:
        # A collector that lost its memory begins like a new one: its past could be hidden so.
        report = _verify(_prove(world, begin=START))
        assert _reason(report, "completeness") == (Status.NOT_DONE, "period.chain_start")

    def test_an_earlier_anchor_that_the_chain_does_not_hold_fails(
        self, world: World, good: bytes
    ) -> None:
        report = _verify(good, chain=FakeChain(world.anchors[1:]))
        assert _failure(report) == ("history", "history.anchor")
        assert report.verdict.anchored is Anchored.FAILED

    def test_an_earlier_checkpoint_must_be_signed_by_the_log(self, bundle: PeriodBundle) -> None:
        first, *rest = bundle.history
        forged = replace(first, checkpoint=first.checkpoint.replace("\n14\n", "\n13\n"))
        assert forged != first
        raw = format_period_bundle(replace(bundle, history=(forged, *rest)))
        assert _failure(_verify(raw)) == ("history", "tlog.note.signature")

    def test_an_earlier_anchor_must_be_of_its_checkpoint(self, bundle: PeriodBundle) -> None:
        first, *rest = bundle.history
        head = replace(first.anchor.head, root=bytes(32))
        forged = replace(first, anchor=replace(first.anchor, head=head))
        raw = format_period_bundle(replace(bundle, history=(forged, *rest)))
        assert _failure(_verify(raw)) == ("history", "anchor.root")


class TestGaps:
    """What the log itself lacks: recorded, linked over, or unexplained."""

    def _world(self, *, lose: set[int], find: bool = False, skip: bool = False) -> World:
        world = World()
        bodies = []
        for step in range(12):
            body = world.reading(START + STEP * step)
            if step in lose:
                if skip:  # the collector counts on but names the record before the gap
                    world.chains[DEVICE].last = bundles.record_digest(bodies[-1])
                continue
            bodies.append(body)
        world.deliver(bodies, at=START + timedelta(hours=3))
        if find:
            world.find(seq_from=min(lose), seq_to=max(lose))
        world.seal(at=START + timedelta(hours=4))
        world.anchor(at=START + timedelta(hours=4))
        return world

    def test_a_gap_that_nobody_recorded_fails(self) -> None:
        report = _verify(_prove(self._world(lose={5, 6})))
        assert _failure(report) == ("completeness", "period.gap")
        (gap,) = _device(report).gaps
        assert (gap.first, gap.last, gap.recorded, gap.skipped) == (5, 6, False, False)
        assert (_device(report).expected, _device(report).held) == (10, 8)

    def test_a_gap_that_the_log_records_is_incomplete_but_honest(self) -> None:
        world = self._world(lose={5, 6}, find=True)
        raw = _prove(world)
        report = _verify(raw)
        assert _reason(report, "completeness") == (Status.NOT_DONE, "period.gap_recorded")
        assert report.verdict.signed is Status.NOT_DONE
        assert report.verdict.exit_code == 3
        bundle = period_bundle_from_file(read_bundle_file(raw))
        hidden = without_findings(bundle, world=world, size=_size(bundle))
        assert _failure(_verify(hidden)) == ("completeness", "period.gap")

    def test_a_finding_excuses_only_what_it_names(self) -> None:
        world = self._world(lose={5, 6, 7})
        world.find(seq_from=5, seq_to=6)
        world.seal(at=START + timedelta(hours=5))
        world.anchor(at=START + timedelta(hours=5))
        reader = WorldReader(world)
        world.anchors.pop(0)  # the first covers the finding not; a bundle takes the one that does
        raw = prove_period(PeriodRequest(begin=BEGIN, end=END), reader=reader)
        assert _failure(_verify(raw)) == ("completeness", "period.gap")

    def test_skipped_numbers_are_no_missing_records(self) -> None:
        report = _verify(_prove(self._world(lose={5}, skip=True)))
        assert _reason(report, "completeness") == (Status.PASSED, "ok")
        (gap,) = _device(report).gaps
        assert gap.skipped

    def test_a_late_record_closes_its_gap(self) -> None:
        world = World()
        bodies = [world.reading(START + STEP * step) for step in range(12)]
        late = bodies.pop(5)
        world.deliver(bodies, at=START + timedelta(hours=3))
        world.deliver([late], at=START + timedelta(hours=4))
        world.seal(at=START + timedelta(hours=5))
        report = _verify(_prove(world))
        assert _reason(report, "completeness") == (Status.PASSED, "ok")
        assert _device(report).gaps == ()

    def test_a_record_delivered_twice_is_proved_by_its_first_delivery(self) -> None:
        world = World()
        bodies = [world.reading(START + STEP * step) for step in range(12)]
        world.deliver(bodies[:7], at=START + timedelta(hours=2))
        world.deliver(bodies[5:], at=START + timedelta(hours=3))
        world.seal(at=START + timedelta(hours=4))
        report = _verify(_prove(world))
        assert report.verdict.signed is Status.PASSED
        assert report.bundle is not None
        assert [len(item.records) for item in report.bundle.deliveries] == [6, 4]

    @pytest.mark.parametrize(
        ("prev", "reason", "exit_code"),
        [(None, "period.unlinked_boot", 3), (bytes(32), "period.link", 1)],
    )
    def test_a_boot_without_the_right_link_is_not_complete(
        self, prev: bytes | None, reason: str, exit_code: int
    ) -> None:
        world = World()
        first = [world.reading(START + STEP * step) for step in range(6)]
        world.deliver(first, at=START + timedelta(hours=2))
        world.reboot()
        second = [world.reading(START + STEP * 6, prev=prev)]
        second += [world.reading(START + STEP * step) for step in range(7, 12)]
        world.deliver(second, at=START + timedelta(hours=3))
        world.seal(at=START + timedelta(hours=4))
        report = _verify(_prove(world))
        assert _reason(report, "completeness")[1] == reason
        assert report.verdict.exit_code == exit_code

    def test_a_boot_that_lacks_its_beginning_fails(self) -> None:
        world = World()
        first = [world.reading(START + STEP * step) for step in range(6)]
        world.deliver(first, at=START + timedelta(hours=2))
        world.reboot()
        second = [world.reading(START + STEP * step) for step in range(6, 12)]
        world.deliver(second[1:], at=START + timedelta(hours=3))
        world.seal(at=START + timedelta(hours=4))
        assert _failure(_verify(_prove(world))) == ("completeness", "period.gap")

    def test_a_wrong_link_within_a_boot_fails_unless_recorded(self) -> None:
        world = World()
        bodies = [
            world.reading(START + STEP * step, **({"prev": bytes(32)} if step == 6 else {}))
            for step in range(12)
        ]
        world.deliver(bodies, at=START + timedelta(hours=3))
        world.seal(at=START + timedelta(hours=4))
        assert _failure(_verify(_prove(world))) == ("completeness", "period.link")
        world.find(finding="prev_mismatch", seq_from=6, seq_to=6)
        world.seal(at=START + timedelta(hours=5))
        report = _verify(_prove(world))
        assert _reason(report, "completeness") == (Status.NOT_DONE, "period.link_recorded")

    def test_failed_reads_are_there_and_counted_as_failed(self) -> None:
        world = World()
        bodies = [
            world.reading(
                START + STEP * step, **({"value": None, "reason": "timeout"} if step == 5 else {})
            )
            for step in range(12)
        ]
        world.deliver(bodies, at=START + timedelta(hours=3))
        world.seal(at=START + timedelta(hours=4))
        report = _verify(_prove(world))
        assert _reason(report, "completeness") == (Status.PASSED, "ok")
        (counts,) = _device(report).meter_registers
        assert (counts.planned, counts.present, counts.failed) == (8, 7, 1)


class TestRequests:
    def test_an_empty_period_is_refused(self, world: World) -> None:
        with pytest.raises(InputError) as caught:
            _prove(world, end=BEGIN)
        assert caught.value.reason == "prove.period"

    def test_an_unknown_meter_is_refused(self, world: World) -> None:
        with pytest.raises(InputError) as caught:
            _prove(world, devices=("meter-9",))
        assert caught.value.reason == "prove.unknown_device"

    def test_another_organisation_has_no_meters_here(self, world: World) -> None:
        with pytest.raises(InputError) as caught:
            _prove(world, organisation="another")
        assert caught.value.reason == "prove.organisation"

    def test_a_period_without_readings_cannot_be_proved(self, world: World) -> None:
        later = START + timedelta(days=2)
        with pytest.raises(NotFoundError) as caught:
            _prove(world, begin=later, end=later + STEP)
        assert caught.value.reason == "prove.no_reading"

    def test_a_meter_without_readings_in_it_is_not_complete(self) -> None:
        world = World()
        world.deliver(
            [world.reading(START - STEP, OTHER_DEVICE)]
            + [world.reading(START + STEP * step) for step in range(12)],
            at=END,
        )
        world.seal(at=END)
        report = _verify(_prove(world))
        assert _reason(report, "completeness") == (Status.NOT_DONE, "period.no_readings")
        assert _device(report).status is Status.PASSED

    def test_readings_that_are_still_taken_in_are_waited_for(self, world: World) -> None:
        reader = WorldReader(world, lag=6)
        later = START + timedelta(days=2)
        with pytest.raises(StateError) as caught:
            prove_period(PeriodRequest(begin=later, end=later + STEP), reader=reader)
        assert caught.value.reason == "prove.projection_lag"

    def test_records_that_no_checkpoint_covers_are_refused(self) -> None:
        world = World()
        world.deliver([world.reading(BEGIN)], at=BEGIN)
        with pytest.raises(StateError) as caught:
            _prove(world)
        assert caught.value.reason == "prove.not_sealed"
