"""Time as a value that is passed in, so that nothing in the core reads a clock by itself."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of wall-clock and monotonic time."""

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""

    def monotonic(self) -> int:
        """Nanoseconds of a clock that never goes back; its zero has no meaning."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> int:
        """Nanoseconds since an arbitrary start, never going back."""
        return time.monotonic_ns()


class FixedClock:
    """A clock that stands still until it is moved (tests, replays)."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._monotonic = 0

    def now(self) -> datetime:
        """The time it was set to."""
        return self._now

    def monotonic(self) -> int:
        """Nanoseconds by which it was moved forward."""
        return self._monotonic

    def move(self, *, seconds: int) -> None:
        """Let ``seconds`` pass on both clocks."""
        self.move_to(datetime.fromtimestamp(self._now.timestamp() + seconds, UTC))
        self._monotonic += seconds * 1_000_000_000

    def move_to(self, now: datetime) -> None:
        """Set the wall clock alone, as an operator or a time server would."""
        self._now = now
