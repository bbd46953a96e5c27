"""The programs that are kept: those used last, of equal code one, in a bounded share of memory."""

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class _Sized(Protocol):
    @property
    def code(self) -> bytes: ...

    @property
    def size(self) -> int: ...


P = TypeVar("P", bound=_Sized)


class Kept(Generic[P]):
    """Makes programs and keeps them until others need the room. Safe to share between threads.

    A program that gave way lives on as long as a computation runs it.

    Args:
        make: Makes the program of a code; is given what it must tell of its growth.
        most_bytes: What all may take together; the newest is kept in any case.
    """

    def __init__(
        self, make: Callable[[bytes, Callable[[P, int], None]], P], most_bytes: int
    ) -> None:
        self._make = make
        self._most_bytes = most_bytes
        self._programs: dict[bytes, P] = {}  # those used last are last
        self._sizes: dict[bytes, int] = {}
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """About how many bytes all take."""
        return sum(self._sizes.values())

    def of(self, code: bytes) -> P:
        """The program of a code; equal code has one."""
        with self._lock:
            program = self._programs.pop(code, None)
            if program is not None:
                self._programs[program.code] = program
                return program
            program = self._programs[code] = self._make(code, self._grew)
            self._sizes[code] = program.size
            self._make_room()
            return program

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._programs.clear()
            self._sizes.clear()

    def _grew(self, program: P, more: int) -> None:
        with self._lock:
            if self._programs.get(program.code) is program:
                self._sizes[program.code] += more
                self._make_room()

    def _make_room(self) -> None:
        while len(self._programs) > 1 and self.taken > self._most_bytes:
            oldest = next(iter(self._programs))
            del self._programs[oldest], self._sizes[oldest]
