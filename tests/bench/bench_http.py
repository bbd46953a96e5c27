"""Signed deliveries over HTTP to a whole node, which seals, anchors and projects meanwhile."""

from collections.abc import Sequence
from pathlib import Path

from deliveries import prepare
from measuring import Bench, Figure
from nodes import lag, new_home, post_files, running_node, wait_until
from support.node_process import NodeProcess

COUNT = 1_000
FLOOR = 50_000
CONNECTIONS = 4
MANY = 64
CATCH_UP_S = 1_800

Load = dict[str, float]


def run(bench: Bench) -> list[Figure]:
    """Batches first, then single deliveries, to the same node."""
    home = new_home(bench)
    times = bench.times
    groups = prepare(
        bench,
        home,
        *[(bench.amount(100, 2), COUNT)] * times,
        *[(bench.amount(1_000, 20), 1)] * times,
        *[(bench.amount(6_000, 64), 1)] * times,
    )
    with running_node(home) as node:
        batches = [_load(node, files, COUNT, CONNECTIONS) for files in groups[:times]]
        lone = [_load(node, files, 1, 1) for files in groups[times : 2 * times]]
        many = [_load(node, files, 1, MANY) for files in groups[2 * times :]]
    return [*_of_batches(batches), *_of_singles(lone, 1), *_of_singles(many, MANY)]


def _load(node: NodeProcess, files: list[Path], items: int, connections: int) -> Load:
    """Post deliveries, and let the projections catch up, so that runs do not disturb each other."""
    figures = post_files(node, files, items=items, connections=connections)
    figures["lag"] = lag(node)
    figures["caught_up"] = wait_until(lambda: not lag(node), seconds=CATCH_UP_S)
    return figures


def _of_batches(loads: Sequence[Load]) -> list[Figure]:
    return [
        Figure(
            name="batch ingest over HTTP",
            unit="readings/s",
            runs=[load["items_per_second"] for load in loads],
            at_least=FLOOR,
            note=f"deliveries of {COUNT}, {CONNECTIONS} connections, client in another process",
        ),
        Figure(name="one such delivery", unit="ms (p50)", runs=[load["p50_ms"] for load in loads]),
        Figure(
            name="lag of the projections at the last answer",
            unit="entries",
            runs=[load["lag"] for load in loads],
        ),
        Figure(
            name="until they have caught up", unit="s", runs=[load["caught_up"] for load in loads]
        ),
    ]


def _of_singles(loads: Sequence[Load], connections: int) -> list[Figure]:
    plural = "s" if connections > 1 else ""
    note = (
        f"{connections} connection{plural}; each is an SM2 verification, a signature and 3 leaves"
    )
    return [
        Figure(
            name=f"signed single deliveries, {connections} connection{plural}",
            unit="per s",
            runs=[load["requests_per_second"] for load in loads],
            note=note,
        ),
        *(
            Figure(
                name=f"one of them, {connections} connection{plural}",
                unit=f"ms ({name})",
                runs=[load[f"{name}_ms"] for load in loads],
            )
            for name in ("p50", "p99")
        ),
    ]
