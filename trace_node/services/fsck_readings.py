"""The projection of readings against the records it was made of."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from operator import itemgetter

from trace_node.metering.records.chained import ChainedRecord
from trace_node.ports.entries import StoredEntry
from trace_node.ports.projections import ReadingValues
from trace_node.ports.store import UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.services.project import NAME
from trace_node.services.project_values import event_of

_PLACES = {name: place for place, name in enumerate(ChainedRecord._fields)}
# In the order of ``ReadingValues``, after leaf index, point and stream.
_VALUES_OF = itemgetter(
    _PLACES["seq"],
    _PLACES["observed_at_ms"],
    _PLACES["collected_at_ms"],
    _PLACES["value_scaled"],
    _PLACES["scale"],
    _PLACES["reason"],
    _PLACES["origin"],
    _PLACES["clock"],
)
_POINT_OF = itemgetter(_PLACES["device"], _PLACES["meter_register"], _PLACES["unit"])


class ReadingCheck:
    """Compares readings and events, as far as the projection has come.

    Args:
        found: Where problems go.
    """

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._points: dict[int, tuple[str, str, str]] = {}

    def check(
        self,
        records: Mapping[int, tuple[StoredEntry, ChainedRecord]],
        others: AbstractSet[int],
        *,
        view: UnitOfWork,
        first: int,
        end: int,
    ) -> None:
        """Compare the readings and events of a range.

        Args:
            records: The chained records, by leaf index; those outside the range are passed over.
            others: Indexes of the entries that are neither readings nor events.
            view: The database.
            first: Leaf index at which the range begins.
            end: Leaf index at which it ends.
        """
        reached = view.projections.cursor(NAME)
        if first >= reached:
            return
        stored = {values[0]: values for values in view.projections.reading_values(first, end)}
        events = {event.index: event for event in view.projections.event_values(first, end)}
        if not self._points.keys() >= {values[1] for values in stored.values()}:
            self._points = {
                point.point_id: (point.device, point.meter_register, point.unit)
                for point in view.projections.points()
            }
        for index, (entry, record) in records.items():
            if not first <= index < end or index >= reached:
                continue
            if record.event is not None:
                is_right = events.pop(index, None) == event_of(index, record)
            else:
                self._found.count("readings")
                is_right = self._fits(entry, record, stored.pop(index, None))
            if not is_right:
                self._wrong(index)
        for index in sorted(others & {*stored, *events}):
            self._wrong(index)

    def _fits(
        self, entry: StoredEntry, record: ChainedRecord, values: ReadingValues | None
    ) -> bool:
        return (
            values is not None
            and values[2] == entry.stream_id
            and values[3:] == _VALUES_OF(record)
            and self._points.get(values[1]) == _POINT_OF(record)
        )

    def _wrong(self, index: int) -> None:
        self._found.add(
            "reading_row",
            "entry {index}: the reading or event in the database is not what the record says;"
            " restore the database from backup and archive",
            index=index,
        )
