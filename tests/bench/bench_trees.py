"""Merkle trees side by side: the same leaves, the same hash, the same machine, one run."""

import json
from typing import Any

from measuring import Bench, Figure, child, output_of
from tree_contestants import CONTESTANTS, LEAF_BYTES

QUANTITIES = {
    "leaves_per_second": ("build, leaf hashes included", "leaves/s"),
    "memory_mib": ("memory it takes", "MiB"),
    "proofs_per_second": ("inclusion proofs", "per s"),
    "verified_per_second": ("verification", "per s"),
}


def run(bench: Bench) -> list[Figure]:
    """Take turns, so that a busy moment of the machine does not hit one of them alone."""
    size = bench.amount(200_000, 500)
    rounds: list[dict[str, Any]] = []
    for _ in range(bench.times):
        found = {
            name: json.loads(output_of(child("tree_contestants", name, size)))
            for name in CONTESTANTS
        }
        roots = {figures["root"] for figures in found.values()}
        if len(roots) > 1:
            raise RuntimeError(f"the trees have different roots: {roots}")
        rounds.append(found)
    return [
        Figure(
            name=f"{what}: {name}",
            unit=unit,
            runs=[found[name][key] for found in rounds],
            note=f"{size:,} leaves of {LEAF_BYTES} bytes, SM3",
        )
        for key, (what, unit) in QUANTITIES.items()
        for name in CONTESTANTS
    ]
