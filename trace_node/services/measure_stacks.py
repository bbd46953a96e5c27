"""What the monitoring systems of stacks showed, minute by minute, from the readings of the log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from trace_node.accounting.arithmetic import precise, to_decimal, total
from trace_node.accounting.assessment.flue import MeasuredStack, MinuteMap, measured_stack
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.fluegas.constants import CemsMethod
from trace_node.accounting.records.measurement_parts import StackOf
from trace_node.accounting.records.planned import PlannedCems, PlannedStack
from trace_node.accounting.records.stack_inputs import UNIT_OF, StackInput, StackQuantity
from trace_node.crypto.sm3 import sm3
from trace_node.metering.meter import Meter, MeterRegister
from trace_node.metering.scaled import from_scaled
from trace_node.metering.series import Sample
from trace_node.period import Period
from trace_node.units import Unit, unit

_MINUTE_S: Final = 60
_MINUTE_MS: Final = 60_000


class StackReadings(Protocol):
    """Where the readings of stacks come from: the log, or the leaves of a bundle."""

    def described(self, device: str) -> tuple[Meter, int] | None:
        """The description of a device that counts for the period, and its leaf."""

    def samples(
        self, each: StackInput, meter_register: MeterRegister, period: Period
    ) -> Iterable[Sample]:
        """The valid values of a meter register in a period, in order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStack:
    """A stack as it was measured, and what that rests on.

    Attributes:
        measured: Its sum and sources of error.
        readings: Number of readings.
        digest: SM3 over their leaf hashes, quantity by quantity in order of time.
        described: Leaves of the descriptions of its meters.
    """

    measured: MeasuredStack
    readings: int
    digest: bytes
    described: frozenset[int]

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
    cems: PlannedCems, period: Period, *, readings: StackReadings
) -> tuple[ReadStack, ...]:
    """Every stack of a plan in a day, month or year.

    Raises:
        BoundaryError: A meter register is not registered, is no gauge, is read less often than each
            minute, or measures something else.
        FlueGasError: A value is out of its range.
    """
    return tuple(_read(each, period, cems.method, readings) for each in cems.stacks)


def register_for(each: StackInput, readings: StackReadings) -> tuple[MeterRegister, int]:
    """The meter register that gives a quantity of a stack, and the leaf that describes it.

    Raises:
        BoundaryError: See ``read_stacks``.
    """
    assert each.device is not None  # noqa: S101 (asked of those that are read)
    described = readings.described(each.device)
    registers = () if described is None else described[0].meter_registers
    found = next((one for one in registers if one.name == each.meter_register), None)
    why = _misfit(found, each)
    if found is None or described is None or why is not None:
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
    return found, described[1]


def _read(
    planned: PlannedStack, period: Period, method: CemsMethod, readings: StackReadings
) -> ReadStack:
    read: dict[StackQuantity, MinuteMap] = {}
    hashes: list[bytes] = []
    described: set[int] = set()
    for each in planned.inputs:
        if each.device is None:
            continue
        register, leaf = register_for(each, readings)
        samples = list(readings.samples(each, register, period))
        hashes += [sample.digest for sample in samples]
        described.add(leaf)
        read[each.quantity] = _by_minute(samples, register, each)
    return ReadStack(
        measured=measured_stack(planned, read, period, method),
        readings=len(hashes),
        digest=sm3(b"".join(hashes)),
        described=frozenset(described),
    )


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
