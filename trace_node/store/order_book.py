"""The orders that were handed to this node (port ``orders.OrderBook``)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from trace_node.ports.orders import OrderFigures, OrderPhase, StoredOrder
from trace_node.store.database import Database
from trace_node.store.errors import sound_row
from trace_node.store.tables import ORDER_BOOK
from trace_node.store.unit_of_work import reading, writing


class SqlOrderBook:
    """See ``trace_node.ports.orders.OrderBook``; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, order: StoredOrder) -> StoredOrder:
        """Store a new order, durably, or return the one with its id that is there."""
        same = select(ORDER_BOOK).where(ORDER_BOOK.c.order_id == order.order_id)
        with writing(self._database) as work:
            found = work.connection.execute(same).one_or_none()
            if found is not None:
                return _order(found)
            work.connection.execute(insert(ORDER_BOOK), _values(order))
        return order

    def find(self, order_id: bytes) -> StoredOrder | None:
        """The order with that id; None when it was never handed in."""
        with reading(self._database) as work:
            same = select(ORDER_BOOK).where(ORDER_BOOK.c.order_id == order_id)
            found = work.connection.execute(same).one_or_none()
        return None if found is None else _order(found)

    def replace(self, order: StoredOrder) -> bool:
        """Set an order whose revision is still ``order.revision``, and count that up."""
        changed = replace(order, revision=order.revision + 1)
        with writing(self._database) as work:
            done = work.connection.execute(
                update(ORDER_BOOK)
                .where(ORDER_BOOK.c.order_id == order.order_id)
                .where(ORDER_BOOK.c.revision == order.revision)
                .values(_values(changed))
            )
            return done.rowcount == 1

    def due(self, *, now: int, limit: int) -> Sequence[StoredOrder]:
        """Orders that are not final and due at ``now``, soonest first."""
        statement = (
            select(ORDER_BOOK)
            .where(ORDER_BOOK.c.final == 0, ORDER_BOOK.c.due <= now)
            .order_by(ORDER_BOOK.c.due, ORDER_BOOK.c.order_id)
            .limit(limit)
        )
        with reading(self._database) as work:
            return [_order(row) for row in work.connection.execute(statement)]

    def newest(
        self, *, organisation: int | None, before_ms: int | None, limit: int
    ) -> Sequence[StoredOrder]:
        """Orders by arrival, newest first."""
        statement = select(ORDER_BOOK)
        if organisation is not None:
            statement = statement.where(ORDER_BOOK.c.organisation == organisation)
        if before_ms is not None:
            statement = statement.where(ORDER_BOOK.c.taken_ms < before_ms)
        ordered = statement.order_by(ORDER_BOOK.c.taken_ms.desc(), ORDER_BOOK.c.order_id)
        with reading(self._database) as work:
            return [_order(row) for row in work.connection.execute(ordered.limit(limit))]

    def figures(self) -> OrderFigures:
        """How many there are."""
        orders = ORDER_BOOK.c
        by_phase = (
            select(orders.phase, func.count(), func.min(orders.taken_ms))
            .where(orders.final == 0)
            .group_by(orders.phase)
        )
        ended = select(func.count()).select_from(ORDER_BOOK).where(orders.final == 1)
        with reading(self._database) as work:
            rows = work.connection.execute(by_phase).all()
            return OrderFigures(
                open={OrderPhase(phase): int(count) for phase, count, _ in rows},
                ended=int(work.connection.execute(ended).scalar_one()),
                oldest_open_ms=min((int(taken) for *_, taken in rows), default=None),
            )


def _values(order: StoredOrder) -> dict[str, object]:
    return {
        "order_id": order.order_id,
        "content_hash": order.content_hash,
        "file": order.file,
        "organisation": order.organisation,
        "phase": order.phase.value,
        "reason": order.reason,
        "detail": order.detail,
        "transaction_hash": order.transaction,
        "block": order.block,
        "final": int(order.final),
        "due": order.due,
        "taken_ms": order.taken_ms,
        "changed_ms": order.changed_ms,
        "revision": order.revision,
    }


def _order(row: Row[Any]) -> StoredOrder:
    with sound_row(ORDER_BOOK.name, row.taken_ms):
        return StoredOrder(
            order_id=row.order_id,
            content_hash=row.content_hash,
            file=row.file,
            organisation=row.organisation,
            phase=OrderPhase(row.phase),
            reason=row.reason,
            detail=row.detail,
            transaction=row.transaction_hash,
            block=row.block,
            final=bool(row.final),
            due=row.due,
            taken_ms=row.taken_ms,
            changed_ms=row.changed_ms,
            revision=row.revision,
        )
