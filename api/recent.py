"""A value that may be a little old, so that asking for it costs nothing."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

from trace_node.clock import Clock

T = TypeVar("T")
_NANOSECONDS = 1_000_000_000


class Recent(Generic[T]):
    """Reads a value at most once in a while, however often it is asked for.

    Args:
        read: Reads it; called in a worker thread.
        clock: Tells its age.
        seconds: Age at which it is read again.
    """

    def __init__(self, read: Callable[[], T], *, clock: Clock, seconds: int = 1) -> None:
        self._read = read
        self._clock = clock
        self._longest = seconds * _NANOSECONDS
        self._lock = threading.Lock()
        self._known: tuple[int, T] | None = None

    async def get(self) -> T:
        """The value, at most so many seconds old."""
        known = self._known
        if known is not None and self._clock.monotonic() - known[0] < self._longest:
            return known[1]
        return await run_in_threadpool(self._renew)

    def _renew(self) -> T:
        with self._lock:  # those who come meanwhile wait for one read instead of each their own
            known = self._known
            now = self._clock.monotonic()
            if known is not None and now - known[0] < self._longest:
                return known[1]
            value = self._read()
            self._known = (now, value)
            return value
