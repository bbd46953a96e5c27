"""One page of readings, and where the next one begins.

A page token names the instant and how many readings of that instant were already given. The log
only grows, and readings of one instant are in the order of the log, so what was given stays first.
"""

from collections.abc import Sequence
from datetime import datetime

from api.schemas.base import optional_decimal, time_text
from api.schemas.readings import ReadingRow, Readings, ReadingsQuery
from trace_node.errors import InputError, NotFoundError
from trace_node.period import from_ms, to_ms
from trace_node.ports.anchoring import AnchorProgress
from trace_node.ports.log_reader import LogReader
from trace_node.ports.projections import Point, StoredReading


def read_page(query: ReadingsQuery, *, reader: LogReader) -> Readings:
    """The readings a query asks for.

    Raises:
        InputError: The range is empty, the page lies outside it, or the unit has to be named.
        NotFoundError: No such meter register is registered.
    """
    begin, skipped = _start(query)
    point = _point(query, reader=reader)
    wanted = skipped + query.limit
    found = (
        reader.readings(point.point_id, begin=begin, end=query.end, limit=wanted + 1)
        if point is not None
        else ()
    )
    shown = found[skipped:wanted]
    progress = reader.progress()
    return Readings(
        device=query.device,
        meter_register=query.meter_register,
        unit=None if point is None else point.unit,
        readings=tuple(_row(each, progress) for each in shown),
        next_page=_next_page(shown, begin, skipped) if len(found) > wanted else None,
        pending_entries=pending_entries(reader),
    )


def pending_entries(reader: LogReader) -> int:
    """Entries of the log that what is derived from it does not know of yet."""
    return max((lag.entries for lag in reader.lags()), default=reader.state().size)


def _point(query: ReadingsQuery, *, reader: LogReader) -> Point | None:
    found = [
        point
        for point in reader.points(device=query.device)
        if point.meter_register == query.meter_register and query.unit in {None, point.unit}
    ]
    if len(found) > 1:
        raise InputError(
            "{field}: {name} was read in several units: {units}",
            field="unit",
            name=query.meter_register,
            units=", ".join(sorted(point.unit for point in found)),
            remedy="name one of them",
            code="input.choice",
        )
    if not found and not _is_registered(query, reader=reader):
        raise NotFoundError(
            "{field}: {device} has no meter register {name}",
            field="meter_register",
            device=query.device,
            name=query.meter_register,
            remedy="ask for Points to see the meters of this log",
            code="not_found.point",
        )
    return found[0] if found else None


def _is_registered(query: ReadingsQuery, *, reader: LogReader) -> bool:
    return any(
        item.name == query.meter_register
        for enrolled in reader.enrolled_meters(device=query.device)
        for item in enrolled.meter.meter_registers
    )


def _start(query: ReadingsQuery) -> tuple[datetime, int]:
    """Where the page begins, and how many readings of that instant were given before."""
    if query.begin >= query.end:
        raise InputError(
            "{field}: must be after from",
            field="to",
            code="input.range",
            remedy="name the first instant after the last reading",
        )
    if query.page is None:
        return query.begin, 0
    at_ms, _, skipped = query.page.partition("-")
    if not to_ms(query.begin) <= int(at_ms) < to_ms(query.end):
        raise InputError(
            "{field}: does not belong to this query",
            field="page",
            code="input.page",
            remedy="hand in next_page of the answer before, with the same other fields",
        )
    return from_ms(int(at_ms)), int(skipped)


def _next_page(shown: Sequence[StoredReading], begin: datetime, skipped: int) -> str:
    last = shown[-1].observed_at
    given = sum(1 for each in shown if each.observed_at == last)
    if last == begin:
        given += skipped
    return f"{to_ms(last)}-{given}"


def _row(stored: StoredReading, progress: AnchorProgress) -> ReadingRow:
    return ReadingRow(
        index=stored.index,
        observed_at=time_text(stored.observed_at),
        collected_at=time_text(stored.collected_at),
        value=optional_decimal(stored.value),
        reason=stored.reason,
        flags=stored.flags,
        origin=stored.origin,
        clock=stored.clock,
        state=progress.state_of(stored.index),
    )
