"""Whatever the readings: partitions sum to the whole, restarts and delays change nothing, nothing spikes."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from support import metering_samples as samples

from trace_node.metering.increment import CounterRule, advance
from trace_node.metering.period_total import PeriodTotal
from trace_node.metering.rollup import RollUp, roll_up
from trace_node.metering.rollup_state import load_rollup, save_rollup
from trace_node.metering.scaled import share
from trace_node.metering.series import Item, Restart, Sample, in_order
from trace_node.period import KINDS, PeriodKind, to_ms

SECOND_OF_2026 = 1_767_196_800_000  # 2026-01-01T00:00:00+08:00
CAPACITY = 80_000_000
REGISTER = samples.meter_register(interval_s=300, max_rate=None)
STEADY = st.integers(min_value=1, max_value=600_000)  # milliseconds: at most two intervals apart
RISE = st.integers(min_value=0, max_value=CAPACITY // 10)
WANTED = (PeriodKind.MINUTE, PeriodKind.QUARTER_HOUR, PeriodKind.HOUR, PeriodKind.DAY)


@st.composite
def steady_series(draw: st.DrawFn) -> list[Sample]:
    """A counter read at least every two intervals, which may go round."""
    at_ms = SECOND_OF_2026 + draw(st.integers(min_value=0, max_value=86_400_000))
    value = draw(st.integers(min_value=0, max_value=CAPACITY - 1))
    items = [Sample(at_ms=at_ms, value=value, digest=bytes(32))]
    for gap, rise in draw(st.lists(st.tuples(STEADY, RISE), min_size=1, max_size=40)):
        at_ms, value = at_ms + gap, (value + rise) % CAPACITY
        items.append(Sample(at_ms=at_ms, value=value, digest=bytes(32)))
    return items


@st.composite
def wild_series(draw: st.DrawFn) -> list[Item]:
    """Anything: gaps, drops, false zeros, contradictions, explained restarts."""
    items: list[Item] = []
    at_ms = SECOND_OF_2026
    values = st.one_of(st.just(0), st.integers(min_value=0, max_value=CAPACITY - 1))
    for gap in draw(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=30)):
        at_ms += gap
        digest = draw(st.binary(min_size=2, max_size=2))
        if draw(st.integers(0, 9)) == 0:
            end, start = draw(st.none() | values), draw(st.none() | values)
            items.append(Restart(at_ms=at_ms, end=end, start=start, digest=digest))
        else:
            value = draw(st.none() | values)
            items.append(Sample(at_ms=at_ms, value=value, digest=digest))
    return items


def by_kind(totals: list[PeriodTotal]) -> dict[PeriodKind, list[PeriodTotal]]:
    return {kind: [item for item in totals if item.period.kind is kind] for kind in KINDS}


@given(steady_series())
def test_parts_sum_to_the_whole(items: list[Sample]) -> None:
    found = by_kind(roll_up(items, REGISTER, kinds=WANTED))
    for part, whole in pairwise(WANTED):
        for item in found[whole]:
            if not item.is_complete or item.total is None:
                continue
            parts = [one for one in found[part] if item.period.contains(one.period.start)]
            assert parts[0].period.start == item.period.start
            assert parts[-1].period.end == item.period.end
            assert sum(one.total for one in parts) == item.total


@given(steady_series())
def test_all_periods_together_are_the_measured_increment(items: list[Sample]) -> None:
    """Bring both ends onto a boundary: then every kind sums to what the counter went."""
    minute = 60_000
    first = items[0].at_ms // minute * minute
    moved = [Sample(at_ms=first, value=items[0].value, digest=b"")]
    moved += [item for item in items if item.at_ms > first]
    end = -(-moved[-1].at_ms // minute) * minute
    moved.append(Sample(at_ms=end, value=moved[-1].value, digest=b""))
    went = sum((right.value - left.value) % CAPACITY for left, right in pairwise(moved))
    minutes = [
        item for item in roll_up(moved, REGISTER, kinds=[PeriodKind.MINUTE]) if item.is_complete
    ]
    assert sum(item.total for item in minutes) * 100 == went
    assert all(item.total >= 0 for item in minutes)


@given(
    st.integers(min_value=0, max_value=10**18),
    st.lists(st.integers(min_value=1, max_value=10**7), min_size=1, max_size=20),
)
def test_a_partition_of_a_leg_telescopes(rise: int, lengths: list[int]) -> None:
    whole = sum(lengths)
    reached = [share(rise, part=sum(lengths[:count]), whole=whole) for count in range(len(lengths))]
    reached.append(share(rise, part=whole, whole=whole))
    assert reached[0] == 0
    assert reached[-1] == rise
    assert reached == sorted(reached)
    for count, value in enumerate(reached[:-1]):
        assert abs(Fraction(rise * sum(lengths[:count]), whole) - value) <= Fraction(1, 2)


@given(wild_series(), st.data())
def test_a_restart_of_the_program_changes_nothing(items: list[Item], data: st.DataObject) -> None:
    ordered = in_order(items)
    whole = roll_up(items, REGISTER, kinds=WANTED)
    cuts = data.draw(st.sets(st.integers(0, len(ordered)), max_size=3))
    running = RollUp(REGISTER, kinds=WANTED)
    done: list[PeriodTotal] = []
    for position, item in enumerate(ordered):
        if position in cuts:
            running = load_rollup(save_rollup(running), meter_register=REGISTER, kinds=WANTED)
        done += running.add(item)
    assert done + running.provisional() == whole


@given(wild_series(), st.data())
def test_delays_and_resends_change_nothing(items: list[Item], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(items), max_size=5))
    mixed = data.draw(st.permutations(items + again))
    assert roll_up(mixed, REGISTER, kinds=WANTED) == roll_up(items, REGISTER, kinds=WANTED)


@given(wild_series())
def test_no_total_is_more_than_the_meter_can_count(items: list[Item]) -> None:
    rate = REGISTER.step * 10
    register = samples.meter_register(interval_s=300, max_rate=rate)
    bracket = 4 * register.interval_s
    for item in roll_up(items, register, kinds=WANTED):
        if item.total is not None:
            seconds = (item.period.end - item.period.start).total_seconds()
            assert 0 <= item.total <= rate * (int(seconds) + bracket)


@given(wild_series())
def test_periods_come_once_and_in_order(items: list[Item]) -> None:
    found = by_kind(roll_up(items, REGISTER, kinds=WANTED))
    for kind, totals in found.items():
        starts = [to_ms(item.period.start) for item in totals]
        assert starts == sorted(set(starts)), kind
        assert all(item.is_complete for item in totals[:-1])
        for item in totals:
            assert (item.minimum is None) == (item.maximum is None) == (item.samples == 0)
            if item.coverage is not None and item.coverage.by is None:
                assert item.coverage.valid <= item.samples


@given(wild_series())
def test_every_sample_is_counted_once(items: list[Item]) -> None:
    taken = [
        item for item in in_order(items) if isinstance(item, Sample) and item.value is not None
    ]
    for totals in by_kind(roll_up(items, REGISTER, kinds=WANTED)).values():
        if totals:
            assert sum(item.samples for item in totals) == len(taken)
            assert sum(item.sample_sum for item in totals) * 100 == sum(
                item.value for item in taken
            )


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 9999)), min_size=1, max_size=40))
def test_an_increment_is_exact_or_absent(steps: list[tuple[int, int]]) -> None:
    rule = CounterRule(capacity=10_000, max_rate=Fraction(1, 1000))
    state, at_ms = None, 0
    for gap, value in steps:
        at_ms += gap
        before = state
        state, step = advance(state, at_ms=at_ms, value=value, digest=b"", rule=rule)
        if step.value is not None:
            assert before is not None
            assert 0 <= step.value <= Fraction(gap, 1000)
            assert (before.value + step.value) % 10_000 == value
