"""The SQLite file of an embedded chain: key-value pairs of the EVM, event rows, and a few facts.

WAL with ``synchronous=FULL``: a commit that returned survives ``kill -9`` and a power cut. One
``BEGIN IMMEDIATE … COMMIT`` holds everything of one block.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eth_hash.auto import keccak

from chain.embedded.errors import ChainCorruptError, ChainFileError, ChainWriteError

APPLICATION_ID = 0x544E4543  # "TNEC"
SCHEMA_VERSION = 1
HASH_BYTES = 32
_CACHED_VALUES = 50_000
_UNUSABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

_SCHEMA = (
    "CREATE TABLE kv (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID, STRICT",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT",
    """CREATE TABLE events (
        block INTEGER NOT NULL, position INTEGER NOT NULL, transaction_index INTEGER NOT NULL,
        transaction_hash BLOB NOT NULL, address BLOB NOT NULL,
        topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, data BLOB NOT NULL,
        PRIMARY KEY (block, position)) WITHOUT ROWID, STRICT""",
    "CREATE INDEX events_by_address ON events (address, topic0, block)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


class Storage:
    """One open chain file. Not safe for several threads at once: its chain holds a lock.

    Args:
        path: The file; made when it does not exist.
        check: Run ``PRAGMA quick_check`` over the whole file first.

    Raises:
        ChainFileError: The folder is missing, or the file is something else or too new.
        ChainCorruptError: A page of the file is damaged.
    """

    def __init__(self, path: Path, *, check: bool = True) -> None:
        self.path = path
        self._cache: dict[bytes, bytes] = {}
        made = not path.exists()
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=5
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            with self._readable():
                self._prepare(check=check)
            if made:
                _sync_folder(path.parent)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, *, check: bool) -> None:
        run = self._connection.execute
        (application,) = run("PRAGMA application_id").fetchone()
        (version,) = run("PRAGMA user_version").fetchone()
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        if (application or tables) and application != APPLICATION_ID:
            raise self._foreign("it is a database of something else")
        if version > SCHEMA_VERSION:
            raise self._foreign("it was written by a newer version of this program")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA trusted_schema = OFF")
        if check and tables:
            found = [str(row[0]) for row in run("PRAGMA quick_check(5)")]
            if found != ["ok"]:
                raise self.corrupt("; ".join(found))
        if not tables:
            with self.transaction():
                for statement in _SCHEMA:
                    run(statement)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written inside is stored by one durable commit, or nothing of it.

        Raises:
            ChainWriteError: The disk refused; nothing was stored.
            ChainCorruptError: A damaged page was met; nothing was stored.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise self._write_failure(error) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        self._cache.clear()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def get(self, key: bytes) -> bytes | None:
        """The value under ``key``; values under a 32-byte key are checked against that hash."""
        if (cached := self._cache.get(key)) is not None:
            return cached
        with self._readable():
            row = self._connection.execute("SELECT v FROM kv WHERE k = ?", (key,)).fetchone()
        if row is None:
            return None
        value: bytes = row[0]
        if len(key) == HASH_BYTES and keccak(value) != key:
            raise self.corrupt(f"the value of {key.hex()} has another hash")
        self._remember(key, value)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Store one value; inside a transaction only."""
        self._connection.execute("INSERT OR REPLACE INTO kv VALUES (?, ?)", (key, value))
        self._remember(key, value)

    def delete(self, key: bytes) -> None:
        """Remove one value; inside a transaction only."""
        self._connection.execute("DELETE FROM kv WHERE k = ?", (key,))
        self._cache.pop(key, None)

    def _remember(self, key: bytes, value: bytes) -> None:
        if len(self._cache) >= _CACHED_VALUES:
            self._cache.clear()
        self._cache[key] = value

    def fact(self, name: str) -> str | None:
        """A stored fact about the chain."""
        with self._readable():
            row = self._connection.execute(
                "SELECT value FROM facts WHERE name = ?", (name,)
            ).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Store a fact about the chain; inside a transaction only."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def rows(self, sql: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        """All rows of a bounded query.

        Raises:
            ChainCorruptError: A damaged page was met.
        """
        with self._readable():
            return self._connection.execute(sql, values).fetchall()

    def write_rows(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        """Store rows; inside a transaction only."""
        self._connection.executemany(sql, rows)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> ChainCorruptError | ChainFileError:
        if _primary_code(error) == sqlite3.SQLITE_NOTADB:
            return self._foreign("it is not a database, or its first page is damaged")
        if _primary_code(error) in _UNUSABLE:
            return self.corrupt(str(error))
        return ChainFileError(
            "{field}: cannot be used: {detail}",
            field=str(self.path),
            detail=str(error),
            remedy="create the folder, let this user write to it, and see that no other program"
            " has the file open",
        )

    def _write_failure(self, error: sqlite3.Error) -> ChainCorruptError | ChainWriteError:
        if _primary_code(error) in _UNUSABLE:
            return self.corrupt(str(error))
        return ChainWriteError(
            "{field}: the block was not stored: {detail}",
            field=str(self.path),
            detail=str(error),
            remedy="free space on the disk or see what it reports, then send again",
        )

    def corrupt(self, detail: str) -> ChainCorruptError:
        """The error to raise when the content of the file contradicts itself."""
        return ChainCorruptError(
            "{field}: the chain file is damaged: {detail}",
            field=str(self.path),
            detail=detail,
            remedy="stop the node, keep this file as evidence, restore the newest backup, and"
            " compare its head with the last bundle or witness that saw this chain",
        )

    def _foreign(self, detail: str) -> ChainFileError:
        return ChainFileError(
            "{field}: not usable as a chain file: {detail}",
            field=str(self.path),
            detail=detail,
            remedy="name another file, or restore this one from a backup",
            code="chain.embedded.file.foreign",
        )


def _primary_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
