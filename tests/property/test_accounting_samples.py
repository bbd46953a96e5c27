"""Values of periods from samples, against the mean written out, and what may stand in."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.kiln import sample

from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.errors import LaboratoryError, MissingSampleError
from trace_node.accounting.laboratory.of_period import (
    SampleQuestion,
    parts_to_weigh,
    sampled,
)
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.laboratory.record import SampledFrom
from trace_node.accounting.laboratory.weighting import Weighting
from trace_node.period import PeriodKind, parse_period

MONTH = parse_period("2026-10")
DAYS = tuple(MONTH.parts(PeriodKind.DAY))
ASKED = SampleQuestion(
    parameter=Parameter.CARBON, basis=Basis.AR, weighting=Weighting.FIRED, settled=True
)
fractions = st.decimals("0.1", "0.9", places=3)
amounts = st.decimals("0", "900", places=1)


@given(
    st.dictionaries(st.integers(0, 30), st.tuples(fractions, amounts), min_size=1),
    st.sampled_from([None, Decimal("0.95")]),
    st.booleans(),
)
def test_a_month_is_the_mean_over_what_was_fired(
    days: dict[int, tuple[Decimal, Decimal]], conservative: Decimal | None, lose: bool
) -> None:
    """Against the mean in fractions; a day without a sample counts with the conservative value."""
    weights = {DAYS[day]: amount for day, (_carbon, amount) in days.items()}
    lost = max(days) if lose else None
    records = [
        sample(f"2026-10-{day + 1:02}", f"{carbon}")
        for day, (carbon, _amount) in days.items()
        if day != lost
    ]
    burnt = {day: amount for day, (_carbon, amount) in days.items() if amount}
    asked = replace(ASKED, conservative=conservative)
    spoken = [day for day in burnt if day != lost]
    if not burnt and records:
        with pytest.raises(LaboratoryError):
            sampled(records, asked, MONTH, weights)
        return
    if not spoken:
        assert sampled(records, asked, MONTH, weights).value is None
        return
    if lost in burnt and conservative is None:
        with pytest.raises(MissingSampleError):
            sampled(records, asked, MONTH, weights)
        return
    values = {day: conservative if day == lost else days[day][0] for day in burnt}
    whole = sum(Fraction(values[day] or 0) * Fraction(burnt[day]) for day in burnt)
    expected = whole / sum(map(Fraction, burnt.values()))
    found = sampled(records, asked, MONTH, weights)
    assert found.value is not None
    assert abs(Fraction(found.value) - expected) < Fraction(1, 10**40)
    assert found.conservative == ((DAYS[lost].name,) if lost in burnt else ())


@given(st.lists(st.integers(1, 200), min_size=1, unique=True), st.integers(0, 120))
def test_the_last_valid_value_is_that_of_the_last_sample_in_time(ages: list[int], bad: int) -> None:
    """Of samples before the month, the youngest whose days are in order."""
    first = date(2026, 10, 1)
    records = []
    for age in ages:
        day = first - timedelta(days=age)
        record = sample(day.isoformat(), f"0.{age + 100}")
        disordered = age <= bad
        records.append(replace(record, tested_on=date(2020, 1, 1)) if disordered else record)
    asked = replace(ASKED, settled=False)
    usable = [age for age in ages if age > bad]
    found = sampled(records, asked, MONTH, {DAYS[0]: Decimal(1)})
    if usable:
        assert found.value == Decimal(f"0.{min(usable) + 100}")
        assert found.last_valid == (MONTH.name,)
    else:
        assert (found.value, found.used) == (None, ())
    again = sampled(list(found.used), asked, MONTH, {DAYS[0]: Decimal(1)})
    assert again == found  # what was used is enough to find it again


def test_which_parts_weigh() -> None:
    year = parse_period("2026")
    assert parts_to_weigh(Weighting.FIRED, MONTH) == DAYS
    assert parts_to_weigh(Weighting.RECEIVED, MONTH) == ()
    assert len(parts_to_weigh(Weighting.RECEIVED, year)) == 12
    assert parts_to_weigh(Weighting.FIRED, DAYS[0]) == ()


def test_a_composite_sample_beside_single_ones_counts_nothing_twice() -> None:
    received = replace(ASKED, weighting=Weighting.RECEIVED)
    records = [
        sample("2026-10-05", "0.5", sampled_from=SampledFrom.RECEIVED),
        sample("2026-10-31", "0.6", period="2026-10", sampled_from=SampledFrom.RECEIVED),
    ]
    with pytest.raises(LaboratoryError) as refused:
        sampled(records, received, MONTH, {})
    assert refused.value.reason == "laboratory.overlap"
    assert sampled(records, received, DAYS[4], {}).value == Decimal("0.5")
    assert sampled(records, received, DAYS[5], {}).value == Decimal("0.6")
