"""``kill -9`` of node, embedded chain and collector under load, again and again."""

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from support.audit import audit, chain_head, contract_of, lineage, require_fsck_clean
from support.campaign import Acknowledged, Client, chance, collector_key, enrol
from support.collector_setup import PLANT, make_folder
from support.node_process import NodeProcess, Process, free_port, make_home, run_well
from support.soak_size import soak

ROUNDS = soak(full=100, short=6)
CLIENTS = ("load-1", "load-2", "load-3")
MOST_WAIT_S = 1.5
PATIENCE_S = 90


class Field:
    """A node under load from a real collector, whose meters are simulated, and from bare clients."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.port = free_port()
        self.home = make_home(folder / "home", port=self.port)
        self.collector_folder = folder / "collector"
        self._simulate()
        enrol(self.home, collector=collector_key(), devices=CLIENTS)
        self.known = Acknowledged()
        self.clients = [Client(device, self.known) for device in CLIENTS]
        self.delivered: set[bytes] = set()  # digests that the spool holds as acknowledged
        self.durable: set[bytes] = set()  # digests that the spool held on the disk
        self.node = self.start_node().ready()
        self.collector = self.start_collector()
        for client in self.clients:
            client.uplink.url = self.node.url
            client.start()

    def start_node(self) -> NodeProcess:
        return self.stack.enter_context(NodeProcess(self.home))

    def start_collector(self) -> Process:
        log = self.folder / "collector.log"
        return self.stack.enter_context(Process(log, "collect", self.collector_folder))

    def look_into_spool(self) -> None:
        """Take in what the collector holds, which nobody but the node may make it forget."""
        with closing(sqlite3.connect(self.collector_folder / "spool.db")) as connection:
            rows = connection.execute("SELECT digest FROM records").fetchall()
            self.durable |= {digest for (digest,) in rows}
            rows = connection.execute(
                "SELECT r.digest FROM records r JOIN deliveries d ON r.id BETWEEN d.first AND d.last"
                " WHERE d.state IN ('acknowledged', 'final')"
            )
            self.delivered |= {digest for (digest,) in rows}

    def check(self) -> set[bytes]:
        """Require that nothing is lost, nothing forked and one lineage anchored; give the leaves."""
        acknowledged, delivered = self.known.snapshot(), set(self.delivered)
        heads = lineage(self.node.chain_url, contract_of(self.home))
        found = audit(self.home, heads=heads)
        found.require_holds(acknowledged)
        leaves = set(found.leaves)
        assert delivered <= leaves, "records that the collector was promised are lost"
        return leaves

    def _simulate(self) -> None:
        points = self.folder / "points"
        meters = Process(
            self.folder / "simulate.log",
            *("simulate", PLANT / "coal-mine.plant.toml", "--free-ports", "--points-out", points),
        )
        self.stack.enter_context(meters)
        meters.wait_for(lambda: "ready" in meters.output.splitlines(), "simulated meters")
        path = points / "coal-mine.points.toml"
        run_well("meters", "enrol", path, "--home", self.home)
        text = path.read_text(encoding="utf-8").replace('interval = "5s"', 'interval = "200ms"')
        url = f"http://127.0.0.1:{self.port}"
        public = make_folder(self.collector_folder, points=text, node_url=url).public
        enrol(self.home, collector=public, organisation="demo-works")


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    with ExitStack() as stack:
        made = Field(tmp_path, stack)
        yield made
        for client in made.clients:
            client.ending.set()


def one_round(field: Field, random: random.Random) -> None:
    """Kill collector and node in some order at some moment; now and then the chain before."""
    kills = [field.node.kill, field.collector.kill]
    random.shuffle(kills)
    if random.random() < 0.3:
        kills.insert(random.randrange(2), field.node.kill_chain)
    for kill in kills:
        time.sleep(random.uniform(0, MOST_WAIT_S))
        kill()
    field.look_into_spool()
    field.collector = field.start_collector()
    field.node = field.start_node().ready()


def until(condition, what: str) -> None:  # noqa: ANN001
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_killed_again_and_again_nothing_acknowledged_is_lost(field: Field) -> None:
    dice = chance()
    for number in range(ROUNDS):
        before = field.known.deliveries
        until(lambda before=before: field.known.deliveries > before + 5, "no acknowledgement")
        one_round(field, dice)
        field.check()
        require_fsck_clean(field.home)
        print(f"round {number + 1}: {len(field.known.leaves)} acknowledged")  # noqa: T201
    for client in field.clients:
        client.finish()
    until(lambda: field.durable <= field.check(), "what was durable at the collector is not logged")
    field.collector.stop()
    until(lambda: is_projected(field.home), "projections did not catch up")
    size = field.node.size()
    field.node.wait_final(size)
    require_one_lineage(field, size)
    require_only_boots_found(field.home)
    field.node.stop()
    require_fsck_clean(field.home)


def is_projected(home: Path) -> bool:
    status = json.loads(run_well("status", "--home", home, "-o", "json"))
    assert status["conflicts"] == 0
    return not any(status["lag"].values())


def require_one_lineage(field: Field, size: int) -> None:
    """The head on the chain covers everything, and is the last of one chain of heads."""
    contract = contract_of(field.home)
    status = json.loads(run_well("chain", "status", "--home", field.home, "-o", "json"))
    head = chain_head(field.node.chain_url, contract, status["log_id"])
    assert head == (size, audit(field.home, heads=[head]).roots[size])
    heads = lineage(field.node.chain_url, contract)
    assert heads[-1] == head
    assert len(heads) > ROUNDS, "not one anchor between two kills"


def require_only_boots_found(home: Path) -> None:
    """The node found what there was, a new boot after each kill, linked to the one before."""
    with closing(sqlite3.connect(f"file:{home / 'node.db'}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT code, device, body FROM findings").fetchall()
    assert {code for code, *_ in rows} == {"boot_change"}, rows
    assert all(json.loads(body)["detail"]["linked"] for *_, body in rows)
    by_device = Counter(device for _, device, _ in rows)
    assert set(by_device.values()) == {ROUNDS}, by_device
