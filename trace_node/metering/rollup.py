"""From the values of a meter register to the totals of its periods (rule Q5; 002 §8.2.1).

The total of a period is C(end) - C(start). Where a value was measured exactly at a boundary, that
is C; otherwise C is interpolated between the two neighbouring values, if they lie at most two
intervals apart, and rounded to the meter register's last decimal. A boundary is worked out from its
two neighbours alone and so is the same for every period that shares it: the day is the exact sum of
its hours, the month of its days, the whole of any partition. A boundary that cannot be settled
leaves the total open with the flag ``gap``, an increment that is not certain with its own flag.
Seconds and minutes are computed the same way as days.

Feed items in the order of ``series.in_order``. The state can be stored after any item and taken up
again (``rollup_state``); late data means taking up an earlier state, or feeding the series again.
"""

from collections.abc import Iterable
from typing import Final

from trace_node.metering.errors import SeriesError
from trace_node.metering.increment import (
    CounterRule,
    CounterState,
    Flag,
    Increment,
    advance,
    restart,
)
from trace_node.metering.meter import MeterRegister
from trace_node.metering.open_period import Leg, OpenPeriod
from trace_node.metering.period_total import (
    CONFLICT,
    GAP,
    INTERPOLATED,
    PART,
    UNKNOWN_RESTART,
    PeriodTotal,
    judged_by_parts,
)
from trace_node.metering.series import Item, Restart, Sample, in_order
from trace_node.period import KINDS, PeriodKind, end_ms, start_ms

MOST_INTERVALS: Final = 2  # between the neighbours of a boundary that is interpolated
# Flags that say by themselves why a total is open; where there is none of them, it is a gap.
_WITHOUT_INCREMENT: Final = frozenset(
    {Flag.JUMP, Flag.RESET_SUSPECT, Flag.BACKWARD, Flag.UNDECIDED, UNKNOWN_RESTART}
)
DEFAULT_KINDS: Final = (PeriodKind.HOUR, PeriodKind.DAY, PeriodKind.MONTH, PeriodKind.YEAR)


