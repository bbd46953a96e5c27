"""Whether the clock of this machine is disciplined, as the kernel says (adjtimex, Linux)."""

import ctypes
import ctypes.util
from collections.abc import Callable
from typing import Final

from trace_node.clock import Clock

SYNCHRONISED: Final = "synchronised"
UNSYNCHRONISED: Final = "unsynchronised"
UNKNOWN: Final = "unknown"
_TIME_ERROR: Final = 5  # the kernel's state "clock not synchronised"
_REFRESH_NS: Final = 10_000_000_000


class _Timex(ctypes.Structure):
    """``struct timex`` of Linux on 64-bit machines; only ``modes`` (0: read) matters here."""

    _fields_ = [("modes", ctypes.c_uint), ("rest", ctypes.c_byte * 252)]


def kernel_clock_state() -> str:
    """``synchronised`` or ``unsynchronised``; ``unknown`` where the kernel cannot be asked."""
    try:
        adjtimex = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True).adjtimex
    except (OSError, AttributeError):
        return UNKNOWN
    state = adjtimex(ctypes.byref(_Timex(modes=0)))
    if state < 0:
        return UNKNOWN
    return UNSYNCHRONISED if state == _TIME_ERROR else SYNCHRONISED


class ClockState:
    """The kernel's answer, asked for at most every ten seconds.

    Args:
        clock: Tells when to ask again.
        ask: Gives the state.
    """

    def __init__(self, clock: Clock, ask: Callable[[], str] = kernel_clock_state) -> None:
        self._clock = clock
        self._ask = ask
        self._state = ask()
        self._asked_ns = clock.monotonic()

    def __call__(self) -> str:
        """The state."""
        now = self._clock.monotonic()
        if now - self._asked_ns >= _REFRESH_NS:
            self._state, self._asked_ns = self._ask(), now
        return self._state
