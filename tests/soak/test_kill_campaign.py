"""``kill -9`` of node, embedded chain and collector under load, again and again."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.audit import require_fsck_clean
from support.campaign import chance
from support.kill_field import Field
from support.soak_size import soak

ROUNDS = soak(full=100, short=6)
FSCK_EACH = soak(full=10, short=3)  # rounds; the audit of each round shares no code with it
ANCHOR_EACH = 3  # rounds that wait for an anchor; the others are as short as they can be
LONGEST_WAIT_S = 1.0
LONGEST_START_S = 2.5


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    with ExitStack() as stack:
        made = Field(tmp_path, stack)
        yield made
        for client in made.clients:
            client.end()


def kill_all(field: Field, dice: random.Random) -> None:
    """Kill collector and node in some order at some moment; at times the chain before, and at times
    either of them again while it starts.
    """
    if dice.random() < 0.3:
        field.kill_chain_at_work()
        if dice.random() < 0.5:
            field.await_anchor()  # on the chain that the node has started again
    kill_node = field.kill_node_in_delivery if dice.random() < 0.5 else field.node.kill
    kills = [kill_node, field.collector.kill]
    dice.shuffle(kills)
    for kill in kills:
        time.sleep(dice.uniform(0, LONGEST_WAIT_S))
        kill()
    field.look_into_spool()
    if dice.random() < 0.2:
        field.kill_starting_node(dice.uniform(0, LONGEST_START_S))
    if dice.random() < 0.2:
        field.kill_starting_collector(dice.uniform(0, LONGEST_START_S))
        field.look_into_spool()


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_killed_again_and_again_nothing_acknowledged_is_lost(field: Field) -> None:
    dice = chance()
    began = time.monotonic()
    for number in range(1, ROUNDS + 1):
        field.await_load()
        if number % ANCHOR_EACH == 0:
            field.await_anchor()
        kill_all(field, dice)
        field.start()
        with field.resting():
            field.check()
            if number % FSCK_EACH == 0:
                require_fsck_clean(field.home)
        told = f"round {number}: {len(field.known.leaves)} acknowledged, {field.node.size()} leaves"
        print(f"{told}, {time.monotonic() - began:.0f} s")  # noqa: T201
    field.finish()
    heads = field.require_one_lineage()
    assert len(heads) >= ROUNDS // ANCHOR_EACH
    field.require_only_boots_found()
    field.node.stop()
    require_fsck_clean(field.home)
