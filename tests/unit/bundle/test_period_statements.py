"""What a period bundle says beside its records: labels, order, whose keys, what collectors saw."""

from datetime import timedelta

import pytest
from support import bundles
from support.bundle_reader import WorldReader
from support.bundles import START, STEP, World, trust_root

from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_period import PeriodReport
from trace_node.tlog.verdict import Status

BEGIN, END = START + STEP * 2, START + STEP * 10
HOUR = timedelta(hours=1)


def _verify(raw: bytes) -> PeriodReport:
    report = verify_file(raw, against=Against(trust_root=trust_root().raw, now=bundles.NOW))
    assert isinstance(report, PeriodReport)
    return report


def _prove(world: World) -> bytes:
    return prove_period(PeriodRequest(begin=BEGIN, end=END), reader=WorldReader(world))


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
