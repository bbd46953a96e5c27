"""Verbs that are repeated in the background of a node."""

import logging
import threading
from collections.abc import Callable

from trace_node.errors import StateError, TraceNodeError

logger = logging.getLogger(__name__)


class Periodic:
    """Repeats one verb in a thread of its own, at an interval or when it is woken.

    What the verb raises is logged and kept as ``note``; the next round goes on. A ``StateError``
    ends the rounds: going on could lose or fork data, so ``on_end`` stops what else would.

    Args:
        name: For the thread and the log.
        verb: What is repeated.
        interval: Seconds between the end of one round and the start of the next.
        on_end: Called with the ``StateError`` that ended the rounds.
        on_stop: Called before ``stop`` waits; makes a long round end early.
    """

    def __init__(
        self,
        *,
        name: str,
        verb: Callable[[], object],
        interval: int,
        on_end: Callable[[StateError], None] | None = None,
        on_stop: Callable[[], object] = bool,
    ) -> None:
        self.name = name
        self._verb = verb
        self._on_end = on_end
        self._on_stop = on_stop
        self._interval = interval
        self._woken = threading.Event()
        self._ending = False
        self._note = ""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def note(self) -> str:
        """What the last round met with; empty when it succeeded."""
        return self._note

    def start(self) -> None:
        """Begin with a first round at once."""
        self._thread.start()

    def wake(self) -> None:
        """Ask for a round now."""
        self._woken.set()

    def stop(self) -> None:
        """End after the present round and wait for that."""
        self._ending = True
        self._on_stop()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ending:
            if not self._round():
                return
            self._woken.wait(self._interval)
            self._woken.clear()

    def _round(self) -> bool:
        """Run the verb once; False when it must not be repeated."""
        try:
            self._verb()
        except StateError as error:
            self._note = error.message
            logger.critical(
                "stopped for good",
                extra={"task": self.name, "reason": error.reason, "detail": error.message},
            )
            if self._on_end is not None:
                self._on_end(error)
            return False
        except TraceNodeError as error:
            self._note = error.message
            logger.warning(
                "round failed",
                extra={"task": self.name, "reason": error.reason, "detail": error.message},
            )
        except Exception as error:
            # The supervisor's edge: a fault of the software in one round must not end the rounds.
            self._note = f"{type(error).__name__}: {error}"
            logger.exception("round failed unexpectedly", extra={"task": self.name})
        else:
            self._note = ""
        return True
