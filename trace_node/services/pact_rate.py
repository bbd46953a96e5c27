"""How often a partner may ask: so many requests a minute, saved up for a minute at most."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from trace_node.clock import Clock
from trace_node.errors import BusyError

_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class _Bucket:
    left: int
    since: datetime


class PactRate:
    """Counts the requests of each partner; others are not touched by one that asks too often.

    Args:
        a_minute: Requests a partner may make in a minute, at least 1.
        clock: Time.
    """

    def __init__(self, a_minute: int, *, clock: Clock) -> None:
        self._most = a_minute
        self._pause = _MINUTE / a_minute
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, partner: str) -> None:
        """Count one request of a partner, whose token was looked at before.

        Raises:
            BusyError: It has asked too often; after the stated time it may ask again.
        """
        now = self._clock.now()
        with self._lock:
            bucket = self._buckets.setdefault(partner, _Bucket(left=self._most, since=now))
            regained = max((now - bucket.since) // self._pause, 0)
            if bucket.left + regained >= self._most:
                bucket.left, bucket.since = self._most, now
            else:
                bucket.left += regained
                bucket.since += regained * self._pause
            if bucket.left == 0:
                wait = bucket.since + self._pause - now
                raise BusyError(
                    "{field}: more than {most} requests a minute",
                    field="Authorization",
                    most=self._most,
                    retry_after=max(ceil(wait.total_seconds()), 1),
                )
            bucket.left -= 1
