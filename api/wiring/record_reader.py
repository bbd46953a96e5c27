"""A process that reads the records of large deliveries, beside the one that writes the log.

The node works under one interpreter lock: what another process reads meanwhile is won. It is begun
when the first large delivery comes. Until it is ready, and whenever it is not, deliveries are read
here: it makes the node faster, and nothing depends on it.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from api.wiring.helpers import other_processes
from trace_node.services.delivery_read import Read, ReadRecords, read_body, read_here

logger = logging.getLogger(__name__)

FEWEST: Final = 100  # records; for fewer, to hand them over takes longer than to read them
PATIENCE_S: Final = 10  # a delivery takes it some 10 ms
PAUSE_S: Final = 60  # before it is begun again after it ended


class _Process(NamedTuple):
    """The other process, and its id once it is ready."""

    pool: ProcessPoolExecutor
    pid: Future[int]

    def is_ready(self) -> bool:
        return self.pid.done() and self.pid.exception() is None

    def has_failed(self) -> bool:
        return self.pid.done() and self.pid.exception() is not None

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(self.pid.result(), signal.SIGKILL)


class RecordReader:
    """Reads records in another process if there is one, and here if not. Safe to share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._begun_at = float("-inf")
        self._closed = False

    def read(self, body: bytes, records: Sequence[bytes]) -> ReadRecords:
        """Read the records of a delivery; see ``Read``."""
        process = self._ready_process() if len(records) >= FEWEST else None
        if process is not None:
            try:
                return process.pool.submit(read_body, body).result(PATIENCE_S)
            except TimeoutError:
                process.kill()  # it would not end by itself
                self._give_up(process)
            except (RuntimeError, CancelledError):  # it has ended, or is being ended
                self._give_up(process)
        return read_here(body, records)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            process, self._process, self._closed = self._process, None, True
        if process is not None:
            process.pool.shutdown(cancel_futures=True)

    def _ready_process(self) -> _Process | None:
        """The process, once it is ready; begins it if there is none."""
        with self._lock:
            if self._process is None or self._process.has_failed():
                self._process = self._begun()
            process = self._process
        return process if process is not None and process.is_ready() else None

    def _begun(self) -> _Process | None:
        now = time.monotonic()
        if self._closed or now - self._begun_at < PAUSE_S:
            return None
        self._begun_at = now
        pool = other_processes(1)
        return _Process(pool, pool.submit(os.getpid))

    def _give_up(self, process: _Process) -> None:
        with self._lock:
            if self._process is not process:
                return
            self._process = None
        logger.warning("the process that reads deliveries has ended; they are read here meanwhile")
        process.pool.shutdown(wait=False)


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
