"""The one writer of a log: commits whatever queued during the previous commit; no timer.

A lone entry is committed at once, a flood in large batches, and nobody tunes anything
(docs/decisions/0007-group-commit.md). A future ends only after the commit, so what is acknowledged
is on disk.
"""

import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from trace_node.errors import (
    AccessError,
    BusyError,
    ConflictError,
    InputError,
    TraceNodeError,
)
from trace_node.ports.entries import TreeState
from trace_node.ports.store import Store
from trace_node.services.ingest_errors import CommitUnknownError, LogStoppedError
from trace_node.services.log_tail import Batch, LogTail
from trace_node.tlog.hasher import by_name

logger = logging.getLogger(__name__)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

DEFAULT_CAPACITY = 200_000  # entries that may wait
MOST_PER_COMMIT = 16_384  # entries; bounds memory and the time others wait for the lock
_LONGEST_RETRY_S = 60


class Job(Protocol[T_co]):
    """Something to be written.

    Attributes:
        weight: Number of entries it adds at most, 1 or more.
    """

    @property
    def weight(self) -> int:
        """Number of entries it adds at most, 1 or more."""

    def write(self, batch: Batch) -> T_co:
        """Stage what is to be committed.

        A job that refuses by one of the errors below stages nothing but evidence, because what it
        has staged is committed all the same. Any other error undoes the whole commit.

        Raises:
            InputError: What was handed in breaks a rule.
            AccessError: Whoever handed it in may not.
            ConflictError: It contradicts the log.
            LogStoppedError: The log must not be written any more; the writer stops.
        """


class _Waiting:
    __slots__ = ("future", "job", "outcome")

    def __init__(self, job: Job[Any]) -> None:
        self.job = job
        self.future: Future[Any] = Future()
        self.outcome: Any = None


class GroupCommit:
    """The writer thread of one log and the queue before it.

    Args:
        store: The database of the log.
        capacity: Number of entries that may wait; more are refused with ``BusyError``.

    Raises:
        UnavailableError: The database does not answer.
    """

    def __init__(self, store: Store, *, capacity: int = DEFAULT_CAPACITY) -> None:
        self._store = store
        self._tail = LogTail(hasher=by_name(store.identity.hash_name))
        self._capacity = capacity
        self._queue: deque[_Waiting] = deque()
        self._depth = 0
        self._changed = threading.Condition()
        self._closing = False
        self._stopped: LogStoppedError | None = None
        self._per_second = 0
        with store.view() as view:
            self._snapshot = view.entries.state()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    @property
    def snapshot(self) -> TreeState:
        """The tree of the last commit: immutable, and never ahead of the disk."""
        return self._snapshot

    @property
    def depth(self) -> int:
        """Number of entries that wait."""
        return self._depth

    @property
    def stopped(self) -> LogStoppedError | None:
        """Why the writer has stopped; None while it runs."""
        return self._stopped

    def submit(self, job: Job[T]) -> "Future[T]":
        """Queue ``job``; the future ends after the commit, with its result or the reason why not.

        From asyncio: ``await asyncio.wrap_future(writer.submit(job))``.

        Raises:
            BusyError: The queue is full; ``retry_after`` says when to come back.
            LogStoppedError: The writer has stopped.
        """
        waiting = _Waiting(job)
        with self._changed:
            if self._stopped is not None:
                raise self._stopped
            if self._closing:
                raise LogStoppedError("the node is shutting down", remedy="send it again later")
            if self._depth and self._depth + job.weight > self._capacity:
                raise BusyError(
                    "{depth} entries wait for the writer",
                    depth=self._depth,
                    retry_after=self._retry_after(),
                )
            self._queue.append(waiting)
            self._depth += job.weight
            self._changed.notify()
        return waiting.future

    def stop(self, why: LogStoppedError) -> None:
        """Take nothing more, because going on could fork or lose the log; what waits is refused."""
        with self._changed:
            if self._stopped is None:
                self._stopped = why
                logger.critical("log_stopped code=%s detail=%s", why.reason, why.message)

    def close(self) -> None:
        """Commit what waits, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _retry_after(self) -> int:
        """Whole seconds until the queue should have drained, at the rate of the last commit."""
        return min(_LONGEST_RETRY_S, self._depth // max(self._per_second, 1) + 1)

    def _run(self) -> None:
        while True:
            taken = self._take()
            if taken is None:
                return
            began = time.monotonic_ns()
            self._commit(taken)
            weight = sum(waiting.job.weight for waiting in taken)
            elapsed = max(time.monotonic_ns() - began, 1)
            self._per_second = weight * 1_000_000_000 // elapsed
            for waiting in taken:
                _answer(waiting)

    def _take(self) -> list[_Waiting] | None:
        """Everything that queued, up to the bound of one commit; None at the end."""
        with self._changed:
            while not self._queue:
                if self._closing:
                    return None
                self._changed.wait()
            taken: list[_Waiting] = []
            weight = 0
            while self._queue and weight < MOST_PER_COMMIT:
                waiting = self._queue.popleft()
                weight += waiting.job.weight
                if waiting.future.set_running_or_notify_cancel():
                    taken.append(waiting)
            self._depth -= weight
            return taken

    def _commit(self, taken: list[_Waiting]) -> None:
        if self._stopped is not None or not taken:
            _fail(taken, self._stopped)
            return
        try:
            with self._store.unit_of_work() as work:
                batch = self._tail.begin(work)
                for waiting in taken:
                    self._write(waiting, batch)
                after = batch.finish()
        except TraceNodeError as error:
            self._tail.forget()
            logger.warning("commit_failed code=%s detail=%s", error.reason, error.message)
            _fail(taken, _unknown(error))
        except Exception as error:
            # A fault of this program: nothing was committed, and the writer goes on.
            self._tail.forget()
            logger.exception("commit_failed")
            _fail(taken, _unknown(error))
        else:
            self._tail.committed(after)
            self._snapshot = after

    def _write(self, waiting: _Waiting, batch: Batch) -> None:
        if self._stopped is not None:
            waiting.outcome = self._stopped
            return
        try:
            waiting.outcome = waiting.job.write(batch)
        except LogStoppedError as error:
            logger.critical("log_stopped code=%s detail=%s", error.reason, error.message)
            waiting.outcome = self._stopped = error
        except (InputError, AccessError, ConflictError) as error:
            waiting.outcome = error


def _answer(waiting: _Waiting) -> None:
    if isinstance(waiting.outcome, BaseException):
        waiting.future.set_exception(waiting.outcome)
    else:
        waiting.future.set_result(waiting.outcome)


def _fail(taken: list[_Waiting], error: TraceNodeError | None) -> None:
    for waiting in taken:
        waiting.outcome = error


def _unknown(error: Exception) -> CommitUnknownError:
    detail = error.message if isinstance(error, TraceNodeError) else type(error).__name__
    failure = CommitUnknownError(
        "the commit failed, and whether it took effect is not known: {detail}",
        detail=detail,
        remedy="send the same again; a delivery that is logged already is not logged twice",
    )
    failure.__cause__ = error
    return failure
