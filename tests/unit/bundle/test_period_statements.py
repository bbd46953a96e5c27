"""What a period bundle says beside its records: labels, order, whose keys, what collectors saw."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support import bundles
from support.bundle_reader import WorldReader
from support.bundles import DEVICE, START, STEP, STRANGER, World, period_world, trust_root

from trace_node.ids import OrganisationId
from trace_node.metering.records.device_registration import (
    DeviceRegistration,
    build_device_registration,
)
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_period import PeriodReport
from trace_node.tlog.bundle_file import read_bundle_file
from trace_node.tlog.period_bundle import PeriodBundle
from trace_node.tlog.period_bundle_json import format_period_bundle, period_bundle_from_file
from trace_node.tlog.verdict import Status

BEGIN, END = START + STEP * 2, START + STEP * 10
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def bundle() -> PeriodBundle:
    return period_bundle_from_file(read_bundle_file(_prove(period_world())))


def _verify(raw: bytes) -> PeriodReport:
    report = verify_file(raw, against=Against(trust_root=trust_root().raw, now=bundles.NOW))
    assert isinstance(report, PeriodReport)
    return report


def _prove(world: World) -> bytes:
    return prove_period(PeriodRequest(begin=BEGIN, end=END), reader=WorldReader(world))


def _failure(bundle: PeriodBundle) -> tuple[str, str]:
    failure = _verify(format_period_bundle(bundle)).verdict.first_failure
    assert failure is not None
    return failure.kind.name, failure.reason


class TestLabels:
    @pytest.mark.parametrize(
        ("change", "labels"),
        [
            ({}, set()),
            ({"origin": "replay"}, {"origin.replay"}),
            ({"origin": "simulator", "clock": "unsynchronised"}, {"origin.simulator", "clock"}),
        ],
    )
    def test_one_reading_of_many_is_enough_for_a_label(
        self, change: dict[str, str], labels: set[str]
    ) -> None:
        world = World()
        bodies = [
            world.reading(START + STEP * step, **(change if step in (5, 6) else {}))
            for step in range(12)
        ]
        world.deliver(bodies, at=START + HOUR * 3)
        world.seal(at=START + HOUR * 4)
        report = _verify(_prove(world))
        assert report.verdict.signed is Status.PASSED
        codes = [label.code for label in report.verdict.labels]
        assert set(codes) == labels | {"single_operator.chain", "single_operator.log"}
        assert len(set(codes)) == len(codes)


class TestScope:
    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("organisation", "another"),
            ("organisation", ""),
            ("boundary", ""),
            ("boundary", "furnace\x1b[2J"),
            ("meters", "furnace 1"),
            ("everything", ""),
        ],
    )
    def test_a_name_that_does_not_fit_its_kind_is_refused(
        self, bundle: PeriodBundle, kind: str, name: str
    ) -> None:
        forged = replace(bundle, scope=kind, scope_name=name)
        assert _failure(forged) == ("file.form", "bundle.form")

    def test_a_boundary_has_any_name(self, bundle: PeriodBundle) -> None:
        named = replace(bundle, scope="boundary", scope_name="一号高炉")
        assert _verify(format_period_bundle(named)).verdict.signed is Status.PASSED


class TestDescriptions:
    def _world(self, valid_from: datetime) -> World:
        """One delivery, and its device described from some instant on."""
        world = World()
        body = build_device_registration(
            DeviceRegistration(
                salt=world.random(),
                origin=world.origin,
                meter=replace(bundles.meter_of(DEVICE), valid_from=valid_from),
                signed_by=bundles.NODE_KEY.public.key_id,
            ),
            signer=bundles.NODE_KEY,
        )
        meter = bundles.meter_of(DEVICE)
        world.meters[DEVICE] = (world.append(body), body, replace(meter, valid_from=valid_from))
        world.deliver([world.reading(START + STEP * step) for step in range(12)], at=END)
        world.seal(at=END)
        return world

    def test_one_that_the_node_signed_is_believed(self) -> None:
        report = _verify(_prove(self._world(BEGIN)))
        assert _device_check(report) == (Status.PASSED, "ok")
        assert report.devices[0].meter_registers[0].planned == 8

    def test_one_from_after_the_period_is_not_used(self) -> None:
        assert _device_check(_verify(_prove(self._world(END)))) == (
            Status.NOT_DONE,
            "device.unregistered",
        )

    def test_one_from_after_the_period_is_refused(self) -> None:
        world = self._world(END)
        honest = period_bundle_from_file(read_bundle_file(_prove(world)))
        later = replace(honest.devices[0], registration=world.meters[DEVICE][1])
        forged = replace(honest, devices=(later,))
        assert _failure(forged) == ("device.registration", "device.not_in_force")


def _device_check(report: PeriodReport) -> tuple[Status, str]:
    return next(
        (check.status, check.reason)
        for check in report.verdict.checks
        if check.kind.name == "device.registration"
    )


class TestWhoDelivered:
    def _with_collector(self, bundle: PeriodBundle, **changes: object) -> PeriodBundle:
        """The bundle with one more registration, all of them in their order."""
        more = World().enrol_key(**changes)
        return replace(bundle, collectors=tuple(sorted((*bundle.collectors, more))))

    def test_a_registration_that_no_delivery_needs_is_refused(self, bundle: PeriodBundle) -> None:
        forged = self._with_collector(bundle, key=STRANGER.public)
        assert _failure(forged) == ("delivery.signature", "collector.unused")

    def test_a_second_registration_of_the_key_for_another_organisation_is_refused(
        self, bundle: PeriodBundle
    ) -> None:
        # Else records of the other one's time could be shown as this organisation's.
        forged = self._with_collector(bundle, organisation=OrganisationId("another"))
        assert _failure(forged) == ("collector", "collector.organisation")

    def test_a_renewed_registration_of_the_key_is_welcome(self, bundle: PeriodBundle) -> None:
        renewed = self._with_collector(bundle, valid_to=START + timedelta(days=730))
        report = _verify(format_period_bundle(renewed))
        assert report.verdict.signed is Status.PASSED

    def test_a_context_that_no_delivery_names_is_refused(self, bundle: PeriodBundle) -> None:
        stray = bundle.contexts[0].replace(b'"trace-node 0.1.0"', b'"trace-node 0.1.1"')
        forged = replace(bundle, contexts=tuple(sorted((*bundle.contexts, stray))))
        assert _failure(forged) == ("context", "context.unused")
