"""``kill -9`` of a collecting process at any moment: nothing durable is lost, no gap unexplained.

Shows S2-7.6: after a power cut the terminal uploads again by itself.
"""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.collector_setup import PLANT, make_folder
from support.fake_node import FakeNode, NodeServer
from support.soak_size import soak

from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.event import Event

COLLECT = "import sys; from pathlib import Path; from collectors.runtime.entry import run_collector"
MAIN = "from api.cli import main; main()"


class Swallowing:
    """A node that now and then takes a delivery but never answers, as if it died in between."""

    def __init__(self) -> None:
        self.node: FakeNode | None = None
        self.random = random.Random(7)

    def handle(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        answer = self.node.handle(method, path, body)
        if method == "POST" and self.random.random() < 0.2:
            return 503, {"Retry-After": "0"}, b""
        return answer


@pytest.fixture
def points(tmp_path: Path) -> Iterator[str]:
    """The point list of a plant that runs in a process of its own."""
    words = ["simulate", str(PLANT / "coal-mine.plant.toml"), "--free-ports", "--points-out"]
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *words, str(tmp_path / "points")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    for line in process.stdout:
        if line.strip() == b"ready":
            break
    text = (tmp_path / "points" / "coal-mine.points.toml").read_text(encoding="utf-8")
    yield text.replace('interval = "5s"', 'interval = "100ms"')
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


def start(folder: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", f"{COLLECT}; run_collector(Path(sys.argv[1]))", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def durable(folder: Path) -> set[bytes]:
    """Digests of the records on the disk."""
    connection = sqlite3.connect(folder / "spool.db")
    try:
        return {row[0] for row in connection.execute("SELECT digest FROM records")}
    finally:
        connection.close()


def wait_for(condition, what: str, seconds: float = 30) -> None:  # noqa: ANN001
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def last_id(folder: Path) -> int:
    if not (folder / "spool.db").exists():
        return 0
    connection = sqlite3.connect(folder / "spool.db")
    try:
        return connection.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def arrived(node: FakeNode, seen: set[bytes], *, boots: int) -> bool:
    """Whether the node has every record of ``seen``, and something of every boot."""
    records = dict(node.by_key)
    here = {record_digest(raw) for raw in records.values()}
    return seen <= here and len({boot for _, boot, _ in records}) == boots


@pytest.mark.parametrize(
    "kills", [3, pytest.param(soak(full=100, short=10), marks=pytest.mark.soak)]
)
@pytest.mark.timeout(1_200)
def test_no_durable_record_is_lost_and_no_chain_has_a_gap(
    tmp_path: Path, points: str, kills: int
) -> None:
    chance = random.Random(kills)
    folder, node = tmp_path / "collector", Swallowing()
    seen: set[bytes] = set()
    with NodeServer(node) as server:
        node.node = FakeNode(make_folder(folder, points=points, node_url=server.url).public)
        for _ in range(kills):
            before = last_id(folder)
            process = start(folder)
            wait_for(lambda before=before: last_id(folder) > before, "nothing was recorded")
            time.sleep(chance.uniform(0, 0.7))
            process.send_signal(signal.SIGKILL)
            process.wait()
            seen |= durable(folder)
        process = start(folder)
        wait_for(lambda: arrived(node.node, seen, boots=kills + 1), "not all durable arrived")
        process.terminate()
        assert process.wait(timeout=20) == 0
    for chain in node.node.chains().values():
        begins = [record for record in chain if isinstance(record, Event) and record.seq == 0]
        assert [record.event for record in begins] == ["boot"] * len(begins)
        ended = [record.detail["ended"] for record in begins]
        assert ended[0] == "never_began"
        assert set(ended[1:]) <= {"interrupted"}
        assert len(begins) == kills + 1
