"""The command ``trace-node`` as a process of its own, forked from one that has imported it already.

A journey starts hundreds of commands, and most of what each costs is to import web3, FastAPI and
SQLAlchemy again. Here one process imports them once and each command is a fork of it: with its own
pid, memory, files and signals, but for the imports the same. ``TN_TEST_COMMAND=installed`` runs the
installed command instead, as ``make soak`` does.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

from api.cli import COMMANDS, main

COMMAND = str(Path(sys.executable).with_name("trace-node"))

# A suite that runs in the background of a shell would hand on that Ctrl-C is ignored.
LISTENING = ("env", "--default-signal=INT")

_OF_INTERPRETER = "PYTHON"  # variables of this kind are read before anything can be forked
_PRELOADED = (
    *sorted({command.module for command in COMMANDS.values()}),
    "alembic.command",
    "api.app",
    "api.cli.serving",
    "api.http_protocol",
    "api.wiring.node",
    "chain.client",
    "rich.console",
    "sqlalchemy.dialects.sqlite",
    "trace_node.services.fsck",
    "typer.rich_utils",
    "web3",
)


class Child(Protocol):
    """What the tests use of ``subprocess.Popen``."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class _Forked:
    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None  # it was started
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(COMMAND, timeout or 0)
        return self._process.exitcode

    def send_signal(self, sig: int, /) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(arguments: Sequence[str], *, env: dict[str, str], output: Path, errors: Path) -> Child:
    """Start the command with nothing to read; what it says is appended to the files.

    Args:
        arguments: After ``trace-node``.
        env: Its whole environment.
        output: File of its standard output.
        errors: File of its standard error; may be the same.
    """
    with output.open("ab") as out, errors.open("ab") as err:
        if os.environ.get("TN_TEST_COMMAND") == "installed" or _is_of_interpreter(env):
            return subprocess.Popen(
                [*LISTENING, COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=env,
            )
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    process = context.Process(target=_command, args=(arguments, env, str(output), str(errors)))
    process.start()
    return _Forked(process)


def _is_of_interpreter(env: dict[str, str]) -> bool:
    wanted = {name: value for name, value in env.items() if name.startswith(_OF_INTERPRETER)}
    ours = {name: value for name, value in os.environ.items() if name.startswith(_OF_INTERPRETER)}
    return any(ours.get(name) != value for name, value in wanted.items())


def _command(arguments: Sequence[str], env: dict[str, str], output: str, errors: str) -> None:
    """Be the command: in the new process, before anything of the product has run."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env)
    _redirect(0, os.devnull, os.O_RDONLY)
    _redirect(1, output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    _redirect(2, errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )
    missing = set(_PRELOADED) - set(sys.modules)
    assert not missing, missing  # the fork server says nothing of an import that failed
    sys.argv = [COMMAND, *arguments]
    main()


def _redirect(descriptor: int, path: str, flags: int) -> None:
    opened = os.open(path, flags, 0o644)
    os.dup2(opened, descriptor)
    os.close(opened)
