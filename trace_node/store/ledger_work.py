"""Repository: one transaction on the ledger's mirror."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, func, select

from trace_node.errors import IntegrityError
from trace_node.ports.ledger_mirror_head import MirrorHead, Stop, StopCause
from trace_node.ports.ledger_mirror_step import Applied, AppliedEvent, MirroredBlock
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.rows import Key, OrderRow, Row, Table
from trace_node.quota.ledger.worksheet import Written
from trace_node.store.bulk import insert_rows
from trace_node.store.bulk_keys import delete_rows, find_rows, replace_rows
from trace_node.store.errors import sound_row
from trace_node.store.ledger_codec import CODECS, part_values, with_parts
from trace_node.store.ledger_head import (
    beginning,
    lift_stop,
    read_head,
    read_identity,
    read_stops,
    write_head,
    write_stop,
)
from trace_node.store.ledger_images import put_back, write_images
from trace_node.store.ledger_shapes import Values
from trace_node.store.tables import (
    LEDGER_BLOCKS,
    LEDGER_EVENTS,
    LEDGER_IMAGES,
    LEDGER_ORDER_PARTS,
    LEDGER_ORDERS,
    LEDGER_POSTINGS,
)


class SqlMirrorWork:
    """See ``trace_node.ports.ledger_mirror_step.MirrorWork``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def head(self) -> MirrorHead:
        """How far the mirror has come, holding back every other writer."""
        return read_head(self._connection, lock=True)

    def set_head(self, *, before: MirrorHead, after: MirrorHead) -> None:
        """Replace the head, if it still is ``before``."""
        write_head(self._connection, before=before, after=after)

    def load(self, table: Table, keys: Sequence[Key]) -> Mapping[Key, Row]:
        """The rows under these keys, as far as there are."""
        return load_rows(self._connection, table, keys)

    def block(self, number: int) -> MirroredBlock | None:
        """The block at that height, if it holds events."""
        statement = select(LEDGER_BLOCKS).where(LEDGER_BLOCKS.c.number == number)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else MirroredBlock(*row)

    def newest_block(self, *, up_to: int | None = None) -> MirroredBlock | None:
        """The newest block with events, at or below ``up_to`` if named."""
        statement = select(LEDGER_BLOCKS).order_by(LEDGER_BLOCKS.c.number.desc()).limit(1)
        if up_to is not None:
            statement = statement.where(LEDGER_BLOCKS.c.number <= up_to)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else MirroredBlock(*row)

    def undo_above(self, height: int) -> Mapping[Book, int]:
        """Take back all events of blocks above ``height``."""
        final = read_head(self._connection).final
        if height < final:
            raise IntegrityError(
                "blocks above {height} are to be taken back, and {final} was final",
                height=height,
                final=final,
                remedy="build the mirror anew: trace-node ledger rebuild",
                code="integrity.ledger_undo",
            )
        put_back(self._connection, above=height)
        for table in (LEDGER_EVENTS, LEDGER_POSTINGS):
            self._connection.execute(delete(table).where(table.c.block > height))
        self._connection.execute(delete(LEDGER_BLOCKS).where(LEDGER_BLOCKS.c.number > height))
        newest = select(func.coalesce(func.max(LEDGER_ORDERS.c.number), 0)).scalar_subquery()
        undone = delete(LEDGER_ORDER_PARTS).where(LEDGER_ORDER_PARTS.c.number > newest)
        self._connection.execute(undone)
        return count_events(self._connection)

    def apply(self, applied: Applied) -> None:
        """Add events with all they do."""
        insert_rows(
            self._connection,
            LEDGER_BLOCKS,
            [(each.number, each.block_hash, each.time, each.history) for each in applied.blocks],
        )
        insert_rows(self._connection, LEDGER_EVENTS, [_event(each) for each in applied.events])
        insert_rows(self._connection, LEDGER_POSTINGS, _postings(applied.events))
        by_table = sorted(applied.rows, key=lambda written: written.table)
        for table, written in groupby(by_table, key=lambda written: written.table):
            self._write(table, list(written))
        write_images(self._connection, applied.images)

    def prune(self, final: int) -> None:
        """Forget the images of blocks at or below ``final``."""
        self._connection.execute(delete(LEDGER_IMAGES).where(LEDGER_IMAGES.c.block <= final))

    def stops(self) -> Sequence[Stop]:
        """Why orders are stopped, gravest first."""
        return read_stops(self._connection)

    def stop(self, stop: Stop) -> None:
        """Stop orders."""
        write_stop(self._connection, stop)

    def lift(self, cause: StopCause) -> None:
        """Take one cause back."""
        lift_stop(self._connection, cause)

    def empty(self, *, cursor: bytes) -> None:
        """Empty all tables but the identity and the stops, and begin again at ``cursor``."""
        before = self.head()
        identity = read_identity(self._connection)
        assert identity is not None  # noqa: S101 (a head is written with its identity)
        others = (LEDGER_EVENTS, LEDGER_POSTINGS, LEDGER_BLOCKS, LEDGER_IMAGES, LEDGER_ORDER_PARTS)
        for table in (*others, *(codec.table for codec in CODECS.values())):
            self._connection.execute(delete(table))
        after = beginning(identity, cursor=cursor, revision=before.revision)
        self.set_head(before=before, after=after)

    def _write(self, table: Table, written: list[Written]) -> None:
        """Insert, replace and delete the rows of one table."""
        codec = CODECS[table]
        encode = codec.encode
        new = [encode(key, row) for _, key, row, old in written if row is not None and not old]
        changed = [encode(key, row) for _, key, row, old in written if row is not None and old]
        gone = [
            key if isinstance(key, tuple) else (key,) for _, key, row, _ in written if row is None
        ]
        delete_rows(self._connection, codec.table, codec.lookup, gone)
        replace_rows(self._connection, codec.table, changed)
        insert_rows(self._connection, codec.table, new)
        if table is Table.ORDERS:
            orders = [row for _, _, row, old in written if isinstance(row, OrderRow) and not old]
            parts = [values for row in orders for values in part_values(row)]
            insert_rows(self._connection, LEDGER_ORDER_PARTS, parts)


