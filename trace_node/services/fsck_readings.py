"""The projection of readings against the records it was made of."""

from collections.abc import Sequence

from trace_node.metering.records.chained import read_chained
from trace_node.metering.records.reading import READING
from trace_node.metering.scaled import from_scaled
from trace_node.period import to_ms
from trace_node.ports.entries import StoredEntry
from trace_node.ports.projections import Point, StoredReading
from trace_node.ports.store import UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.services.project import NAME


def check_readings(
    entries: Sequence[StoredEntry], view: UnitOfWork, *, first: int, end: int, found: Findings
) -> None:
    """Compare the readings of a range, as far as the projection has come.

    Args:
        entries: The sound entries of the range.
        view: The database.
        first: Leaf index at which the range begins.
        end: Leaf index at which it ends.
        found: Where problems go.
    """
    reached = view.projections.cursor(NAME)
    if first >= reached:
        return
    points = {point.point_id: point for point in view.projections.points()}
    stored = {reading.index: reading for reading in view.projections.readings_logged(first, end)}
    for entry in entries:
        if entry.kind == READING and entry.index < reached:
            found.count("readings")
            reading = stored.get(entry.index)
            point = None if reading is None else points.get(reading.point_id)
            if reading is None or point is None or not _fits(entry, reading, point):
                found.add(
                    "reading_row",
                    "entry {index}: the reading in the database is not what the record says;"
                    " delete the projections and let them be computed again",
                    index=entry.index,
                )


def _fits(entry: StoredEntry, reading: StoredReading, point: Point) -> bool:
    record = read_chained(entry.body)
    value = record.value_scaled
    return (
        (point.device, point.meter_register) == (record.device, record.meter_register)
        and point.unit == record.unit
        and (reading.stream_id, reading.seq) == (entry.stream_id, record.seq)
        and to_ms(reading.observed_at) == record.observed_at_ms
        and to_ms(reading.collected_at) == record.collected_at_ms
        and (reading.reason, reading.origin, reading.clock)
        == (record.reason, record.origin, record.clock)
        and reading.value == (None if value is None else from_scaled(value, scale=record.scale))
    )
