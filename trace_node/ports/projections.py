"""What is derived from the entries after the commit, and how far it has come.

Everything here can be thrown away and computed again from the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from trace_node.ids import DeviceId, RegisterId
from trace_node.metering.device_chain import BootState, DeviceTail
from trace_node.metering.period_total import PeriodTotal
from trace_node.metering.series import Sample
from trace_node.metering.validation import INVALID
from trace_node.period import PeriodKind
from trace_node.ports.reading_row import ReadingRow
from trace_node.ports.series import SeriesState, StoredIncrement, StoredTotal


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One meter register of one device in one unit, under a short number (计量点).

    Attributes:
        point_id: Short number in this database.
        device: Name of the device.
        meter_register: Name of the meter register.
        unit: Symbol of the unit of its readings.
        out_since: Leaf index of the first of the readings that are out of range just now; None
            while they are in range.
    """

    point_id: int
    device: DeviceId
    meter_register: RegisterId
    unit: str
    out_since: int | None = None


# A reading as its columns hold it, for checking many of them: leaf index, point id, stream id, seq,
# observed at and collected at in epoch milliseconds, scaled value, scale, reason, origin, clock.
ReadingValues = tuple[int, int, int, int, int, int, int | None, int, str | None, str, str]


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

    @property
    def is_valid(self) -> bool:
        """Whether calculations may use the value."""
        return INVALID.isdisjoint(self.flags)


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

    def add_readings(self, readings: Sequence[ReadingRow]) -> None:
        """Add readings that are not there yet."""

    def add_events(self, events: Sequence[StoredEvent]) -> None:
        """Add events that are not there yet."""

    def readings(
        self, point_id: int, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[StoredReading]:
        """Readings of a point observed in [begin, end), by (observed_at, index)."""

    def reading_values(self, first: int, end: int) -> Sequence[ReadingValues]:
        """Readings whose leaf index lies from ``first`` up to, not including, ``end``."""

    def event_values(self, first: int, end: int) -> Sequence[StoredEvent]:
        """Events whose leaf index lies from ``first`` up to, not including, ``end``."""

    def events(self, device: str, *, begin: datetime, end: datetime) -> Sequence[StoredEvent]:
        """Events of a device observed in [begin, end), by (observed_at, index)."""

    def set_out_of_range(self, point_id: int, *, since: int | None) -> None:
        """Record that the readings of a point are out of range since an entry, or are not now."""

    def chain_state(self, stream_id: int) -> BootState | None:
        """What the device-chain check remembers of a (device, boot); None before its first one."""

    def device_tail(self, device: str) -> DeviceTail | None:
        """The newest record of a device that the check has seen; None before its first."""

    def chain_states(self) -> Mapping[int, BootState]:
        """What the device-chain check remembers, by stream."""

    def device_tails(self) -> Mapping[str, DeviceTail]:
        """The newest record of every device that the check has seen."""

    def set_chain(
        self, *, states: Mapping[int, BootState], tails: Mapping[str, DeviceTail]
    ) -> None:
        """Replace what the check remembers of streams and devices."""

    def samples(self, point_id: int, *, after_ms: int, limit: int) -> Sequence[Sample]:
        """Valid readings of a point observed after an instant, by (instant, leaf index)."""

    def series_state(self, point_id: int, *, before_ms: int | None = None) -> SeriesState | None:
        """The newest state of a point's roll-up, of an item before an instant if one is named."""

    def add_series(
        self,
        *,
        increments: Sequence[StoredIncrement],
        totals: Sequence[StoredTotal],
        states: Sequence[SeriesState],
    ) -> None:
        """Add what new items of points gave."""

    def forget_series(self, point_id: int, *, after_ms: int | None) -> None:
        """Drop what was computed from items of a point after an instant, or all of it."""

    def thin_states(self, point_id: int, *, frequent_ms: int, daily_ms: int) -> None:
        """Drop the states of either grade that are older than its instant."""

    def increments(
        self, point_id: int, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[StoredIncrement]:
        """Increments that end in (begin, end], by their ends."""

    def totals(
        self, point_id: int, kind: PeriodKind, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[PeriodTotal]:
        """Totals of finished periods of a kind that begin in [begin, end), by their starts."""

    def wrong_increments(
        self, increments: Sequence[StoredIncrement], *, point_id: int, after_ms: int, until_ms: int
    ) -> Sequence[int]:
        """Ends, in (after, until], of the rows that are not exactly those of ``increments``."""

    def wrong_totals(
        self, totals: Sequence[StoredTotal], *, point_id: int, after_ms: int, until_ms: int
    ) -> Sequence[tuple[str, int]]:
        """Kind and begin of the rows that end in (after, until] and are not those of ``totals``."""
