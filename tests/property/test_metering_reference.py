"""Increments and totals against a slow reference that is written from the rule's text alone.

Shows S2-8.2.1-1, S2-8.2.1-2 and S2-8.2.1-3: seconds, minutes, hours and days are computed the same way.
"""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st
from support import metering_samples as samples

from trace_node.metering.period_total import GAP
from trace_node.metering.rollup import roll_up
from trace_node.metering.series import Sample
from trace_node.period import PeriodKind, to_ms

BEGIN = 1_767_196_800_000  # 2026-01-01T00:00:00+08:00
CAPACITY = 1_000_000  # 10000.00
KINDS = (
    *(PeriodKind.SECOND, PeriodKind.MINUTE, PeriodKind.QUARTER_HOUR),
    *(PeriodKind.HOUR, PeriodKind.DAY),
)
LENGTH = dict(zip(KINDS, (1_000, 60_000, 900_000, 3_600_000, 86_400_000), strict=True))
RATES = st.sampled_from([None, "0.01", "0.5", "20"])
WITHOUT_TOTAL = {GAP, "jump", "reset_suspect", "backward", "undecided"}
Points = list[tuple[int, int]]


@st.composite
def points(draw: st.DrawFn) -> Points:
    """Instants and values of a counter: it creeps, jumps, goes round, drops, shows false zeros."""
    at_ms, value = BEGIN + draw(st.integers(0, 5_000)), draw(st.integers(0, CAPACITY - 1))
    found = [(at_ms, value)]
    gaps = st.sampled_from([1, 500, 1_000, 1_000, 2_000, 2_001, 60_000, 900_000, 5_000_000])
    for gap in draw(st.lists(gaps, min_size=1, max_size=25)):
        at_ms += gap
        how = draw(st.integers(0, 5))
        if how == 0:
            value = draw(st.sampled_from([0, 1, CAPACITY - 1]))
        elif how == 1:
            value = draw(st.integers(0, CAPACITY - 1))
        else:
            value = (value + draw(st.integers(0, 40))) % CAPACITY
        found.append((at_ms, value))
    return found


def reference_rises(series: Points, rate: Fraction | None) -> list[int | None]:
    """How far the counter went between neighbours, where the table of the rule says so."""
    rises: list[int | None] = []
    dropped = False
    for (from_ms, before), (to_at, after) in pairwise(series):
        most = Fraction(CAPACITY, 10) if rate is None else rate * (to_at - from_ms)
        doubtful = dropped and rate is None
        dropped = False
        if rate is not None and most >= CAPACITY:
            rises.append(None)
        elif after >= before:
            limited = rate is not None or doubtful
            rises.append(None if limited and after - before > most else after - before)
        elif after + CAPACITY - before <= most:
            rises.append(after + CAPACITY - before)
        else:
            rises.append(None)
            dropped = True
    return rises


def reference_total(
    series: Points, rises: list[int | None], *, begin: int, end: int, bracket: int
) -> int | None:
    """What went through between two instants: whole legs, and shares of those at the ends."""
    if begin < series[0][0] or end > series[-1][0]:
        return None
    total = 0
    for ((from_ms, _), (to_at, _)), rise in zip(pairwise(series), rises, strict=True):
        ends = (max(begin, from_ms), min(end, to_at))
        if ends[0] >= ends[1]:
            continue
        inner = [at for at in ends if from_ms < at < to_at]
        if rise is None or (inner and to_at - from_ms > bracket):
            return None
        first, last = (round(Fraction(rise * (at - from_ms), to_at - from_ms)) for at in ends)
        total += last - first
    return total


@given(points(), RATES, st.sampled_from([1, 30, 900]), st.randoms())
def test_every_total_is_that_of_the_reference(
    series: Points, rate: str | None, interval_s: int, shuffle: object
) -> None:
    register = samples.meter_register(
        interval_s=interval_s,
        capacity=Decimal(CAPACITY).scaleb(-2),
        max_rate=None if rate is None else Decimal(rate),
        maximum=Decimal(CAPACITY - 1).scaleb(-2),
    )
    per_ms = None if rate is None else Fraction(rate) * 100 / 1_000
    rises = reference_rises(series, per_ms)
    late = [Sample(at_ms=at, value=value, digest=bytes(2)) for at, value in series]
    shuffle.shuffle(late)
    found = roll_up(late, register, kinds=KINDS)
    for item in found:
        begin, end = to_ms(item.period.start), to_ms(item.period.end)
        assert end - begin == LENGTH[item.period.kind]
        inside = [value for at, value in series if begin <= at < end]
        assert item.samples == len(inside)
        assert item.sample_sum * 100 == sum(inside)
        if inside:
            assert (item.minimum * 100, item.maximum * 100) == (min(inside), max(inside))
        if not item.is_complete:
            continue
        expected = reference_total(series, rises, begin=begin, end=end, bracket=2_000 * interval_s)
        shown = None if item.total is None else int(item.total * 100)
        assert shown == expected, (item.period, item.flags)
        assert expected is not None or item.flags & WITHOUT_TOTAL


ROLLED_OVER_IN_A_GAP = [
    (BEGIN, CAPACITY - 1),
    (BEGIN + 5_000_000, 0),
    (BEGIN + 5_060_000, 0),
]


@given(points())
@example(ROLLED_OVER_IN_A_GAP)
def test_no_period_that_the_reference_can_settle_is_left_out(series: Points) -> None:
    register = samples.meter_register(
        interval_s=900,
        capacity=Decimal(CAPACITY).scaleb(-2),
        max_rate=None,
        maximum=Decimal(CAPACITY - 1).scaleb(-2),
    )
    rises = reference_rises(series, None)
    found = {
        to_ms(item.period.start): item
        for item in roll_up(
            [Sample(at_ms=at, value=value, digest=bytes(2)) for at, value in series],
            register,
            kinds=[PeriodKind.MINUTE],
        )
        if item.is_complete
    }
    first, last = series[0][0] // 60_000 * 60_000, series[-1][0] // 60_000 * 60_000
    for begin in range(first, last, 60_000):
        expected = reference_total(
            series, rises, begin=begin, end=begin + 60_000, bracket=1_800_000
        )
        if expected is not None:
            assert found[begin].total * 100 == expected
        elif begin in found:
            assert found[begin].total is None
            assert found[begin].flags & WITHOUT_TOTAL
