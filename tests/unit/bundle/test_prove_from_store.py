"""From real deliveries in a real database to bundles that an outsider verifies."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from support import bundles
from support.builders import COUNTER, NOW, Run, device_registration, gauge, key, meter
from support.bundles import FakeChain
from support.plant import Plant, plant
from support.stores import ORIGIN, new_store

from trace_node.crypto import sm2
from trace_node.errors import InputError, NotFoundError, StateError
from trace_node.ports.anchoring import AnchorState
from trace_node.ports.entries import StoredCheckpoint
from trace_node.services.project import Projector
from trace_node.services.prove import find_reading, prove_entry, prove_record
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.seal import Seal
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_period import PeriodReport
from trace_node.services.verify_proof import ProofReport
from trace_node.store.archive_file import FileArchive
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import Sm2NoteSigner
from trace_node.tlog.trust_root import SignedTrustRoot, sign_trust_root
from trace_node.tlog.trust_root_form import LogKey, TrustedKey
from trace_node.tlog.verdict import Status

SIGNER = Sm2NoteSigner(name=ORIGIN, signer=key("log"))
STEP = timedelta(minutes=1)


def _trusted(name: str) -> TrustedKey:
    return TrustedKey(name=name, point=key(name).public.point)


def _trust_root() -> SignedTrustRoot:
    owner: sm2.PrivateKey = key("owner")
    return sign_trust_root(
        bundles.trust_root_fields(
            owner=_trusted("owner"),
            origin=ORIGIN,
            log_keys=(LogKey(vkey=SIGNER.vkey, from_size=0, to_size=None),),
            device_authorities=(_trusted("authority"),),
            node_keys=(_trusted("node"),),
        ),
        owner=owner,
    )


@dataclass
class Here:
    """A plant with everything that makes its entries provable."""

    plant: Plant
    seal: Seal
    projector: Projector
    anchors: list[Anchor]

    @property
    def reader(self):  # noqa: ANN201 (the store's own reader)
        return self.plant.store.reader()

    def settle(self, *, anchor: bool = True) -> StoredCheckpoint:
        """Project, seal, and anchor what is there."""
        while self.projector.project_once():
            pass
        sealed = self.seal.seal_once()
        assert sealed is not None
        if anchor:
            self._anchor(sealed)
        return sealed

    def _anchor(self, sealed: StoredCheckpoint) -> None:
        number = len(self.anchors) + 1
        before = self.anchors[-1].head if self.anchors else AnchoredHead(size=0, root=SM3.empty())
        anchor = Anchor(
            engine=bundles.CHAIN.engine,
            chain_id=bundles.CHAIN.chain_id,
            genesis_hash=bundles.CHAIN.genesis_hash,
            contract=bundles.CHAIN.registry,
            log_id=bundles.LOG_ID,
            transaction_hash=bytes([number]) * 32,
            block_number=number,
            block_hash=bytes([number + 100]) * 32,
            block_time=int(NOW.timestamp()) + number,
            previous=before,
            head=AnchoredHead(size=sealed.size, root=sealed.root),
        )
        requests = self.plant.store.anchor_requests()
        requests.mark(size=sealed.size, state=AnchorState.FINAL, anchor=anchor)
        self.anchors.append(anchor)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with new_store("sqlite", tmp_path) as store, plant(store) as made:
        archive = FileArchive(tmp_path / "archive")
        projector = Projector(
            store=store, writer=made.writer, book=made.book, signer=key("node"), clock=made.clock
        )
        seal = Seal(store=store, archive=archive, signers=[SIGNER], clock=made.clock)
        yield Here(plant=made, seal=seal, projector=projector, anchors=[])
        archive.close()


def _verify(here: Here, raw: bytes, *, live: bool = True) -> ProofReport | PeriodReport:
    chain = FakeChain(here.anchors) if live else None
    against = Against(trust_root=_trust_root().raw, now=bundles.NOW, chain=chain)
    return verify_file(raw, against=against)


def _minutes(run: Run, first: int, end: int, **more: object) -> list[bytes]:
    """Readings of a counter, one a minute, before ``NOW``."""
    return [
        run.reading(f"{minute + 1}.00", at=NOW - STEP * (60 - minute), **more)
        for minute in range(first, end)
    ]


def _failures(report: ProofReport | PeriodReport) -> list[tuple[str, str, str]]:
    return [
        (check.kind.name, check.reason, check.text)
        for check in report.verdict.checks
        if check.status is Status.FAILED
    ]


class TestOneReading:
    def test_every_delivered_record_is_proved(self, here: Here) -> None:
        run = Run()
        bodies = [*_minutes(run, 0, 5), run.event()]
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

    def test_it_is_proved_by_the_first_anchor_that_covers_it(self, here: Here) -> None:
        run = Run()
        first = here.plant.deliver(run.deliver(_minutes(run, 0, 3))).first_index
        here.settle()
        here.plant.deliver(run.deliver(_minutes(run, 3, 6)))
        here.settle()
        report = _verify(here, prove_entry(first, reader=here.reader))
        assert report.bundle is not None
        assert report.bundle.anchor == here.anchors[0]

    def test_without_an_anchor_it_is_signed_only(self, here: Here) -> None:
        run = Run()
        first = here.plant.deliver(run.deliver(_minutes(run, 0, 3))).first_index
        with pytest.raises(StateError) as caught:
            prove_entry(first, reader=here.reader)
        assert caught.value.reason == "prove.not_sealed"
        here.settle(anchor=False)
        report = _verify(here, prove_entry(first, reader=here.reader))
        assert report.verdict.signed is Status.PASSED
        assert report.verdict.exit_code == 3

    def test_it_is_found_by_chain_and_by_instant(self, here: Here) -> None:
        run = Run()
        first = here.plant.deliver(run.deliver(_minutes(run, 0, 5))).first_index
        here.settle()
        by_index = prove_entry(first + 2, reader=here.reader)
        by_chain = prove_record(device="meter-1", boot=run.boot, seq=2, reader=here.reader)
        index = find_reading(
            device="meter-1",
            meter_register=COUNTER,
            observed_at=NOW - STEP * 58,
            reader=here.reader,
        )
        assert by_index == by_chain
        assert index == first + 2
        with pytest.raises(NotFoundError):
            find_reading(
                device="meter-1",
                meter_register=COUNTER,
                observed_at=NOW - STEP * 58 + timedelta(milliseconds=1),
                reader=here.reader,
            )

    def test_two_readings_at_one_instant_must_be_told_apart(self, here: Here) -> None:
        run = Run()
        at = NOW - STEP
        here.plant.deliver(run.deliver([run.reading("1.00", at=at), run.reading("2.00", at=at)]))
        here.settle()
        with pytest.raises(InputError) as caught:
            find_reading(
                device="meter-1", meter_register=COUNTER, observed_at=at, reader=here.reader
            )
        assert caught.value.reason == "prove.ambiguous"

    @pytest.mark.parametrize("index", [0, 1])
    def test_what_no_collector_delivered_has_no_bundle(self, here: Here, index: int) -> None:
        here.settle()
        with pytest.raises(NotFoundError) as caught:
            prove_entry(index, reader=here.reader)
        assert caught.value.reason == "prove.not_delivered"

    def test_a_resent_record_is_proved_by_the_delivery_that_brought_it(self, here: Here) -> None:
        run = Run()
        bodies = _minutes(run, 0, 6)
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
        request = PeriodRequest(begin=NOW - STEP * (60 - first), end=NOW - STEP * (60 - last))
        return replace(request, **more)

    def test_a_period_over_deliveries_boots_and_anchors(self, here: Here) -> None:
        run = Run()
        for first in (0, 10, 20):
            here.plant.deliver(run.deliver(_minutes(run, first, first + 10)))
            here.settle()
        again = Run(prev=dict(run.prev))
        here.plant.deliver(again.deliver([again.event("boot"), *_minutes(again, 30, 45)]))
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

    def test_a_lost_record_is_recorded_and_shown(self, here: Here) -> None:
        run = Run()
        bodies = _minutes(run, 0, 30)
        here.plant.deliver(run.deliver(bodies[:10] + bodies[12:]))
        here.settle()
        report = _verify(here, prove_period(self._request(5, 25), reader=here.reader))
        assert isinstance(report, PeriodReport)
        assert _failures(report) == []
        check = next(c for c in report.verdict.checks if c.kind.name == "completeness")
        assert (check.status, check.reason) == (Status.NOT_DONE, "period.gap_recorded")
        (gap,) = report.devices[0].gaps
        assert (gap.first, gap.last, gap.recorded) == (10, 11, True)

    def test_a_late_record_closes_the_gap(self, here: Here) -> None:
        run = Run()
        bodies = _minutes(run, 0, 30)
        here.plant.deliver(run.deliver(bodies[:10] + bodies[12:]))
        here.settle()
        here.plant.deliver(run.deliver(bodies[10:12]))
        here.settle()
        report = _verify(here, prove_period(self._request(5, 25), reader=here.reader))
        assert isinstance(report, PeriodReport)
        assert report.verdict.exit_code == 0
        assert report.devices[0].gaps == ()

    def test_several_devices_and_slow_meter_registers(self, here: Here) -> None:
        other = meter("meter-2", meter_registers=(gauge(name="level", interval_s=600),))
        here.plant.enrolment.enrol(device_registration(other))
        run = Run()
        for first in (0, 15, 30):
            bodies = _minutes(run, first, first + 15)
            bodies += [
                run.reading(
                    "5.0",
                    device="meter-2",
                    meter_register="level",
                    unit="kW",
                    at=NOW - STEP * (60 - minute),
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

    def test_readings_of_another_organisation_are_kept_apart(self, here: Here) -> None:
        mine = Run()
        here.plant.deliver(mine.deliver(_minutes(mine, 0, 30)))
        here.settle()
        with pytest.raises(InputError) as caught:
            prove_period(self._request(5, 25, organisation="other"), reader=here.reader)
        assert caught.value.reason == "prove.organisation"
