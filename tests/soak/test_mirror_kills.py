"""``kill -9`` of a process that mirrors, at any time: the next one goes on, and ends at the same bytes."""

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.fake_ledger import FakeFollower
from support.mirror_child import chain_of
from support.mirror_world import MirrorWorld
from support.soak_size import soak

from trace_node.store import schema
from trace_node.store.database import Database

TESTS = Path(__file__).resolve().parents[1]
KILLS = soak(full=60, short=5)
MOST_S = 1.2

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3_600)]


def test_killed_at_any_time_the_mirror_goes_on(tmp_path: Path) -> None:
    name = os.environ.get("TN_SOAK_SEED") or secrets.token_hex(4)
    chance, url = random.Random(name), f"sqlite:///{tmp_path / 'node.db'}"
    database = Database(url)
    schema.upgrade(database)
    killed, done, number = 0, 0, chance.randrange(1_000)
    while killed < KILLS or not done:
        wait = chance.random() * MOST_S if killed < KILLS else None
        code, told = _run(url, number, wait)
        assert told.startswith("ready\n"), name
        assert code in {0, -signal.SIGKILL}, name
        killed += code == -signal.SIGKILL
        done += told.endswith("done\n")
    chain = chain_of(number)
    while chain.head.children:
        chain.head = chain.head.children[0]
    world = MirrorWorld(database, chain, FakeFollower(chain))
    world.mirror.follow()
    world.require_equal()
    incremental = world.digest()
    world.mirror.rebuild()
    assert world.digest() == incremental, name
    assert world.reconcile.run().differences == (), name
    database.close()


def _run(url: str, seed: int, wait: float | None) -> tuple[int, str]:
    """Exit code and output of a process that mirrors, killed that long after it was ready."""
    path = f"{TESTS}{os.pathsep}{TESTS.parent}"
    with subprocess.Popen(
        [sys.executable, "-m", "support.mirror_child", url, str(seed)],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        if wait is not None:
            time.sleep(wait)
            child.send_signal(signal.SIGKILL)
        told = first + child.stdout.read()
    return child.returncode, told
