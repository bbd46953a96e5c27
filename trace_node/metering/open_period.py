"""A period that is being filled, and the leg of a counter that carries it over its boundaries."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from trace_node.metering.meter import MeterRegister
from trace_node.metering.period_total import PeriodTotal, coverage_of
from trace_node.metering.scaled import from_scaled, share
from trace_node.period import Period, PeriodKind, from_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What lies between two neighbouring values of a counter.

    Attributes:
        from_ms: Instant of the earlier one.
        to_ms: Instant of the later one, not before it.
        before: Running total at the earlier one.
        rise: How far the counter went; None where that is not certain.
        bracket_ms: How far apart they may lie for a boundary between them to be interpolated.
    """

    from_ms: int
    to_ms: int
    before: int
    rise: int | None
    bracket_ms: int

    def closing(self, boundary_ms: int) -> int | None:
        """Running total at a boundary after the earlier value; None where it cannot be settled."""
        if self.rise is None:
            return None
        if boundary_ms == self.to_ms:
            return self.before + self.rise
        elapsed = self.to_ms - self.from_ms
        if elapsed > self.bracket_ms:
            return None
        return self.before + share(self.rise, part=boundary_ms - self.from_ms, whole=elapsed)

    def opening(self, boundary_ms: int) -> int | None:
        """Running total for what begins at a boundary: what is measured there is always known."""
        if boundary_ms == self.to_ms:
            return self.before + (self.rise or 0)
        return self.closing(boundary_ms)


@dataclass(slots=True, kw_only=True)
class OpenPeriod:
    """A period that is being filled; values are scaled.

    Attributes:
        begin_ms: Its start.
        until_ms: Its end.
        opening: The running total at its start; None if that is not known.
        low: Least sample; None without samples.
        high: Greatest sample.
        least_step: Least increment between two values that ended inside.
        greatest_step: Greatest such increment.
        sample_sum: Sum of the samples.
        samples: Number of samples.
        slots: Number of intervals with a sample.
        last_slot: The last such interval, counted from the start.
        parts: Number of valid parts.
        flags: What happened.
    """

    begin_ms: int
    until_ms: int
    opening: int | None
    low: int | None = None
    high: int | None = None
    least_step: int | None = None
    greatest_step: int | None = None
    sample_sum: int = 0
    samples: int = 0
    slots: int = 0
    last_slot: int = -1
    parts: int = 0
    flags: set[str] = field(default_factory=set)

    def take_sample(self, at_ms: int, value: int, *, interval_ms: int) -> None:
        """Count a sample inside."""
        if self.low is None or value < self.low:
            self.low = value
        if self.high is None or value > self.high:
            self.high = value
        self.sample_sum += value
        self.samples += 1
        slot = (at_ms - self.begin_ms) // interval_ms
        if slot != self.last_slot:
            self.slots += 1
            self.last_slot = slot

    def take_step(self, rise: int | None) -> None:
        """Count an increment that ended inside or at the end."""
        if rise is None:
            return
        if self.least_step is None or rise < self.least_step:
            self.least_step = rise
        if self.greatest_step is None or rise > self.greatest_step:
            self.greatest_step = rise

    def total(
        self,
        kind: PeriodKind,
        meter_register: MeterRegister,
        *,
        closing: int | None,
        is_complete: bool,
    ) -> PeriodTotal:
        """The total as it stands.

        Args:
            kind: The kind of period.
            meter_register: Its description.
            closing: The running total at the end; None if that is not known.
            is_complete: Whether nothing can be added any more.
        """
        scale = meter_register.scale
        rise = None if closing is None or self.opening is None else closing - self.opening

        def shown(number: int | None) -> Decimal | None:
            return None if number is None else from_scaled(number, scale=scale)

        return PeriodTotal(
            period=_period(kind, self.begin_ms),
            total=shown(rise),
            minimum=shown(self.low),
            maximum=shown(self.high),
            least_step=shown(self.least_step),
            greatest_step=shown(self.greatest_step),
            sample_sum=from_scaled(self.sample_sum, scale=scale),
            samples=self.samples,
            coverage=coverage_of(
                kind=kind,
                begin_ms=self.begin_ms,
                slots=self.slots,
                parts=self.parts,
                meter_register=meter_register,
            ),
            flags=frozenset(self.flags),
            is_complete=is_complete,
        )


@lru_cache(maxsize=4096)
def _period(kind: PeriodKind, begin_ms: int) -> Period:
    """The period; the meter registers of a plant finish the same ones one after the other."""
    return Period(kind=kind, start=from_ms(begin_ms))
