"""A private PostgreSQL for the tests: Debian's programs on a free loopback port, gone afterwards.

``TN_TEST_POSTGRESQL`` names a server to use instead (a URL whose user may create databases).
"""

import atexit
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

VARIABLE = "TN_TEST_POSTGRESQL"
PROGRAMS = Path("/usr/lib/postgresql")
START_SECONDS = 60


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The URL of a server, up to the database name: ``postgresql://user@127.0.0.1:port``."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given.rstrip("/")
        return
    programs = _programs()
    # Not in pytest's folder: PostgreSQL runs as another user, who may not enter that one.
    folder = Path(tempfile.mkdtemp(prefix="trace-node-postgresql-"))
    try:
        with _running(programs, folder) as port:
            yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def shared_server() -> str:
    """The server of this test process, stopped when the process ends."""
    server = postgresql_server()
    url = server.__enter__()  # not a with block: it outlives the caller
    atexit.register(server.__exit__, None, None, None)
    return url


@contextmanager
def fresh_database(server: str, *, template: str | None = None) -> Iterator[str]:
    """The URL of a new database, dropped afterwards; a copy of ``template`` if named."""
    name = f"tn_{secrets.token_hex(6)}"
    _administer(
        server, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")
    )
    try:
        yield f"{server}/{name}"
    finally:
        _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(server: str, statement: str) -> None:
    import psycopg  # noqa: PLC0415 (an extra: absent where these tests are skipped)

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)


def _programs() -> Path:
    pytest.importorskip("psycopg", reason="the extra trace-node[postgresql] is not installed")
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip(f"no PostgreSQL below {PROGRAMS}; install it or set {VARIABLE}")
    return found[-1].parent


def _as_server_user() -> list[str]:
    """The words before a command that make it run as a user PostgreSQL accepts (never root)."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip(
            f"PostgreSQL does not run as root and there is no user postgres; set {VARIABLE}"
        )
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@contextmanager
def _running(programs: Path, folder: Path) -> Iterator[int]:
    as_user = _as_server_user()
    if as_user:
        shutil.chown(folder, user="postgres")
    data, output = folder / "data", folder / "output"
    initdb = [
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "--auth=trust",
        "-N",
        "-E",
        "UTF8",
    ]
    _run([*as_user, *initdb], cwd=folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # The machine is not going to lose power: what is tested is our use of transactions.
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    )
    pg_ctl = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", str(START_SECONDS)]
    _run([*as_user, *pg_ctl, "-l", str(output), "-o", options, "start"], cwd=folder)
    try:
        yield port
    finally:
        _run([*as_user, *pg_ctl, "-m", "immediate", "stop"], cwd=folder)


def _run(command: list[str], *, cwd: Path) -> None:
    done = subprocess.run(
        command, cwd=cwd, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
