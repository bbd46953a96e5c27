"""The daily record of a stack (附表 C.8 of the steel guideline), with its printed decimals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import half_up, precise, total
from trace_node.accounting.fluegas.constants import CemsMethod
from trace_node.accounting.fluegas.errors import FlueGasError
from trace_node.accounting.fluegas.hour import StackHour, mean, mean_of_known
from trace_node.accounting.fluegas.totals import stack_total
from trace_node.period import Period, PeriodKind

_PERCENT: Final = Decimal(100)
_TEN_THOUSAND: Final = Decimal(10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyRecord:
    """One line of the daily record (二氧化碳连续监测日报表), rounded half-up for print only.

    Attributes:
        stack: The stack.
        day: The day.
        co2_percent: CO2 in dry gas, vol-%, 2 decimals.
        concentration: g/m3 dry, 3 decimals.
        velocity: m/s, 2 decimals; None where the system gives the flow itself.
        flow: 10,000 Nm3 in the measured hours of the day, 3 decimals.
        co2: t in the day, 3 decimals; what a rule put in for other hours is in it.
        oxygen_percent: O2 dry, vol-%, 2 decimals; None where it is not measured.
        temperature: degC, 2 decimals.
        moisture_percent: vol-%, 2 decimals.
        load_percent: 1 decimal; None where it is not known.
        hours: Number of measured hours that the means rest on.
        is_complete: Whether every hour of the day was measured.
    """

    stack: str
    day: Period
    co2_percent: Decimal
    concentration: Decimal
    velocity: Decimal | None
    flow: Decimal
    co2: Decimal
    oxygen_percent: Decimal | None
    temperature: Decimal
    moisture_percent: Decimal
    load_percent: Decimal | None
    hours: int
    is_complete: bool


def daily_record(
    hours: Sequence[StackHour], *, stack: str, day: Period, method: CemsMethod
) -> DailyRecord:
    """The line of a day: means of its measured hours, sums of flow and CO2.

    Raises:
        FlueGasError: It is no day, or no hour of it was measured; see ``stack_total`` too.
    """
    means = [hour.means for hour in hours if hour.means is not None]
    if day.kind is not PeriodKind.DAY or not means:
        raise FlueGasError(
            "{field}: {name} is no day with a measured hour",
            field="day",
            name=day.name,
            remedy="leave the line out and state the failure of the CEMS",
            code="fluegas.day",
        )
    whole = stack_total(hours, stack=stack, period=day, method=method)
    with precise():
        flow = total(each.flow for each in means) / _TEN_THOUSAND
    return DailyRecord(
        stack=stack,
        day=day,
        co2_percent=_percent(mean([each.co2 for each in means]), 2),
        concentration=half_up(mean([each.concentration for each in means]), 3),
        velocity=_half_up_of_known(mean_of_known(each.velocity for each in means)),
        flow=half_up(flow, 3),
        co2=half_up(whole.co2, 3),
        oxygen_percent=_percent_of_known(mean_of_known(each.oxygen for each in means), 2),
        temperature=half_up(mean([each.temperature for each in means]), 2),
        moisture_percent=_percent(mean([each.moisture for each in means]), 2),
        load_percent=_percent_of_known(mean_of_known(each.load for each in means), 1),
        hours=whole.measured,
        is_complete=whole.measured == len(list(day.parts(PeriodKind.HOUR))),
    )


def _half_up_of_known(value: Decimal | None) -> Decimal | None:
    return None if value is None else half_up(value, 2)


def _percent(fraction: Decimal, places: int) -> Decimal:
    with precise():
        return half_up(fraction * _PERCENT, places)


def _percent_of_known(fraction: Decimal | None, places: int) -> Decimal | None:
    return None if fraction is None else _percent(fraction, places)
