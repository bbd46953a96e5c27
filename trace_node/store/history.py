"""The log as anchoring sees it; see ``trace_node.ports.anchoring.LogHistory``."""

from collections.abc import Sequence

from trace_node.ports.entries import StoredCheckpoint
from trace_node.store.log_reader import SqlLogReader
from trace_node.tlog import proof
from trace_node.tlog.anchor import AnchoredHead


class SqlLogHistory:
    """Heads, roots and consistency proofs of the node's own log."""

    def __init__(self, reader: SqlLogReader) -> None:
        self._reader = reader

    def head(self) -> AnchoredHead:
        """Size and root of everything committed."""
        state = self._reader.state()
        return AnchoredHead(size=state.size, root=state.root)

    def root_at(self, size: int) -> bytes:
        """The root when the log had ``size`` leaves, 0 to the present size."""
        return proof.root(size=size, reader=self._reader.subtrees())

    def consistency(self, *, old_size: int, new_size: int) -> Sequence[bytes]:
        """The RFC 9162 consistency proof between two sizes, 1 or more; empty for equal sizes."""
        return proof.consistency(size1=old_size, size2=new_size, reader=self._reader.subtrees())

    def checkpoint(self) -> StoredCheckpoint | None:
        """The newest signed checkpoint; None before the first."""
        return self._reader.checkpoint()
