"""One URL decides the engine: SQLite (WAL, synchronous FULL) or PostgreSQL (synchronous_commit on).

A commit that has returned survives ``kill -9`` and loss of power as far as the disk keeps its word.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from trace_node.store.errors import StoreBusyError, StoreUrlError, translate, translated

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
BUSY_MS = 10_000  # how long a transaction waits for the lock of another process
CACHE_KIB = 16_384
PAGE_BYTES = 8_192  # a full hash tile, and a dozen readings
WAL_PAGES = 2_000  # 16 MB of WAL between checkpoints: fewer double writes under load
POOL = 8
PREPARED_STATEMENTS = 512

# A server whose machine vanished says nothing: the connection is given up, not waited on for ever.
_GIVEN_UP: dict[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
_SQLITE_PRAGMAS = (
    f"PRAGMA page_size={PAGE_BYTES}",  # counts when the file is made
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cell_size_check=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
    f"PRAGMA cache_size=-{CACHE_KIB}",
    f"PRAGMA wal_autocheckpoint={WAL_PAGES}",
    "PRAGMA temp_store=MEMORY",
)


class Database:
    """A database, and the two ways in which the store uses it.

    Args:
        url: ``sqlite:////absolute/path.db`` or ``postgresql://user@host:port/name``.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
        path: The file of SQLite; None for a server.
        reader: Gives the connections that read.
        writer: Gives those that write. SQLite has connections of its own for it: a pragma that
            forbids or allows writing makes a connection prepare all its statements again.

    Raises:
        StoreUrlError: Another engine, or a URL that does not name a database.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.dialect = parsed.get_backend_name()
        self.path = Path(parsed.database or "") if self.dialect == SQLITE else None
        with translated():
            self.reader, self.writer = _engines(parsed)
        self._turn = threading.Lock()

    def reading(self) -> AbstractContextManager[Connection]:
        """A read-only transaction that sees one snapshot."""
        return self._transaction(self.reader, read_only=True, turn=nullcontext())

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that holds the write lock from its first statement on (SQLite)."""
        return self._transaction(self.writer, read_only=False, turn=self._own_turn())

    def close(self) -> None:
        """Close all connections."""
        self.reader.dispose()
        self.writer.dispose()

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        """Threads of one process queue here instead of polling SQLite's file lock."""
        if self.dialect != SQLITE:
            yield
        elif not self._turn.acquire(timeout=BUSY_MS / 1000):
            raise StoreBusyError(
                "the database is held by another transaction of this process for {wait} ms",
                wait=BUSY_MS,
                remedy="try again; if it persists, restart the node",
            )
        else:
            try:
                yield
            finally:
                self._turn.release()

    @contextmanager
    def _transaction(
        self, engine: Engine, *, read_only: bool, turn: AbstractContextManager[Any]
    ) -> Iterator[Connection]:
        with turn, translated():
            connection = engine.connect().execution_options(tn_read_only=read_only)
            try:
                yield connection
            except BaseException:
                _give_up(connection)
                raise
            connection.close()


def _give_up(connection: Connection) -> None:
    """Roll back; where even that fails, the connection is dropped and the database rolls back."""
    try:
        connection.close()
    except SQLAlchemyError as error:
        connection.invalidate(translate(error))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise _unusable(url) from error
    if backend == POSTGRESQL:
        return parsed.set(drivername="postgresql+psycopg")
    if backend == SQLITE and parsed.database and parsed.database != ":memory:":
        return parsed
    raise _unusable(url)


def _unusable(url: str) -> StoreUrlError:
    return StoreUrlError(
        "{field}: {scheme} is not the URL of a database this node can use",
        field="database_url",
        scheme=repr(url.partition(":")[0]),  # the rest may hold a password
        remedy="use sqlite:////absolute/path.db or postgresql://user@host:port/name",
    )


def _engines(url: URL) -> tuple[Engine, Engine]:
    """The engine that reads and the one that writes; of a server both are the same."""
    if url.get_backend_name() == SQLITE:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
        return _sqlite_engine(url, read_only=True), _sqlite_engine(url, read_only=False)
    options = f"-c synchronous_commit=on -c lock_timeout={BUSY_MS}"
    engine = create_engine(
        url,
        pool_size=POOL,
        max_overflow=POOL,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args={"options": options, **_GIVEN_UP},
    )
    event.listen(engine, "begin", _begin_postgresql)
    return engine, engine


def _sqlite_engine(url: URL, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=POOL if read_only else 1,  # writing threads of a process queue for their turn
        max_overflow=POOL,
        connect_args={"cached_statements": PREPARED_STATEMENTS},
    )
    pragmas = (*_SQLITE_PRAGMAS, f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the begin event opens transactions, not the driver
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def open_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", open_transaction)
    return engine


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("tn_read_only", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
