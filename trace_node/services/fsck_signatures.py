"""Signatures, verified in batches; by other processes if there are any, as the walk goes on.

A verification takes 0.3 ms, as long as a dozen readings take. Threads would not help: the library
lets go of the interpreter lock, but a busy thread beside it gives the lock back 5 ms later.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future

from trace_node.errors import TraceNodeError, UnavailableError

Verify = Callable[[], object]
"""Verifies one signature and raises ``TraceNodeError`` where it is none; it can be pickled."""

Blame = Callable[[str], None]
"""Records the problem that a signature is none, for the reason given."""

_BATCH = 64  # verifications: 20 ms
_MOST_WAITING = 16  # batches; the oldest is waited for then, so that memory is bounded


class SignatureCheck:
    """Gathers verifications and makes them in batches.

    What is found does not depend on who verifies, nor does its order.

    Args:
        helpers: Verifies in other processes; None to verify here.
        width: How many batches ``helpers`` verifies at a time.
    """

    def __init__(self, helpers: Executor | None = None, *, width: int = 1) -> None:
        self._helpers = helpers
        self._width = width
        self._gathered: list[tuple[Verify, Blame]] = []
        self._waiting: deque[tuple[Future[list[str | None]], list[Blame]]] = deque()

    def add(self, verify: Verify, blame: Blame) -> None:
        """Verify something soon; ``blame`` is called then, or later, if it is wrong."""
        self._gathered.append((verify, blame))
        if len(self._gathered) >= _BATCH:
            self._hand_over()

    def finish(self) -> None:
        """Wait until everything added is verified.

        Raises:
            UnavailableError: A process that verifies has ended.
        """
        self._hand_over()
        while self._waiting:
            self._settle()

    def _hand_over(self) -> None:
        verifies = [verify for verify, _ in self._gathered]
        blames = [blame for _, blame in self._gathered]
        self._gathered = []
        self._waiting.append((self._begin(verifies), blames))
        while len(self._waiting) > (_MOST_WAITING if self._helpers else 0):
            self._settle()

    def _begin(self, verifies: list[Verify]) -> Future[list[str | None]]:
        """Let others verify; here if they have enough to do, or if there are none."""
        busy = sum(not future.done() for future, _ in self._waiting)
        if self._helpers is not None and busy <= self._width:
            return self._helpers.submit(verify_all, verifies)
        made: Future[list[str | None]] = Future()
        made.set_result(verify_all(verifies))
        return made

    def _settle(self) -> None:
        future, blames = self._waiting.popleft()
        try:
            reasons = future.result()
        except BrokenExecutor as error:
            raise UnavailableError(
                "the process that verifies signatures has ended",
                remedy="look for what ended it, such as want of memory, and run the check again",
                code="fsck.helper_ended",
            ) from error
        for reason, blame in zip(reasons, blames, strict=True):
            if reason is not None:
                blame(reason)


def verify_all(verifies: Sequence[Verify]) -> list[str | None]:
    """Why each is wrong; None for what is right."""
    return [_reason(verify) for verify in verifies]


def _reason(verify: Verify) -> str | None:
    try:
        verify()
    except TraceNodeError as error:
        return error.message
    return None
