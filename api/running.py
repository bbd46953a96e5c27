"""How a running node of this machine is reached: a small file that is locked while it runs."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from api.home import Home
from trace_node.errors import ConfigError, StateError

_PATIENCE_S = 10
_PAUSE_S = 0.02
_MAX_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running node.

    Attributes:
        pid: Its process.
        url: Where it answers HTTP.
        chain_url: Endpoint of its chain.
    """

    pid: int
    url: str
    chain_url: str


@contextmanager
def only_one(home: Home) -> Iterator["Announcement"]:
    """Be the one process that runs the node in ``home`` while the block lasts.

    Raises:
        StateError: Another process is.
        ConfigError: The folder cannot be written to.
    """
    descriptor = _open(home, os.O_CREAT)
    try:
        if not _lock_alone(descriptor):
            raise StateError(
                "the node in {path} is already running",
                field="home",
                code="state.running",
                path=str(home.folder.absolute()),
                remedy="stop it first, or use another home folder",
            )
        os.ftruncate(descriptor, 0)  # what the last one announced is no longer so
        yield Announcement(descriptor)
    finally:
        os.close(descriptor)


class Announcement:
    """Writes how the node is reached."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, running: Running) -> None:
        """Replace what was announced before."""
        raw = json.dumps(asdict(running)).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, raw, 0)


def read_running(home: Home) -> Running | None:
    """The node that runs in ``home``; None when none does.

    Raises:
        ConfigError: It is starting and has not announced itself yet, or this user may not ask.
    """
    if not home.running.exists():
        return None
    descriptor = _open(home)
    try:
        if _lock(descriptor, fcntl.LOCK_SH):
            return None
        return _parse(os.pread(descriptor, _MAX_BYTES, 0))
    finally:
        os.close(descriptor)


def _open(home: Home, flags: int = 0) -> int:
    try:
        return os.open(home.running, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
    except OSError as error:
        raise ConfigError(
            "{path}: cannot be opened: {detail}",
            field="home",
            code="config.home",
            path=str(home.running.absolute()),
            detail=error.strerror or type(error).__name__,
            remedy="run this as the user who made the node",
        ) from error


def _lock_alone(descriptor: int) -> bool:
    """Take the lock for this process alone; False when a node has it.

    A command that only looks shares it for an instant, and only a node keeps it from being shared:
    so the two are told apart however slow the machine is.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while not _lock(descriptor, fcntl.LOCK_EX):
        if not _lock(descriptor, fcntl.LOCK_SH) or time.monotonic() > deadline:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        time.sleep(_PAUSE_S)
    return True


def _lock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _parse(raw: bytes) -> Running:
    try:
        return Running(**json.loads(raw))
    except (ValueError, TypeError) as error:
        raise ConfigError(
            "the node is starting and cannot be reached yet",
            field="home",
            code="config.starting",
            remedy="try again in a few seconds",
        ) from error