def load_rows(connection: Connection, table: Table, keys: Sequence[Key]) -> dict[Key, Row]:
    """The rows under these keys; orders with their parts."""
    codec = CODECS[table]
    asked = [key if isinstance(key, tuple) else (key,) for key in keys]
    found: dict[Key, Row] = {}
    for values in find_rows(connection, codec.table, codec.lookup, asked):
        with sound_row(codec.table.name, values[0]):
            key, row = codec.decode(tuple(values))
            found[key] = row
    return with_all_parts(connection, found) if table is Table.ORDERS else found


def with_all_parts(connection: Connection, orders: Mapping[Key, Any]) -> dict[Key, Row]:
    """The orders with their parts."""
    numbers = [(row.number,) for row in orders.values()]
    parts: dict[int, list[Values]] = {}
    found = find_rows(connection, LEDGER_ORDER_PARTS, ("number",), numbers)
    for values in sorted(tuple(values) for values in found):
        parts.setdefault(values[0], []).append(values)
    return {key: with_parts(row, parts.get(row.number, ())) for key, row in orders.items()}


def count_events(connection: Connection, *, up_to: int | None = None) -> dict[Book, int]:
    """How many events of each contract are there, up to a block if named."""
    counts = {}
    for book in Book:
        newest = select(func.max(LEDGER_EVENTS.c.sequence)).where(LEDGER_EVENTS.c.book == int(book))
        if up_to is not None:
            newest = newest.where(LEDGER_EVENTS.c.block <= up_to)
        counts[book] = connection.execute(newest).scalar_one() or 0
    return counts


def _event(applied: AppliedEvent) -> Values:
    event = applied.event
    return (
        int(event.book),
        event.content.sequence,
        event.block,
        event.index,
        event.transaction,
        type(event.content).__name__,
        applied.content.decode("ascii"),
    )


def _postings(events: Sequence[AppliedEvent]) -> list[Values]:
    return [
        (each.event.block, each.event.index, line, account, class_id, int(place), tonnes, lot)
        for each in events
        for line, (account, class_id, place, tonnes, lot) in enumerate(each.postings)
    ]
