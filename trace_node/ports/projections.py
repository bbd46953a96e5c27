"""What is derived from the entries after the commit, and how far it has come.

Everything here can be thrown away and computed again from the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from trace_node.ids import DeviceId, RegisterId


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One meter register of one device in one unit, under a short number (计量点).

    Attributes:
        point_id: Short number in this database.
        device: Name of the device.
        meter_register: Name of the meter register.
        unit: Symbol of the unit of its readings.
    """

    point_id: int
    device: DeviceId
    meter_register: RegisterId
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReading:
    """A reading as the projection holds it.

    Attributes:
        index: Leaf index.
        point_id: Which point.
        stream_id: Which (device, boot).
        seq: Number in the stream.
        observed_at: Instant the value holds for.
        collected_at: Collector clock.
        value: With the fixed number of decimals; None when the read failed.
        reason: Why there is no value; None when there is one.
        flags: Codes of the validation rules it breaks, sorted; empty when it breaks none.
        origin: How it was obtained, such as ``modbus-tcp`` or ``replay``.
        clock: State of the collector's clock.
    """

    index: int
    point_id: int
    stream_id: int
    seq: int
    observed_at: datetime
    collected_at: datetime
    value: Decimal | None
    reason: str | None
    flags: tuple[str, ...]
    origin: str
    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event that explains a step of a counter.

    Attributes:
        index: Leaf index.
        device: Name of the device.
        meter_register: The meter register it concerns; None for the whole device.
        event: Its code, such as ``reset`` or ``replacement``.
        observed_at: When it happened.
    """

    index: int
    device: DeviceId
    meter_register: RegisterId | None
    event: str
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far a projection is behind the log.

    Attributes:
        name: Name of the projection.
        next_index: First entry it has not seen.
        size: Number of entries committed.
    """

    name: str
    next_index: int
    size: int

    @property
    def entries(self) -> int:
        """Number of entries it has not seen."""
        return self.size - self.next_index


class Projections(Protocol):
    """Readings, events and what is computed from them."""

    def cursor(self, name: str) -> int:
        """First entry that projection ``name`` has not seen; 0 before it ran."""

    def move_cursor(self, name: str, *, before: int, after: int) -> None:
        """Move a cursor.

        Raises:
            StateError: It no longer is at ``before``: another process runs the projection.
        """

    def point(self, *, device: str, meter_register: str, unit: str) -> Point:
        """The point of that name, created if need be."""

    def points(self, *, device: str | None = None) -> Sequence[Point]:
        """All points, or those of one device."""

    def add_readings(self, readings: Sequence[StoredReading]) -> None:
        """Add readings; those already there stay as they are."""

    def add_events(self, events: Sequence[StoredEvent]) -> None:
        """Add events; those already there stay as they are."""

    def readings(
        self, point_id: int, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[StoredReading]:
        """Readings of a point observed in [begin, end), by (observed_at, index)."""

    def events(self, device: str, *, begin: datetime, end: datetime) -> Sequence[StoredEvent]:
        """Events of a device observed in [begin, end), by (observed_at, index)."""
