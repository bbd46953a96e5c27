"""Stores on both engines, for the behaviour suites."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.usual_engine import database_url

from trace_node.clock import Clock
from trace_node.ids import Origin
from trace_node.ports.entries import LogIdentity
from trace_node.store.sql_store import SqlStore, create_store

ORIGIN = Origin("trace-node.local/plant-a/sm3")
IDENTITY = LogIdentity(origin=ORIGIN, hash_name="sm3", profile="collectors")
OPAQUE_IDENTITY = LogIdentity(
    origin=Origin("trace-node.local/interop/sha256"), hash_name="sha256", profile="opaque"
)


ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


@contextmanager
def new_store(
    engine: str, folder: Path, *, identity: LogIdentity = IDENTITY, clock: Clock | None = None
) -> Iterator[SqlStore]:
    """A new store in a database of its own."""
    with database_url(engine, folder) as url:
        store = create_store(url, identity=identity, clock=clock)
        try:
            yield store
        finally:
            store.close()
