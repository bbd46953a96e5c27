"""Days, months and years as sums of hours; plants as sums of stacks; the fossil part.

An hour that has no value is missing and said to be: it is never counted as 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.fluegas.constants import CemsMethod
from trace_node.accounting.fluegas.errors import FlueGasError
from trace_node.accounting.fluegas.hour import StackHour
from trace_node.period import Period, PeriodKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StackTotal:
    """CO2 of one stack in a day, month or year (排口排放量).

    Attributes:
        stack: Its name.
        period: The period.
        co2: Tonnes, the sum of the hours that have a value.
        measured: How many hours were measured.
        substituted: How many were put in by a rule.
        missing: Hours without a value.
        is_valid: Whether the method's quota of measured hours and days is met.
    """

    stack: str
    period: Period
    co2: Decimal
    measured: int
    substituted: int
    missing: tuple[Period, ...]
    is_valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantTotal:
    """CO2 of all stacks (全厂烟气排放量), its biogenic part apart.

    Attributes:
        period: The period.
        gross: Tonnes of CO2 out of all stacks: fuel, process and biogenic together.
        biogenic: The part of biomass (生物成因), reported beside the figure.
        stacks: What each stack gave.
    """

    period: Period
    gross: Decimal
    biogenic: Decimal
    stacks: tuple[StackTotal, ...]

    @property
    def fossil(self) -> Decimal:
        """Tonnes of CO2 without the biogenic part: the figure."""
        with precise():
            return self.gross - self.biogenic

    @property
    def is_valid(self) -> bool:
        """Whether every stack is valid and no hour of one is missing."""
        return all(stack.is_valid and not stack.missing for stack in self.stacks)


def substitute(hour: StackHour, *, co2: Decimal, rule: str) -> StackHour:
    """An hour without a measured value, with the one of the method's rule for missing data.

    Raises:
        FlueGasError: The hour was measured, or the value is negative.
    """
    if hour.means is not None or co2 < 0:
        raise FlueGasError(
            "{field}: {hour} of {stack} takes no substitute of {value} t",
            field="substitute",
            hour=hour.period.name,
            stack=hour.stack,
            value=co2,
            remedy="only an hour below its quota has one, and it is 0 or more",
            code="fluegas.substitute",
        )
    return replace(hour, co2=co2, substitute=rule)


def stack_total(
    hours: Sequence[StackHour], *, stack: str, period: Period, method: CemsMethod
) -> StackTotal:
    """The sum of the hours of a day, month or year; hours that are not handed in are missing.

    Raises:
        FlueGasError: An hour is of another stack, outside the period, or comes twice.
    """
    by_hour: dict[Period, StackHour] = {}
    for hour in hours:
        if hour.stack != stack or not period.contains(hour.period.start) or hour.period in by_hour:
            raise FlueGasError(
                "{field}: {hour} of {stack} does not count here, or counts twice",
                field="hours",
                hour=hour.period.name,
                stack=hour.stack,
                remedy="hand in every hour of the stack and the period once",
                code="fluegas.hours",
            )
        by_hour[hour.period] = hour
    expected = list(period.parts(PeriodKind.HOUR))
    known = [value for hour in by_hour.values() if (value := hour.co2) is not None]
    measured = {hour.period for hour in by_hour.values() if hour.means is not None}
    return StackTotal(
        stack=stack,
        period=period,
        co2=total(known),
        measured=len(measured),
        substituted=len(known) - len(measured),
        missing=tuple(
            part for part in expected if part not in by_hour or by_hour[part].co2 is None
        ),
        is_valid=_is_valid(period, measured, method),
    )


def plant_total(
    totals: Iterable[StackTotal], *, stacks: Sequence[str], biogenic: Decimal
) -> PlantTotal:
    """All stacks of a plant in one period, and the biogenic part taken off.

    Args:
        totals: One of each stack.
        stacks: Names of all stacks of the boundary.
        biogenic: Tonnes of CO2 of biomass in them, from its own carbon balance; 0 where there is
            none, stated and never assumed.

    Raises:
        FlueGasError: A stack is left out, comes twice, is not of the boundary or of another period;
            or the biogenic part is negative or larger than the whole.
    """
    given = sorted(totals, key=lambda each: each.stack)
    if not given or [each.stack for each in given] != sorted(stacks):
        raise FlueGasError(
            "{field}: {given} are not the stacks {stacks} of the boundary, each once",
            field="stacks",
            given=", ".join(each.stack for each in given),
            stacks=", ".join(sorted(stacks)),
            remedy="sum every stack: kiln head, kiln tail, bypass, coal mill",
            code="fluegas.stacks",
        )
    period = given[0].period
    gross = total(each.co2 for each in given)
    if any(each.period != period for each in given):
        raise FlueGasError(
            "{field}: the stacks are not all of {period}",
            field="stacks",
            period=period.name,
            remedy="sum the same period of every stack",
            code="fluegas.stacks",
        )
    if not biogenic.is_finite() or not 0 <= biogenic <= gross:
        raise FlueGasError(
            "{field}: {biogenic} t are no part of {gross} t",
            field="biogenic",
            biogenic=biogenic,
            gross=gross,
            remedy="check the quantity and the carbon of the biomass against the flue gas",
            code="fluegas.biogenic",
        )
    return PlantTotal(period=period, gross=gross, biogenic=biogenic, stacks=tuple(given))


def _is_valid(period: Period, measured: set[Period], method: CemsMethod) -> bool:
    """A day by its hours, a month by its valid days, a year by all its months."""
    if period.kind is PeriodKind.DAY:
        return len(measured) >= method.hours_of_day
    part = PeriodKind.DAY if period.kind is PeriodKind.MONTH else PeriodKind.MONTH
    by_part: dict[Period, set[Period]] = {each: set() for each in period.parts(part)}
    for hour in measured:
        by_part[hour.within(part)].add(hour)
    valid = sum(_is_valid(each, hours, method) for each, hours in by_part.items())
    least = min(method.days_of_month, len(by_part)) if part is PeriodKind.DAY else len(by_part)
    return valid >= least
