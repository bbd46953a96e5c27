"""Repository: contexts and deliveries in the log, and where each delivery's records are."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from trace_node.ids import KeyId
from trace_node.period import to_ms
from trace_node.ports.entries import LoggedDelivery, Span
from trace_node.store.bulk import insert_rows
from trace_node.store.columns import from_ms
from trace_node.store.tables import CONTEXTS, DELIVERIES, DELIVERY_SPANS

_DELIVERY = (
    select(
        DELIVERIES,
        DELIVERY_SPANS.c.first_index,
        DELIVERY_SPANS.c.record_count,
        DELIVERY_SPANS.c.fresh,
    )
    .join(DELIVERY_SPANS, DELIVERY_SPANS.c.delivery_index == DELIVERIES.c.leaf_index)
    .order_by(DELIVERIES.c.leaf_index, DELIVERY_SPANS.c.ordinal)
)
_BY_DIGEST = _DELIVERY.where(DELIVERIES.c.digest == bindparam("digest"))
_CONTEXT = select(CONTEXTS.c.leaf_index).where(CONTEXTS.c.digest == bindparam("digest"))


class SqlDeliveries:
    """See ``trace_node.ports.store.Deliveries``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def context_index(self, digest: bytes) -> int | None:
        """Leaf index of the context with that record digest; None when it is not logged."""
        found = self._connection.execute(_CONTEXT, {"digest": digest})
        index: int | None = found.scalar_one_or_none()
        return index

    def add_context(self, *, digest: bytes, index: int) -> None:
        """Remember where a context was logged."""
        self._connection.execute(insert(CONTEXTS), {"leaf_index": index, "digest": digest})

    def by_digest(self, digest: bytes) -> LoggedDelivery | None:
        """The delivery with that record digest; None when it is not logged."""
        rows = self._connection.execute(_BY_DIGEST, {"digest": digest})
        return next(_deliveries(rows), None)

    def bringing(self, index: int) -> LoggedDelivery | None:
        """The delivery that brought the entry at ``index``; None when no delivery did."""
        statement = (
            select(DELIVERY_SPANS)
            .where(DELIVERY_SPANS.c.fresh == 1, DELIVERY_SPANS.c.first_index <= index)
            .order_by(DELIVERY_SPANS.c.first_index.desc())
            .limit(1)
        )
        span = self._connection.execute(statement).one_or_none()
        if span is None or index >= span.first_index + span.record_count:
            return None
        rows = self._connection.execute(
            _DELIVERY.where(DELIVERIES.c.leaf_index == span.delivery_index)
        )
        return next(_deliveries(rows), None)

    def add(self, deliveries: Sequence[LoggedDelivery]) -> None:
        """Remember deliveries that were logged."""
        insert_rows(
            self._connection,
            DELIVERIES,
            [
                (
                    item.index,
                    item.digest,
                    item.collector,
                    item.context_index,
                    item.root,
                    item.received_index,
                    to_ms(item.received_at),
                )
                for item in deliveries
            ],
        )
        insert_rows(
            self._connection,
            DELIVERY_SPANS,
            [
                (item.index, ordinal, span.first_index, span.count, int(span.fresh))
                for item in deliveries
                for ordinal, span in enumerate(item.spans)
            ],
        )

    def read(self, first: int, end: int) -> Sequence[LoggedDelivery]:
        """The deliveries whose own leaf index lies from ``first`` up to, not including, ``end``."""
        rows = self._connection.execute(
            _DELIVERY.where(DELIVERIES.c.leaf_index >= first, DELIVERIES.c.leaf_index < end)
        )
        return list(_deliveries(rows))


def _deliveries(rows: Iterable[Row[Any]]) -> Iterator[LoggedDelivery]:
    for _, same in groupby(rows, key=lambda row: row.leaf_index):
        spans = list(same)
        head = spans[0]
        yield LoggedDelivery(
            index=head.leaf_index,
            digest=head.digest,
            collector=KeyId(head.collector),
            context_index=head.context_index,
            root=head.root,
            spans=tuple(
                Span(first_index=row.first_index, count=row.record_count, fresh=bool(row.fresh))
                for row in spans
            ),
            received_index=head.received_index,
            received_at=from_ms(head.received_at),
        )