class RollUp:
    """The running totals of one meter register (汇总).

    Args:
        meter_register: Its description.
        kinds: The kinds of period wanted.

    Attributes:
        step: The increment that the newest item gave; None where it gave none.
    """

    def __init__(
        self, meter_register: MeterRegister, *, kinds: Iterable[PeriodKind] = DEFAULT_KINDS
    ) -> None:
        self.meter_register = meter_register
        self.kinds = frozenset(kinds)
        self.counter: CounterState | None = None
        self.running = 0
        self.last_ms: int | None = None
        self.pending: set[str] = set()
        self.open: dict[PeriodKind, OpenPeriod] = {}
        self.step: Increment | None = None
        self._rule = CounterRule.of(meter_register)
        self._is_counter = meter_register.kind == "counter"
        self._interval_ms = meter_register.interval_s * 1000
        self._bracket_ms = MOST_INTERVALS * self._interval_ms
        self._tracked = _with_parts(self.kinds, meter_register)

    def add(self, item: Item) -> list[PeriodTotal]:
        """Take in the next item and return the periods it completes, the shorter first.

        Raises:
            SeriesError: The item is older than one before it.
        """
        if self.last_ms is not None and item.at_ms < self.last_ms:
            raise SeriesError(
                "{field}: {late_ms} ms older than the item before it",
                field="at_ms",
                late_ms=self.last_ms - item.at_ms,
                remedy="take up an earlier state, or feed the whole series in order",
                code="series.order",
            )
        self.step = None
        if isinstance(item, Restart):
            return self._take_restart(item) if self._is_counter else []
        if item.value is None:
            self.pending.add(CONFLICT)
            return []
        return self._take_sample(item, item.value)

    def provisional(self) -> list[PeriodTotal]:
        """The wanted periods that are still open, as far as they are known; the shorter first."""
        closing = self.running if self._is_counter else None
        return [
            self.open[kind].total(kind, self.meter_register, closing=closing, is_complete=False)
            for kind in self._tracked
            if kind in self.kinds and kind in self.open
        ]

    def _take_sample(self, sample: Sample, value: int) -> list[PeriodTotal]:
        rise, flags = None, set[str]()
        if self._is_counter:
            known = self.counter
            self.counter, step = advance(
                known, at_ms=sample.at_ms, value=value, digest=sample.digest, rule=self._rule
            )
            self.step, rise = step, step.value
            if step.flag is Flag.FIRST and self.last_ms is not None:
                flags.add(UNKNOWN_RESTART)
            elif step.flag not in {Flag.FIRST, Flag.OK}:
                flags.add(step.flag.value)
        done = self._reach(sample.at_ms, rise, flags)
        for period in self.open.values():
            period.take_sample(sample.at_ms, value, interval_ms=self._interval_ms)
        return done

    def _take_restart(self, event: Restart) -> list[PeriodTotal]:
        self.counter, step = restart(
            self.counter,
            at_ms=event.at_ms,
            end=event.end,
            start=event.start,
            digest=event.digest,
            rule=self._rule,
        )
        self.step = step
        flags = set[str]() if step is None or step.flag is Flag.OK else {step.flag.value}
        if step is None or step.value is None:
            return self._reach(event.at_ms, None, flags | {UNKNOWN_RESTART})
        return self._reach(event.at_ms, step.value, flags)

    def _reach(self, at_ms: int, rise: int | None, flags: set[str]) -> list[PeriodTotal]:
        """Move on to a point, where the running total has risen by ``rise`` (None: not certain)."""
        flags |= self.pending
        self.pending = set()
        from_ms, before = self.last_ms, self.running
        self.last_ms, self.running = at_ms, before + (rise or 0)
        done: list[PeriodTotal] = []
        if from_ms is None:
            for kind in self._tracked:
                begin = start_ms(at_ms, kind)
                opening = before if begin == at_ms else None
                self._open(kind, begin, opening=opening, flags=set(flags))
            return done
        leg = Leg(
            from_ms=from_ms, to_ms=at_ms, before=before, rise=rise, bracket_ms=self._bracket_ms
        )
        for kind in self._tracked:
            period = self.open[kind]
            period.flags |= flags
            if period.until_ms <= at_ms:
                period = self._cross(kind, leg, flags, done)
            if period.begin_ms < at_ms:
                period.take_step(rise)
                if rise is None:
                    period.opening = None
        return done

    def _cross(
        self, kind: PeriodKind, leg: Leg, flags: set[str], done: list[PeriodTotal]
    ) -> OpenPeriod:
        """Carry the open period of one kind over all boundaries along a leg; return the last."""
        period = self.open[kind]
        while period.until_ms <= leg.to_ms:
            boundary, closing = period.until_ms, leg.closing(period.until_ms)
            arrived = boundary == leg.to_ms
            carried = set() if closing is None or arrived else {INTERPOLATED}
            if arrived:
                period.take_step(leg.rise)
            elif closing is None and leg.rise is not None:
                period.flags.add(GAP)
            period.flags |= carried
            self._complete(kind, period, closing, done)
            # Where nothing between the two values can be settled, what lies between has no total.
            begin = start_ms(leg.to_ms, kind) if closing is None else boundary
            if begin < leg.to_ms:
                carried = carried | flags
            period = self._open(kind, begin, opening=leg.opening(begin), flags=carried)
        return period

    def _open(
        self, kind: PeriodKind, begin: int, *, opening: int | None, flags: set[str]
    ) -> OpenPeriod:
        is_gap = self._is_counter and opening is None and not flags & _WITHOUT_INCREMENT
        period = OpenPeriod(
            begin_ms=begin,
            until_ms=end_ms(begin, kind),
            opening=opening if self._is_counter else None,
            flags=flags | {GAP} if is_gap else flags,
        )
        self.open[kind] = period
        return period

    def _complete(
        self,
        kind: PeriodKind,
        period: OpenPeriod,
        closing: int | None,
        done: list[PeriodTotal],
    ) -> None:
        total = period.total(kind, self.meter_register, closing=closing, is_complete=True)
        if kind in self.kinds:
            done.append(total)
        if total.is_valid:
            for longer in self._tracked:
                if PART.get(longer) is kind:
                    self.open[longer].parts += 1


def roll_up(
    items: Iterable[Item],
    meter_register: MeterRegister,
    *,
    kinds: Iterable[PeriodKind] = DEFAULT_KINDS,
) -> list[PeriodTotal]:
    """The totals of a whole series, complete ones first, then those that are still open.

    Args:
        items: Samples and restarts in any order; see ``series.in_order``.
        meter_register: The description of the meter register.
        kinds: The kinds of period wanted.
    """
    running = RollUp(meter_register, kinds=kinds)
    done = [total for item in in_order(items) for total in running.add(item)]
    return done + running.provisional()


def _with_parts(
    kinds: frozenset[PeriodKind], meter_register: MeterRegister
) -> tuple[PeriodKind, ...]:
    """The wanted kinds and those by which they are judged, the shorter first."""
    tracked = set(kinds)
    for kind in reversed(KINDS):
        if kind in tracked and judged_by_parts(kind, meter_register):
            tracked.add(PART[kind])
    return tuple(kind for kind in KINDS if kind in tracked)
