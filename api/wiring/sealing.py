"""What follows a commit: a checkpoint, and in their time its cosignatures and an anchor."""

import logging
from collections.abc import Callable

from trace_node.errors import UnavailableError
from trace_node.services.seal import Seal
from trace_node.services.start_check import StartCheck

logger = logging.getLogger(__name__)


class Sealing:
    """Seals, and says so to whoever waits for checkpoints.

    Nothing is signed before the log was compared with the chain once: a node that was rolled back
    must not sign a second history. While the chain does not answer, readings are taken.

    Args:
        seal: Makes checkpoints.
        check: Compares the log with the chain.
        sealed: Called after every round; the log has a checkpoint then.
    """

    def __init__(self, *, seal: Seal, check: StartCheck, sealed: Callable[[], None]) -> None:
        self._seal = seal
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
            StateError: See ``compare_at_start``.
            UnavailableError: The chain has never answered yet, or database or archive do not.
        """
        if not self._compared:
            self._compare()
        if self._seal.seal_once() is not None:
            self._sealed()

    def _compare(self) -> None:
        self._check.run()
        self._compared = True
