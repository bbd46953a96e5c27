"""``trace-node fsck`` over the big log: everything is recomputed from the bodies of the records."""

import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass

from big_log import COUNT
from measuring import Bench, Figure, memory_mib
from support.forked_command import COMMAND
from support.node_process import environment

CEILING_S = 60


def run(bench: Bench) -> list[Figure]:
    """Run the command, each time in a new process; a log that is not sound is an error."""
    log = bench.big_log
    runs = [_fsck(log.home) for _ in range(bench.times)]
    derived = _fsck(log.home, "--derived")
    note = f"{log.size:,} leaves, {COUNT} readings a delivery; archive, signatures and chain too"
    return [
        Figure(
            name="fsck, whole process",
            unit="s",
            runs=[run.seconds for run in runs],
            at_most=CEILING_S,
            note=note,
        ),
        Figure(
            name="processor time of it and its helpers", unit="s", runs=[run.cpu for run in runs]
        ),
        Figure(
            name="memory it takes at most, without its helpers",
            unit="MiB",
            runs=[run.memory for run in runs],
        ),
        Figure(name="leaves checked", unit="per s", runs=[log.size / run.seconds for run in runs]),
        Figure(name="the same with --derived", unit="s", runs=[derived.seconds]),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run: seconds on the clock and of the processors, and the highest memory in MiB."""

    seconds: float
    cpu: float
    memory: float


def _fsck(home: object, *options: str) -> _Run:
    began = time.perf_counter()
    process = subprocess.Popen(
        [COMMAND, "fsck", "--home", str(home), *options],
        stdout=subprocess.DEVNULL,
        env=environment(),
    )
    memory, pid = 0.0, 0
    while not pid:
        # Not ru_maxrss: it begins with what the process that made it had.
        with suppress(StopIteration):  # it has just ended
            memory = max(memory, memory_mib(process.pid, "VmHWM"))
        time.sleep(0.05)
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("fsck does not find the log sound")
    return _Run(seconds=seconds, cpu=usage.ru_utime + usage.ru_stime, memory=memory)
