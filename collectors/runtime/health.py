"""Whether a device is worth waiting for: degrade after two failed cycles, probe with back-off."""

import random
from typing import Final

FAILED_CYCLES: Final = 2
FIRST_PROBE_MS: Final = 10_000
LAST_PROBE_MS: Final = 600_000
JITTER: Final = 5  # up to a fifth longer, so that devices of one line do not probe together


class Health:
    """The state of one device."""

    def __init__(self) -> None:
        self._failures = 0
        self._probe_ns = 0

    @property
    def degraded(self) -> bool:
        """Whether the device failed so often that it is only probed now and then."""
        return self._failures >= FAILED_CYCLES

    def skips(self, now_ns: int) -> bool:
        """Whether a cycle at this time is left out."""
        return self.degraded and now_ns < self._probe_ns

    def failed(self, now_ns: int) -> None:
        """Note a cycle without an answer."""
        self._failures += 1
        if self.degraded:
            doublings = min(self._failures - FAILED_CYCLES, 10)
            wait_ms = min(FIRST_PROBE_MS << doublings, LAST_PROBE_MS)
            jitter_ms = random.randrange(wait_ms // JITTER)  # noqa: S311 - no secret
            self._probe_ns = now_ns + (wait_ms + jitter_ms) * 1_000_000

    def answered(self) -> None:
        """Note a cycle with an answer."""
        self._failures = 0
