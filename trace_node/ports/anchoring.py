"""What anchoring needs from the node's own store, and the states it exposes.

The chain's side of the same verb is in ``trace_node.ports.chain``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trace_node.ports.entries import StoredCheckpoint
from trace_node.tlog.anchor import Anchor, AnchoredHead


class AnchorState(StrEnum):
    """How far an entry, or the checkpoint that covers it, has come (锚定状态).

    The order is that of the journey; ``REORGED`` leads back to ``RESUBMITTED``, which stands where
    ``SUBMITTED`` stands.

    Attributes:
        RECEIVED: Committed in the node's own database: what a 2xx promises.
        DURABLE: Also in the archive, the second place.
        CHECKPOINTED: Covered by a signed checkpoint.
        SUBMITTED: A transaction that anchors a checkpoint covering it was stored and sent.
        MINED: That transaction is in a block of the canonical chain.
        FINAL: That block is as deep as the engine's profile demands.
        REORGED: It was mined, and the block is no longer part of the chain.
        RESUBMITTED: It was reorged, and its transaction was sent again.
    """

    RECEIVED = "received"
    DURABLE = "durable"
    CHECKPOINTED = "checkpointed"
    SUBMITTED = "submitted"
    MINED = "mined"
    FINAL = "final"
    REORGED = "reorged"
    RESUBMITTED = "resubmitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorProgress:
    """How far one log has come, as sizes: entries below a size have reached its state.

    Attributes:
        received: Entries committed in the database.
        durable: Entries that are in the archive too.
        checkpointed: Size of the newest signed checkpoint.
        submitted: Size of the newest checkpoint whose anchoring was sent.
        mined: Size of the newest checkpoint whose anchor is in a block.
        final: Size of the newest checkpoint whose anchor is final.
        reorged_from: Size that was mined before a reorganisation and is not mined now; 0 if none.
    """

    received: int
    durable: int
    checkpointed: int
    submitted: int
    mined: int
    final: int
    reorged_from: int = 0

    def state_of(self, index: int) -> AnchorState | None:
        """The state of the entry at ``index``; ``None`` when the log holds no such entry.

        Args:
            index: Leaf index, 0 or more.
        """
        reached = None
        for state, size in (
            (AnchorState.RECEIVED, self.received),
            (AnchorState.DURABLE, self.durable),
            (AnchorState.CHECKPOINTED, self.checkpointed),
            (AnchorState.SUBMITTED, self.submitted),
            (AnchorState.MINED, self.mined),
            (AnchorState.FINAL, self.final),
        ):
            if index < size:
                reached = state
        if self.mined <= index < self.reorged_from:
            sent_again = reached is AnchorState.SUBMITTED
            return AnchorState.RESUBMITTED if sent_again else AnchorState.REORGED
        return reached


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRequest:
    """A signed checkpoint that waits to be anchored; its row was written with the checkpoint.

    Attributes:
        size: Number of leaves, at least 1.
        root: 32-byte root.
        checkpoint: The signed note, verbatim.
        state: How far it has come.
    """

    size: int
    root: bytes
    checkpoint: bytes
    state: AnchorState


class AnchorRequests(Protocol):
    """The node's rows of checkpoints to be anchored, one log's (outbox of the core).

    Every method is one transaction. Anchors are cumulative: an anchor of a size covers every
    request of that size or less, so only the newest request is ever sent.
    """

    def pending(self) -> AnchorRequest | None:
        """The newest request that is neither mined nor final; ``None`` when there is none."""

    def newest(self) -> Anchor | None:
        """The recorded anchor with the largest head, mined or final; ``None`` before the first."""

    def unsettled(self) -> Sequence[Anchor]:
        """Recorded anchors that are mined and not yet final, smallest head first."""

    def mark(self, *, size: int, state: AnchorState, anchor: Anchor | None = None) -> None:
        """Record how far the requests of at most ``size`` have come; repeating it changes nothing.

        ``SUBMITTED`` and ``RESUBMITTED`` touch requests that are not mined; one that has lost its
        block becomes ``RESUBMITTED`` by either. ``MINED`` and ``FINAL`` give ``anchor`` to every
        request of at most ``size`` that has none, and the state to every request that carries this
        anchor; ``MINED`` leaves a final anchor final. ``REORGED`` takes the anchor away from the
        requests that carry it and makes them pending again.

        Args:
            size: Size of the checkpoint the state was seen for.
            state: ``SUBMITTED``, ``MINED``, ``FINAL``, ``REORGED`` or ``RESUBMITTED``.
            anchor: Required for ``MINED``, ``FINAL`` and ``REORGED``.
        """


class LogHistory(Protocol):
    """The node's own log, as far as anchoring has to know it."""

    def head(self) -> AnchoredHead:
        """Size and root of everything committed."""

    def root_at(self, size: int) -> bytes:
        """The root when the log had ``size`` leaves, 0 to the present size."""

    def consistency(self, *, old_size: int, new_size: int) -> Sequence[bytes]:
        """The RFC 9162 consistency proof between two sizes, 1 or more; empty for equal sizes."""

    def checkpoint(self) -> StoredCheckpoint | None:
        """The newest signed checkpoint; ``None`` before the first."""


class EvidenceSink(Protocol):
    """Where evidence of a contradiction is kept before the node stops."""

    def save(self, name: str, content: bytes) -> str:
        """Write ``content`` durably under ``name`` and return where, for the message.

        Saving the same content again under the same name changes nothing; nothing is overwritten.
        """
