"""Repository: readings, events and the cursors of the projections that write them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from trace_node.errors import StateError
from trace_node.ids import DeviceId, RegisterId
from trace_node.metering.device_chain import BootState, DeviceTail
from trace_node.period import to_ms
from trace_node.ports.projections import (
    Point,
    ReadingValues,
    StoredEvent,
    StoredReading,
)
from trace_node.ports.reading_row import ReadingRow
from trace_node.store.bulk import insert_rows
from trace_node.store.columns import from_ms
from trace_node.store.errors import sound_row
from trace_node.store.series import SqlSeries
from trace_node.store.tables import (
    CHAIN_STATES,
    DEVICE_TAILS,
    METER_EVENTS,
    METERING_POINTS,
    PROJECTION_CURSORS,
    READINGS,
)

_VALUES = (
    READINGS.c.leaf_index,
    READINGS.c.point_id,
    READINGS.c.stream_id,
    READINGS.c.seq,
    READINGS.c.observed_at,
    READINGS.c.collected_at,
    READINGS.c.value,
    READINGS.c.scale,
    READINGS.c.reason,
    READINGS.c.origin,
    READINGS.c.clock,
)


class SqlProjections(SqlSeries):
    """See ``trace_node.ports.projections.Projections``."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)

    def cursor(self, name: str) -> int:
        """First entry that projection ``name`` has not seen; 0 before it ran."""
        statement = select(PROJECTION_CURSORS.c.next_index).where(PROJECTION_CURSORS.c.name == name)
        return int(self._connection.execute(statement).scalar_one_or_none() or 0)

    def move_cursor(self, name: str, *, before: int, after: int) -> None:
        """Move a cursor, if it still is at ``before``."""
        if before == 0 and not self._has_cursor(name):
            self._connection.execute(
                insert(PROJECTION_CURSORS), {"name": name, "next_index": after}
            )
            return
        moved = (
            update(PROJECTION_CURSORS)
            .where(PROJECTION_CURSORS.c.name == name, PROJECTION_CURSORS.c.next_index == before)
            .values(next_index=after)
        )
        if self._connection.execute(moved).rowcount != 1:
            raise StateError(
                "the projection {name} no longer stands at {before}: another process runs it",
                name=name,
                before=before,
                remedy="run projections in one process",
                code="store.cursor_moved",
            )

    def point(self, *, device: str, meter_register: str, unit: str) -> Point:
        """The point of that name, created if need be."""
        named = select(METERING_POINTS).where(
            METERING_POINTS.c.device == device,
            METERING_POINTS.c.meter_register == meter_register,
            METERING_POINTS.c.unit == unit,
        )
        row = self._connection.execute(named).one_or_none()
        if row is None:
            values = {
                "device": device,
                "meter_register": meter_register,
                "unit": unit,
                "out_since": None,
            }
            self._connection.execute(insert(METERING_POINTS), values)
            row = self._connection.execute(named).one()
        return _point(row)

    def points(self, *, device: str | None = None) -> Sequence[Point]:
        """All points, or those of one device."""
        every = select(METERING_POINTS).order_by(METERING_POINTS.c.point_id)
        chosen = every if device is None else every.where(METERING_POINTS.c.device == device)
        return [_point(row) for row in self._connection.execute(chosen)]

    def add_readings(self, readings: Sequence[ReadingRow]) -> None:
        """Add readings."""
        insert_rows(self._connection, READINGS, readings)

    def add_events(self, events: Sequence[StoredEvent]) -> None:
        """Add events."""
        rows = [
            (item.index, item.device, item.meter_register, item.event, to_ms(item.observed_at))
            for item in events
        ]
        insert_rows(self._connection, METER_EVENTS, rows)

    def readings(
        self, point_id: int, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[StoredReading]:
        """Readings of a point observed in [begin, end), by (observed_at, index)."""
        statement = (
            select(READINGS)
            .where(
                READINGS.c.point_id == point_id,
                READINGS.c.observed_at >= to_ms(begin),
                READINGS.c.observed_at < to_ms(end),
            )
            .order_by(READINGS.c.observed_at, READINGS.c.leaf_index)
            .limit(limit)
        )
        return [reading_of(row) for row in self._connection.execute(statement)]

    def reading_values(self, first: int, end: int) -> Sequence[ReadingValues]:
        """Readings whose leaf index lies from ``first`` up to, not including, ``end``."""
        statement = select(*_VALUES).where(
            READINGS.c.leaf_index >= first, READINGS.c.leaf_index < end
        )
        return [tuple(row) for row in self._connection.execute(statement).all()]

    def event_values(self, first: int, end: int) -> Sequence[StoredEvent]:
        """Events whose leaf index lies from ``first`` up to, not including, ``end``."""
        statement = select(METER_EVENTS).where(
            METER_EVENTS.c.leaf_index >= first, METER_EVENTS.c.leaf_index < end
        )
        return [_event(row) for row in self._connection.execute(statement)]

    def events(self, device: str, *, begin: datetime, end: datetime) -> Sequence[StoredEvent]:
        """Events of a device observed in [begin, end), by (observed_at, index)."""
        statement = (
            select(METER_EVENTS)
            .where(
                METER_EVENTS.c.device == device,
                METER_EVENTS.c.observed_at >= to_ms(begin),
                METER_EVENTS.c.observed_at < to_ms(end),
            )
            .order_by(METER_EVENTS.c.observed_at, METER_EVENTS.c.leaf_index)
        )
        return [_event(row) for row in self._connection.execute(statement)]

    def chain_states(self) -> Mapping[int, BootState]:
        """What the device-chain check remembers, by stream."""
        return {
            row.stream_id: BootState(
                next_seq=row.next_seq, last=row.last_digest, missing=row.missing, branch=row.branch
            )
            for row in self._connection.execute(select(CHAIN_STATES))
        }

    def device_tails(self) -> Mapping[str, DeviceTail]:
        """The newest record of every device that the check has seen."""
        rows = self._connection.execute(select(DEVICE_TAILS))
        return {row.device: DeviceTail(boot=row.boot, digest=row.digest) for row in rows}

    def set_out_of_range(self, point_id: int, *, since: int | None) -> None:
        """Record that the readings of a point are out of range since an entry, or are not now."""
        named = update(METERING_POINTS).where(METERING_POINTS.c.point_id == point_id)
        self._connection.execute(named.values(out_since=since))

    def _has_cursor(self, name: str) -> bool:
        statement = select(PROJECTION_CURSORS.c.name).where(PROJECTION_CURSORS.c.name == name)
        return self._connection.execute(statement).one_or_none() is not None


def reading_of(row: Row[Any]) -> StoredReading:
    """The reading a row holds."""
    return StoredReading(
        index=row.leaf_index,
        point_id=row.point_id,
        stream_id=row.stream_id,
        seq=row.seq,
        observed_at=from_ms(row.observed_at),
        collected_at=from_ms(row.collected_at),
        value=None if row.value is None else Decimal(row.value).scaleb(-row.scale),
        reason=row.reason,
        flags=tuple(row.flags.split()),
        origin=row.origin,
        clock=row.clock,
    )


def _point(row: Row[Any]) -> Point:
    return Point(
        point_id=row.point_id,
        device=DeviceId(row.device),
        meter_register=RegisterId(row.meter_register),
        unit=row.unit,
        out_since=row.out_since,
    )


def _event(row: Row[Any]) -> StoredEvent:
    with sound_row(METER_EVENTS.name, row.leaf_index):
        return StoredEvent(
            index=row.leaf_index,
            device=DeviceId(row.device),
            meter_register=None if row.meter_register is None else RegisterId(row.meter_register),
            event=row.event,
            observed_at=from_ms(row.observed_at),
        )
