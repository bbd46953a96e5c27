"""A flue-gas measurement with what errs behind it.

A wrong analyser, velocity meter or section is wrong in every hour the same way: the slopes are
those by a common shift over the period, summed over its hours, each at the means of its valid
minutes. They are the derivatives of (19) to (33) of HJ 75: E of an hour goes with CO2, velocity,
section and factor; with 1/(T0 + t); with Ba + Ps; and, where the analyser sees dry gas, with
1 - Xsw. In wet gas the water cancels out. Where the system gives the flow of dry gas in the normal
state, E goes with it and with CO2 alone, and in wet gas with 1/(1 - Xsw).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.assessment.sources import ErrorSource, joined
from trace_node.accounting.fluegas.constants import STANDARD_PRESSURE, CemsMethod
from trace_node.accounting.fluegas.hour import (
    GasBasis,
    Minute,
    StackHour,
    hour_of,
    mean,
    mean_of_known,
)
from trace_node.accounting.fluegas.totals import StackTotal, stack_total
from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.accounting.records.planned import PlannedCems, PlannedStack
from trace_node.accounting.records.stack_inputs import UNIT_OF, StackInput, StackQuantity
from trace_node.period import Period, PeriodKind, from_ms, to_ms

_MINUTE_MS: Final = 60_000
Means = Mapping[StackQuantity, Decimal]
MinuteMap = Mapping[int, Decimal]
"""Value by minutes since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredStack:
    """What a stack gave in a period, and what errs in it.

    Attributes:
        total: Its sum of hours.
        sources: What errs, with the derivative of its CO2 by each.
    """

    total: StackTotal
    sources: tuple[ErrorSource, ...]


def measured_stack(
    planned: PlannedStack,
    read: Mapping[StackQuantity, MinuteMap],
    period: Period,
    method: CemsMethod,
) -> MeasuredStack:
    """The CO2 of a stack in a period from what its monitoring system showed each minute.

    A minute in which one of the quantities that are read has no value is not measured.

    Args:
        planned: The stack.
        read: Value by minute of every quantity that is read, in the unit of the quantity.
        period: A day, month or year.
        method: Constants and quotas.

    Raises:
        FlueGasError: A value is out of its range.
    """
    hours: list[StackHour] = []
    shifts: list[tuple[Decimal, Means]] = []
    for hour in period.parts(PeriodKind.HOUR):
        minutes = list(_minutes(planned, read, hour))
        done = hour_of(minutes, stack=planned.stack, period=hour, method=method)
        hours.append(done)
        if done.co2 is not None:
            shifts.append((done.co2, _means([each for each in minutes if each.is_valid])))
    return MeasuredStack(
        total=stack_total(hours, stack=planned.stack.name, period=period, method=method),
        sources=_sources(planned, shifts, method),
    )


def sources_of_stacks(stacks: Iterable[MeasuredStack]) -> tuple[ErrorSource, ...]:
    """What errs behind the sum of all stacks; a barometer that several share errs once."""
    return joined(source for each in stacks for source in each.sources)


def registers_of(cems: PlannedCems) -> Iterator[tuple[PlannedStack, StackInput]]:
    """Every quantity that is read, with its stack."""
    for planned in cems.stacks:
        for each in planned.inputs:
            if each.device is not None:
                yield planned, each


def _minutes(
    planned: PlannedStack, read: Mapping[StackQuantity, MinuteMap], hour: Period
) -> Iterator[Minute]:
    constants = {each.quantity: each.value for each in planned.inputs if each.value is not None}
    first = to_ms(hour.start) // _MINUTE_MS
    for minute in range(first, first + 60):
        values = {name: known[minute] for name, known in read.items() if minute in known}
        if len(values) == len(read):
            yield _minute(minute, {**constants, **values})


def _minute(minute: int, values: Mapping[StackQuantity, Decimal]) -> Minute:
    return Minute(
        at=from_ms(minute * _MINUTE_MS),
        co2=values[StackQuantity.CO2],
        velocity=values.get(StackQuantity.VELOCITY),
        temperature=values[StackQuantity.TEMPERATURE],
        barometric=values.get(StackQuantity.BAROMETRIC, STANDARD_PRESSURE),
        gauge=values.get(StackQuantity.GAUGE, Decimal(0)),
        moisture=values[StackQuantity.MOISTURE],
        oxygen=values.get(StackQuantity.OXYGEN),
        load=values.get(StackQuantity.LOAD),
        is_valid=values.get(StackQuantity.VALID, Decimal(1)) >= 1,
        flow=values.get(StackQuantity.FLOW),
    )


def _means(minutes: Sequence[Minute]) -> Means:
    known = {
        StackQuantity.VELOCITY: mean_of_known(each.velocity for each in minutes),
        StackQuantity.FLOW: mean_of_known(each.flow for each in minutes),
    }
    return {
        **{quantity: value for quantity, value in known.items() if value is not None},
        StackQuantity.CO2: mean([each.co2 for each in minutes]),
        StackQuantity.TEMPERATURE: mean([each.temperature for each in minutes]),
        StackQuantity.BAROMETRIC: mean([each.barometric for each in minutes]),
        StackQuantity.GAUGE: mean([each.gauge for each in minutes]),
        StackQuantity.MOISTURE: mean([each.moisture for each in minutes]),
    }


def _sources(
    planned: PlannedStack, shifts: Sequence[tuple[Decimal, Means]], method: CemsMethod
) -> tuple[ErrorSource, ...]:
    if not shifts:
        return ()
    stack = planned.stack
    by_quantity = {
        quantity: total(_slope(quantity, co2, means, planned, method) for co2, means in shifts)
        for quantity in shifts[0][1]
    }
    whole = total(co2 for co2, _ in shifts)
    found = [
        ErrorSource(
            name=each.source or f"{SubjectKind.CONSTANT.value}:{stack.name}/{each.quantity.value}",
            value=mean([means[each.quantity] for _, means in shifts]),
            unit=UNIT_OF[each.quantity],
            slope=by_quantity[each.quantity],
        )
        for each in planned.inputs
        if each.quantity in by_quantity
    ]
    with_section = StackQuantity.VELOCITY in by_quantity
    with precise():
        found += [
            ErrorSource(
                name=f"{SubjectKind.CONSTANT.value}:{stack.name}/{name}",
                value=value,
                unit=unit,
                slope=whole / value,
            )
            for name, value, unit in (
                ("area", stack.area, "m2"),
                ("velocity_factor", stack.velocity_factor, "1"),
            )
            if with_section
        ]
    return joined(found)


def _slope(
    quantity: StackQuantity, co2: Decimal, means: Means, planned: PlannedStack, method: CemsMethod
) -> Decimal:
    """The derivative of the CO2 of one hour by a quantity, at its means."""
    value = means[quantity]
    in_dry_gas = planned.stack.basis is GasBasis.DRY
    is_computed = StackQuantity.FLOW not in means
    with precise():
        match quantity:
            case StackQuantity.CO2 | StackQuantity.VELOCITY | StackQuantity.FLOW:
                return co2 / value if value else Decimal(0)
            case StackQuantity.TEMPERATURE if is_computed:
                return -co2 / (method.t0 + value)
            case StackQuantity.BAROMETRIC | StackQuantity.GAUGE if is_computed:
                return co2 / (means[StackQuantity.BAROMETRIC] + means[StackQuantity.GAUGE])
            case StackQuantity.MOISTURE if is_computed == in_dry_gas:
                return (-co2 if is_computed else co2) / (1 - value)
            case _:
                return Decimal(0)
