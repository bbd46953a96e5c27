"""What the monitoring systems of stacks showed, minute by minute, from the readings of the log."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, to_decimal, total
from trace_node.accounting.assessment.flue import MeasuredStack, MinuteMap, measured_stack
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.fluegas.constants import CemsMethod
from trace_node.accounting.records.measurement_parts import StackOf
from trace_node.accounting.records.planned import PlannedCems, PlannedStack
from trace_node.accounting.records.stack_inputs import UNIT_OF, StackInput, StackQuantity
from trace_node.crypto.sm3 import sm3
from trace_node.metering.meter import MeterRegister, meter_at
from trace_node.metering.scaled import from_scaled
from trace_node.metering.series import Sample
from trace_node.period import Period, PeriodKind
from trace_node.ports.log_reader import LogReader
from trace_node.units import Unit, unit

_INSTANT: Final = timedelta(milliseconds=1)
_MINUTE_S: Final = 60
_MINUTE_MS: Final = 60_000
_MOST_A_DAY: Final = 90_000  # one a second, and some


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStack:
    """A stack as it was measured, and what that rests on.

    Attributes:
        measured: Its sum and sources of error.
        readings: Number of readings.
        digest: SM3 over their leaf hashes, quantity by quantity in order of time.
    """

    measured: MeasuredStack
    readings: int
    digest: bytes

    def record(self) -> StackOf:
        """As it is put on record."""
        found = self.measured.total
        return StackOf(
            name=found.stack,
            co2=found.co2,
            measured=found.measured,
            missing=len(found.missing),
            is_valid=found.is_valid,
            readings=self.readings,
            digest=self.digest,
        )


def read_stacks(
    cems: PlannedCems, period: Period, *, reader: LogReader, now: datetime
) -> tuple[ReadStack, ...]:
    """Every stack of a plan in a day, month or year.

    Args:
        cems: The plan.
        period: The period.
        reader: The log.
        now: The node's clock: the description of a meter that holds at the end of the period, or
            now where it still runs, is the one that counts.

    Raises:
        BoundaryError: A meter register is not registered, is no gauge, is read less often than each
            minute, or measures something else.
        FlueGasError: A value is out of its range.
    """
    last = min(now, period.end - _INSTANT)
    return tuple(_read(each, period, cems.method, reader, (last, now)) for each in cems.stacks)


def _read(
    planned: PlannedStack,
    period: Period,
    method: CemsMethod,
    reader: LogReader,
    instants: tuple[datetime, datetime],
) -> ReadStack:
    read: dict[StackQuantity, MinuteMap] = {}
    hashes: list[bytes] = []
    for each in planned.inputs:
        if each.device is None:
            continue
        register = _register(each, reader, instants)
        samples = list(_samples(each, register, period, reader))
        hashes += [sample.digest for sample in samples]
        read[each.quantity] = _by_minute(samples, register, each)
    return ReadStack(
        measured=measured_stack(planned, read, period, method),
        readings=len(hashes),
        digest=sm3(b"".join(hashes)),
    )


def _register(
    each: StackInput, reader: LogReader, instants: tuple[datetime, datetime]
) -> MeterRegister:
    """As described at the first of these instants; at the second if it was registered later."""
    assert each.device is not None  # noqa: S101 (asked of those that are read)
    assert each.meter_register is not None  # noqa: S101 (likewise)
    known = tuple(one.meter for one in reader.enrolled_meters(device=each.device))
    described = (meter_at(known, at=instant) for instant in instants)
    meter = next((one for one in described if one is not None), None)
    found = next(
        (
            one
            for one in (meter.meter_registers if meter else ())
            if one.name == each.meter_register
        ),
        None,
    )
    why = _misfit(found, each)
    if found is None or why is not None:
        raise BoundaryError(
            "{field}: {device} {name} gives no {quantity}: {why}",
            field="inputs",
            device=each.device,
            name=each.meter_register,
            quantity=each.quantity.value,
            why=why,
            remedy="name a gauge that is read each minute, in a unit of the quantity",
            code="measurement.register",
        )
    return found


def _misfit(found: MeterRegister | None, each: StackInput) -> str | None:
    if found is None:
        return "it is not registered in this log"
    if found.kind != "gauge":
        return "it is a counter"
    if found.interval_s > _MINUTE_S:
        return f"it is read every {found.interval_s} s"
    if unit(found.unit).dimension != unit(UNIT_OF[each.quantity]).dimension:
        return f"it is in {found.unit}"
    return None


def _samples(
    each: StackInput, register: MeterRegister, period: Period, reader: LogReader
) -> Iterator[Sample]:
    """Day by day, so that a month of seconds is not in memory twice."""
    points = [
        one.point_id
        for one in reader.points(device=each.device)
        if (one.meter_register, one.unit) == (register.name, register.unit)
    ]
    for point_id in points:
        for day in period.parts(PeriodKind.DAY):
            yield from reader.samples(
                point_id, begin=day.start, end=day.end, scale=register.scale, limit=_MOST_A_DAY
            )


def _by_minute(
    samples: list[Sample], register: MeterRegister, each: StackInput
) -> Mapping[int, Decimal]:
    """The mean of the readings of each minute, in the unit of the quantity."""
    factor, shift = _conversion(unit(register.unit), unit(UNIT_OF[each.quantity]))
    by_minute: dict[int, list[Decimal]] = defaultdict(list)
    for sample in samples:
        if sample.value is not None:
            shown = from_scaled(sample.value, scale=register.scale)
            by_minute[sample.at_ms // _MINUTE_MS].append(register.measured(shown))
    with precise():
        return {
            minute: total(values) / len(values) * factor + shift
            for minute, values in by_minute.items()
        }


def _conversion(source: Unit, target: Unit) -> tuple[Decimal, Decimal]:
    """By what a value is multiplied, and what is added then."""
    return (
        to_decimal(source.factor / target.factor),
        to_decimal((source.zero - target.zero) / target.factor),
    )
