"""The point list: which meters hang on which lines, and how their registers are read.

The file format is docs/spec/point-list.md. The words are telegraf's wherever telegraf has one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from collectors.codecs.registers import ValueForm
from collectors.source import LinkSettings, RegisterTable, SerialEndpoint
from trace_node.crypto.sm3 import sm3
from trace_node.ids import DeviceId, OrganisationId, RegisterId
from trace_node.metering.meter import Meter, MeterRegister

FORMAT: Final = "point-list@1"


class Optimization(StrEnum):
    """How fields are gathered into requests."""

    NONE = "none"
    MAX_INSERT = "max_insert"


class Priority(StrEnum):
    """What is given up first when the spool runs full."""

    NORMAL = "normal"
    LOW = "low"


class ClockFormat(StrEnum):
    """How a meter shows its clock."""

    UNIX_S = "unix_s"
    UNIX_MS = "unix_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConfig:
    """One meter register (示数项) and where its value stands.

    Attributes:
        meter_register: Its description, as it is registered with the log.
        table: Modbus table.
        address: First address, from 0.
        form: How the value is written there.
    """

    meter_register: MeterRegister
    table: RegisterTable
    address: int
    form: ValueForm

    @property
    def name(self) -> RegisterId:
        """Name of the meter register."""
        return self.meter_register.name

    @property
    def length(self) -> int:
        """Number of addresses it takes."""
        return 1 if self.table.holds_bits else self.form.data_type.words


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterClock:
    """Where a meter shows the instant its values hold for.

    Attributes:
        table: Modbus table, of words.
        address: First address.
        clock_format: Seconds or milliseconds since 1970 in UTC, as unsigned integer of 2 or 4
            words, highest word first.
    """

    table: RegisterTable
    address: int
    clock_format: ClockFormat

    @property
    def length(self) -> int:
        """Number of words it takes."""
        return 2 if self.clock_format is ClockFormat.UNIX_S else 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWindow:
    """The window of a meter that hands out stored rows one by one (docs/spec/point-list.md).

    Attributes:
        table: Modbus table, of words.
        row: Address of the number of the row shown, 2 words, from 0.
        last: Address of the number of the last row, 2 words.
        step: Reading address ``step + row % 2`` moves from ``row`` to the next one.
    """

    table: RegisterTable
    row: int
    last: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfig:
    """A device (计量器具) on a line.

    Attributes:
        name: Name in the log.
        unit: Modbus unit (slave) id.
        serial: Number on its plate.
        kind: Code of the kind of instrument.
        origin: Origin written into its records: ``modbus-tcp``, ``modbus-rtu``, ``simulator`` or
            ``replay``.
        interval_ms: Time between ticks, at least 100.
        offset_ms: Shift of the ticks against the wall clock, below ``interval_ms``.
        priority: What is given up first when the spool runs full.
        optimization: How fields are gathered into requests.
        most_fill: Greatest number of unasked addresses between two fields of one request.
        most_words: Greatest number of words in one request, 1 to 125.
        fields: Its meter registers.
        clock: Its clock; None if its readings carry the collector's.
        window: Its window of stored rows; None for an ordinary meter.
    """

    name: DeviceId
    unit: int
    serial: str
    kind: str
    origin: str
    interval_ms: int
    offset_ms: int
    priority: Priority
    optimization: Optimization
    most_fill: int
    most_words: int
    fields: tuple[FieldConfig, ...]
    clock: MeterClock | None
    window: RowWindow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineConfig:
    """A line: one serial port or one network endpoint; one request at a time.

    Attributes:
        name: Name, unique in the list.
        link: How to reach it and how to behave on it.
        reply_delay_ms: Time a device takes to answer, for the bus-time budget.
        close_after_gather: Whether the connection is closed after each device.
        devices: The devices on it.
    """

    name: str
    link: LinkSettings
    reply_delay_ms: int
    close_after_gather: bool
    devices: tuple[DeviceConfig, ...]

    @property
    def is_serial(self) -> bool:
        """Whether it is a serial port."""
        return isinstance(self.link.endpoint, SerialEndpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointList:
    """A point list (采集点表).

    Attributes:
        organisation: Name of the organisation the meters belong to.
        lines: Its lines.
        digest: SM3 of the bytes of the file.
    """

    organisation: OrganisationId
    lines: tuple[LineConfig, ...]
    digest: bytes

    @property
    def devices(self) -> tuple[DeviceConfig, ...]:
        """Every device of every line."""
        return tuple(device for line in self.lines for device in line.devices)


def registrations(points: PointList, *, valid_from: datetime) -> tuple[Meter, ...]:
    """What the log has to know of each device before it takes its records.

    Args:
        points: The point list.
        valid_from: First instant the descriptions hold for.
    """
    return tuple(
        Meter(
            device=device.name,
            serial=device.serial,
            kind=device.kind,
            meter_registers=tuple(item.meter_register for item in device.fields),
            valid_from=valid_from.astimezone(UTC),
        )
        for device in points.devices
    )


def default_offset_ms(name: str, *, interval_ms: int) -> int:
    """The shift of a device whose list states none: its name's share of the first second.

    Spreads the requests of many devices over a second without moving a quarter-hour reading away
    from its quarter of an hour.
    """
    share = int.from_bytes(sm3(name.encode())[:8], "big")
    return share % min(interval_ms, 1_000)
