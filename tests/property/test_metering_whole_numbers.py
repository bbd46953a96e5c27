"""The fast arithmetic of the roll-up against the same rules in fractions, tuples and conversions."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from support.builders import counter

from trace_node.metering.increment import CounterRule, Flag, advance, classify, restart
from trace_node.metering.rollup import RollUp
from trace_node.metering.scaled import from_scaled
from trace_node.metering.series import Restart, Sample, in_order
from trace_node.period import SHANGHAI, from_ms

SMALL = st.integers(0, 400)
OK = Flag.OK
RATES = st.none() | st.fractions(min_value=0, max_value=5, max_denominator=7)
CAPACITIES = st.none() | st.integers(1, 300)


def by_fractions(
    previous: int, current: int, elapsed_ms: int, rule: CounterRule, before_drop: int | None
) -> tuple[Flag, int | None]:
    """The table of the rule, line by line."""
    rise, capacity = current - previous, rule.capacity
    cap = None if rule.max_rate is None else rule.max_rate * elapsed_ms
    if cap is not None and capacity is not None and cap >= capacity:
        return Flag.UNDECIDED, None
    if rise >= 0:
        return (Flag.JUMP, None) if is_jump(rise, current, cap, rule, before_drop) else (OK, rise)
    if cap is None and capacity is None:
        return Flag.BACKWARD, None
    limit = Fraction(capacity or 0, 10) if cap is None else cap
    if capacity is not None and 0 <= capacity - previous + current <= limit:
        return Flag.ROLLOVER, capacity - previous + current
    return (Flag.RESET_SUSPECT if current <= limit else Flag.BACKWARD), None


def is_jump(
    rise: int, current: int, cap: Fraction | None, rule: CounterRule, before_drop: int | None
) -> bool:
    if cap is not None:
        return rise > cap
    if before_drop is None:
        return False
    if rule.capacity is None:
        return current >= before_drop
    return rise > Fraction(rule.capacity, 10)


@given(
    SMALL,
    SMALL,
    st.integers(0, 120),
    st.builds(CounterRule, capacity=CAPACITIES, max_rate=RATES),
    st.none() | SMALL,
)
def test_the_rule_of_increments_in_whole_numbers_is_the_rule_in_fractions(
    previous: int, current: int, elapsed_ms: int, rule: CounterRule, before_drop: int | None
) -> None:
    found = classify(
        previous=previous,
        current=current,
        elapsed_ms=elapsed_ms,
        rule=rule,
        before_drop=before_drop,
    )
    assert found == by_fractions(previous, current, elapsed_ms, rule, before_drop)


@given(st.integers(-(10**40), 10**40), st.integers(0, 9))
def test_a_scaled_number_is_written_digit_by_digit(number: int, scale: int) -> None:
    digits = tuple(map(int, str(abs(number))))
    assert from_scaled(number, scale=scale).as_tuple() == (number < 0, digits, -scale)


@given(st.integers(0, 253_000_000_000_000))
def test_an_instant_is_the_one_of_utc_in_civil_time(at_ms: int) -> None:
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    assert from_ms(at_ms) == utc
    assert from_ms(at_ms).isoformat() == utc.astimezone(SHANGHAI).isoformat()


SAMPLES = st.builds(
    Sample, at_ms=st.integers(0, 10**7), value=st.none() | SMALL, digest=st.just(bytes(32))
)
RESTARTS = st.builds(
    Restart,
    at_ms=st.integers(0, 10**7),
    end=st.none() | SMALL,
    start=st.none() | SMALL,
    digest=st.just(b"\1" * 32),
)


@given(st.lists(SAMPLES | RESTARTS, max_size=30))
def test_the_roll_up_tells_the_increment_of_each_item(items: list[Sample | Restart]) -> None:
    running, rule, state = RollUp(counter()), CounterRule.of(counter()), None
    for item in in_order(items):
        expected = None
        if isinstance(item, Restart):
            state, expected = restart(
                state,
                at_ms=item.at_ms,
                end=item.end,
                start=item.start,
                digest=item.digest,
                rule=rule,
            )
        elif item.value is not None:
            state, expected = advance(
                state, at_ms=item.at_ms, value=item.value, digest=item.digest, rule=rule
            )
        running.add(item)
        assert running.step == expected
