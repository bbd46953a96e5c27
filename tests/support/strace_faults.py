"""Faults at exact system calls: strace makes the N-th call of a kind fail, or kills there.

The calls of a clean run are counted; then the same job runs again and again, each time with a fault
at another of them (the idea of tessera's ``fault_test.go``).
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.collector_setup import ROOT
from support.node_process import environment
from support.write_order import ANSWER

CALLS = (
    *("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "sync_file_range"),
    *("openat", "creat", "ftruncate", "fallocate", "mkdir", "mkdirat"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat"),
)
CALL = re.compile(r"^(\d+) +(\w+)\((.*)")
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")
JOB_S = 60


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """What happens at one system call.

    Attributes:
        call: Its name.
        number: Which call of that name, from 1, in each thread.
        action: As strace writes it: ``error=EIO`` or ``signal=KILL``.
    """

    call: str
    number: int
    action: str

    def __str__(self) -> str:
        return f"{self.call}:{self.action}:when={self.number}"


@dataclass(kw_only=True)
class Outcome:
    """What a job said and how it ended; negative for a signal."""

    said: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int = 0

    def all(self, name: str) -> list[dict[str, Any]]:
        """Everything said under that name."""
        return [said for said in self.said if name in said]


def require_strace() -> None:
    """Skip where strace is not installed or may not trace."""
    if shutil.which("strace") is None:
        pytest.skip("no strace: install it from the distribution")
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.decode(errors='replace')[-200:]}")


class Worker:
    """The process that forks a child for each job; see ``tests/soak/fault_worker.py``."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire

    def run(self, job: str, folder: Path) -> Outcome:
        """Do a job without a tracer."""
        outcome = Outcome()
        self._begin(job, folder, traced=False)
        self._listen(outcome)
        return outcome

    def places(self, job: str, folder: Path, trace: Path) -> dict[str, set[int]]:
        """Which calls of each kind a clean run makes, numbered in each thread from 1.

        Of ``openat`` only those that may write count.
        """
        outcome = self.traced(job, folder, trace)
        assert outcome.exit_code == 0, outcome
        numbers: Counter[tuple[str, str]] = Counter()
        found: defaultdict[str, set[int]] = defaultdict(set)
        for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
            if not (call := CALL.match(line)):
                continue
            thread, name, given = call.groups()
            if name == ANSWER:
                continue
            numbers[thread, name] += 1
            if name != "openat" or WRITING.search(given):
                found[name].add(numbers[thread, name])
        return dict(found)

    def traced(self, job: str, folder: Path, trace: Path, fault: Fault | None = None) -> Outcome:
        """Do a job under strace, with a fault if one is given."""
        outcome = Outcome()
        self._begin(job, folder, traced=True)
        child = self._listen(outcome)
        if child is None:  # it ended before it came to what is traced
            return outcome
        with _attached(child, trace, fault):
            os.kill(child, signal.SIGCONT)
            self._listen(outcome)
        return outcome

    def _begin(self, job: str, folder: Path, *, traced: bool) -> None:
        self._wire.send(json.dumps({"job": job, "folder": str(folder), "traced": traced}).encode())

    def _listen(self, outcome: Outcome) -> int | None:
        """Take in what is said until the child stops itself (its id) or ends."""
        while True:
            said = json.loads(self._wire.recv(1 << 20))
            if "stopped" in said:
                return said["stopped"]
            if "ended" in said:
                outcome.exit_code = said["ended"]
                return None
            outcome.said.append(said)


@contextmanager
def worker(home: Path) -> Iterator[Worker]:
    """A worker over copies of ``home``."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(JOB_S)
    script = ROOT / "tests" / "soak" / "fault_worker.py"
    path = os.pathsep.join([str(ROOT / "tests"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, str(script), str(theirs.fileno()), str(home)],
        pass_fds=[theirs.fileno()],
        env=environment(PYTHONPATH=path),
    )
    theirs.close()
    try:
        yield Worker(ours)
    finally:
        ours.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _attached(child: int, trace: Path, fault: Fault | None) -> Iterator[None]:
    known = ",".join(f"?{call}" for call in (*CALLS, ANSWER))  # ?: not every machine has each
    command = ["strace", "-f", "-y", "-p", str(child), "-o", str(trace), "-e", f"trace={known}"]
    if fault is not None:
        command += ["-e", f"inject={fault}"]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    assert "attached" in line, line
    try:
        yield
        deadline = time.monotonic() + JOB_S
        while tracer.poll() is None:
            assert time.monotonic() < deadline, "the tracer did not end"
            time.sleep(0.002)
    finally:
        if tracer.poll() is None:
            tracer.kill()
            tracer.wait()
        tracer.stderr.close()
