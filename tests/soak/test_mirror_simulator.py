"""The mirror under seeded faults: whatever happens, tables = built anew = what the contracts say.

A failure names its seed; ``TN_MIRROR_SEEDS=17,23 make soak ARGS="-k mirror"`` plays those again.
"""

import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from support.fake_ledger import FakeChain, history
from support.mirror_faults import FaultyFollower, run_of
from support.mirror_world import MirrorWorld
from support.postgresql import fresh_database, shared_server
from support.soak_size import soak

from trace_node.store import schema
from trace_node.store.database import Database

HISTORIES = soak(full=48, short=6)
ROUNDS = 20
GROUPS = soak(full=100, short=20)
EACH = soak(full=100, short=25)
FIRST = 0 if os.environ.get("TN_SOAK_SEED") == "ci" else secrets.randbelow(10**9)
GIVEN = [int(each) for each in os.environ.get("TN_MIRROR_SEEDS", "").split(",") if each]
SEEDS = (
    [GIVEN]
    if GIVEN
    else [[FIRST + group * EACH + place for place in range(EACH)] for group in range(GROUPS)]
)

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7_200)]

# These have to have happened somewhere in a group, or the simulator tests nothing. A chain that is put
# back too deep is rarer: tests/behaviour/test_mirror_engines.py has it for sure.
FAULTS = {
    "no answer",
    "stale node",
    "events left out",
    "answer cut off",
    "gap unseen by the follower",
    "event twice",
    "events exchanged",
    "killed at a statement",
    "killed after a commit",
    "database error",
    "replaced",
    "reconciled under faults",
    "ledger.gap",
    "ledger.step",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest schema, copied for each seed."""
    path = tmp_path_factory.mktemp("mirror template") / "node.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()
    return path


def _unsynced(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]  # killed in name only


@pytest.fixture
def sqlite(template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "node.db"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    event.listen(database.writer, "connect", _unsynced)
    yield database
    database.close()


def play(database: Database, seed: int) -> Counter[str]:
    """One seed, from an empty mirror to the comparison at its end."""
    chain = FakeChain(
        history(seed % HISTORIES, length=45, fork_every=6, fork_length=10),
        depth=(0, 3, 6)[seed % 3],
    )
    follower = FaultyFollower(chain)
    world = MirrorWorld(database, chain, follower)
    world.mirror.begin_again()
    run = run_of(world, follower, seed, deep=seed % 2 == 0)
    run.go(ROUNDS)
    world.require_equal()
    assert world.reconcile.run().differences == ()
    assert world.store.orders_stopped() is None
    incremental = world.digest()
    follower.window = 1_000
    world.mirror.rebuild()
    assert world.digest() == incremental
    assert world.reconcile.run().differences == ()
    return run.met


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_whatever_happens_the_mirror_is_the_ledger(sqlite: Database, seeds: list[int]) -> None:
    met: Counter[str] = Counter()
    for seed in seeds:
        try:
            met += play(sqlite, seed)
        except Exception as error:
            error.add_note(f"replay: TN_MIRROR_SEEDS={seed}")
            raise
    if not GIVEN:
        assert met.keys() >= FAULTS, FAULTS - met.keys()


@pytest.mark.postgresql
def test_whatever_happens_on_postgresql_too() -> None:
    seeds = GIVEN or [FIRST + 7 * place for place in range(soak(full=200, short=12))]
    with fresh_database(shared_server()) as url:
        database = Database(url)
        try:
            schema.upgrade(database)
            for seed in seeds:
                try:
                    play(database, seed)
                except Exception as error:
                    error.add_note(f"replay: TN_MIRROR_SEEDS={seed}")
                    raise
        finally:
            database.close()
