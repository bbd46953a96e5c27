"""When a device is due: ticks aligned to the wall clock, deadlines on the monotonic clock."""

from dataclasses import dataclass
from typing import Final

from collectors.runtime.drafts import to_ms
from trace_node.clock import Clock

STEP_MS: Final = 1_000  # wall and monotonic clock disagree by more: the wall clock was set


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One planned reading of a device.

    Attributes:
        at_ms: Its place on the wall clock, milliseconds since the epoch.
        due_ns: The same on the monotonic clock.
    """

    at_ms: int
    due_ns: int


def next_tick(*, interval_ms: int, offset_ms: int, clock: Clock) -> Tick:
    """The first tick after now: a multiple of the interval since the epoch, plus the offset."""
    now_ms, now_ns = to_ms(clock.now()), clock.monotonic()
    at_ms = ((now_ms - offset_ms) // interval_ms + 1) * interval_ms + offset_ms
    return Tick(at_ms=at_ms, due_ns=now_ns + (at_ms - now_ms) * 1_000_000)


def missed_ticks(tick: Tick, *, interval_ms: int, now_ns: int) -> int:
    """How many ticks from ``tick`` on are lost: a tick is, once the next one is due."""
    return max(0, (now_ns - tick.due_ns) // (interval_ms * 1_000_000))


class ClockWatch:
    """Notices when somebody sets the wall clock.

    Args:
        clock: The clock to watch.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_ms = self._offset()

    def step_ms(self) -> int:
        """By how much the wall clock was set since the last call; 0 if it was not.

        Small differences are drift or slewing and are taken over without a word.
        """
        offset_ms = self._offset()
        step = offset_ms - self._offset_ms
        self._offset_ms = offset_ms
        return step if abs(step) > STEP_MS else 0

    def _offset(self) -> int:
        return to_ms(self._clock.now()) - self._clock.monotonic() // 1_000_000
