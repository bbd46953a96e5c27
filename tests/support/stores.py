"""Stores on both engines, for the behaviour suites."""

import atexit
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from support.postgresql import fresh_database, shared_server
from support.usual_engine import SQLITE, database_url

from trace_node.clock import Clock
from trace_node.ids import Origin
from trace_node.ports.entries import LogIdentity
from trace_node.store import schema
from trace_node.store.database import Database
from trace_node.store.sql_store import SqlStore, create_store

ORIGIN = Origin("trace-node.local/plant-a/sm3")
IDENTITY = LogIdentity(origin=ORIGIN, hash_name="sm3", profile="collectors")
OPAQUE_IDENTITY = LogIdentity(
    origin=Origin("trace-node.local/interop/sha256"), hash_name="sha256", profile="opaque"
)


_SQLITE = "sqlite:///"
ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


@contextmanager
def new_store(
    engine: str, folder: Path, *, identity: LogIdentity = IDENTITY, clock: Clock | None = None
) -> Iterator[SqlStore]:
    """A new store in a database of its own."""
    with migrated_url(engine, folder) as url:
        store = create_store(url, identity=identity, clock=clock)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def migrated_url(engine: str, folder: Path) -> Iterator[str]:
    """The URL of a database of its own with the tables of this program and nothing in them.

    It is a copy: to run every migration takes half a second, for each of hundreds of tests.
    """
    if engine == SQLITE:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "node.db"
        path.write_bytes(_sqlite_template())
        yield f"{_SQLITE}{path}"
    else:
        with fresh_database(shared_server(), template=_postgresql_template()) as url:
            yield url


@contextmanager
def copy_of(url: str, folder: Path) -> Iterator[str]:
    """The URL of a copy of a database that nobody has open."""
    if url.startswith(_SQLITE):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "node.db"
        path.write_bytes(Path(url.removeprefix(_SQLITE)).read_bytes())
        yield f"{_SQLITE}{path}"
    else:
        server, _, name = url.rpartition("/")
        with fresh_database(server, template=name) as copied:
            yield copied


@cache
def _sqlite_template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with database_url(SQLITE, Path(folder)) as url:
            _migrate(url)
        return Path(folder, "node.db").read_bytes()


@cache
def _postgresql_template() -> str:
    kept = ExitStack()  # not a with block: it outlives the caller
    atexit.register(kept.close)
    url = kept.enter_context(fresh_database(shared_server()))
    _migrate(url)
    return url.rpartition("/")[2]


def _migrate(url: str) -> None:
    database = Database(url)
    try:
        schema.upgrade(database)
    finally:
        database.close()
