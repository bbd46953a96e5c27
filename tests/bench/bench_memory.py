"""Memory of the node's process at a million leaves."""

from measuring import Bench, Figure

CEILING_MIB = 300


def run(bench: Bench) -> list[Figure]:
    """One run: the log is what takes the time."""
    log = bench.big_log
    note = f"{log.size:,} leaves, VmRSS; the embedded chain is a process of its own"
    return [
        Figure(
            name="node at the last acknowledgement",
            unit="MiB",
            runs=[log.loaded_mib],
            at_most=CEILING_MIB,
            note=note,
        ),
        Figure(
            name="node with everything projected, sealed, anchored",
            unit="MiB",
            runs=[log.settled_mib],
            at_most=CEILING_MIB,
        ),
        Figure(name="its highest until then", unit="MiB", runs=[log.peak_mib], at_most=CEILING_MIB),
        Figure(
            name="node started anew, after a thousand proofs",
            unit="MiB",
            runs=[log.again_mib],
            at_most=CEILING_MIB,
        ),
    ]
