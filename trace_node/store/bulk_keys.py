"""Many rows by their keys in one statement: found, replaced, deleted; the same on both engines.

SQLite is given rows of values, in chunks of powers of two so that few statements are prepared;
PostgreSQL one array a column.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import sqlite

from trace_node.store.bulk import copy_type, insert_rows

Values = tuple[Any, ...]
_MOST_ROWS = 1024  # 21 columns make 21,504 parameters; SQLite takes 32,766
_FEW = 8  # below, arrays cost more than they save


def find_rows(
    connection: Connection, table: Table, columns: tuple[str, ...], keys: Sequence[Values]
) -> Iterator[Any]:
    """The rows whose ``columns`` are one of ``keys``, in any order."""
    names = ", ".join(f"{table.name}.{name}" for name in table.columns.keys())  # noqa: SIM118 (no mapping)
    for chunk in _chunks(connection, keys):
        where, values = _among(connection, table, columns, chunk)
        statement = f"SELECT {names} FROM {table.name} WHERE {where}"  # noqa: S608 (no input)
        yield from connection.exec_driver_sql(statement, values)


def delete_rows(
    connection: Connection, table: Table, columns: tuple[str, ...], keys: Sequence[Values]
) -> None:
    """Delete the rows whose ``columns`` are one of ``keys``."""
    for chunk in _chunks(connection, keys):
        where, values = _among(connection, table, columns, chunk)
        statement = f"DELETE FROM {table.name} WHERE {where}"  # noqa: S608 (no input)
        connection.exec_driver_sql(statement, values)


def replace_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Put rows in the place of those with the same primary key, or beside them where there is none.

    The values stand in the order of the table's columns.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        for chunk in _chunks(connection, rows):
            connection.exec_driver_sql(
                _upsert(table, len(chunk)), tuple(chain.from_iterable(chunk))
            )
        return
    if len(rows) < _FEW:
        keys = tuple(column.name for column in table.primary_key)
        places = [table.columns.keys().index(name) for name in keys]
        delete_rows(connection, table, keys, [tuple(row[i] for i in places) for row in rows])
        insert_rows(connection, table, rows)
        return
    names = ", ".join(table.columns.keys())
    arrays = ", ".join(f"%s::{copy_type(column.type)}[]" for column in table.columns)
    statement = (
        f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) {_conflict(table)}"  # noqa: S608 (no input)
    )
    connection.exec_driver_sql(statement, tuple(list(each) for each in zip(*rows, strict=True)))


def _chunks(connection: Connection, rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    if connection.dialect.name != "sqlite":
        if rows:
            yield rows
        return
    start, size = 0, _MOST_ROWS
    while start < len(rows):
        while size > len(rows) - start:
            size //= 2
        yield rows[start : start + size]
        start += size


def _among(
    connection: Connection, table: Table, columns: tuple[str, ...], keys: Sequence[Values]
) -> tuple[str, Values]:
    """The condition that ``columns`` are one of ``keys``, and its parameters."""
    if connection.dialect.name == "sqlite":
        return _condition(columns, len(keys)), tuple(chain.from_iterable(keys))
    types = [copy_type(table.columns[name].type) for name in columns]
    arrays = tuple(list(each) for each in zip(*keys, strict=True))
    if len(columns) == 1:
        return f"{columns[0]} = ANY(%s::{types[0]}[])", arrays
    casts = ", ".join(f"%s::{each}[]" for each in types)
    names = ", ".join(columns)
    return f"({names}) IN (SELECT * FROM unnest({casts}))", arrays  # noqa: S608 (no input)


@cache
def _condition(columns: tuple[str, ...], rows: int) -> str:
    if len(columns) == 1:
        return f"{columns[0]} IN ({', '.join('?' * rows)})"
    one = f"({', '.join('?' * len(columns))})"
    return f"({', '.join(columns)}) IN (VALUES {', '.join([one] * rows)})"


@cache
def _upsert(table: Table, rows: int) -> str:
    one_row = str(insert(table).compile(dialect=sqlite.dialect()))
    beginning, _, values = one_row.rpartition("VALUES ")
    return f"{beginning}VALUES {', '.join([values] * rows)} {_conflict(table)}"


@cache
def _conflict(table: Table) -> str:
    keys = [column.name for column in table.primary_key]
    rest = [name for name in table.columns.keys() if name not in keys]  # noqa: SIM118 (no mapping)
    sets = ", ".join(f"{name} = excluded.{name}" for name in rest)
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sets}"
