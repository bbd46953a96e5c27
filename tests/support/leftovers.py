"""Finds the processes that a command started and left behind, by a mark in their environment."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

VARIABLE = "SHOW_MARK"


def marked(mark: str) -> dict[int, str]:
    """The processes that live with this mark: their ids and command lines."""
    found = {}
    wanted = f"{VARIABLE}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(folder.name)] = line
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


def kill_marked(mark: str) -> None:
    """``kill -9`` of whatever lives with this mark."""
    for pid in marked(mark):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def require_none(mark: str, *, seconds: float = 0) -> None:
    """Require that no process lives with this mark, now or within some seconds."""
    deadline = time.monotonic() + seconds
    while left := marked(mark):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
