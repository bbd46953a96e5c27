"""The schema of the database: brought up to date, or checked to be so."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from trace_node.store.database import Database
from trace_node.store.errors import StoreMissingError, StoreSchemaError
from trace_node.store.unit_of_work import writing

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database, *, revision: str = "head") -> None:
    """Bring the schema to ``revision``, in one transaction; nothing happens if it is there.

    Raises:
        StoreSchemaError: The database was made by a newer program.
    """
    with writing(database) as work:
        try:
            command.upgrade(_config(work.connection), revision)
        except CommandError as error:
            raise _unknown(work.connection) from error


def downgrade(database: Database, *, revision: str) -> None:
    """Bring the schema back to ``revision``; ``base`` empties the database.

    Raises:
        StoreSchemaError: The database was made by a newer program.
    """
    with writing(database) as work:
        try:
            command.downgrade(_config(work.connection), revision)
        except CommandError as error:
            raise _unknown(work.connection) from error


def require_newest(database: Database) -> None:
    """Require the schema this program was written for.

    Raises:
        StoreMissingError: The database is empty.
        StoreSchemaError: Its schema is older or newer.
    """
    with database.reading() as connection:
        current = _current(connection)
        if current == _newest():
            return
        if current is None and not inspect(connection).get_table_names():
            raise StoreMissingError(
                "{url}: the database is empty",
                field="database_url",
                url=connection.engine.url.render_as_string(hide_password=True),
                remedy="start the node once: trace-node up",
            )
        raise StoreSchemaError(
            "the schema of the database is at {current}, this program needs {newest}",
            field="database_url",
            current=current or "nothing",
            newest=_newest(),
            remedy="start the node to bring it up to date, or use the program that made it",
        )


def _unknown(connection: Connection) -> StoreSchemaError:
    return StoreSchemaError(
        "the schema of the database is at {current}, which this program does not know",
        field="database_url",
        current=_current(connection) or "nothing",
        remedy="use the program that made it, or a newer one",
    )


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newest() -> str:
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
