"""Stores on both engines, for the behaviour suites."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.postgresql import fresh_database

from trace_node.clock import Clock
from trace_node.ids import Origin
from trace_node.ports.entries import LogIdentity
from trace_node.store.sql_store import SqlStore, create_store

ORIGIN = Origin("trace-node.local/plant-a/sm3")
IDENTITY = LogIdentity(origin=ORIGIN, hash_name="sm3", profile="collectors")
OPAQUE_IDENTITY = LogIdentity(
    origin=Origin("trace-node.local/interop/sha256"), hash_name="sha256", profile="opaque"
)


@contextmanager
def sqlite_store(
    folder: Path, *, identity: LogIdentity = IDENTITY, clock: Clock | None = None
) -> Iterator[SqlStore]:
    """A new store in a file of its own."""
    store = create_store(f"sqlite:///{folder / 'node.db'}", identity=identity, clock=clock)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def postgresql_store(
    server: str, *, identity: LogIdentity = IDENTITY, clock: Clock | None = None
) -> Iterator[SqlStore]:
    """A new store in a database of its own."""
    with fresh_database(server) as url:
        store = create_store(url, identity=identity, clock=clock)
        try:
            yield store
        finally:
            store.close()
