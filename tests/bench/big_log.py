"""A log of a million leaves, taken in over HTTP by a whole node; several benchmarks look at it."""

import random
import time
import urllib.error
from dataclasses import dataclass
from pathlib import Path

from deliveries import prepare
from measuring import Bench, memory_mib
from nodes import committed, lag, new_home, post_files, running_node, wait_until
from support.node_process import LOG, NodeProcess, get

from api.home import Home
from api.tokens import Role, TokenFile
from trace_node.clock import SystemClock

COUNT = 100  # readings in a delivery: the smallest for which the check of the log has a ceiling
CONNECTIONS = 1  # in order, as one collector sends: what overtakes is a gap, and a signed finding
PATIENCE_S = 3_600
PROOFS = 1_000
NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class BigLog:
    """The log, and what was measured while it grew.

    Attributes:
        home: Home of the node, which is stopped.
        size: Number of leaves.
        proof: A bundle that proves one reading of it.
        loaded_mib: Memory of the node when the last delivery was acknowledged.
        settled_mib: When everything was projected, sealed and anchored.
        peak_mib: The highest until then.
        again_mib: Of a node started anew on it that has handed out a thousand proofs.
    """

    home: Path
    size: int
    proof: Path
    loaded_mib: float
    settled_mib: float
    peak_mib: float
    again_mib: float

    @property
    def database(self) -> str:
        """URL of its database."""
        return f"sqlite:///{self.home / 'node.db'}"

    @property
    def trust_root(self) -> Path:
        """The trust root to check proofs against."""
        return self.home / "trust-root.json"


def make_big_log(bench: Bench) -> BigLog:
    """Take in a million readings, in deliveries of a hundred."""
    home, began = new_home(bench), time.perf_counter()
    (files,) = prepare(bench, home, (bench.amount(10_000, 10), COUNT))
    with running_node(home) as node:
        post_files(node, files, items=COUNT, connections=CONNECTIONS)
        loaded = memory_mib(node.popen.pid)
        wait_until(lambda: not lag(node), seconds=PATIENCE_S)
        size = committed(node)
        node.wait_final(size, seconds=PATIENCE_S)
        settled, peak = memory_mib(node.popen.pid), memory_mib(node.popen.pid, "VmHWM")
    for file in files:
        file.unlink()
    proof = home / "bench.tnproof"
    with running_node(home) as node:
        token = _token(home)
        chance = random.Random(size)
        for _ in range(bench.amount(PROOFS, 3)):
            _write_proof(node, chance.randrange(size // 2, size - 1), token, proof)
        again = memory_mib(node.popen.pid)
    print(f"(a log of {size:,} leaves took {time.perf_counter() - began:.0f} s)", flush=True)
    return BigLog(
        home=home,
        size=size,
        proof=proof,
        loaded_mib=loaded,
        settled_mib=settled,
        peak_mib=peak,
        again_mib=again,
    )


def _token(home: Path) -> str:
    tokens = TokenFile(Home(home).tokens, SystemClock())
    return tokens.issue(name="bench", role=Role.VERIFIER, organisation=LOG, days=1)


def _write_proof(node: NodeProcess, index: int, token: str, path: Path) -> None:
    """Fetch the bundle of an entry, if it is a reading."""
    try:
        path.write_bytes(get(f"{node.url}/evidence/v1/bundles/{index}", token=token))
    except urllib.error.HTTPError as error:
        if error.code != NOT_FOUND:
            raise
