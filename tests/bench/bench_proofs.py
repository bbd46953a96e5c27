"""Inclusion proofs from the hash tiles in SQLite, and their verification."""

import random
import time
from collections.abc import Sequence

from big_log import BigLog
from measuring import Bench, Figure
from support.node_process import ORIGIN

from trace_node.ids import Origin
from trace_node.ports.entries import LogIdentity
from trace_node.ports.log_reader import LogReader
from trace_node.store.sql_store import open_store
from trace_node.tlog import proof
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tiles import TILE_WIDTH
from trace_node.tlog.verify import verify_inclusion

PROOF_FLOOR = 3_000
VERIFY_FLOOR = 50_000
SEED = 20_261_121
IDENTITY = LogIdentity(origin=Origin(ORIGIN), hash_name="sm3", profile="collectors")

Proof = tuple[int, list[bytes]]


def run(bench: Bench) -> list[Figure]:
    """Random leaves of the whole log: each in a tile that was not read yet, then any."""
    log = bench.big_log
    cold, warm, verified = [], [], []
    for number in range(bench.times):
        store = open_store(log.database, identity=IDENTITY)
        try:
            reader = store.reader()
            made = reader.checkpoint()
            assert made is not None
            chance = random.Random(SEED + number)
            tiles = chance.sample(
                range(made.size // TILE_WIDTH), min(2_000, made.size // TILE_WIDTH)
            )
            first = [tile * TILE_WIDTH + chance.randrange(TILE_WIDTH) for tile in tiles]
            cold.append(_prove(reader, first, made.size)[1])
            indexes = [chance.randrange(made.size) for _ in range(bench.amount(20_000, 50))]
            _prove(reader, indexes, made.size)
            proofs, rate = _prove(reader, indexes, made.size)
            warm.append(rate)
            verified.append(_verify(reader, proofs, made.size, made.root))
        finally:
            store.close()
    return _figures(log, cold, warm, verified)


def _prove(reader: LogReader, indexes: Sequence[int], size: int) -> tuple[list[Proof], float]:
    """The proofs, and how many were made a second."""
    subtrees = reader.subtrees()
    began = time.perf_counter()
    proofs = [
        (index, proof.inclusion(index=index, size=size, reader=subtrees)) for index in indexes
    ]
    return proofs, len(proofs) / (time.perf_counter() - began)


def _verify(reader: LogReader, proofs: Sequence[Proof], size: int, root: bytes) -> float:
    """Proofs verified a second."""
    given = [(index, reader.leaf_hashes(index, index + 1)[0], path) for index, path in proofs]
    began = time.perf_counter()
    for index, leaf_hash, path in given:
        verify_inclusion(
            hasher=SM3, leaf_hash=leaf_hash, index=index, size=size, proof=path, root=root
        )
    return len(given) / (time.perf_counter() - began)


def _figures(
    log: BigLog, cold: list[float], warm: list[float], verified: list[float]
) -> list[Figure]:
    return [
        Figure(
            name="inclusion proofs, each from a tile not read before",
            unit="per s",
            runs=cold,
            at_least=PROOF_FLOOR,
            note=f"{log.size:,} leaves, SQLite, one thread",
        ),
        Figure(
            name="inclusion proofs of random leaves, tiles read before",
            unit="per s",
            runs=warm,
            at_least=PROOF_FLOOR,
        ),
        Figure(
            name="verification of these proofs", unit="per s", runs=verified, at_least=VERIFY_FLOOR
        ),
    ]
