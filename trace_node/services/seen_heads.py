"""Does the log have the anchored heads that collectors saw? One that does not was rolled back."""

import threading
from collections.abc import Callable

from trace_node.ids import Origin
from trace_node.metering.records.context import SeenHead
from trace_node.ports.anchoring import LogHistory
from trace_node.services.ingest_errors import DeliveryError
from trace_node.tlog.anchor import AnchoredHead

MOST_REMEMBERED = 4096

IsAnchored = Callable[[AnchoredHead], bool | None]
"""Asks the chain whether it holds or held this head of the log; None when it cannot be asked."""


class SeenHeads:
    """Compares heads with the log's own history; safe to share between threads.

    Args:
        origin: Origin of the log; heads of other logs say nothing about it.
        history: The log's history.
        is_anchored: Asks the chain about a head the log lacks, so that a collector that made one up
            cannot stop the node; None where no chain can be asked.
    """

    def __init__(
        self, *, origin: Origin, history: LogHistory, is_anchored: IsAnchored | None = None
    ) -> None:
        self._origin = origin
        self._history = history
        self._is_anchored = is_anchored
        self._lock = threading.Lock()
        self._fitting: set[tuple[int, bytes]] = set()

    def lost(self, head: SeenHead | None) -> int | None:
        """The size of ``head`` if it is of this log and the log lacks it; None if all is well.

        Raises:
            DeliveryError: The log lacks it and the chain never held it: the collector made it up.
        """
        if head is None or head.origin != self._origin:
            return None
        key = (head.size, head.root)
        with self._lock:
            if key in self._fitting:
                return None
        if self._fits(head):
            with self._lock:
                if len(self._fitting) >= MOST_REMEMBERED:
                    self._fitting.clear()
                self._fitting.add(key)
            return None
        asked = self._is_anchored
        if asked is not None and asked(AnchoredHead(size=head.size, root=head.root)) is False:
            raise DeliveryError(
                "{field}: this log was never anchored at {size} leaves with that root",
                field="head",
                size=head.size,
                remedy="let the collector read the head from the chain of this log",
                code="ingest.head_unknown",
            )
        return head.size

    def _fits(self, head: SeenHead) -> bool:
        return (
            head.size <= self._history.head().size and self._history.root_at(head.size) == head.root
        )
