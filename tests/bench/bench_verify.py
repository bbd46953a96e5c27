"""``trace-node verify`` of one proof bundle by a process that has just started."""

import subprocess
import time

from big_log import BigLog
from measuring import Bench, Figure, percentile
from support.forked_command import COMMAND
from support.node_process import environment

CEILING_MS = 300
PENDING = 3  # signed: passed; anchored: not done, because no chain was asked


def run(bench: Bench) -> list[Figure]:
    """Whole processes, one after the other, beside one that only starts the interpreter."""
    log, amount = bench.big_log, bench.amount(20, 2)
    whole = [_p50(_command(log), amount, PENDING) for _ in range(bench.times)]
    bare = [
        _p50([COMMAND.replace("trace-node", "python"), "-c", ""], amount, 0)
        for _ in range(bench.times)
    ]
    note = (
        f"{log.proof.stat().st_size:,} bytes, log of {log.size:,} leaves, {amount} processes a run"
    )
    return [
        Figure(
            name="verify a bundle offline, whole process",
            unit="ms (p50)",
            runs=whole,
            at_most=CEILING_MS,
            note=note,
        ),
        Figure(name="start and end of an empty Python, beside it", unit="ms (p50)", runs=bare),
    ]


def _command(log: BigLog) -> list[str]:
    return [
        *(COMMAND, "verify", str(log.proof)),
        *("--trust-root", str(log.trust_root), "--offline"),
    ]


def _p50(command: list[str], amount: int, code: int) -> float:
    """Median time of a process, in milliseconds."""
    took = []
    for _ in range(amount):
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False, env=environment())
        took.append((time.perf_counter() - began) * 1000)
        if done.returncode != code:
            raise RuntimeError(f"exit code {done.returncode}: {done.stdout!r} {done.stderr!r}")
    return percentile(took, 50)
