"""Witnesses for tests: racing processes."""

from pathlib import Path
from typing import Any

from trace_node.ids import Origin
from trace_node.store.witness_file import WitnessFile
from trace_node.tlog.witness_state import WitnessedHead

RACED = Origin("trace-node.test/plant/sm3")


def race_for_growth(path: Path, text: str, rounds: int, gate: Any, wins: Any) -> None:
    """In a process of its own: try to let the record grow by one, and report how often it did."""
    file = WitnessFile(path)
    gate.wait()
    won = 0
    for _ in range(rounds):
        seen = file.head(RACED)
        size = 1 if seen is None else seen.size + 1
        new = WitnessedHead(size=size, root=text.encode() * 32, checkpoint=text.encode())
        won += file.compare_and_set(RACED, expected=seen, new=new)
    file.close()
    wins.put(won)
