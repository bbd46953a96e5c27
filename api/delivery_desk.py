"""Where deliveries are handed in: bounded in memory, checked beside the event loop.

A delivery of a thousand records takes some milliseconds to check. That is done in a few threads of
their own, so that the loop stays free for everybody else. What waits to be checked is bounded by
its bytes; more is refused with 429.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

from fastapi import Request

from api.body import declared_length, read_bounded
from api.recent import Recent
from trace_node.errors import BusyError
from trace_node.metering.records.wire import MAX_BODY_BYTES
from trace_node.services.delivery_write import Acknowledgement

CHECKERS: Final = 2  # the interpreter's lock lets one run; two hide the waits of the other
MOST_BYTES: Final = 64 * 1024 * 1024


class DeliveryDesk:
    """Takes deliveries in.

    Args:
        deliver: Checks a delivery in the calling thread and queues it.
        final_size: Size up to which the log is anchored for good.
        most_bytes: Bytes of deliveries that may be in memory, at least one delivery's bound.
    """

    def __init__(
        self,
        deliver: Callable[[bytes], "Future[Acknowledgement]"],
        *,
        final_size: Recent[int],
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.final_size = final_size
        self._deliver = deliver
        self._bound = self._room = most_bytes
        self._checkers = ThreadPoolExecutor(CHECKERS, thread_name_prefix="delivery-check")

    async def take(self, request: Request) -> Acknowledgement:
        """Read, check and queue the delivery in ``request``; answer after its commit.

        Raises:
            TooLargeError: The body is over its bound.
            BusyError: Too much waits, here or before the writer.
            TraceNodeError: Whatever the check or the commit ends with.
        """
        if min(declared_length(request) or 0, MAX_BODY_BYTES) > self._room:
            raise self._busy()
        with self._room_for() as hold:
            body = await read_bounded(request, MAX_BODY_BYTES, hold=hold)
            loop = asyncio.get_running_loop()
            queued = await loop.run_in_executor(self._checkers, self._deliver, body)
            return await asyncio.wrap_future(queued)

    def close(self) -> None:
        """Let the threads end."""
        self._checkers.shutdown(wait=False)

    @contextmanager
    def _room_for(self) -> Iterator[Callable[[int], None]]:
        """Room for one delivery while the block lasts, taken up by what has really come.

        Who only announces a long body keeps nobody out. Only the loop's thread comes here.
        """
        held = 0

        def hold(size: int) -> None:
            nonlocal held
            if size > self._room:
                raise self._busy()
            self._room -= size
            held += size

        try:
            yield hold
        finally:
            self._room += held

    def _busy(self) -> BusyError:
        return BusyError(
            "deliveries of more than {bound} bytes wait already",
            bound=self._bound,
            retry_after=1,
        )
