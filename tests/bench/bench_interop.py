"""Single opaque entries over HTTP: one entry of 200 bytes each request, answered after its commit."""

from measuring import Bench, Figure
from nodes import new_home, post_random, running_node
from support.node_process import LOG

PATH = f"/interop/v1/{LOG}/add"
RATE_FLOOR = 10_000
P50_CEILING_MS = 5
AMOUNTS = {1: 4_000, 8: 20_000, 64: 60_000, 256: 60_000}
FEW = 8  # connections up to which the latency has a ceiling


def run(bench: Bench) -> list[Figure]:
    """Measure a whole node of the interop profile, with its default intervals."""
    home = new_home(bench, more="interop = true\n")
    figures: list[Figure] = []
    with running_node(home) as node:
        url = node.url + PATH
        post_random(url, count=bench.amount(5_000, 50), connections=FEW)  # warms it up
        for connections, full in AMOUNTS.items():
            loads = [
                post_random(url, count=bench.amount(full, 4 * connections), connections=connections)
                for _ in range(bench.times)
            ]
            figures += _figures(connections, loads)
    return figures


def _figures(connections: int, loads: list[dict[str, float]]) -> list[Figure]:
    name = f"opaque adds, {connections} connection{'s' if connections > 1 else ''}"
    return [
        Figure(
            name=name,
            unit="entries/s",
            runs=[load["requests_per_second"] for load in loads],
            at_least=RATE_FLOOR if connections > FEW else None,
            note="200 bytes each, SQLite FULL, client in another process",
        ),
        Figure(
            name=f"{name}: p50",
            unit="ms",
            runs=[load["p50_ms"] for load in loads],
            at_most=P50_CEILING_MS if connections <= FEW else None,
        ),
        Figure(name=f"{name}: p99", unit="ms", runs=[load["p99_ms"] for load in loads]),
    ]
