"""A private PostgreSQL for the tests: Debian's programs on a free loopback port, gone afterwards.

``TN_TEST_POSTGRESQL`` names a server to use instead (a URL whose user may create databases).
"""

import atexit
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
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
    with own_server() as server:
        yield server.url


@contextmanager
def own_server() -> "Iterator[Server]":
    """A server of our own, which may be killed."""
    programs = _programs()
    # Not in pytest's folder: PostgreSQL runs as another user, who may not enter that one.
    folder = Path(tempfile.mkdtemp(prefix="trace-node-postgresql-"))
    try:
        server = Server(programs, folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
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
    """The words before a command that make it run as a user PostgreSQL accepts, and die with us."""
    words = ["setpriv", "--pdeathsig=INT"]
    if os.geteuid() != 0:
        return words
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip(
            f"PostgreSQL does not run as root and there is no user postgres; set {VARIABLE}"
        )
    return [*words, "--reuid=postgres", "--regid=postgres", "--clear-groups"]


class Server:
    """A server on a free loopback port.

    Args:
        programs: Folder of its programs.
        folder: Where it keeps its data.

    Attributes:
        url: Its URL, up to the database name.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder, self._as_user = programs, folder, _as_server_user()
        if os.geteuid() == 0:
            shutil.chown(folder, user="postgres")
        words = ["-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "-N", "-E", "UTF8"]
        _run([*self._as_user, str(programs / "initdb"), *words], cwd=folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; again while a killed one still lets go."""
        deadline = time.monotonic() + START_SECONDS
        while not self._started(deadline):
            assert time.monotonic() < deadline, f"PostgreSQL did not start: {self._told()}"
            time.sleep(0.1)

    def kill(self) -> None:
        """``kill -9``; its children end when they notice."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def break_off(self) -> None:
        """Stop it as a crash does: nothing is finished, and it recovers at the next start."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """A fast shutdown: open connections are closed."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def _started(self, deadline: float) -> bool:
        # The machine is not going to lose power: what is tested is our use of transactions.
        settings = [
            f"port={self._port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self._folder}",
            "fsync=off",
            "max_connections=200",
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *options]
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [*self._as_user, *command],
                cwd=self._folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        import psycopg  # noqa: PLC0415 (an extra: absent where these tests are skipped)

        try:
            psycopg.connect(f"{self.url}/postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _told(self) -> str:
        return (self._folder / "output").read_text(errors="replace")[-2000:]


def _run(command: list[str], *, cwd: Path) -> None:
    done = subprocess.run(
        command, cwd=cwd, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
