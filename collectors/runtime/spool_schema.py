"""The spool's database: one SQLite file with a write-ahead log, each commit on the disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from collectors.errors import SpoolError

_REFUSALS: Final = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
}
APPLICATION_ID: Final = 0x544E5350  # "TNSP"
VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- What holds for every record of a delivery; a record names it by its digest.
CREATE TABLE contexts (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, body BLOB NOT NULL)
STRICT;

-- The records in the order they were built; ids are never used twice.
CREATE TABLE records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL,
    context INTEGER NOT NULL,
    digest BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- The end of each device's chain: what the next record points at.
CREATE TABLE heads (
    device TEXT PRIMARY KEY,
    boot BLOB NOT NULL,
    seq INTEGER NOT NULL,
    digest BLOB NOT NULL,
    row INTEGER
) STRICT, WITHOUT ROWID;

-- Raw exchanges whose readings are still here; later they move into files of a day.
CREATE TABLE exchanges (
    digest BLOB PRIMARY KEY,
    record INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    sent BLOB NOT NULL,
    received BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX exchanges_record ON exchanges (record);

-- One cursor per destination: records up to `packed` are in a delivery.
CREATE TABLE destinations (
    name TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    packed INTEGER NOT NULL,
    head_size INTEGER,
    head_root BLOB
) STRICT, WITHOUT ROWID;

-- Signed deliveries, kept as they were signed: a resend is byte-identical.
-- state: pending, acknowledged, final, refused, or split into deliveries of one device each.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    destination TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    device TEXT,
    count INTEGER NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before_ms INTEGER NOT NULL DEFAULT 0,
    next_index INTEGER,
    status INTEGER,
    answer BLOB
) STRICT;
CREATE INDEX deliveries_state ON deliveries (destination, state, id);
CREATE INDEX deliveries_due ON deliveries (destination, state, not_before_ms);
CREATE INDEX deliveries_last ON deliveries (state, last, first, device);

CREATE TABLE alarms (
    code TEXT NOT NULL,
    subject TEXT NOT NULL,
    raised_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    times INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (code, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (name TEXT PRIMARY KEY, totals TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outages (
    id INTEGER PRIMARY KEY,
    link TEXT NOT NULL,
    began_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
"""


def open_database(path: Path) -> sqlite3.Connection:
    """Open the spool at ``path``, creating it where there is none.

    Raises:
        SpoolError: It cannot be opened, is damaged, or is no spool of this version.
    """
    with disk_errors(path, sqlite3.Error):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        fresh = _require_ours(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA busy_timeout = 10000")
        if fresh:
            connection.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
                f" PRAGMA user_version = {VERSION}; COMMIT;"
            )
        return connection


@contextmanager
def disk_errors(path: Path, *kinds: type[Exception]) -> Iterator[None]:
    """What the disk says against the spool at ``path``, as an error with a remedy.

    Args:
        path: The spool.
        kinds: Errors that can come from nothing but the spool.

    Raises:
        SpoolError: Code ``collector.spool.disk`` where the disk refused, which may pass; else
            ``collector.spool.damaged``.
    """
    try:
        yield
    except kinds as error:
        if isinstance(error, OSError) or _result_code(error) in _REFUSALS:
            raise SpoolError(
                "{field}: the disk refuses the spool: {detail}",
                field=str(path),
                detail=str(error),
                remedy="check the disk, its free space and the rights of the folder, then start"
                " again with the same file; what was recorded is kept",
                code="collector.spool.disk",
            ) from error
        raise SpoolError(
            "{field}: the spool cannot be opened: {detail}",
            field=str(path),
            detail=str(error),
            remedy="keep the file as evidence, find the cause, and name another file; its first"
            " records will say that what came before is unknown",
            code="collector.spool.damaged",
        ) from error


def _result_code(error: Exception) -> int | None:
    """The primary result code of SQLite; None for an error that is not SQLite's own."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def _require_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is empty; refuse one that is neither empty nor a sound spool."""
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if not tables and not found:
        return True
    if (found, version) != (APPLICATION_ID, VERSION):
        connection.close()
        raise SpoolError(
            "{field}: not a spool of version {version}",
            field=str(path),
            version=VERSION,
            remedy="name another file; nothing was changed in this one",
            code="collector.spool.version",
        )
    fault = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if fault != "ok":
        raise sqlite3.DatabaseError(fault)
    return False
