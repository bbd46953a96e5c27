"""The projection of readings against the records it was made of."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from trace_node.metering.records.chained import ChainedRecord
from trace_node.ports.entries import StoredEntry
from trace_node.ports.projections import Point, ReadingValues
from trace_node.ports.store import UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.services.project import NAME
from trace_node.services.project_values import event_of


def check_readings(
    records: Mapping[int, tuple[StoredEntry, ChainedRecord]],
    view: UnitOfWork,
    *,
    others: AbstractSet[int],
    first: int,
    end: int,
    found: Findings,
) -> None:
    """Compare the readings and events of a range, as far as the projection has come.

    Args:
        records: The chained records of the range, by leaf index.
        view: The database.
        others: Indexes of the entries of the range that are neither readings nor events.
        first: Leaf index at which the range begins.
        end: Leaf index at which it ends.
        found: Where problems go.
    """
    reached = view.projections.cursor(NAME)
    if first >= reached:
        return
    points = {point.point_id: point for point in view.projections.points()}
    stored = {values[0]: values for values in view.projections.reading_values(first, end)}
    events = {event.index: event for event in view.projections.event_values(first, end)}
    for index, (entry, record) in records.items():
        if index >= reached:
            continue
        if record.event is not None:
            is_right = events.pop(index, None) == event_of(index, record)
        else:
            found.count("readings")
            values = stored.pop(index, None)
            point = None if values is None else points.get(values[1])
            is_right = values is not None and _fits(entry, record, values, point)
        if not is_right:
            _wrong(index, found)
    for index in sorted(others & {*stored, *events}):
        _wrong(index, found)


def _wrong(index: int, found: Findings) -> None:
    found.add(
        "reading_row",
        "entry {index}: the reading or event in the database is not what the record says; restore"
        " the database from backup and archive",
        index=index,
    )


def _fits(
    entry: StoredEntry, record: ChainedRecord, values: ReadingValues, point: Point | None
) -> bool:
    if point is None:
        return False
    expected = (
        entry.index,
        point.point_id,
        entry.stream_id,
        record.seq,
        record.observed_at_ms,
        record.collected_at_ms,
        record.value_scaled,
        record.scale,
        record.reason,
        record.origin,
        record.clock,
    )
    named = (point.device, point.meter_register, point.unit)
    return values == expected and named == (record.device, record.meter_register, record.unit)
