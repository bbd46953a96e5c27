"""Rows in bulk: the driver's own fast path, under the same SQLAlchemy transaction.

For entries, Core's ``insert()`` with a list of dictionaries costs 10 µs a row on SQLite and 32 µs
on PostgreSQL; plain rows in long statements and ``COPY`` cost 6 µs and 9 µs.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Integer, LargeBinary, SmallInteger, String

_COPY_TYPES = {  # SmallInteger is an Integer, so it comes first
    LargeBinary: "bytea",
    SmallInteger: "int2",
    Integer: "int8",
    String: "text",
}
_FEW = 8  # below, the set-up of COPY costs more than it saves
_MOST_ROWS = 1024  # a statement: 12 columns make 12,288 parameters; SQLite takes 32,766
_STEPS = (128, 16, 1)  # numbers of rows are multiples of these: 8 + 7 + 15 statements a table


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows whose values stand in the order of the table's columns."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _run_chunks(connection, rows, partial(_statement, table))
    elif len(rows) < _FEW:
        names = table.columns.keys()
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    else:
        _copy(connection, table, rows)


def replace_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[tuple[object, ...]],
    *,
    changed: tuple[str, ...],
) -> None:
    """Insert rows as ``insert_rows`` does; where one has the primary key, only change columns.

    Args:
        connection: Where to.
        table: Which table.
        rows: Values in the order of the table's columns, each primary key once.
        changed: Names of the columns that are changed.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _run_chunks(connection, rows, partial(_replacing, table, changed))
        return
    statement = postgresql.insert(table)
    statement = statement.on_conflict_do_update(
        constraint=table.primary_key, set_={name: statement.excluded[name] for name in changed}
    )
    names = table.columns.keys()
    connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])


def _run_chunks(
    connection: Connection,
    rows: Sequence[tuple[object, ...]],
    statement: Callable[[int], str],
) -> None:
    """Many rows a statement, in chunks of few sizes, so that few statements are prepared.

    The driver lets go of the interpreter lock once a statement. With ``executemany``, which is as
    fast alone, a busy thread beside it would take that lock after every single row.
    """
    start = 0
    while start < len(rows):
        size = _chunk(len(rows) - start)
        values = tuple(chain.from_iterable(rows[start : start + size]))
        connection.exec_driver_sql(statement(size), values)
        start += size


def _chunk(rows: int) -> int:
    """How many of ``rows`` the next statement takes; three statements take any thousand."""
    step = next(step for step in _STEPS if step <= rows)
    return min(rows // step * step, _MOST_ROWS)


@cache
def _statement(table: Table, rows: int) -> str:
    """The INSERT statement of ``table`` for that many rows."""
    one_row = str(insert(table).compile(dialect=sqlite.dialect()))
    beginning, _, values = one_row.rpartition("VALUES ")
    return beginning + "VALUES " + ", ".join([values] * rows)


@cache
def _replacing(table: Table, changed: tuple[str, ...], rows: int) -> str:
    """The INSERT statement that changes the rows that are there."""
    keys = ", ".join(table.primary_key.columns.keys())
    values = ", ".join(f"{name} = excluded.{name}" for name in changed)
    return f"{_statement(table, rows)} ON CONFLICT ({keys}) DO UPDATE SET {values}"


def _copy(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    if not connection.in_transaction():
        connection.begin()  # the driver's cursor alone would not let SQLAlchemy know: no commit
    names = ", ".join(table.columns.keys())
    types = [copy_type(column.type) for column in table.columns]
    statement = f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)"
    try:
        cursor: Any = connection.connection.cursor()  # psycopg's, which the DBAPI type hides
        with cursor, cursor.copy(statement) as stream:
            stream.set_types(types)
            for row in rows:
                stream.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        # SQLAlchemy does not see this cursor, so its errors are wrapped here as it would wrap them.
        raise DBAPIError(statement, None, error) from error


def copy_type(kind: object) -> str:
    """The name of a column's type on PostgreSQL."""
    return next(name for base, name in _COPY_TYPES.items() if isinstance(kind, base))
