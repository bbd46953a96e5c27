"""A chain that answers later than the node starts."""

import threading
from collections.abc import Callable, Sequence

from trace_node.ports.chain import AnchorPresence, AnchorRegistry, AnchorSubmission
from trace_node.tlog.anchor import Anchor, AnchoredHead


class LateRegistry:
    """An ``AnchorRegistry`` that connects when it is asked, again and again until that succeeds.

    Args:
        connect: Gives the registry; raises ``UnavailableError`` while the chain does not answer.
    """

    def __init__(self, connect: Callable[[], AnchorRegistry]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._found: AnchorRegistry | None = None

    def head(self, log_id: bytes) -> AnchoredHead | None:
        """See ``AnchorRegistry``."""
        return self._registry().head(log_id)

    def anchored_at(self, log_id: bytes, size: int) -> Anchor | None:
        """See ``AnchorRegistry``."""
        return self._registry().anchored_at(log_id, size)

    def presence(self, anchor: Anchor) -> AnchorPresence:
        """See ``AnchorRegistry``."""
        return self._registry().presence(anchor)

    def submit(
        self, log_id: bytes, *, previous: AnchoredHead, head: AnchoredHead, proof: Sequence[bytes]
    ) -> AnchorSubmission:
        """See ``AnchorRegistry``."""
        return self._registry().submit(log_id, previous=previous, head=head, proof=proof)

    def settle(self, log_id: bytes) -> Sequence[AnchorSubmission]:
        """See ``AnchorRegistry``."""
        return self._registry().settle(log_id)

    def _registry(self) -> AnchorRegistry:
        with self._lock:
            if self._found is None:
                self._found = self._connect()
            return self._found
