"""Meters and their meter registers, as they were registered with the log."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from trace_node.ids import NAME_PATTERN, DeviceId, RegisterId
from trace_node.metering.errors import MeterError
from trace_node.metering.scaled import product
from trace_node.units import UNITS

KINDS: Final = frozenset({"counter", "gauge"})
MAX_SCALE: Final = 9
MAX_DIGITS: Final = 18
MAX_INTERVAL_S: Final = 366 * 86_400
MAX_METER_REGISTERS: Final = 256
_CODE = re.compile(r"[a-z][a-z0-9_.]{0,47}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRegister:
    """A meter register (示数项): one value that an instrument shows.

    Attributes:
        name: Name, unique within the meter.
        quantity: Code of what it measures, such as ``active_energy``.
        unit: Symbol of the unit its readings are in.
        scale: Number of decimals of every reading, 0 to 9.
        kind: ``counter`` for a rising total, ``gauge`` for a momentary value.
        minimum: Least valid value, in ``unit`` (002 §8.1.1).
        maximum: Greatest valid value, in ``unit``; not below ``minimum``.
        capacity: Value at which a counter starts again from zero: its greatest output plus one unit
            of the last decimal; None where unknown, and for a gauge.
        max_rate: Greatest possible change in ``unit`` per second; None where unknown.
        interval_s: Seconds between readings, 1 or more.
        multiplier: Factor from a reading to the measured quantity (CT × PT), above 0.

    Raises:
        MeterError: A field breaks its rule; its code is ``meter.<field>``.
    """

    name: RegisterId
    quantity: str
    unit: str
    scale: int
    kind: str
    minimum: Decimal
    maximum: Decimal
    capacity: Decimal | None
    max_rate: Decimal | None
    interval_s: int
    multiplier: Decimal

    def __post_init__(self) -> None:
        _require(NAME_PATTERN.fullmatch(self.name), "name", "a name of 1 to 64 characters")
        _require(_CODE.fullmatch(self.quantity), "quantity", "a code such as active_energy")
        _require(self.unit in UNITS, "unit", "the symbol of a known unit, such as kWh")
        _require(0 <= self.scale <= MAX_SCALE, "scale", "a number of decimals from 0 to 9")
        _require(self.kind in KINDS, "kind", "counter or gauge")
        _require(1 <= self.interval_s <= MAX_INTERVAL_S, "interval_s", "1 second to 366 days")
        for field in ("minimum", "maximum", "capacity"):
            value: Decimal | None = getattr(self, field)
            _require(
                value is None or has_scale(value, self.scale),
                field,
                "a decimal with exactly the meter register's number of decimals",
            )
        _require(_is_positive(self.multiplier), "multiplier", "above 0")
        _require(
            self.max_rate is None or _is_positive(self.max_rate), "max_rate", "above 0, or absent"
        )
        _require(self.minimum <= self.maximum, "maximum", "not below the minimum")
        if self.capacity is not None:
            least = max(self.maximum, Decimal(0))
            _require(self.kind == "counter", "capacity", "absent for a gauge")
            _require(self.capacity > least, "capacity", "above the maximum and above 0")

    @property
    def step(self) -> Decimal:
        """One unit of the last decimal, in ``unit``."""
        return Decimal((0, (1,), -self.scale))

    def measured(self, shown: Decimal) -> Decimal:
        """The measured quantity, in ``unit``, behind a value or an increment the meter shows."""
        return product(shown, self.multiplier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A measuring instrument (计量器具) whose readings are logged.

    Attributes:
        device: Name of the device in the log.
        serial: Number on the plate, 1 to 64 printable characters.
        kind: Code of the kind of instrument, such as ``electricity_meter``.
        meter_registers: Its meter registers, 1 to 256, each name once.
        valid_from: First instant the description holds for.

    Raises:
        MeterError: There are none or too many meter registers, or a name comes twice.
    """

    device: DeviceId
    serial: str
    kind: str
    meter_registers: tuple[MeterRegister, ...]
    valid_from: datetime

    def __post_init__(self) -> None:
        _require(_CODE.fullmatch(self.kind), "kind", "a code such as electricity_meter")
        _require(
            1 <= len(self.meter_registers) <= MAX_METER_REGISTERS,
            "registers",
            "a list of 1 to 256 meter registers",
        )
        names = {item.name for item in self.meter_registers}
        _require(
            len(names) == len(self.meter_registers), "registers", "without a name that comes twice"
        )

    def meter_register(self, name: RegisterId) -> MeterRegister:
        """The meter register of this name.

        Raises:
            MeterError: The meter has none of this name.
        """
        for item in self.meter_registers:
            if item.name == name:
                return item
        raise MeterError(
            "{field}: the device {device} has no meter register {name}",
            field="meter_register",
            device=self.device,
            name=name,
            remedy="register the device again with this meter register, or correct the point list",
            code="meter.unknown_register",
        )


def meter_at(registrations: tuple[Meter, ...], *, at: datetime) -> Meter | None:
    """The description that holds at ``at``: the last one whose ``valid_from`` is not after it.

    Args:
        registrations: Descriptions of one device in the order they were logged; of two with the
            same ``valid_from`` the later holds.
        at: The instant.
    """
    valid = [item for item in reversed(registrations) if item.valid_from <= at]
    return max(valid, key=lambda item: item.valid_from, default=None)


def has_scale(value: Decimal, scale: int) -> bool:
    """Whether ``value`` is finite, is written with ``scale`` decimals and has at most 18 digits."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or (sign and not value):
        return False
    return exponent == -scale and len(digits) <= MAX_DIGITS


def _is_positive(value: Decimal) -> bool:
    return value.is_finite() and value > 0


def _require(condition: object, field: str, rule: str) -> None:
    if not condition:
        raise MeterError(
            "{field}: must be {rule}",
            field=field,
            rule=rule,
            remedy="correct the description of the meter register",
            code=f"meter.{field}",
        )
