"""The database engine of tests that do not speak of one: SQLite, or what ``TN_TEST_ENGINE`` names.

The suite so runs on either engine.
"""

import atexit
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.postgresql import fresh_database, shared_server

VARIABLE = "TN_TEST_ENGINE"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
USUAL = os.environ.get(VARIABLE, SQLITE)
_SETTING = re.compile(r'^database_url = "postgresql://.*/(\w+)"\n', flags=re.MULTILINE)

assert USUAL in {SQLITE, POSTGRESQL}, f"{VARIABLE}: {SQLITE} or {POSTGRESQL}, not {USUAL}"


@contextmanager
def database_url(engine: str, folder: Path) -> Iterator[str]:
    """The URL of a new, empty database of its own."""
    if engine == SQLITE:
        yield f"sqlite:///{folder / 'node.db'}"
    else:
        with fresh_database(shared_server()) as url:
            yield url


def choose_database(home: Path, engine: str = USUAL) -> None:
    """Name a database of its own in a home's settings, unless it is the SQLite file by default.

    A home that was copied with its settings gets a copy of that database.
    """
    if engine == SQLITE:
        return
    path = home / "trace-node.toml"
    text = path.read_text(encoding="utf-8")
    copied = _SETTING.search(text)
    database = fresh_database(shared_server(), template=copied[1] if copied else None)
    url = database.__enter__()  # not a with block: it is dropped when the tests end
    atexit.register(database.__exit__, None, None, None)
    # First, since what follows a [table] belongs to it.
    path.write_text(f'database_url = "{url}"\n' + _SETTING.sub("", text), encoding="utf-8")
