"""A year of real readings of a steel plant, every quarter of an hour (shows S2-8.2.1-2)."""

import csv
import gzip
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support import metering_samples as samples

from trace_node.metering.rollup import RollUp
from trace_node.metering.series import Sample
from trace_node.period import SHANGHAI, PeriodKind, to_ms


@pytest.fixture(scope="module")
def usage(data_dir: Path) -> list[Decimal]:
    path = data_dir / "steel_industry_energy_2018.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as table:
        return [Decimal(row["Usage_kWh"]) for row in csv.DictReader(table)]


@pytest.mark.vectors
def test_the_year_is_the_exact_sum_of_the_column(usage: list[Decimal]) -> None:
    start = datetime(2018, 1, 1, tzinfo=SHANGHAI)
    running = RollUp(samples.meter_register(interval_s=900, max_rate=None))
    shown, done = 0, running.add(Sample(at_ms=to_ms(start), value=0, digest=b""))
    for quarter, used in enumerate(usage, start=1):
        shown += int(used * 100)
        at_ms = to_ms(start + timedelta(minutes=15 * quarter))
        done += running.add(Sample(at_ms=at_ms, value=shown, digest=b""))
    by_kind = {kind: [item for item in done if item.period.kind is kind] for kind in running.kinds}
    assert len(usage) + 1 == 35_041
    assert [len(by_kind[kind]) for kind in sorted(by_kind)] == [365, 8760, 12, 1]
    assert all(item.is_valid and not item.flags for item in done)
    year = by_kind[PeriodKind.YEAR][0]
    assert year.period.name == "2018"
    assert year.total == sum(usage)
    for totals in by_kind.values():
        assert sum(item.total for item in totals) == sum(usage)
    first_day = by_kind[PeriodKind.DAY][0]
    assert first_day.total == sum(usage[:96])
    assert first_day.greatest_step == max(usage[:96])
    assert first_day.least_step == min(usage[:96])
