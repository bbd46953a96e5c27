"""A node and a collector that are killed again and again, under load, and what they must not lose."""

import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from support.audit import audit, chain_head, contract_of, lineage, logged, rpc
from support.campaign import Acknowledged, Client, collector_key, enrol
from support.collector_setup import PLANT, make_folder
from support.node_process import NodeProcess, Process, free_port, make_home, run_well
from support.usual_engine import SQLITE

CLIENTS = ("load-1", "load-2", "load-3")
PATIENCE_S = 300  # only until a failure is told: whatever is awaited ends the waiting
ROUND_ACKNOWLEDGES = 6  # deliveries


class Field:
    """A node under load from a real collector, whose meters are simulated, and from bare clients.

    Args:
        folder: Where everything is kept.
        stack: Ends the processes.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.port = free_port()
        self.home = make_home(folder / "home", port=self.port, engine=SQLITE)
        self.collector_folder = folder / "collector"
        self._simulate()
        enrol(self.home, collector=collector_key(), devices=CLIENTS)
        self.known = Acknowledged()
        self.clients = [Client(name, self.known, batch=8, pause=0.05) for name in CLIENTS]
        self.delivered: set[bytes] = set()  # digests that the spool holds as acknowledged
        self.durable: set[bytes] = set()  # digests that the spool held on the disk
        self.node, self.collector = self._start_node(), self._start_collector()
        self._await_node()
        for client in self.clients:
            client.uplink.url = f"http://127.0.0.1:{self.port}"
            client.start()

    def start(self) -> None:
        """Start node and collector again, and wait until both do their work."""
        self.node, self.collector = self._start_node(), self._start_collector()
        self._await_node()
        recorded = self._newest_record()
        self.until(lambda: self._newest_record() > recorded, "record of the collector")

    def await_load(self) -> None:
        """Wait until the clients are at work: what they send from now on is acknowledged."""
        enough = self.known.deliveries + ROUND_ACKNOWLEDGES
        self.until(lambda: self.known.deliveries >= enough, "acknowledgement")

    @contextmanager
    def resting(self) -> Iterator[None]:
        """No load from the clients meanwhile, so that a slow machine has no more to check; the
        collector goes on.
        """
        for client in self.clients:
            client.working.clear()
        yield
        for client in self.clients:
            client.working.set()

    def kill_starting_node(self, after_s: float) -> None:
        """Start the node, and kill it wherever it is by then."""
        self.node = self._start_node()
        time.sleep(after_s)
        self.node.kill()

    def kill_starting_collector(self, after_s: float) -> None:
        """Start the collector, and kill it wherever it is by then."""
        self.collector = self._start_collector()
        time.sleep(after_s)
        self.collector.kill()

    def await_anchor(self) -> None:
        """Wait until something more is anchored for good."""
        before = self.node.final()
        self.until(lambda: self.node.final() > before, "anchor")

    def kill_node_in_delivery(self) -> None:
        """Kill the node while the collector, if it runs, waits for the answer to a delivery.

        It is stopped before, so that what comes in then is never committed.
        """
        if self.collector.popen.poll() is None:
            os.kill(self.node.popen.pid, signal.SIGSTOP)
            self.until(self._is_delivering, "delivery under way")
        self.node.kill()

    def kill_chain_at_work(self) -> None:
        """Kill the embedded chain while an anchor is on its way into a block."""
        self.until(self._is_anchoring, "anchor under way")
        self.node.kill_chain()

    def look_into_spool(self) -> None:
        """Take in what the collector holds, which nobody but the node may make it forget."""
        with closing(self._spool()) as connection:
            rows = connection.execute("SELECT digest FROM records").fetchall()
            self.durable |= {digest for (digest,) in rows}
            rows = connection.execute(
                "SELECT r.digest FROM records r JOIN deliveries d ON r.id BETWEEN d.first AND d.last"
                " WHERE d.state IN ('acknowledged', 'final')"
            )
            self.delivered |= {digest for (digest,) in rows}

    def check(self) -> None:
        """Require that nothing is lost, nothing forked, and one lineage anchored."""
        acknowledged = self.known.snapshot()
        heads = lineage(self.node.chain_url, contract_of(self.home))
        found = audit(self.home, heads=heads)
        found.require_holds(acknowledged)
        lost = self.delivered - set(found.leaves)
        assert not lost, f"{len(lost)} records that the collector was promised are lost"

    def finish(self) -> None:
        """End the load, and wait until everything that was durable is logged and anchored."""
        for client in self.clients:
            client.finish()
        self.until(lambda: self.durable <= logged(self.home), "delivery of what was durable")
        self.collector.stop()
        self.node.wait_for(self._is_projected, "projection", seconds=PATIENCE_S)
        size = self.node.size()
        self.node.wait_final(size, seconds=PATIENCE_S)

    def require_one_lineage(self) -> list[tuple[int, bytes]]:
        """The head on the chain covers everything, and is the last of one chain of heads."""
        contract, size = contract_of(self.home), self.node.size()
        status = json.loads(run_well("chain", "status", "--home", self.home, "-o", "json"))
        head = chain_head(self.node.chain_url, contract, status["log_id"])
        assert head == (size, audit(self.home, heads=[head]).roots[size])
        heads = lineage(self.node.chain_url, contract)
        assert heads[-1] == head
        sent = rpc(self.node.chain_url, "eth_getTransactionCount", self._anchorer(), "latest")
        assert int(sent, 16) == len(heads), "an anchor was sent twice, or one failed"
        return heads

    def require_only_boots_found(self) -> None:
        """The node found each new boot, linked to the one before, and nothing else."""
        with closing(
            sqlite3.connect(f"file:{self.home / 'node.db'}?mode=ro", uri=True)
        ) as database:
            found = database.execute("SELECT code, device, body FROM findings").fetchall()
            streams = database.execute("SELECT device FROM streams").fetchall()
        assert {code for code, *_ in found} == {"boot_change"}, found
        assert all(json.loads(body)["detail"]["linked"] for *_, body in found)
        boots = Counter(device for (device,) in streams)
        again = Counter(device for _, device, _ in found)
        assert again == Counter({device: count - 1 for device, count in boots.items()})

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait for ``condition`` as long as everybody who should be at work is."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            for process in (self.node, self.collector):
                assert process.popen.poll() is None, f"ended before {what}: {process.told}"
            for client in self.clients:
                assert client.failure is None, client.failure
            assert time.monotonic() < deadline, f"no {what}: {self.node.told}{self.collector.told}"
            time.sleep(0.05)

    def _anchorer(self) -> str:
        stored = json.loads((self.home / "keys" / "anchor.json").read_text())
        return "0x" + stored["address"].removeprefix("0x")

    def _is_projected(self) -> bool:
        status = json.loads(run_well("status", "--home", self.home, "-o", "json"))
        assert status["conflicts"] == 0
        return not any(status["lag"].values())

    def _is_delivering(self) -> bool:
        with closing(self._spool()) as connection:
            found = connection.execute(
                "SELECT 1 FROM deliveries WHERE state = 'pending' AND attempts > 0"
            ).fetchone()
        return found is not None

    def _is_anchoring(self) -> bool:
        with closing(_reading(self.home / "outbox.db")) as connection:
            found = connection.execute("SELECT 1 FROM submission WHERE NOT finished").fetchone()
        return found is not None

    def _newest_record(self) -> int:
        if not (self.collector_folder / "spool.db").exists():
            return 0
        with closing(self._spool()) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
                return 0
            return connection.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0]

    def _spool(self) -> sqlite3.Connection:
        return _reading(self.collector_folder / "spool.db")

    def _start_node(self) -> NodeProcess:
        return self.stack.enter_context(NodeProcess(self.home))

    def _start_collector(self) -> Process:
        log = self.folder / "collector.log"
        return self.stack.enter_context(Process(log, "collect", self.collector_folder))

    def _await_node(self) -> None:
        self.node.ready(seconds=PATIENCE_S)

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
        text = path.read_text(encoding="utf-8").replace('interval = "5s"', 'interval = "1s"')
        url = f"http://127.0.0.1:{self.port}"
        public = make_folder(self.collector_folder, points=text, node_url=url).public
        enrol(self.home, collector=public, organisation="demo-works")


def _reading(path: Path) -> sqlite3.Connection:
    """A database of somebody else, to be read only: what a killed owner left is its own to mend."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)
