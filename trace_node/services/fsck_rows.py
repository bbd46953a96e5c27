"""Views of the database whose pages may be damaged: what cannot be read is recorded, not raised."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trace_node.errors import IntegrityError
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.fsck_report import Findings

_FEW = 64  # entries: where rows about so few cannot be read, the range says well enough which


@contextmanager
def read_rows(store: Store, first: int, end: int, found: Findings) -> Iterator[UnitOfWork]:
    """A view; if its pages are damaged, that is recorded and the check goes on after it."""
    try:
        with store.view() as view:
            yield view
    except IntegrityError as error:
        add_unreadable(first, end, error, found)


def in_parts(
    store: Store,
    first: int,
    end: int,
    check: Callable[[UnitOfWork, int, int], None],
    *,
    found: Findings,
) -> None:
    """Check the rows about a range of entries; in ever smaller parts where it cannot be read.

    Args:
        store: The database.
        first: Leaf index at which the range begins.
        end: Leaf index at which it ends.
        check: Is called with a view and a range. It reads all rows before it records anything.
        found: Where ranges go that cannot be read.
    """
    try:
        with store.view() as view:
            check(view, first, end)
    except IntegrityError as error:
        if end - first <= _FEW:
            add_unreadable(first, end, error, found)
            return
        middle = (first + end) // 2
        in_parts(store, first, middle, check, found=found)
        in_parts(store, middle, end, check, found=found)


def add_unreadable(first: int, end: int, error: IntegrityError, found: Findings) -> None:
    """Record that rows about the entries from ``first`` to ``end`` cannot be read."""
    found.add(
        "unreadable_rows",
        "rows about the entries from {first} to {end}: {detail}",
        first=first,
        end=end,
        detail=error.message,
    )
