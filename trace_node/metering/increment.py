"""Increments of counters: exact or absent, never a spike (rule Q3; 002 §8.2.2).

Values are scaled integers (the digits a meter register shows), so that nothing is ever rounded. The
first line that fits decides; d = current - previous, M = capacity, cap = greatest rate x time:

=======================================  =============  ================================
case                                     flag           increment
=======================================  =============  ================================
cap >= M                                 undecided      none: it may have gone round
d >= 0 and d <= cap                      ok             d
d >= 0 and d > cap                       jump           none
d < 0 and M - previous + current <= cap  rollover       M - previous + current
d < 0 and current <= cap                 reset_suspect  none until an event explains it
d < 0 otherwise                          backward       none
=======================================  =============  ================================

Without a greatest rate there is no jump test, and cap = M/10 for the lines with d < 0. Then one
more line keeps a spike out: right after an unexplained drop a rise of more than M/10 (or up to the
counter's value before the drop, where M is unknown too) is a jump, because the drop may have been
a false reading. A reset or replacement that an event explains is taken in by ``restart`` with the
last value before and the first value after: the increment is (end - previous) + (current - start).
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, Self

from trace_node.metering.errors import SeriesError
from trace_node.metering.meter import MeterRegister
from trace_node.metering.scaled import to_scaled

RULE: Final = "increment@1"
_PART_OF_CAPACITY: Final = 10


class Flag(StrEnum):
    """What the rule found between two values of a counter."""

    FIRST = "first"  # nothing before it
    OK = "ok"
    JUMP = "jump"
    ROLLOVER = "rollover"
    RESET_SUSPECT = "reset_suspect"
    BACKWARD = "backward"
    UNDECIDED = "undecided"
    RESTART = "restart"  # from the meter's first value after an explained restart


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRule:
    """What is known of a counter (计数器), in units of its last decimal.

    Attributes:
        capacity: M, the value at which it starts again from zero; None if unknown.
        max_rate: Greatest possible rise per millisecond; None if unknown.
    """

    capacity: int | None
    max_rate: Fraction | None

    @classmethod
    def of(cls, meter_register: MeterRegister) -> Self:
        """The rule of a meter register."""
        scale = meter_register.scale
        capacity, rate = meter_register.capacity, meter_register.max_rate
        return cls(
            capacity=None if capacity is None else to_scaled(capacity, scale=scale),
            max_rate=None if rate is None else Fraction(rate) * 10**scale / 1000,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterState:
    """Where a counter stood, all that must outlive a restart of the program.

    Attributes:
        at_ms: Instant of the value, milliseconds since the epoch.
        value: Scaled value.
        digest: 32-byte digest of the record it came from.
        before_drop: Scaled value before an unexplained drop that led here; None if there was none.
        restarted: Whether ``value`` is the first one after an explained restart.
    """

    at_ms: int
    value: int
    digest: bytes
    before_drop: int | None = None
    restarted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Increment:
    """An increment (增量): how far a counter went between two values, and what it was derived from.

    Attributes:
        flag: What the rule found.
        value: Scaled increment; None where none is certain.
        from_ms: Instant of the earlier value; equal to ``to_ms`` for the first.
        to_ms: Instant of the later value.
        inputs: Digests of the records of both values, the later last; one for the first.
        rule: Name and version of the rule.
    """

    flag: Flag
    value: int | None
    from_ms: int
    to_ms: int
    inputs: tuple[bytes, ...]
    rule: str = RULE


def classify(
    *,
    previous: int,
    current: int,
    elapsed_ms: int,
    rule: CounterRule,
    before_drop: int | None = None,
) -> tuple[Flag, int | None]:
    """Apply the rule to two scaled values.

    Args:
        previous: The earlier value.
        current: The later value.
        elapsed_ms: Milliseconds between them, 0 or more.
        rule: What is known of the counter.
        before_drop: Value before an unexplained drop that led to ``previous``; None without one.

    Returns:
        The flag, and the increment where it is certain.
    """
    rise, capacity, rate = current - previous, rule.capacity, rule.max_rate
    # cap is cap_parts / parts, in whole numbers: a Fraction for each value would take longest here
    cap_parts, parts = (0, 1) if rate is None else (rate.numerator * elapsed_ms, rate.denominator)
    if rate is not None and capacity is not None and cap_parts >= capacity * parts:
        return Flag.UNDECIDED, None
    if rise >= 0:
        is_jump = (
            _is_doubtful(rise, current, before_drop, rule)
            if rate is None
            else rise * parts > cap_parts
        )
        return (Flag.JUMP, None) if is_jump else (Flag.OK, rise)
    if rate is None:
        if capacity is None:
            return Flag.BACKWARD, None
        cap_parts, parts = capacity, _PART_OF_CAPACITY
    if capacity is not None and 0 <= (capacity + rise) * parts <= cap_parts:
        return Flag.ROLLOVER, capacity + rise
    return (Flag.RESET_SUSPECT if current * parts <= cap_parts else Flag.BACKWARD), None


def _is_doubtful(rise: int, current: int, before_drop: int | None, rule: CounterRule) -> bool:
    if before_drop is None:
        return False
    if rule.capacity is None:
        return current >= before_drop
    return rise * _PART_OF_CAPACITY > rule.capacity


def advance(
    state: CounterState | None, *, at_ms: int, value: int, digest: bytes, rule: CounterRule
) -> tuple[CounterState, Increment]:
    """Take in the next value of a counter.

    Args:
        state: Where it stood; None if nothing is known.
        at_ms: Instant of the value, milliseconds since the epoch; not before the state's.
        value: Scaled value, 0 or more where a capacity is known.
        digest: 32-byte digest of the record.
        rule: What is known of the counter.

    Returns:
        Where it stands now, and the increment since.

    Raises:
        SeriesError: The value is older than the state: put values in order of their instants.
    """
    if state is None:
        reached = CounterState(at_ms=at_ms, value=value, digest=digest)
        return reached, Increment(
            flag=Flag.FIRST, value=None, from_ms=at_ms, to_ms=at_ms, inputs=(digest,)
        )
    _require_order(state, at_ms)
    flag, rise = classify(
        previous=state.value,
        current=value,
        elapsed_ms=at_ms - state.at_ms,
        rule=rule,
        before_drop=state.before_drop,
    )
    dropped = flag in {Flag.RESET_SUSPECT, Flag.BACKWARD}
    reached = CounterState(
        at_ms=at_ms, value=value, digest=digest, before_drop=state.value if dropped else None
    )
    shown = Flag.RESTART if state.restarted and flag is Flag.OK else flag
    return reached, Increment(
        flag=shown,
        value=rise,
        from_ms=state.at_ms,
        to_ms=at_ms,
        inputs=(state.digest, digest),
    )


def restart(
    state: CounterState | None,
    *,
    at_ms: int,
    end: int | None,
    start: int | None,
    digest: bytes,
    rule: CounterRule,
) -> tuple[CounterState | None, Increment | None]:
    """Take in an event that explains why a counter starts anew: a reset, or a replaced meter.

    Args:
        state: Where it stood; None if nothing is known.
        at_ms: Instant of the event, milliseconds since the epoch; not before the state's.
        end: Scaled value shown last before it; None if nobody read it.
        start: Scaled value shown first after it; None if nobody read it.
        digest: 32-byte digest of the event's record.
        rule: What is known of the counter.

    Returns:
        Where the counter stands now (None if unknown), and the increment up to the event, if any.

    Raises:
        SeriesError: The event is older than the state.
    """
    last: Increment | None = None
    if state is not None:
        _require_order(state, at_ms)
        if end is not None:
            _, last = advance(state, at_ms=at_ms, value=end, digest=digest, rule=rule)
    if start is None:
        return None, last
    return CounterState(at_ms=at_ms, value=start, digest=digest, restarted=True), last


def _require_order(state: CounterState, at_ms: int) -> None:
    if at_ms < state.at_ms:
        raise SeriesError(
            "{field}: {late_ms} ms older than the value before it",
            field="at_ms",
            late_ms=state.at_ms - at_ms,
            remedy="order the values by their instants and compute again from the earlier one",
            code="series.order",
        )
