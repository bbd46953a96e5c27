"""The projection of readings against the records it was made of."""

from collections.abc import Mapping

from trace_node.metering.records.chained import ChainedRecord
from trace_node.ports.entries import StoredEntry
from trace_node.ports.projections import Point, ReadingValues
from trace_node.ports.store import UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.services.project import NAME


def check_readings(
    records: Mapping[int, tuple[StoredEntry, ChainedRecord]],
    view: UnitOfWork,
    *,
    first: int,
    end: int,
    found: Findings,
) -> None:
    """Compare the readings of a range, as far as the projection has come.

    Args:
        records: The chained records of the range, by leaf index.
        view: The database.
        first: Leaf index at which the range begins.
        end: Leaf index at which it ends.
        found: Where problems go.
    """
    reached = view.projections.cursor(NAME)
    if first >= reached:
        return
    points = {point.point_id: point for point in view.projections.points()}
    stored = {values[0]: values for values in view.projections.reading_values(first, end)}
    for index, (entry, record) in records.items():
        if index >= reached or record.event is not None:
            continue
        found.count("readings")
        values = stored.get(index)
        point = None if values is None else points.get(values[1])
        if values is None or point is None or not _fits(entry, record, values, point):
            found.add(
                "reading_row",
                "entry {index}: the reading in the database is not what the record says; delete the"
                " projections and let them be computed again",
                index=index,
            )


def _fits(entry: StoredEntry, record: ChainedRecord, values: ReadingValues, point: Point) -> bool:
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
