"""``kill -9`` of the database server under load: the node goes on, and nothing it acknowledged is lost."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from support.audit import audit_of, contract_of, lineage, require_fsck_clean
from support.campaign import Acknowledged, Client, chance, collector_key, enrol
from support.node_process import NodeProcess, make_home
from support.postgresql import Server, fresh_database, own_server
from support.soak_size import soak
from support.usual_engine import SQLITE

pytestmark = [pytest.mark.soak, pytest.mark.postgresql]

ROUNDS = soak(full=30, short=3)
CLIENTS = ("load-1", "load-2")
PATIENCE_S = 300  # only until a failure is told: whatever is awaited ends the waiting
LONGEST_WAIT_S = 1.0


class Field:
    """A node on a PostgreSQL of its own, under load."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.server = stack.enter_context(own_server())
        self.database = stack.enter_context(fresh_database(self.server.url))
        self.home = make_home(
            folder / "home", more=f'database_url = "{self.database}"\n', engine=SQLITE
        )
        enrol(self.home, collector=collector_key(), devices=CLIENTS)
        self.node = stack.enter_context(NodeProcess(self.home)).ready(seconds=PATIENCE_S)
        self.known = Acknowledged()
        self.clients = [Client(name, self.known, batch=8, pause=0.05) for name in CLIENTS]
        for client in self.clients:
            client.uplink.url = self.node.url
            client.start()

    def await_acknowledgements(self) -> None:
        """Wait until deliveries that are sent from now on are acknowledged."""
        enough = self.known.deliveries + 3 * len(CLIENTS)
        self.node.wait_for(
            lambda: self.known.deliveries >= enough or self._failure(),
            "acknowledgement",
            seconds=PATIENCE_S,
        )
        assert self._failure() is None

    def _failure(self) -> BaseException | None:
        return next((client.failure for client in self.clients if client.failure), None)

    def check(self) -> None:
        """Require that nothing is lost, nothing forked, and one lineage anchored."""
        acknowledged = self.known.snapshot()
        heads = lineage(self.node.chain_url, contract_of(self.home))
        with psycopg.connect(self.database) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            found = audit_of(connection, heads=heads)
        found.require_holds(acknowledged)


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    with ExitStack() as stack:
        made = Field(tmp_path, stack)
        yield made
        for client in made.clients:
            client.end()


def kill_one_connection(server: Server, dice: random.Random) -> None:
    """Kill the process that serves some connection: the server ends the others and recovers."""
    with psycopg.connect(f"{server.url}/postgres") as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid()"
        ).fetchall()
    os.kill(dice.choice(rows)[0], signal.SIGKILL)


@pytest.mark.timeout(7_200)
def test_the_server_killed_again_and_again(field: Field) -> None:
    dice = chance()
    for number in range(1, ROUNDS + 1):
        time.sleep(dice.uniform(0, LONGEST_WAIT_S))
        if dice.random() < 0.5:
            field.server.kill()
            field.server.start()
        else:
            kill_one_connection(field.server, dice)
        field.await_acknowledgements()
        field.check()
        print(f"round {number}: {len(field.known.leaves)} acknowledged")  # noqa: T201
    for client in field.clients:
        client.finish()
    field.node.wait_final(field.node.size(), seconds=PATIENCE_S)
    field.check()
    field.node.stop()
    require_fsck_clean(field.home)
