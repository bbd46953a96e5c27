"""Whole nodes in this process, put together as ``trace-node up`` does, over homes on disk."""

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from support.builders import Run
from support.campaign import collector_key, enrol
from support.cheap_keys import make_cheap_keys
from support.node_process import LOG
from support.usual_engine import USUAL, choose_database

from api import settings as settings_module
from api.cli import init
from api.home import Home
from api.settings import Settings
from api.wiring.node import Node, running_node
from trace_node.clock import SystemClock
from trace_node.services.delivery_write import Acknowledgement

DEVICE = "meter-1"
WAIT_S = 30


def new_home(folder: Path, *, log: str = LOG, organisation: str = LOG, engine: str = USUAL) -> Path:
    """A home as ``trace-node init`` makes it, with cheaper key files, that seals every second."""
    with pytest.MonkeyPatch.context() as patched:
        make_cheap_keys(patched)
        init.make_home(folder, organisation=organisation, log=log, port=0, chain_port=0)
    with (folder / "trace-node.toml").open("a", encoding="utf-8") as file:
        file.write("seal_interval = 1\nanchor_interval = 1\n")
    choose_database(folder, engine)
    return folder


@cache
def _started_template() -> Path:
    """A home whose node was started once: contract deployed, log opened, trust root made."""
    parent = Path(tempfile.mkdtemp(prefix="trace-node-started-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    home = new_home(parent / "home")
    enrol(home, collector=collector_key(), devices=[DEVICE])
    with up(home):
        pass
    return home


def started_home(folder: Path) -> Path:
    """A home of its own in ``folder``, whose node was started and ended once."""
    shutil.copytree(_started_template(), folder)
    choose_database(folder)
    return folder


def load(home: Path, **flags: object) -> tuple[Settings, Home]:
    """Settings and files of a home."""
    return settings_module.load(home=home, **flags), Home(home)


@dataclass(frozen=True, kw_only=True)
class Up:
    """A node that runs in this process."""

    node: Node
    run: Run

    def deliver(self, count: int = 3) -> Acknowledgement:
        """Deliver readings and wait for the commit."""
        self.run.now = now()
        body = self.run.deliver([self.run.reading(device=DEVICE) for _ in range(count)])
        return self.node.services.deliver(body).result(timeout=WAIT_S)

    def final(self) -> int:
        """Number of leaves that are anchored for good."""
        return self.node.services.reader.progress().final

    def checkpointed(self) -> int:
        """Number of leaves that a checkpoint covers."""
        return self.node.services.reader.progress().checkpointed

    def wait_final(self, size: int) -> None:
        """Wait until that many leaves are anchored for good."""
        self.node.services.wake()
        wait_for(lambda: self.final() >= size, self.node.services.chain_note)


@contextmanager
def up(home: Path, **flags: object) -> Iterator[Up]:
    """Run the node of a home while the block lasts."""
    settings, files = load(home, **flags)
    with running_node(settings, files, clock=SystemClock()) as node:
        yield Up(node=node, run=Run(organisation=LOG, now=now()))


def wait_for(condition: Callable[[], object], state: Callable[[], object] = str) -> None:
    """Wait until ``condition`` gives something true."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"it never came: {state()}"
        time.sleep(0.02)


def now() -> datetime:
    """The time in whole milliseconds."""
    found = datetime.now(UTC)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def open_files() -> list[str]:
    """What this process has open, but for its terminals, pipes and shared libraries."""
    found = []
    for name in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(name.readlink()))
        except OSError:  # the listing itself
            continue
    return sorted(found)
