"""What follows a commit: a checkpoint, and in their time its cosignatures and an anchor."""

import logging
from collections.abc import Callable

from trace_node.errors import StateError, UnavailableError
from trace_node.services.seal import Seal
from trace_node.services.start_check import StartCheck

logger = logging.getLogger(__name__)


class Sealing:
    """Seals, and says so to whoever waits for checkpoints.

    Nothing is signed before the log was compared with the chain once: a node that was rolled back
    must not sign a second history. While the chain does not answer, readings are taken. Once the
    writer has stopped for good, nothing is signed either.

    Args:
        seal: Makes checkpoints.
        check: Compares the log with the chain.
        sealed: Called after every round; the log has a checkpoint then.
        stopped: Why the log must not be written any more; None while it may.
    """

    def __init__(
        self,
        *,
        seal: Seal,
        check: StartCheck,
        sealed: Callable[[], None],
        stopped: Callable[[], StateError | None],
    ) -> None:
        self._seal = seal
        self._stopped = stopped
        self._check = check
        self._sealed = sealed
        self._compared = False

    def compare_at_start(self) -> None:
        """Compare the log with the chain now, or at the first round if it does not answer.

        Raises:
            StateError: The log is behind the chain, or another history is anchored.
        """
        try:
            self._compare()
        except UnavailableError as error:
            logger.warning("chain unreachable", extra={"detail": error.message})

    def round(self) -> None:
        """Seal what is new.

        Raises:
            StateError: See ``compare_at_start``; or why the writer has stopped.
            UnavailableError: The chain has never answered yet, or database or archive do not.
        """
        if (why := self._stopped()) is not None:
            raise why
        if not self._compared:
            self._compare()
        if self._seal.seal_once() is not None:
            self._sealed()

    def _compare(self) -> None:
        self._check.run()
        self._compared = True
