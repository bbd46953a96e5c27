"""Whatever goes wrong with the database has its own code and a remedy; no error of a driver gets out."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.builders import Run
from support.plant import Plant, plant
from support.stores import IDENTITY, new_store

from trace_node.errors import IntegrityError, TraceNodeError, UnavailableError
from trace_node.services.ingest_errors import CommitUnknownError
from trace_node.store import database as databases
from trace_node.store.bulk import insert_rows
from trace_node.store.database import Database
from trace_node.store.errors import (
    HeadMovedError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreIoError,
    translated,
)
from trace_node.store.sql_store import SqlStore, create_store, open_store
from trace_node.store.tables import HASH_TILES
from trace_node.store.unit_of_work import writing


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        yield here


def file_of(here: Plant) -> Path:
    assert isinstance(here.store, SqlStore)
    path = here.store.database.path
    assert path is not None
    return path


def damage(path: Path, change: Callable[[bytearray], None]) -> None:
    raw = bytearray(path.read_bytes())
    change(raw)
    path.write_bytes(raw)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    path.write_bytes(b"this is not a database, but long enough to be looked at " * 200)
    for open_it in (open_store, lambda url: create_store(url, identity=IDENTITY)):
        with pytest.raises(StoreCorruptError) as refusal:
            open_it(f"sqlite:///{path}")
        assert refusal.value.reason == "store.corrupt"
        assert "trace-node fsck" in refusal.value.remedy


def test_a_damaged_page_of_the_schema(here: Plant) -> None:
    path = file_of(here)
    here.writer.close()
    here.store.close()

    def zero_first_page(raw: bytearray) -> None:
        raw[100:4000] = bytes(3900)

    damage(path, zero_first_page)
    with pytest.raises(IntegrityError) as refusal:
        open_store(f"sqlite:///{path}")
    assert refusal.value.reason == "store.corrupt"


def test_a_damaged_page_of_entries(here: Plant) -> None:
    run = Run()
    here.deliver_records(run, 400)
    path = file_of(here)
    here.writer.close()
    here.store.close()

    def zero_a_page(raw: bytearray) -> None:
        place = raw.index(b'"seq":200,') // 8192 * 8192
        raw[place : place + 64] = bytes(64)

    damage(path, zero_a_page)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(StoreCorruptError):
        store.reader().entries(0, 400)
    assert store.damage()
    store.close()


def test_a_full_disk_refuses_and_recovers(here: Plant) -> None:
    """A bound on the number of pages is what a full disk looks like to SQLite."""
    assert isinstance(here.store, SqlStore)
    run = Run()
    sent = run.deliver([run.reading() for _ in range(1000)])
    here.store.close()  # so that the next connections are made anew
    engine = here.store.database.writer
    real = engine.raw_connection

    def bounded() -> object:
        connection = real()
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count=30")
        cursor.close()
        return connection

    engine.raw_connection = bounded
    with pytest.raises(CommitUnknownError) as refusal:
        here.deliver(sent)
    assert isinstance(refusal.value.__cause__, StoreFullError)
    assert refusal.value.__cause__.reason == "store.full"
    engine.raw_connection = real
    here.store.close()
    assert here.deliver(sent).count == 1000


def test_another_process_that_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_store("sqlite", tmp_path) as store:
        url = f"sqlite:///{store.database.path}"
        with store.unit_of_work() as work:
            work.entries.locked_state()
            monkeypatch.setattr(
                databases, "_SQLITE_PRAGMAS", (*databases._SQLITE_PRAGMAS, "PRAGMA busy_timeout=50")
            )
            other = open_store(url)  # as another process would: not the same lock in memory
            with pytest.raises(StoreBusyError) as refusal, other.unit_of_work() as held:
                held.entries.locked_state()
            assert refusal.value.reason == "store.busy"
            other.close()


def test_another_thread_that_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_MS", 50)
    with new_store("sqlite", tmp_path) as store, store.unit_of_work():
        seen: list[TraceNodeError] = []

        def compete() -> None:
            try:
                with store.unit_of_work():
                    pass
            except TraceNodeError as error:
                seen.append(error)

        thread = threading.Thread(target=compete)
        thread.start()
        thread.join(timeout=10)
        assert [error.reason for error in seen] == ["store.busy"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises((StoreIoError, PermissionError)):
        create_store(f"sqlite:///{tmp_path / 'node.db'}", identity=IDENTITY)


@pytest.mark.postgresql
def test_a_server_that_does_not_answer() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(UnavailableError) as refusal:
        open_store("postgresql://nobody:secret@127.0.0.1:1/nothing")
    assert refusal.value.reason == "store"
    assert "secret" not in refusal.value.message


def test_a_head_that_another_process_moved(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as store:
        with store.view() as view:
            before = view.entries.state()
        with store.unit_of_work() as work:
            work.connection.exec_driver_sql("UPDATE tree_state SET size = 1")
        with pytest.raises(HeadMovedError) as refusal, store.unit_of_work() as work:
            work.entries.advance(before=before, after=before)
        assert refusal.value.reason == "store.head_moved"


def test_a_missing_state_of_the_tree(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as store:
        with store.unit_of_work() as work:
            work.connection.exec_driver_sql("DELETE FROM tree_state")
        with pytest.raises(StoreCorruptError):
            store.reader().state()


def test_an_error_of_the_caller_passes_and_rolls_back(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as store:

        def move_and_fail() -> None:
            with store.unit_of_work() as work:
                work.projections.move_cursor("x", before=0, after=1)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            move_and_fail()
        with store.view() as view:
            assert view.projections.cursor("x") == 0


def test_errors_of_other_libraries_are_not_swallowed() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("x")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 15, 16, 17, 127, 143, 1003, 1023, 1024, 1025, 2500])
def test_rows_in_bulk(tmp_path: Path, count: int) -> None:
    with new_store("sqlite", tmp_path) as store:
        rows = [(0, place, 1, place.to_bytes(32, "big")) for place in range(count)]
        with writing(store.database) as work:
            insert_rows(work.connection, HASH_TILES, rows)
        with store.view() as view:
            found = view.checkpoints.tiles(0, 0, 10_000)
        assert [(tile.level, tile.index, tile.width, tile.hashes) for tile in found] == rows


def test_settings_that_make_a_commit_durable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'node.db'}")
    with database.writing() as connection:
        shown = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert shown == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.postgresql
def test_settings_that_make_a_commit_durable_on_postgresql(tmp_path: Path) -> None:
    with new_store("postgresql", tmp_path) as store, store.view() as view:
        shown = view.connection.exec_driver_sql("SHOW synchronous_commit").scalar()
        isolation = view.connection.exec_driver_sql("SHOW transaction_isolation").scalar()
    assert (shown, isolation) == ("on", "repeatable read")


def test_every_error_of_the_store_is_of_a_general_kind() -> None:
    assert issubclass(StoreError, UnavailableError)
    assert issubclass(StoreCorruptError, IntegrityError)
