"""How a running node of this machine is reached: a small file that is locked while it runs."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from api.home import Home
from trace_node.errors import ConfigError, StateError


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
    """
    descriptor = os.open(home.running, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateError(
                "the node in {path} is already running",
                field="home",
                code="state.running",
                path=str(home.folder.absolute()),
                remedy="stop it first, or use another home folder",
            ) from error
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
        ConfigError: It is starting and has not announced itself yet.
    """
    try:
        descriptor = os.open(home.running, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _parse(os.pread(descriptor, 4096, 0))
        return None
    finally:
        os.close(descriptor)


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
