"""Repository: the mirror as it was at a final block, row by row; and a digest over all of it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, tuple_
from sqlalchemy import Table as SqlTable

from trace_node.ports.ledger_mirror_step import Inconsistency
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.rows import Key, Table
from trace_node.store import tables
from trace_node.store.errors import sound_row
from trace_node.store.ledger_codec import CODECS
from trace_node.store.ledger_images import read_overlay
from trace_node.store.ledger_shapes import Values
from trace_node.store.ledger_work import count_events, with_all_parts

_PAGE = 2_000
# Head, stops and images say how the mirror came about; all else follows from the events.
_TOLD = (
    tables.LEDGER_IDENTITY,
    tables.LEDGER_BLOCKS,
    tables.LEDGER_EVENTS,
    tables.LEDGER_POSTINGS,
    tables.LEDGER_ORDER_PARTS,
)


class SqlMirrorAudit:
    """See ``trace_node.ports.ledger_mirror_step.MirrorAudit``."""

    def __init__(self, connection: Connection, *, at: int) -> None:
        self._connection = connection
        self._at = at
        self._overlay = read_overlay(connection, above=at)

    def rows(self, table: Table, *, size: int) -> Iterator[Sequence[tuple[Any, Any]]]:
        """All rows in pages: those that later blocks changed as they were, without the new ones."""
        codec = CODECS[table]
        places = [codec.table.columns.keys().index(name) for name in codec.lookup]
        # A balance that later blocks emptied has no row any more, and comes last.
        missing = {key: row for (each, key), row in self._overlay.items() if each is table}
        for page in pages(self._connection, codec.table, size=size):
            kept = []
            for values in page:
                key = tuple(values[i] for i in places)
                missing.pop(key, None)
                before = self._overlay.get((table, key), values)
                if before is not None:
                    kept.append(before)
            yield self._decoded(table, kept)
        emptied = [row for row in missing.values() if row is not None]
        if emptied:
            yield self._decoded(table, emptied)

    def event_counts(self) -> Mapping[Book, int]:
        """How many events of each contract were applied up to that block."""
        return count_events(self._connection, up_to=self._at)

    def unposted(self) -> Sequence[Inconsistency]:
        """Balances that are not the sum of their postings, at the newest block applied."""
        posted, cells = tables.LEDGER_POSTINGS.c, tables.LEDGER_BALANCES
        place = (posted.account, posted.class_id, posted.place)
        sums = {
            tuple(row[:3]): int(row[3])
            for row in self._connection.execute(
                select(*place, func.sum(posted.tonnes)).group_by(*place)
            )
        }
        found = []
        for row in self._connection.execute(select(cells)):
            expected = sums.pop(tuple(row[:3]), 0)
            if expected != row.tonnes:
                found.append(
                    Inconsistency(key=tuple(row[:3]), balance=row.tonnes, postings=expected)
                )
        left = [(key, tonnes) for key, tonnes in sums.items() if tonnes]
        return found + [Inconsistency(key=key, balance=0, postings=each) for key, each in left]

    def _decoded(self, table: Table, page: Sequence[Values]) -> list[tuple[Key, Any]]:
        rows = []
        for values in page:
            with sound_row(CODECS[table].table.name, values[0]):
                rows.append(CODECS[table].decode(values))
        if table is not Table.ORDERS:
            return rows
        return list(with_all_parts(self._connection, dict(rows)).items())


def pages(connection: Connection, table: SqlTable, *, size: int) -> Iterator[Sequence[Values]]:
    """All rows of a table in the order of its primary key."""
    keys = list(table.primary_key.columns)
    places = [list(table.columns).index(key) for key in keys]
    after: Values | None = None
    while True:
        statement = select(table).order_by(*keys).limit(size)
        if after is not None:
            statement = statement.where(tuple_(*keys) > tuple_(*after))
        page = [tuple(row) for row in connection.execute(statement)]
        yield page
        if len(page) < size:
            return
        after = tuple(page[-1][i] for i in places)


def digest_of(connection: Connection) -> str:
    """SHA-256 over every row of every table, by names and keys, as hexadecimal text."""
    books = [codec.table for codec in CODECS.values()]
    told = [*_TOLD, *books]
    digest = hashlib.sha256()
    for table in sorted(told, key=lambda each: each.name):
        digest.update(f"{table.name}\n".encode())
        for page in pages(connection, table, size=_PAGE):
            for row in page:
                digest.update(repr(row).encode())
    return digest.hexdigest()
