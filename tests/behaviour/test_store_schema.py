"""The schema on both engines: made by migrations, and equal to the tables the code uses."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from support.stores import ENGINES, IDENTITY, OPAQUE_IDENTITY
from support.usual_engine import database_url

from trace_node.store import schema
from trace_node.store.database import Database
from trace_node.store.errors import StoreConstraintError, StoreSchemaError, StoreUrlError
from trace_node.store.sql_store import create_store, open_store
from trace_node.store.tables import METADATA
from trace_node.store.unit_of_work import writing


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    schema.upgrade(database)
    with database.reading() as connection:
        migrated = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(migrated, METADATA) == []
        made = inspect(connection)
        for table in METADATA.sorted_tables:
            checks = {item["name"] for item in made.get_check_constraints(table.name)}
            wanted = {
                str(item.name) for item in table.constraints if str(item.name).startswith("ck_")
            }
            assert checks == wanted, table.name


def test_migrations_lead_back_to_an_empty_database(database: Database) -> None:
    schema.upgrade(database)
    schema.downgrade(database, revision="base")
    with database.reading() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    schema.upgrade(database)
    schema.require_newest(database)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    schema.upgrade(database)
    schema.require_newest(database)


def test_a_database_without_schema_is_refused(url: str) -> None:
    with pytest.raises(StoreSchemaError) as refusal:
        open_store(url)
    assert refusal.value.reason == "store.missing"
    assert "start the node" in refusal.value.remedy


def test_a_database_of_a_newer_program_is_refused(database: Database) -> None:
    schema.upgrade(database)
    with writing(database) as work:
        work.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for use in (schema.upgrade, schema.require_newest):
        with pytest.raises(StoreSchemaError) as refusal:
            use(database)
        assert "9999" in refusal.value.message


def test_a_database_of_another_log_is_refused(url: str) -> None:
    create_store(url, identity=IDENTITY).close()
    for open_it in (create_store, open_store):
        with pytest.raises(StoreSchemaError) as refusal:
            open_it(url, identity=OPAQUE_IDENTITY)
        assert refusal.value.reason == "store.other_log"
        assert "trace-node.local/plant-a/sm3" in refusal.value.message


def test_making_a_store_again_opens_it(url: str) -> None:
    create_store(url, identity=IDENTITY).close()
    for open_it in (partial(create_store, identity=IDENTITY), open_store):
        store = open_it(url)
        assert store.identity == IDENTITY
        store.close()


def test_a_broken_rule_of_the_schema_has_its_own_error(database: Database) -> None:
    schema.upgrade(database)
    with pytest.raises(StoreConstraintError) as refusal, writing(database) as work:
        work.entries.append([(0, "reading@1", b"x", b"short", None, None)])
    assert refusal.value.reason == "store.constraint"
    assert isinstance(refusal.value.__cause__, IntegrityError)


@pytest.mark.parametrize(
    "given", ["mysql://root:secret@host/db", "sqlite://", "sqlite:///:memory:", "no url", ""]
)
def test_other_urls_are_refused_without_showing_a_password(given: str) -> None:
    with pytest.raises(StoreUrlError) as refusal:
        Database(given)
    assert "secret" not in str(refusal.value)
    assert "postgresql://" in refusal.value.remedy
