"""A whole node on PostgreSQL, by one URL: from Modbus meters over ``kill -9`` to a stranger's verdict.

Shows S0-9.3.3-b: what was acknowledged is there after the node was killed, on either engine.
"""

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest
from support.audit import Audit, audit, contract_of, lineage, require_fsck_clean
from support.collector_setup import PLANT
from support.field import connect_collector, enrol_collector
from support.node_process import LOG, NodeProcess, Process, free_port, run, run_well
from support.postgresql import fresh_database, shared_server

pytestmark = [pytest.mark.postgresql, pytest.mark.timeout(600)]

PLANT_NAME = "washing-plant"


class Works:
    """A plant with its collector, and a home whose settings name a PostgreSQL database."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.home, self.collector = folder / "home", folder / "collector"
        self.seen: set[bytes] = set()

    def make_home(self) -> None:
        """``init``, and the one line that chooses the engine."""
        names = ("--organisation", "demo-works", "--log", LOG, "--chain-port", "0")
        run_well("init", "--home", self.home, *names, "--port", free_port())
        with (self.home / "trace-node.toml").open("a", encoding="utf-8") as file:
            file.write(
                f'database_url = "{self.database}"\nseal_interval = 1\nanchor_interval = 1\n'
            )

    def meters(self) -> Process:
        """The plant's meters on sockets, read each second."""
        out = self.folder / "points"
        plant = PLANT / f"{PLANT_NAME}.plant.toml"
        arguments = ("simulate", plant, "--free-ports", "--points-out", out)
        meters = Process(self.folder / "simulate.log", *arguments)
        meters.wait_for(lambda: "ready" in meters.output.splitlines(), "the meters")
        points = out / f"{PLANT_NAME}.points.toml"
        text = points.read_text(encoding="utf-8")
        assert 'interval = "5s"' in text
        points.write_text(text.replace('interval = "5s"', 'interval = "1s"'), encoding="utf-8")
        enrol_collector(self.collector, points, self.home, subject="washing-plant")
        return meters

    def collecting(self, node: NodeProcess) -> Process:
        """The collector's process."""
        connect_collector(self.collector, node.url)
        return Process(self.folder / "collect.log", "collect", self.collector)

    def look(self) -> set[bytes]:
        """Remember what the collector holds on its disk now, and give it."""
        with closing(sqlite3.connect(self.collector / "spool.db")) as connection:
            now = {row[0] for row in connection.execute("SELECT digest FROM records")}
        self.seen |= now
        return now

    def logged(self) -> set[bytes]:
        """Every leaf hash of the log."""
        with psycopg.connect(self.database) as connection:
            return {row[0] for row in connection.execute("SELECT leaf_hash FROM entries")}

    def audit(self, node: NodeProcess) -> Audit:
        """Recompute the log from its bodies, and find every head of the chain in it."""
        heads = lineage(node.chain_url, contract_of(self.home))
        return audit(self.home, heads=heads)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    with fresh_database(shared_server()) as database:
        works = Works(tmp_path, database)
        works.make_home()
        yield works


@pytest.mark.soak
def test_a_plant_becomes_facts_in_postgresql(works: Works) -> None:
    with ExitStack() as stack:
        stack.enter_context(works.meters())
        node = stack.enter_context(NodeProcess(works.home)).ready()
        collector = stack.enter_context(works.collecting(node))
        node.wait_final(60)
        works.look()
        node.kill()
        before = works.look()
        collector.wait_for(lambda: works.look() - before, "records while the node is down")
        node = stack.enter_context(NodeProcess(works.home)).ready()
        works.look()
        node.wait_for(lambda: works.seen <= works.logged(), "everything that was spooled")
        collector.stop()
        size = node.wait_final(node.size())
        found = works.audit(node)
        assert works.seen <= set(found.leaves)
        assert len(found.leaves) >= size
        assert not (works.home / "node.db").exists()
        require_proved(works, node, random.randrange(size // 2, size))
        node.stop()
    require_fsck_clean(works.home)
    require_fsck_names_a_flipped_byte(works)


def require_proved(works: Works, node: NodeProcess, start: int) -> None:
    """A reading's proof passes with a stranger, offline as far as it goes, and no altered copy."""
    with psycopg.connect(works.database) as connection:
        query = "SELECT leaf_index, body FROM entries WHERE leaf_index <= %s ORDER BY 1 DESC"
        rows = connection.execute(query, (start,))
        index, body = next((i, b) for i, b in rows if b'"type":"reading@1"' in b)
    bundle, root = works.folder / "reading.tnproof", works.home / "trust-root.json"
    run_well("prove", index, "--home", works.home, "--out", bundle)
    check = ("--trust-root", root, "-o", "json")
    offline = run("verify", bundle, *check, "--offline")
    assert offline.returncode == 3, offline
    live = run("verify", bundle, *check, "--rpc", node.chain_url)
    assert live.returncode == 0, live
    assert json.loads(live.stdout)["record"]["value"] == json.loads(body)["value"]
    raw = bytearray(bundle.read_bytes())
    raw[random.randrange(len(raw))] ^= 1
    bundle.write_bytes(raw)
    assert run("verify", bundle, *check, "--rpc", node.chain_url).returncode == 1


def require_fsck_names_a_flipped_byte(works: Works) -> None:
    """One byte of one body is changed behind the node's back, and the check says which entry."""
    with psycopg.connect(works.database) as connection:
        (size,) = connection.execute("SELECT count(*) FROM entries").fetchone()
        index = random.randrange(size)
        (body,) = connection.execute(
            "SELECT body FROM entries WHERE leaf_index = %s", (index,)
        ).fetchone()
        place = random.randrange(len(body))
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        connection.execute("UPDATE entries SET body = %s WHERE leaf_index = %s", (changed, index))
    done = run("fsck", "--home", works.home, timeout=300)
    assert done.returncode == 1, done
    assert str(index) in done.stdout + done.stderr
