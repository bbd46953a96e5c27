"""The lane of orders: threads of its own, so that waiting for the chain keeps nobody else out.

Orders go to the chain one after the other. Each waits in a thread here, and what waits is bounded.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from trace_node.errors import BusyError

T = TypeVar("T")
WORKERS: Final = 4  # one sends; the others check signatures and commit meanwhile
MOST_WAITING: Final = 256


class OrderLane:
    """Runs what takes an order, a bounded number at a time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="orders")
        self._waiting = 0  # touched by the event loop's thread alone

    async def run(self, act: Callable[[], T]) -> T:
        """Run ``act`` in a thread of the lane.

        Raises:
            BusyError: Too many orders wait already.
            TraceNodeError: Whatever ``act`` ends with.
        """
        if self._waiting >= MOST_WAITING:
            raise BusyError("{bound} orders wait already", bound=MOST_WAITING, retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, act)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False)
