"""The store on SQLite or PostgreSQL: made by ``create_store``, found again by ``open_store``."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, insert, select

from trace_node.clock import Clock, SystemClock
from trace_node.ids import Origin
from trace_node.period import to_ms
from trace_node.ports.entries import LogIdentity
from trace_node.store import schema
from trace_node.store.anchoring import SqlAnchorRequests
from trace_node.store.database import SQLITE, Database
from trace_node.store.errors import StoreCorruptError, StoreMissingError, StoreSchemaError
from trace_node.store.history import SqlLogHistory
from trace_node.store.log_reader import SqlLogReader
from trace_node.store.tables import LOG_IDENTITY, TREE_STATE
from trace_node.store.unit_of_work import SqlUnitOfWork, reading, writing
from trace_node.tlog.hasher import by_name

_MOST_COMPLAINTS = 100


class SqlStore:
    """See ``trace_node.ports.store.Store``."""

    def __init__(self, database: Database, *, identity: LogIdentity, clock: Clock) -> None:
        self.database = database
        self.identity = identity
        self._clock = clock
        self._reader = SqlLogReader(database, identity=identity)

    def unit_of_work(self) -> AbstractContextManager[SqlUnitOfWork]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        return writing(self.database)

    def view(self) -> AbstractContextManager[SqlUnitOfWork]:
        """A read-only transaction that sees one snapshot; writing in it fails."""
        return reading(self.database)

    def reader(self) -> SqlLogReader:
        """The log as its readers see it."""
        return self._reader

    def anchor_requests(self) -> SqlAnchorRequests:
        """The rows that wait to be anchored."""
        return SqlAnchorRequests(self.database, clock=self._clock)

    def history(self) -> SqlLogHistory:
        """The log as anchoring sees it."""
        return SqlLogHistory(self._reader)

    def damage(self) -> Sequence[str] | None:
        """What the database's own check reports; empty when sound, None without such a check."""
        if self.database.dialect != SQLITE:
            return None  # PostgreSQL checks pages as it reads them, where its checksums are on
        lines: list[str] = []
        try:
            with self.database.reading() as connection:
                rows = connection.exec_driver_sql(f"PRAGMA quick_check({_MOST_COMPLAINTS})")
                lines += (line for (line,) in rows if line != "ok")
        except StoreCorruptError as error:  # so damaged that even the check breaks off
            lines.append(error.message)
        return lines

    def close(self) -> None:
        """Close all connections."""
        self.database.close()


def create_store(url: str, *, identity: LogIdentity, clock: Clock | None = None) -> SqlStore:
    """Make the database that holds the log ``identity``, or bring it up to date if it is there.

    Raises:
        StoreUrlError: The URL names no database this node can use.
        StoreSchemaError: It holds another log, or was made by a newer program.
    """
    clock = clock or SystemClock()
    with _closed_on_failure(Database(url)) as database:
        schema.upgrade(database)
        with writing(database) as work:
            if _identity(work.connection) is None:
                _found(work.connection, identity, created_at=to_ms(clock.now()))
        return _open(database, identity=identity, clock=clock)


def open_store(
    url: str, *, identity: LogIdentity | None = None, clock: Clock | None = None
) -> SqlStore:
    """Open a database that was made before.

    Args:
        url: Its URL.
        identity: The log it must hold; None to take the one it holds.
        clock: Where times of rows come from.

    Raises:
        StoreUrlError: The URL names no database this node can use.
        StoreMissingError: It names a file that is not there, which is not made, or an empty
            database.
        StoreSchemaError: The schema is not that of this program, or it holds another log.
    """
    with _closed_on_failure(Database(url)) as database:
        if database.path is not None and not database.path.exists():
            raise StoreMissingError(
                "{path}: there is no database yet",
                field="database_url",
                path=str(database.path),
                remedy="start the node once: trace-node up",
            )
        return _open(database, identity=identity, clock=clock or SystemClock())


@contextmanager
def _closed_on_failure(database: Database) -> Iterator[Database]:
    try:
        yield database
    except BaseException:
        database.close()
        raise


def _open(database: Database, *, identity: LogIdentity | None, clock: Clock) -> SqlStore:
    schema.require_newest(database)
    with database.reading() as connection:
        found = _identity(connection)
    if found is None or (identity is not None and found != identity):
        raise StoreSchemaError(
            "{field}: the database holds no log"
            if found is None
            else "{field}: the database holds the log {found}, not the log {wanted}",
            field="database_url",
            found="" if found is None else f"{found.origin} ({found.profile})",
            wanted="" if identity is None else f"{identity.origin} ({identity.profile})",
            remedy="name the database of this log, or another one for a new log",
            code="store.other_log",
        )
    return SqlStore(database, identity=found, clock=clock)


def _identity(connection: Connection) -> LogIdentity | None:
    row = connection.execute(select(LOG_IDENTITY)).one_or_none()
    if row is None:
        return None
    return LogIdentity(origin=Origin(row.origin), hash_name=row.hash_name, profile=row.profile)


def _found(connection: Connection, identity: LogIdentity, *, created_at: int) -> None:
    connection.execute(
        insert(LOG_IDENTITY),
        {
            "identity_id": 1,
            "origin": identity.origin,
            "hash_name": identity.hash_name,
            "profile": identity.profile,
            "created_at": created_at,
        },
    )
    empty = by_name(identity.hash_name).empty()
    connection.execute(insert(TREE_STATE), {"state_id": 1, "size": 0, "root": empty, "hashes": b""})
