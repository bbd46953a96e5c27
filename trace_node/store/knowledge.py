"""When each entry could be known of: the steps of its way as the database recorded them."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from trace_node.ports.log_reader import Knowledge
from trace_node.store.anchor_rows import anchor_of, standing_anchors
from trace_node.store.columns import from_ms, optional_time
from trace_node.store.tables import (
    ANCHORS,
    CHECKPOINTS,
    DELIVERIES,
    DELIVERY_SPANS,
    READINGS,
)
from trace_node.store.unit_of_work import SqlUnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """Rows of one kind in rising order of ``place``."""

    rows: Sequence[Row[Any]]
    places: Sequence[int]

    def at_or_before(self, index: int) -> Row[Any] | None:
        """The last row whose place is at most ``index``."""
        position = bisect_right(self.places, index)
        return self.rows[position - 1] if position else None

    def after(self, index: int) -> Row[Any] | None:
        """The first row whose place is more than ``index``."""
        position = bisect_right(self.places, index)
        return self.rows[position] if position < len(self.rows) else None


def knowledge_of(work: SqlUnitOfWork, indexes: Sequence[int]) -> Sequence[Knowledge]:
    """When each entry could be known of, in the order of ``indexes``."""
    if not indexes:
        return []
    first, last = min(indexes), max(indexes)
    readings = {
        row.leaf_index: row
        for row in work.connection.execute(
            select(READINGS.c.leaf_index, READINGS.c.observed_at, READINGS.c.collected_at).where(
                READINGS.c.leaf_index.in_(indexes)
            )
        )
    }
    spans = _steps(work, _spans(work, first, last), lambda row: int(row.first_index))
    checkpoints = _steps(work, _checkpoints(work, first, last), lambda row: int(row.size))
    anchors = _steps(work, _anchors(work, first, last), lambda row: int(row.size))
    return [
        _knowledge(
            index, readings.get(index), spans, checkpoints.after(index), anchors.after(index)
        )
        for index in indexes
    ]


def _knowledge(
    index: int,
    reading: Row[Any, Any, Any] | None,
    spans: _Steps,
    checkpoint: Row[Any] | None,
    anchor: Row[Any] | None,
) -> Knowledge:
    span = spans.at_or_before(index)
    brought = span is not None and index < span.first_index + span.record_count
    return Knowledge(
        index=index,
        observed_at=None if reading is None else from_ms(reading.observed_at),
        collected_at=None if reading is None else from_ms(reading.collected_at),
        received_at=optional_time(span.received_at) if span is not None and brought else None,
        checkpoint_size=None if checkpoint is None else checkpoint.size,
        sealed_at=None if checkpoint is None else from_ms(checkpoint.sealed_at),
        anchor=None if anchor is None else anchor_of(anchor),
        anchored_at=None if anchor is None else from_ms(anchor.seen_at),
    )


def _steps(work: SqlUnitOfWork, statement: Select[Any], place: Callable[[Row[Any]], int]) -> _Steps:
    rows = list(work.connection.execute(statement))
    return _Steps(rows=rows, places=[place(row) for row in rows])


def _spans(work: SqlUnitOfWork, first: int, last: int) -> Select[Any]:
    """The spans that brought entries from ``first`` to ``last``, and perhaps the one before."""
    before = (
        select(DELIVERY_SPANS.c.first_index)
        .where(DELIVERY_SPANS.c.fresh == 1, DELIVERY_SPANS.c.first_index <= first)
        .order_by(DELIVERY_SPANS.c.first_index.desc())
        .limit(1)
    )
    begin = work.connection.execute(before).scalar_one_or_none()
    return (
        select(
            DELIVERY_SPANS.c.first_index, DELIVERY_SPANS.c.record_count, DELIVERIES.c.received_at
        )
        .join(DELIVERIES, DELIVERIES.c.leaf_index == DELIVERY_SPANS.c.delivery_index)
        .where(
            DELIVERY_SPANS.c.fresh == 1,
            DELIVERY_SPANS.c.first_index >= (first if begin is None else begin),
            DELIVERY_SPANS.c.first_index <= last,
        )
        .order_by(DELIVERY_SPANS.c.first_index)
    )


def _checkpoints(work: SqlUnitOfWork, first: int, last: int) -> Select[Any]:
    """The checkpoints that are the first to cover an entry from ``first`` to ``last``."""
    beyond = select(CHECKPOINTS.c.size).where(CHECKPOINTS.c.size > last)
    end = work.connection.execute(beyond.order_by(CHECKPOINTS.c.size).limit(1)).scalar_one_or_none()
    covering = select(CHECKPOINTS.c.size, CHECKPOINTS.c.sealed_at).where(CHECKPOINTS.c.size > first)
    bounded = covering if end is None else covering.where(CHECKPOINTS.c.size <= end)
    return bounded.order_by(CHECKPOINTS.c.size)


def _anchors(work: SqlUnitOfWork, first: int, last: int) -> Select[Any]:
    """The anchors that are the first to cover an entry from ``first`` to ``last``."""
    end = work.checkpoints.anchor_covering(last + 1)
    covering = standing_anchors().where(ANCHORS.c.size > first)
    bounded = covering if end is None else covering.where(ANCHORS.c.size <= end.head.size)
    return bounded.order_by(ANCHORS.c.size, ANCHORS.c.block_number)
