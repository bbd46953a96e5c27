"""Increments of counters: the check values of rule Q3, and never a spike.

Shows S2-8.2.2 (a counter that starts again from zero is corrected by its greatest output) and S2-8.2.1-1
(increments are calculated from the raw values of each instrument).
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from support import metering_samples as samples

from trace_node.metering.errors import SeriesError
from trace_node.metering.increment import (
    CounterRule,
    CounterState,
    Flag,
    advance,
    classify,
    restart,
)
from trace_node.metering.scaled import from_scaled, share, to_scaled


def rule(capacity: str | None, max_rate: str | None, *, scale: int = 0) -> CounterRule:
    return CounterRule.of(
        samples.meter_register(
            scale=scale,
            minimum=from_scaled(0, scale=scale),
            maximum=from_scaled(0, scale=scale),
            capacity=None if capacity is None else Decimal(capacity),
            max_rate=None if max_rate is None else Decimal(max_rate),
        )
    )


@pytest.mark.parametrize(
    "case",  # previous, current, capacity, seconds, greatest rate, flag, increment
    [
        # The check values of the rule.
        ("9998", "3", "10000", 60, "1", Flag.ROLLOVER, "5"),
        ("5000", "5030", "10000", 60, "1", Flag.OK, "30"),
        ("5000", "3", "10000", 60, "1", Flag.RESET_SUSPECT, None),
        ("5000", "0", "10000", 60, "1", Flag.RESET_SUSPECT, None),
        ("5000", "4000", "10000", 60, "1", Flag.BACKWARD, None),
        ("799999.99", "0.02", "800000.00", 900, "0.01", Flag.ROLLOVER, "0.03"),
        # 9999 goes round to 0000.
        ("9999", "0", "10000", 60, "1", Flag.ROLLOVER, "1"),
        # The edges of each line.
        ("5000", "5000", "10000", 0, "1", Flag.OK, "0"),
        ("5000", "5060", "10000", 60, "1", Flag.OK, "60"),
        ("5000", "5061", "10000", 60, "1", Flag.JUMP, None),
        ("9980", "40", "10000", 60, "1", Flag.ROLLOVER, "60"),
        ("9980", "41", "10000", 60, "1", Flag.RESET_SUSPECT, None),
        ("9900", "60", "10000", 60, "1", Flag.RESET_SUSPECT, None),
        ("9900", "61", "10000", 60, "1", Flag.BACKWARD, None),
        ("5000", "5030", "10000", 10_000, "1", Flag.UNDECIDED, None),
        ("5000", "5030", "10000", 9_999, "1", Flag.OK, "30"),
        ("5000", "4999", "10000", 9_999, "1", Flag.ROLLOVER, "9999"),
        # Without a greatest rate: no jump test, and cap = M/10 for a fall.
        ("5000", "9999", "10000", 1, None, Flag.OK, "4999"),
        ("9500", "500", "10000", 1, None, Flag.ROLLOVER, "1000"),
        ("9500", "501", "10000", 1, None, Flag.RESET_SUSPECT, None),
        ("9500", "1001", "10000", 1, None, Flag.BACKWARD, None),
        # Without a capacity nothing can go round.
        ("5000", "3", None, 60, "1", Flag.RESET_SUSPECT, None),
        ("5000", "4000", None, 60, "1", Flag.BACKWARD, None),
        ("5000", "5030", None, 10**9, "1", Flag.OK, "30"),
        ("5000", "3", None, 60, None, Flag.BACKWARD, None),
        ("5000", "9000000", None, 60, None, Flag.OK, "8995000"),
    ],
)
def test_check_values(case: tuple[str, str, str | None, int, str | None, Flag, str | None]) -> None:
    previous, current, capacity, seconds, rate, flag, increment = case
    scale = 2 if "." in previous else 0
    found, rise = classify(
        previous=to_scaled(Decimal(previous), scale=scale),
        current=to_scaled(Decimal(current), scale=scale),
        elapsed_ms=seconds * 1000,
        rule=rule(capacity, rate, scale=scale),
    )
    assert found is flag
    expected = None if increment is None else to_scaled(Decimal(increment), scale=scale)
    assert rise == expected


def run(values: list[int], counter_rule: CounterRule) -> list[tuple[str, int | None]]:
    state: CounterState | None = None
    found: list[tuple[str, int | None]] = []
    for minute, value in enumerate(values):
        state, step = advance(
            state, at_ms=minute * 60_000, value=value, digest=bytes([minute]), rule=counter_rule
        )
        found.append((step.flag.value, step.value))
    return found


def test_a_false_zero_adds_nothing_when_the_counter_comes_back() -> None:
    """A failed read stored as 0 on a lifetime counter must not add the whole total."""
    expected = [("first", None), ("ok", 5), ("reset_suspect", None), ("jump", None), ("ok", 7)]
    values = [5000, 5005, 0, 5010, 5017]
    assert run(values, rule("10000", "1")) == expected
    assert run(values, rule("10000", None)) == expected
    expected[2] = ("backward", None)
    assert run(values, rule(None, None)) == expected


def test_a_true_reset_goes_on_from_zero() -> None:
    values = [5000, 0, 3, 9]
    expected = [("first", None), ("reset_suspect", None), ("ok", 3), ("ok", 6)]
    assert run(values, rule("10000", "1")) == expected
    assert run(values, rule("10000", None)) == expected


def test_a_rise_after_a_drop_is_doubtful_above_a_tenth_of_the_capacity() -> None:
    assert run([5000, 0, 1000], rule("10000", None))[2] == ("ok", 1000)
    assert run([5000, 0, 1001], rule("10000", None))[2] == ("jump", None)
    assert run([5000, 0, 4999], rule(None, None))[2] == ("ok", 4999)
    assert run([5000, 0, 5000], rule(None, None))[2] == ("jump", None)


def test_only_the_first_rise_after_a_drop_is_doubtful() -> None:
    values = [5000, 0, 3, 4000, 9000]
    assert run(values, rule("10000", None))[3:] == [("ok", 3997), ("ok", 5000)]
    assert run(values, rule(None, None))[3:] == [("ok", 3997), ("ok", 5000)]


def test_an_increment_names_rule_and_inputs() -> None:
    counter_rule = rule("10000", "1")
    state, first = advance(None, at_ms=0, value=9998, digest=b"a", rule=counter_rule)
    assert (first.flag, first.value, first.inputs) == (Flag.FIRST, None, (b"a",))
    state, step = advance(state, at_ms=60_000, value=3, digest=b"b", rule=counter_rule)
    assert (step.flag, step.value, step.inputs) == (Flag.ROLLOVER, 5, (b"a", b"b"))
    assert (step.from_ms, step.to_ms, step.rule) == (0, 60_000, "increment@1")


def test_a_replaced_meter_adds_what_both_meters_counted() -> None:
    counter_rule = rule("10000", "1")
    state, _ = advance(None, at_ms=0, value=5000, digest=b"a", rule=counter_rule)
    state, before = restart(
        state, at_ms=30_000, end=5020, start=17, digest=b"event", rule=counter_rule
    )
    assert before is not None
    assert (before.flag, before.value, before.inputs) == (Flag.OK, 20, (b"a", b"event"))
    state, after = advance(state, at_ms=60_000, value=30, digest=b"b", rule=counter_rule)
    assert (after.flag, after.value, after.inputs) == (Flag.RESTART, 13, (b"event", b"b"))
    assert before.value + after.value == (5020 - 5000) + (30 - 17)


@pytest.mark.parametrize(
    ("end", "start", "before", "after"),
    [
        (None, 0, None, ("restart", 30)),
        (5020, None, ("ok", 20), ("first", None)),
        (None, None, None, ("first", None)),
        (4990, 0, ("backward", None), ("restart", 30)),
        (5900, 0, ("jump", None), ("restart", 30)),
    ],
)
def test_what_nobody_read_stays_open(
    end: int | None,
    start: int | None,
    before: tuple[str, int | None] | None,
    after: tuple[str, int | None],
) -> None:
    counter_rule = rule("10000", "1")
    state, _ = advance(None, at_ms=0, value=5000, digest=b"a", rule=counter_rule)
    state, step = restart(state, at_ms=30_000, end=end, start=start, digest=b"e", rule=counter_rule)
    assert (None if step is None else (step.flag.value, step.value)) == before
    _, step = advance(state, at_ms=60_000, value=30, digest=b"b", rule=counter_rule)
    assert (step.flag.value, step.value) == after


def test_a_restart_before_any_value_has_no_increment() -> None:
    state, step = restart(None, at_ms=0, end=5, start=0, digest=b"e", rule=rule("10000", "1"))
    assert step is None
    assert state == CounterState(at_ms=0, value=0, digest=b"e", restarted=True)


def test_values_must_come_in_order() -> None:
    counter_rule = rule("10000", "1")
    state, _ = advance(None, at_ms=60_000, value=1, digest=b"a", rule=counter_rule)
    with pytest.raises(SeriesError) as caught:
        advance(state, at_ms=59_999, value=2, digest=b"b", rule=counter_rule)
    assert caught.value.reason == "series.order"
    with pytest.raises(SeriesError):
        restart(state, at_ms=0, end=None, start=None, digest=b"b", rule=counter_rule)


def test_the_rule_of_a_meter_register_is_in_units_of_its_last_decimal() -> None:
    counter_rule = CounterRule.of(samples.meter_register())
    assert counter_rule == CounterRule(capacity=80_000_000, max_rate=Fraction(50, 1000))


@pytest.mark.parametrize(
    ("rise", "part", "whole", "expected"),
    [(10, 1, 4, 2), (10, 3, 4, 8), (6, 1, 4, 2), (3, 1, 2, 2), (5, 1, 2, 2), (777, 1, 4, 194)],
)
def test_halves_are_rounded_to_the_even_unit(
    rise: int, part: int, whole: int, expected: int
) -> None:
    assert share(rise, part=part, whole=whole) == expected


def test_scaled_values_are_exact() -> None:
    assert to_scaled(Decimal("-12.50"), scale=2) == -1250
    assert to_scaled(Decimal("1E+3"), scale=2) == 100_000
    assert str(from_scaled(-1250, scale=2)) == "-12.50"
    assert str(from_scaled(10**40 + 1, scale=3)) == "1" + "0" * 37 + ".001"
    with pytest.raises(SeriesError):
        to_scaled(Decimal("0.001"), scale=2)
