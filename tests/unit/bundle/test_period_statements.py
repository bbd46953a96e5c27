"""What a period bundle says beside its records: labels, order, whose keys, what collectors saw."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support import bundles
from support.bundle_reader import WorldReader
from support.bundles import START, STEP, STRANGER, World, period_world, trust_root

from trace_node.ids import OrganisationId
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
