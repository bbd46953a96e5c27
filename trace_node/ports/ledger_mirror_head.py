"""How far the mirror has come, and what stops orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trace_node.ports.ledger import BlockMark
from trace_node.quota.ledger.kinds import Book


class StopCause(StrEnum):
    """Why no order may be sent on the word of this mirror.

    Attributes:
        DIFFERENCE: A reconciliation found that mirror and contracts differ.
        DEEP_REORG: The chain was put back deeper than can be taken back; the mirror stands still.
        REBUILD: The mirror is built anew and is not level yet.
    """

    DIFFERENCE = "difference"
    DEEP_REORG = "deep_reorg"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why and since when orders are stopped.

    Attributes:
        cause: What happened.
        detail: In words, in English.
        evidence: Path of the evidence file; empty when none was needed.
        block: Height at which it was found.
        since_ms: Milliseconds since the epoch.
    """

    cause: StopCause
    detail: str
    evidence: str
    block: int
    since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """When the mirror was last found equal to the contracts.

    Attributes:
        block: The block at which both were compared.
        at_ms: Milliseconds since the epoch.
    """

    block: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorHead:
    """How far the mirror has come (镜像高度).

    Attributes:
        revision: Counts every change of this row; what compare-and-swap compares.
        cursor: The follower's cursor.
        tip: Newest block applied; its number is one below the ledger's first block at the start.
        waiting: A tip that is not final yet, or was when it was last looked at.
        settled: A final block whose state can be told: the newest known; ``None`` before the first.
        height: Newest block of the endpoint when it was last asked.
        final: Newest final block then; less than 0 when none was.
        counts: Events applied of each contract.
        history: 32-byte digest over all events applied, in order.
        level_ms: When the mirror was last level with the endpoint, milliseconds since the epoch; 0
            for never.
        reconciled: The last reconciliation without a difference.
    """

    revision: int
    cursor: bytes
    tip: BlockMark
    waiting: BlockMark
    settled: BlockMark | None
    height: int
    final: int
    counts: Mapping[Book, int] = field(default_factory=dict)
    history: bytes = bytes(32)
    level_ms: int = 0
    reconciled: Reconciled | None = None

    @property
    def lag(self) -> int:
        """Blocks of the endpoint that are not applied yet, as far as is known."""
        return max(self.height - self.tip.number, 0)
