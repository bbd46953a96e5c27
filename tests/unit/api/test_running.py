"""One process a home, and how it is found."""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from support.wired import open_files

from api.home import Home
from api.running import Running, only_one, read_running
from trace_node.errors import ConfigError, StateError

SAID = Running(pid=7, url="http://127.0.0.1:8000", chain_url="http://127.0.0.1:8545")
HOLD = """
import sys
from pathlib import Path
from api.home import Home
from api.running import Running, only_one
with only_one(Home(Path(sys.argv[1]))) as announcement:
    announcement.write(Running(pid=1, url="here", chain_url="there"))
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_what_was_announced_is_read_while_it_runs_and_not_after(home: Home) -> None:
    assert read_running(home) is None
    with only_one(home) as announcement:
        announcement.write(SAID)
        assert read_running(home) == SAID
    assert read_running(home) is None


def test_a_node_that_starts_is_not_reached_where_the_last_one_was(home: Home) -> None:
    with only_one(home) as announcement:
        announcement.write(SAID)
    with only_one(home), pytest.raises(ConfigError, match="starting") as caught:
        read_running(home)
    assert caught.value.reason == "config.starting"


def test_a_shorter_announcement_leaves_nothing_of_a_longer_one(home: Home) -> None:
    with only_one(home) as announcement:
        announcement.write(Running(pid=7, url="http://" + "a" * 200, chain_url=""))
        announcement.write(SAID)
        assert json.loads(home.running.read_text()) == {
            "pid": 7,
            "url": SAID.url,
            "chain_url": SAID.chain_url,
        }


def test_a_second_node_is_refused_and_the_first_one_killed_lets_go(home: Home) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(StateError, match="already running") as caught, only_one(home):
            pass
        assert caught.value.reason == "state.running"
        assert read_running(home) == Running(pid=1, url="here", chain_url="there")
    finally:
        child.kill()
        child.communicate()
    with only_one(home):
        pass


def test_a_command_that_looks_at_the_wrong_moment_stops_no_node(home: Home) -> None:
    """Looking whether a node runs shares the lock for an instant."""
    home.running.touch()
    ending = threading.Event()

    def look() -> None:
        while not ending.is_set():
            with suppress(ConfigError):  # it is starting
                read_running(home)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(20):
            with only_one(home) as announcement:
                announcement.write(SAID)
            time.sleep(0.001)
    finally:
        ending.set()
        looking.join()


def test_a_look_that_takes_long_stops_no_node(home: Home) -> None:
    """The machine is slow, and the command that looks was put to sleep while it did."""
    home.running.touch()
    descriptor = os.open(home.running, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    waking = threading.Timer(1, os.close, [descriptor])
    waking.start()
    try:
        with only_one(home):
            assert waking.finished.is_set()
    finally:
        waking.join()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match="cannot be opened") as caught,
        only_one(Home(tmp_path / "none")),
    ):
        pass
    assert caught.value.reason == "config.home"


def test_nothing_stays_open(home: Home) -> None:
    before = len(open_files())
    with only_one(home), suppress(ConfigError):
        read_running(home)
    assert len(open_files()) == before
