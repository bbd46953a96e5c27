"""One hour of one stack, from its minutes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.fluegas import equations
from trace_node.accounting.fluegas.constants import CemsMethod
from trace_node.accounting.fluegas.errors import FlueGasError
from trace_node.period import LENGTH_MS, Period, PeriodKind, to_ms

_MINUTE_MS: Final = LENGTH_MS[PeriodKind.MINUTE]


class GasBasis(StrEnum):
    """Whether the analyser saw the gas with or without its water (干湿基). There is no default.

    Attributes:
        WET: In the gas as it is.
        DRY: In dry gas.
    """

    WET = "wet"
    DRY = "dry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A place where flue gas leaves (排口), such as kiln head, kiln tail, bypass, coal mill.

    Attributes:
        name: Its name.
        area: Section in m2, above 0.
        velocity_factor: Kv (速度场系数); 1 where the meter shows the mean of the section.
        basis: Basis of the analyser.

    Raises:
        FlueGasError: Area or factor is not above 0.
    """

    name: str
    area: Decimal
    velocity_factor: Decimal
    basis: GasBasis

    def __post_init__(self) -> None:
        for field, value in (("area", self.area), ("velocity_factor", self.velocity_factor)):
            if not value.is_finite() or value <= 0:
                raise FlueGasError(
                    "{field}: must be above 0, not {value}",
                    field=field,
                    value=value,
                    remedy="take it from the test report of the stack",
                    code="fluegas.stack",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """What the CEMS showed for one minute (分钟数据).

    Attributes:
        at: Any instant in it, aware.
        co2: CO2 on the basis of the stack's analyser, a fraction of volume.
        velocity: Velocity at the measured point, m/s; None where the system gives the flow.
        temperature: Of the flue gas, degC.
        barometric: Pressure of the air, Pa.
        gauge: Gauge pressure of the flue gas, Pa.
        moisture: Water, a fraction of volume.
        oxygen: O2 in dry gas, a fraction of volume; None where it is not measured.
        load: Load of the plant as a fraction; None where it is not known.
        is_valid: False during calibration, failure and maintenance.
        flow: Flow of dry gas in the normal state as the system gives it (标干流量), Nm3/h; None
            where (29) to (31) make it of velocity, temperature, pressures and water.
    """

    at: datetime
    co2: Decimal
    velocity: Decimal | None
    temperature: Decimal
    barometric: Decimal
    gauge: Decimal
    moisture: Decimal
    oxygen: Decimal | None
    load: Decimal | None
    is_valid: bool
    flow: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HourMeans:
    """Means over the valid minutes of an hour (小时均值), all of dry gas in the normal state.

    Attributes:
        co2: Fraction of volume.
        concentration: g/Nm3.
        velocity: Mean of the section, m/s, or None.
        flow: Nm3/h.
        temperature: degC.
        moisture: Fraction of volume.
        oxygen: Fraction of volume, or None.
        load: Fraction, or None.
    """

    co2: Decimal
    concentration: Decimal
    velocity: Decimal | None
    flow: Decimal
    temperature: Decimal
    moisture: Decimal
    oxygen: Decimal | None
    load: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StackHour:
    """One hour of one stack (小时排放量).

    Attributes:
        stack: Name of the stack.
        period: The hour.
        minutes: Number of valid minutes.
        means: Their means; None below the quota of the method.
        co2: Tonnes of CO2 in the hour, measured, or put in by the method's rule for missing data;
            None where neither is there. It is never 0 for want of data.
        substitute: Id of the rule that put the value in; None of a measured one.
    """

    stack: str
    period: Period
    minutes: int
    means: HourMeans | None
    co2: Decimal | None
    substitute: str | None = None


def hour_of(
    minutes: Iterable[Minute], *, stack: Stack, period: Period, method: CemsMethod
) -> StackHour:
    """One hour: means of the valid minutes, and (33) of them.

    Raises:
        FlueGasError: A minute lies outside the hour or comes twice, or a valid one holds a value
            out of its range.
    """
    valid = _valid_minutes(minutes, period)
    if len(valid) < method.minutes_of_hour:
        return StackHour(stack=stack.name, period=period, minutes=len(valid), means=None, co2=None)
    means = _means(valid, stack, method)
    return StackHour(
        stack=stack.name,
        period=period,
        minutes=len(valid),
        means=means,
        co2=equations.mass_flow(means.concentration, flow=means.flow),
    )


def _valid_minutes(minutes: Iterable[Minute], period: Period) -> list[Minute]:
    if period.kind is not PeriodKind.HOUR:
        raise FlueGasError(
            "{field}: {name} is no hour",
            field="period",
            name=period.name,
            remedy="hand the minutes in hour by hour",
            code="fluegas.hour",
        )
    seen: set[int] = set()
    valid: list[Minute] = []
    for minute in minutes:
        is_inside = minute.at.tzinfo is not None and period.contains(minute.at)
        place = to_ms(minute.at) // _MINUTE_MS if is_inside else None
        if place is None or place in seen:
            raise FlueGasError(
                "{field}: the minute {name} is not in {hour}, or comes twice",
                field="at",
                name=minute.at.isoformat(),
                hour=period.name,
                remedy="hand in every minute once, with its own hour",
                code="fluegas.minute",
            )
        seen.add(place)
        if minute.is_valid:
            valid.append(minute)
    return valid


def _means(minutes: Sequence[Minute], stack: Stack, method: CemsMethod) -> HourMeans:
    for minute in minutes:
        _require_ranges(minute)
    dry = [_dry_co2(minute, stack.basis) for minute in minutes]
    velocities = [_velocity(minute, stack) for minute in minutes]
    flows = [
        _flow(minute, velocity, stack, method)
        for minute, velocity in zip(minutes, velocities, strict=True)
    ]
    return HourMeans(
        co2=mean(dry),
        concentration=mean([equations.mass_concentration(co2) for co2 in dry]),
        velocity=mean_of_known(velocities),
        flow=mean(flows),
        temperature=mean([minute.temperature for minute in minutes]),
        moisture=mean([minute.moisture for minute in minutes]),
        oxygen=mean_of_known([minute.oxygen for minute in minutes]),
        load=mean_of_known([minute.load for minute in minutes]),
    )


def _require_ranges(minute: Minute) -> None:
    equations.require_fraction(minute.co2, field="co2")
    if minute.oxygen is not None:
        equations.require_fraction(minute.oxygen, field="oxygen")
    for field, value in (("velocity", minute.velocity), ("flow", minute.flow)):
        _require_outward(value, field)


def _require_outward(value: Decimal | None, field: str) -> None:
    if value is not None and value < 0:
        raise FlueGasError(
            "{field}: gas that flows back, {value}, is no emission",
            field=field,
            value=value,
            remedy="mark the minute as not valid, and check the meter",
            code="fluegas.velocity",
        )


def _velocity(minute: Minute, stack: Stack) -> Decimal | None:
    if minute.velocity is None:
        return None
    return equations.mean_velocity(minute.velocity, factor=stack.velocity_factor)


def _flow(minute: Minute, velocity: Decimal | None, stack: Stack, method: CemsMethod) -> Decimal:
    if minute.flow is not None and velocity is None:
        return minute.flow
    if velocity is None or minute.flow is not None:
        raise FlueGasError(
            "{field}: the minute {name} has a flow and a velocity, or neither",
            field="flow",
            name=minute.at.isoformat(),
            remedy="give the flow of dry gas in the normal state, or what it is computed from",
            code="fluegas.flow",
        )
    return equations.standard_flow(
        equations.actual_flow(velocity, area=stack.area),
        temperature=minute.temperature,
        barometric=minute.barometric,
        gauge=minute.gauge,
        moisture=minute.moisture,
        t0=method.t0,
    )


def _dry_co2(minute: Minute, basis: GasBasis) -> Decimal:
    if basis is GasBasis.DRY:
        return minute.co2
    return equations.dry(minute.co2, moisture=minute.moisture)


def mean(values: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean of at least one value."""
    with precise():
        return total(values) / len(values)


def mean_of_known(values: Iterable[Decimal | None]) -> Decimal | None:
    """The mean of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return mean(known) if known else None
