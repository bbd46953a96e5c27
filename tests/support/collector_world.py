"""A world for pollers in which time passes only when somebody waits."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta

from collectors.errors import ReadError
from collectors.source import BlockRequest, Exchange

START = datetime(2026, 11, 21, 3, 10, 0, tzinfo=UTC)


class World:
    """A clock that moves by what is slept, and can be set."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1_000_000_000
        self.until: datetime | None = None

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> int:
        return self._monotonic

    def pass_ms(self, milliseconds: float) -> None:
        self._now += timedelta(milliseconds=milliseconds)
        self._monotonic += int(milliseconds * 1_000_000)

    def set_wall(self, now: datetime) -> None:
        self._now = now

    async def sleep(self, seconds: float) -> None:
        self.pass_ms(seconds * 1000)
        await asyncio.sleep(0)
        if self._monotonic > self.limit:
            raise asyncio.CancelledError

    limit = 10**18

    def run(self, coroutine: Coroutine, *, seconds: float) -> None:
        """Run until so many seconds of this world have passed."""
        self.limit = self._monotonic + int(seconds * 1e9)

        async def scenario() -> None:
            with contextlib.suppress(asyncio.CancelledError):
                await coroutine

        asyncio.run(scenario())


def zeros(request: BlockRequest) -> bytes:
    return bytes(2 * request.count)


def always(why: str) -> Callable[[BlockRequest], ReadError]:
    return lambda _: failure(why)


class FakeSource:
    """Answers from a function; each request takes some time of the world."""

    def __init__(self, world: World, *, takes_ms: float = 5) -> None:
        self.world = world
        self.takes_ms = takes_ms
        self.asked: list[tuple[datetime, BlockRequest]] = []
        self.rule: Callable[[BlockRequest], bytes | ReadError] = zeros
        self.closed = 0

    async def read(self, request: BlockRequest) -> Exchange:
        await asyncio.sleep(0)
        self.asked.append((self.world.now(), request))
        outcome = self.rule(request)
        if isinstance(outcome, ReadError):
            self.world.pass_ms(500 if outcome.why == "timeout" else self.takes_ms)
            raise outcome
        self.world.pass_ms(self.takes_ms)
        return Exchange(
            sent=b"request",
            received=b"head" + outcome,
            payload=outcome,
            at=self.world.now(),
            round_trip_ns=int(self.takes_ms * 1_000_000),
        )

    async def close(self) -> None:
        self.closed += 1


class ListSink:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.drafts: list = []
        self.open = True

    def put(self, drafts: Sequence) -> None:
        self.drafts += drafts

    def accepts(self, _priority: object) -> bool:
        return self.open


def failure(why: str) -> ReadError:
    return ReadError("failed", why=why, sent=b"request")
