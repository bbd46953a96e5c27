"""The processes of the show: started with their own log files, ended by their own process id."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from trace_node.errors import UnavailableError

STOP_SECONDS = 20


class Processes:
    """Commands of ``trace-node`` that run beside each other.

    Args:
        logs: Folder of their output.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _name, process in reversed(self._running):
            _end(process)

    def start(self, name: str, *arguments: str) -> Path:
        """Start a command and return the file of its output, which is English for its reader."""
        self._logs.mkdir(parents=True, exist_ok=True)
        path = self._logs / f"{name}.log"
        with path.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command, arguments as a list
                [command(), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"TN_LANG": "en"},
            )
        self._running.append((name, process))
        return path

    def require_alive(self) -> None:
        """Check that none of them has ended.

        Raises:
            UnavailableError: One has; the message names its log file.
        """
        for name, process in self._running:
            if process.poll() is not None:
                raise UnavailableError(
                    "{name} ended with status {status}",
                    code="unavailable.process",
                    name=name,
                    status=process.returncode,
                    remedy="see {path}",
                    path=str(self._logs / f"{name}.log"),
                )

    def wait(self) -> None:
        """Wait until one of them ends or the user interrupts."""
        while all(process.poll() is None for _, process in self._running):
            time.sleep(0.5)
        self.require_alive()


def command() -> str:
    """The console script beside this interpreter."""
    return str(Path(sys.executable).with_name("trace-node"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and keep what it printed."""
    return subprocess.run(  # noqa: S603 - our own command, arguments as a list
        [command(), *arguments], capture_output=True, text=True, check=False
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
