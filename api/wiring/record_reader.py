"""A process that reads the records of large deliveries, beside the one that writes the log.

The node works under one interpreter lock: what another process reads meanwhile is won. It is begun
when the first large delivery comes. Until it is ready, and whenever it is not, deliveries are read
here: it makes the node faster, and nothing depends on it.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Final

from api.wiring.helpers import other_processes
from trace_node.services.delivery_read import Read, ReadRecords, read_body, read_here

logger = logging.getLogger(__name__)

FEWEST: Final = 100  # records; for fewer, to hand them over takes longer than to read them
PAUSE_S: Final = 60  # before it is begun again after it ended


class RecordReader:
    """Reads records in another process if there is one, and here if not. Safe to share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._helper: ProcessPoolExecutor | None = None
        self._ready: Future[int] | None = None
        self._begun_at = float("-inf")
        self._closed = False

    def read(self, body: bytes, records: Sequence[bytes]) -> ReadRecords:
        """Read the records of a delivery; see ``Read``."""
        helper = self._ready_helper() if len(records) >= FEWEST else None
        if helper is not None:
            try:
                return helper.submit(read_body, body).result()
            except BrokenExecutor:
                self._give_up(helper)
        return read_here(body, records)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            helper, self._helper, self._closed = self._helper, None, True
        if helper is not None:
            helper.shutdown(cancel_futures=True)

    def _ready_helper(self) -> ProcessPoolExecutor | None:
        """The process, once it is ready; begins it if there is none."""
        with self._lock:
            if self._helper is None:
                self._begin()
            ready = self._ready
            is_ready = ready is not None and ready.done() and ready.exception() is None
            return self._helper if is_ready else None

    def _begin(self) -> None:
        now = time.monotonic()
        if self._closed or now - self._begun_at < PAUSE_S:
            return
        self._begun_at = now
        self._helper = other_processes(1)
        self._ready = self._helper.submit(os.getpid)

    def _give_up(self, helper: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._helper is not helper:
                return
            self._helper = self._ready = None
        logger.warning("the process that reads deliveries has ended; they are read here meanwhile")
        helper.shutdown(wait=False)


@contextmanager
def record_reader() -> Iterator[Read]:
    """What reads the records of deliveries while the block lasts."""
    if (os.cpu_count() or 1) < 2:  # noqa: PLR2004 (no other core, nothing won)
        yield read_here
        return
    reader = RecordReader()
    try:
        yield reader.read
    finally:
        reader.close()
