"""``trace-node fsck`` over the big log: everything is recomputed from the bodies of the records."""

import os
import subprocess
import time

from big_log import COUNT
from measuring import KIB, Bench, Figure
from support.node_process import COMMAND, environment

CEILING_S = 60


def run(bench: Bench) -> list[Figure]:
    """Run the command, each time in a new process; a log that is not sound is an error."""
    log = bench.big_log
    runs = [_fsck(log.home) for _ in range(bench.times)]
    note = f"{log.size:,} leaves, {COUNT} readings a delivery; archive, signatures and chain too"
    return [
        Figure(
            name="fsck, whole process",
            unit="s",
            runs=[seconds for seconds, _ in runs],
            at_most=CEILING_S,
            note=note,
        ),
        Figure(name="memory it takes at most", unit="MiB", runs=[memory for _, memory in runs]),
        Figure(
            name="leaves checked", unit="per s", runs=[log.size / seconds for seconds, _ in runs]
        ),
    ]


def _fsck(home: object) -> tuple[float, float]:
    """Seconds, and the highest memory in MiB."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [COMMAND, "fsck", "--home", str(home)], stdout=subprocess.DEVNULL, env=environment()
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("fsck does not find the log sound")
    return seconds, usage.ru_maxrss / KIB
