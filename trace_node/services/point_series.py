"""The series of one point as the projections hold it, read a piece at a time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from trace_node.errors import InputError
from trace_node.metering.meter import MeterRegister
from trace_node.metering.series import RESTART_EVENTS, Item, Restart, Sample, in_order
from trace_node.period import from_ms
from trace_node.ports.log_reader import LogReader
from trace_node.ports.projections import Point
from trace_node.services.project_series import usable_restart

MOST_SAMPLES = 1_000_000
PIECE = 20_000
_AFTER = 16  # samples behind a range that are looked at: the first decides, unless it is doubled
_FAR_AHEAD = datetime(9998, 1, 1, tzinfo=UTC)


class PointSeries:
    """Samples and restarts of a point, in the order calculations need.

    Args:
        point: Which point.
        meter_register: Its description.
        reader: The log.
        piece: Samples read at a time.
    """

    def __init__(
        self,
        point: Point,
        meter_register: MeterRegister,
        *,
        reader: LogReader,
        piece: int = PIECE,
    ) -> None:
        self._point = point
        self._meter_register = meter_register
        self._reader = reader
        self._piece = piece

    def around(self, begin: datetime, end: datetime) -> Iterator[Item]:
        """Everything from the last sample before ``begin`` to the first at or after ``end``.

        Raises:
            InputError: There are too many readings, or their number of decimals changes.
        """
        before = self._reader.last_sample_at(self._point.point_id, before=begin)
        behind = self._read(end, _FAR_AHEAD, limit=_AFTER)
        until = from_ms(behind[-1].at_ms + 1) if behind else end
        return self._items(before or begin, until)

    def after(self, at_ms: int) -> Iterator[Item]:
        """Everything after an instant, milliseconds since the epoch.

        Raises:
            InputError: There are too many readings, or their number of decimals changes.
        """
        return self._items(from_ms(at_ms + 1), _FAR_AHEAD)

    def _items(self, begin: datetime, end: datetime) -> Iterator[Item]:
        restarts = self._restarts(begin, end)
        ahead = next(restarts, None)
        for piece in self._pieces(begin, end):
            due: list[Item] = [*piece]
            while ahead is not None and ahead.at_ms <= piece[-1].at_ms:
                due.append(ahead)
                ahead = next(restarts, None)
            yield from in_order(due)
        while ahead is not None:
            yield ahead
            ahead = next(restarts, None)

    def _pieces(self, begin: datetime, end: datetime) -> Iterator[Sequence[Sample]]:
        """The samples of [begin, end) in pieces, none of which ends within an instant."""
        taken = 0
        while True:
            piece = self._read(begin, end, limit=self._piece)
            taken += len(piece)
            if taken > MOST_SAMPLES:
                raise _too_many(MOST_SAMPLES, "in these periods")
            if len(piece) < self._piece:
                if piece:
                    yield piece
                return
            whole = [sample for sample in piece if sample.at_ms < piece[-1].at_ms]
            if not whole:
                raise _too_many(self._piece, "at one instant")
            begin = from_ms(piece[-1].at_ms)
            yield whole

    def _read(self, begin: datetime, end: datetime, *, limit: int) -> Sequence[Sample]:
        return self._reader.samples(
            self._point.point_id,
            begin=begin,
            end=end,
            scale=self._meter_register.scale,
            limit=limit,
        )

    def _restarts(self, begin: datetime, end: datetime) -> Iterator[Restart]:
        for event in self._reader.events(self._point.device, begin=begin, end=end):
            named = event.meter_register == self._meter_register.name
            if named and event.event in RESTART_EVENTS:
                found = usable_restart(self._reader.entry(event.index), self._meter_register)
                if found is not None:
                    yield found


def _too_many(bound: int, where: str) -> InputError:
    return InputError(
        "{field}: more than {bound} readings lie {where}",
        field="to",
        bound=bound,
        where=where,
        remedy="ask for fewer periods at a time",
        code="totals.readings",
    )
