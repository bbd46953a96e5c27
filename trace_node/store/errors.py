"""Errors of the database, so that no caller ever sees one of a driver.

* UnavailableError
  + StoreError             the database does not answer, or refuses for a passing reason
      + StoreBusyError     another transaction holds the lock for too long
      + StoreFullError     the disk or the quota is full
      + StoreIoError       the disk reports a read or write error
* IntegrityError
  + StoreCorruptError      a page, a row or an index of the database is damaged
  + StoreConstraintError   a row breaks a rule of the schema: a fault of this program
* ConfigError
  + StoreUrlError          the database URL cannot be used
  + StoreSchemaError       the schema is missing, older or newer than this program
      + StoreMissingError  there is no database yet
* StateError
  + HeadMovedError         another process wrote to the log meanwhile; nothing was written
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from trace_node.errors import (
    ConfigError,
    InputError,
    IntegrityError,
    StateError,
    TraceNodeError,
    UnavailableError,
)


class StoreError(UnavailableError):
    """The database does not answer, or refuses for a passing reason."""

    code = "store"


class StoreBusyError(StoreError):
    """Another transaction holds the lock for too long."""

    code = "store.busy"


class StoreFullError(StoreError):
    """The disk or the quota is full."""

    code = "store.full"


class StoreIoError(StoreError):
    """The disk reports a read or write error."""

    code = "store.io"


class StoreCorruptError(IntegrityError):
    """A page, a row or an index of the database is damaged."""

    code = "store.corrupt"


class StoreConstraintError(IntegrityError):
    """A row breaks a rule of the schema."""

    code = "store.constraint"


class StoreUrlError(ConfigError):
    """The database URL cannot be used."""

    code = "store.url"


class StoreSchemaError(ConfigError):
    """The schema is missing, older or newer than this program."""

    code = "store.schema"


class StoreMissingError(StoreSchemaError):
    """There is no database yet; it is made when the node starts for the first time."""

    code = "store.missing"


class HeadMovedError(StateError):
    """Another process wrote to the log meanwhile; nothing was written."""

    code = "store.head_moved"


_SQLITE_PRIMARY = 0xFF  # the low byte of an extended result code is the primary one
_SQLITE_KINDS: dict[int, type[TraceNodeError]] = {
    sqlite3.SQLITE_BUSY: StoreBusyError,
    sqlite3.SQLITE_LOCKED: StoreBusyError,
    sqlite3.SQLITE_FULL: StoreFullError,
    sqlite3.SQLITE_IOERR: StoreIoError,
    sqlite3.SQLITE_CANTOPEN: StoreIoError,
    sqlite3.SQLITE_READONLY: StoreIoError,
    sqlite3.SQLITE_CORRUPT: StoreCorruptError,
    sqlite3.SQLITE_NOTADB: StoreCorruptError,
    sqlite3.SQLITE_CONSTRAINT: StoreConstraintError,
}
# The first characters of a PostgreSQL SQLSTATE (appendix A of its manual), longest first.
_POSTGRESQL_KINDS: tuple[tuple[str, type[TraceNodeError]], ...] = (
    ("53100", StoreFullError),
    ("58030", StoreIoError),
    ("55P03", StoreBusyError),
    ("XX001", StoreCorruptError),
    ("XX002", StoreCorruptError),
    ("40", StoreBusyError),
    ("23", StoreConstraintError),
)
_REMEDIES: dict[type[TraceNodeError], str] = {
    StoreBusyError: "try again; if it persists, look for another process on the database",
    StoreFullError: "free space on the disk of the database; nothing acknowledged is lost",
    StoreIoError: "check the disk and the rights of the database file; then restart the node",
    StoreCorruptError: "stop the node, run trace-node fsck, and restore from backup and archive",
    StoreConstraintError: "run trace-node fsck and report the fault",
    StoreError: "check that the database runs and that the URL is right",
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error of the driver inside the block into one of this module."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise translate(error) from error


@contextmanager
def sound_row(table: str, place: object) -> Iterator[None]:
    """Turn what a damaged row does to the code that reads it into ``StoreCorruptError``.

    Args:
        table: The table.
        place: What tells the row from others.
    """
    try:
        yield
    except (InputError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise StoreCorruptError(
            "a row of {table} at {place} holds what cannot be: {detail}",
            table=table,
            place=place,
            detail=str(error) or type(error).__name__,
            remedy=_REMEDIES[StoreCorruptError],
        ) from error


def translate(error: exc.SQLAlchemyError) -> TraceNodeError:
    """The error of this module that stands for ``error``."""
    original = getattr(error, "orig", None)
    kind = _kind_of(original)
    detail = " ".join(str(original if original is not None else error).split())[:300]
    return kind(
        "the database reports: {detail}",
        detail=detail or type(error).__name__,
        remedy=_REMEDIES[kind],
    )


def _kind_of(original: BaseException | None) -> type[TraceNodeError]:
    number = getattr(original, "sqlite_errorcode", None)
    if isinstance(number, int):
        return _SQLITE_KINDS.get(number & _SQLITE_PRIMARY, StoreError)
    state = getattr(original, "sqlstate", None)
    if isinstance(state, str):
        return next(
            (kind for start, kind in _POSTGRESQL_KINDS if state.startswith(start)), StoreError
        )
    # sqlite3 raises this one itself, without a result code, when a TEXT value is not UTF-8.
    damaged = isinstance(original, sqlite3.OperationalError) and "decode" in str(original)
    return StoreCorruptError if damaged else StoreError
