"""A whole node as a child process, and the load generator in another."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deliveries import enrol_meters
from measuring import Bench, child, output_of
from support.node_process import LOG, NodeProcess, get, make_home

from trace_node.metering.records.wire import MEDIA_TYPE

DELIVERIES = f"/ingest/v1/{LOG}/deliveries"
SEAL_S, ANCHOR_S = 10, 60  # the defaults


@contextmanager
def running_node(home: Path) -> Iterator[NodeProcess]:
    """``trace-node up`` over ``home``."""
    with NodeProcess(home) as node:
        node.ready()
        yield node
        node.stop()


def new_home(bench: Bench, *, more: str = "") -> Path:
    """A home with the intervals that are the default, and the meters of the load."""
    seal, anchor = bench.amount(SEAL_S, 1), bench.amount(ANCHOR_S, 1)
    home = make_home(bench.new_folder("node") / "home", seal=seal, anchor=anchor, more=more)
    if "interop" not in more:
        enrol_meters(home)
    return home


def post_files(
    node: NodeProcess, files: list[Path], *, items: int, connections: int
) -> dict[str, float]:
    """Let another process post deliveries of ``items`` readings; see ``support.http_load``."""
    options = ["--folder", files[0].parent, "--items", items, "--connections", connections]
    return _loaded(node.url + DELIVERIES, *options, "--media-type", MEDIA_TYPE)


def post_random(url: str, *, count: int, connections: int) -> dict[str, float]:
    """Let another process post random entries of 200 bytes, one each request."""
    return _loaded(url, "--count", count, "--connections", connections)


def _loaded(*arguments: object) -> dict[str, float]:
    figures: dict[str, float] = json.loads(output_of(child("support.http_load", *arguments)))
    return figures


def lag(node: NodeProcess) -> int:
    """Entries that the projections of the node have not seen."""
    seen = metric(node, 'tracenode_projection_lag_entries{projection="readings"}')
    return committed(node) if seen is None else seen


def committed(node: NodeProcess) -> int:
    """Number of leaves."""
    return metric(node, 'tracenode_log_size{state="received"}') or 0


def metric(node: NodeProcess, name: str) -> int | None:
    """A figure of the node; None while it shows none of that name."""
    for line in get(f"{node.url}/metrics").decode().splitlines():
        if line.startswith(name):
            return int(float(line.rpartition(" ")[2]))
    return None


def wait_until(condition: Callable[[], bool], *, seconds: float) -> float:
    """Seconds until ``condition`` holds."""
    began = time.perf_counter()
    while not condition():
        if time.perf_counter() - began > seconds:
            raise RuntimeError(f"not within {seconds} s")
        time.sleep(0.05)
    return time.perf_counter() - began
