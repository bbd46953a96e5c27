"""What an event does: rows that change, and tonnes that go from one cell to another.

A cell is (account, class, place). Held units are in cells of their account; account 0 has the
contra accounts of each class: what was issued (place NONE, never above 0), surrendered, cancelled
and converted. So the cells of a class add up to 0 at any time.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

from trace_node.errors import IntegrityError
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Place
from trace_node.quota.ledger.rows import Key, OrderRow, Row, Table
from trace_node.quota.ledger.state import LotContent, ObligationContent

CONTRA = 0

Kept = TypeVar("Kept")


class MirrorEventError(IntegrityError):
    """An event does not follow from what came before it: events were lost, or are of another."""

    code = "integrity.ledger_event"


class Change(NamedTuple):
    """A row as it is now."""

    table: Table
    key: Key
    row: Row


class Posting(NamedTuple):
    """Tonnes that come into a cell, or leave it (分录).

    Attributes:
        account: Number of the account; 0 for a contra account.
        class_id: Class of the units.
        place: Where they are.
        tonnes: Whole tonnes; above 0 into the cell, below 0 out of it.
        lot: The lot.
    """

    account: int
    class_id: int
    place: Place
    tonnes: int
    lot: int


class Effect(NamedTuple):
    """All that one event does; its postings add up to 0."""

    changes: tuple[Change, ...] = ()
    postings: tuple[Posting, ...] = ()


class Known(Protocol):
    """The state before an event, as far as the event touches it."""

    def get(self, table: Table, key: Key) -> Row | None:
        """The row under ``key``; ``None`` when there is none."""


Handler = Callable[[Any, PlacedEvent, Known], Effect]
"""Gives the effect of one kind of event: its content, its place, and the state before it."""

NOTHING = Effect()


def changed(table: Table, key: Key, row: Row) -> Effect:
    """The effect that one row is another one now."""
    return Effect((Change(table, key, row),))


def wanted(known: Known, table: Table, key: Key, kind: type[Kept]) -> Kept:
    """The row of which an event speaks.

    Raises:
        MirrorEventError: There is none.
    """
    row = known.get(table, key)
    if isinstance(row, kind):
        return row
    raise MirrorEventError(
        "an event speaks of {table} {key}, of which no event told before",
        table=table.name.lower(),
        key=str(key),
        remedy="build the mirror anew: trace-node ledger rebuild",
    )


def balance_of(known: Known, cell: tuple[int, int, Place]) -> int:
    """Tonnes in a cell."""
    tonnes = known.get(Table.BALANCES, cell)
    return tonnes if isinstance(tonnes, int) else 0


def lot_of(known: Known, number: int) -> LotContent:
    """A lot of which an event speaks."""
    return wanted(known, Table.LOTS, number, LotContent)


def order_of(known: Known, order_id: bytes) -> OrderRow:
    """An order of which an event speaks."""
    return wanted(known, Table.ORDERS, order_id, OrderRow)


def obligation_of(known: Known, number: int) -> ObligationContent:
    """An obligation of which an event speaks."""
    return wanted(known, Table.OBLIGATIONS, number, ObligationContent)
