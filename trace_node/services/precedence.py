"""Deliveries go before projections: while some are in hand, what follows the log rests.

Both share one interpreter. What is derived can be derived later; a collector waits for its answer
(docs/decisions/0014-ingest-before-projections.md).
"""

import threading
import time
from typing import Final

QUIET_S: Final = 0.005  # a sender that waits for each answer sends again sooner than that


class Precedence:
    """Counts the deliveries in hand: those being checked, and those that wait for their commit.

    Safe to share between threads. Bodies that are still on their way do not count, so a slow sender
    holds nobody up.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._in_hand = 0
        self._quiet_at = 0.0
        self._released = False

    @property
    def in_hand(self) -> int:
        """How many deliveries are in hand."""
        return self._in_hand

    def enter(self) -> None:
        """A delivery has come."""
        with self._changed:
            self._in_hand += 1

    def leave(self) -> None:
        """A delivery that had come is committed, or refused."""
        with self._changed:
            self._in_hand -= 1
            if not self._in_hand:
                self._quiet_at = time.monotonic() + QUIET_S
                self._changed.notify_all()

    def give_way(self, *, until: float) -> None:
        """Wait while deliveries are in hand, or were a moment ago, but no longer than to ``until``.

        Args:
            until: Seconds of ``time.monotonic``.
        """
        with self._changed:
            while not self._released:
                now = time.monotonic()
                end = until if self._in_hand else min(until, self._quiet_at)
                if end <= now:
                    return
                self._changed.wait(end - now)

    def release(self) -> None:
        """Let whoever waits go on, now and from now on: the node is closing down."""
        with self._changed:
            self._released = True
            self._changed.notify_all()
