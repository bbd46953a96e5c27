"""From real deliveries in a real database to bundles that an outsider verifies."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support import bundles
from support.builders import COUNTER, Run, device_registration, gauge, meter
from support.bundles import FakeChain
from support.provable import Provable, minute_at, minutes, provable, provable_trust_root

from trace_node.errors import InputError, NotFoundError, StateError
from trace_node.services.prove import find_reading, prove_entry, prove_record
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_period import PeriodReport
from trace_node.services.verify_proof import ProofReport
from trace_node.tlog.verdict import Status


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Provable]:
    with provable(tmp_path) as made:
        yield made


def _verify(here: Provable, raw: bytes, *, live: bool = True) -> ProofReport | PeriodReport:
    chain = FakeChain(here.anchors) if live else None
    against = Against(trust_root=provable_trust_root().raw, now=bundles.NOW, chain=chain)
    return verify_file(raw, against=against)


def _failures(report: ProofReport | PeriodReport) -> list[tuple[str, str, str]]:
    return [
        (check.kind.name, check.reason, check.text)
        for check in report.verdict.checks
        if check.status is Status.FAILED
    ]


class TestOneReading:
    def test_every_delivered_record_is_proved(self, here: Provable) -> None:
        run = Run()
        bodies = [*minutes(run, 0, 5), run.event()]
        first = here.plant.deliver(run.deliver(bodies)).first_index
        here.settle()
        for index, body in enumerate(bodies, start=first):
            raw = prove_entry(index, reader=here.reader)
            report = _verify(here, raw)
            assert isinstance(report, ProofReport)
            assert _failures(report) == []
            assert report.verdict.exit_code == 0
            assert report.bundle is not None
            assert report.bundle.leaf == body
            assert len(raw) <= 8192

    def test_it_is_proved_by_the_first_anchor_that_covers_it(self, here: Provable) -> None:
        run = Run()
        first = here.plant.deliver(run.deliver(minutes(run, 0, 3))).first_index
        here.settle()
        here.plant.deliver(run.deliver(minutes(run, 3, 6)))
        here.settle()
        report = _verify(here, prove_entry(first, reader=here.reader))
        assert report.bundle is not None
        assert report.bundle.anchor == here.anchors[0]

    def test_without_an_anchor_it_is_signed_only(self, here: Provable) -> None:
        run = Run()
        first = here.plant.deliver(run.deliver(minutes(run, 0, 3))).first_index
        with pytest.raises(StateError) as caught:
            prove_entry(first, reader=here.reader)
        assert caught.value.reason == "prove.not_sealed"
        here.settle(anchor=False)
        report = _verify(here, prove_entry(first, reader=here.reader))
        assert report.verdict.signed is Status.PASSED
        assert report.verdict.exit_code == 3

    def test_it_is_found_by_chain_and_by_instant(self, here: Provable) -> None:
        run = Run()
        first = here.plant.deliver(run.deliver(minutes(run, 0, 5))).first_index
        here.settle()
        by_index = prove_entry(first + 2, reader=here.reader)
        by_chain = prove_record(device="meter-1", boot=run.boot, seq=2, reader=here.reader)
        index = find_reading(
            device="meter-1",
            meter_register=COUNTER,
            observed_at=minute_at(2),
            reader=here.reader,
        )
        assert by_index == by_chain
        assert index == first + 2
        with pytest.raises(NotFoundError):
            find_reading(
                device="meter-1",
                meter_register=COUNTER,
                observed_at=minute_at(2) + timedelta(milliseconds=1),
                reader=here.reader,
            )

    def test_two_readings_at_one_instant_must_be_told_apart(self, here: Provable) -> None:
        run = Run()
        at = minute_at(59)
        here.plant.deliver(run.deliver([run.reading("1.00", at=at), run.reading("2.00", at=at)]))
        here.settle()
        with pytest.raises(InputError) as caught:
            find_reading(
                device="meter-1", meter_register=COUNTER, observed_at=at, reader=here.reader
            )
        assert caught.value.reason == "prove.ambiguous"

    @pytest.mark.parametrize("index", [0, 1])
    def test_what_no_collector_delivered_has_no_bundle(self, here: Provable, index: int) -> None:
        here.settle()
        with pytest.raises(NotFoundError) as caught:
            prove_entry(index, reader=here.reader)
        assert caught.value.reason == "prove.not_delivered"

    def test_a_resent_record_is_proved_by_the_delivery_that_brought_it(
        self, here: Provable
    ) -> None:
        run = Run()
        bodies = minutes(run, 0, 6)
        first = here.plant.deliver(run.deliver(bodies[:4])).first_index
        here.plant.deliver(run.deliver(bodies[2:]))
        here.settle()
        report = _verify(here, prove_entry(first + 3, reader=here.reader))
        assert report.verdict.exit_code == 0
        assert isinstance(report, ProofReport)
        assert report.bundle is not None
        assert (report.bundle.leaf, report.bundle.delivery.index) == (bodies[3], 3)


class TestPeriod:
    def _request(self, first: int, last: int, **more: object) -> PeriodRequest:
        request = PeriodRequest(begin=minute_at(first), end=minute_at(last))
        return replace(request, **more)

    def test_a_period_over_deliveries_boots_and_anchors(self, here: Provable) -> None:
        run = Run()
        for first in (0, 10, 20):
            here.plant.deliver(run.deliver(minutes(run, first, first + 10)))
            here.settle()
        again = Run(prev=dict(run.prev))
        here.plant.deliver(again.deliver([again.event("boot"), *minutes(again, 30, 45)]))
        here.settle()
        raw = prove_period(self._request(5, 40), reader=here.reader)
        report = _verify(here, raw)
        assert isinstance(report, PeriodReport)
        assert _failures(report) == []
        assert report.verdict.exit_code == 0, [
            (check.kind.name, check.reason) for check in report.verdict.checks
        ]
        (device,) = report.devices
        counts = {item.meter_register: item for item in device.meter_registers}
        assert (counts[COUNTER].planned, counts[COUNTER].present) == (35, 35)
        assert len(report.anchors) == 4

    def test_a_lost_record_is_recorded_and_shown(self, here: Provable) -> None:
        run = Run()
        bodies = minutes(run, 0, 30)
        here.plant.deliver(run.deliver(bodies[:10] + bodies[12:]))
        here.settle()
        report = _verify(here, prove_period(self._request(5, 25), reader=here.reader))
        assert isinstance(report, PeriodReport)
        assert _failures(report) == []
        check = next(c for c in report.verdict.checks if c.kind.name == "completeness")
        assert (check.status, check.reason) == (Status.NOT_DONE, "period.gap_recorded")
        (gap,) = report.devices[0].gaps
        assert (gap.first, gap.last, gap.recorded) == (10, 11, True)

    def test_a_late_record_closes_the_gap(self, here: Provable) -> None:
        run = Run()
        bodies = minutes(run, 0, 30)
        here.plant.deliver(run.deliver(bodies[:10] + bodies[12:]))
        here.settle()
        here.plant.deliver(run.deliver(bodies[10:12]))
        here.settle()
        report = _verify(here, prove_period(self._request(5, 25), reader=here.reader))
        assert isinstance(report, PeriodReport)
        assert report.verdict.exit_code == 0
        assert report.devices[0].gaps == ()

    def test_several_devices_and_slow_meter_registers(self, here: Provable) -> None:
        other = meter("meter-2", meter_registers=(gauge(name="level", interval_s=600),))
        here.plant.enrolment.enrol(device_registration(other))
        run = Run()
        for first in (0, 15, 30):
            bodies = minutes(run, first, first + 15)
            bodies += [
                run.reading(
                    "5.0",
                    device="meter-2",
                    meter_register="level",
                    unit="kW",
                    at=minute_at(minute),
                )
                for minute in range(first, first + 15)
                if minute % 10 == 0
            ]
            here.plant.deliver(run.deliver(bodies))
            here.settle()
        report = _verify(here, prove_period(self._request(5, 25), reader=here.reader))
        assert isinstance(report, PeriodReport)
        assert report.verdict.exit_code == 0
        counts = {
            (device.device, item.meter_register): (item.planned, item.present)
            for device in report.devices
            for item in device.meter_registers
        }
        assert counts["meter-1", COUNTER] == (20, 20)
        assert counts["meter-2", "level"] == (2, 2)

    def test_readings_of_another_organisation_are_kept_apart(self, here: Provable) -> None:
        mine = Run()
        here.plant.deliver(mine.deliver(minutes(mine, 0, 30)))
        here.settle()
        with pytest.raises(InputError) as caught:
            prove_period(self._request(5, 25, organisation="other"), reader=here.reader)
        assert caught.value.reason == "prove.organisation"
