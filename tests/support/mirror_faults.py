"""Faults of one seeded run of the mirror: endpoint, database, process; each as it could happen.

* RPC: no answer; a stale node; a node that leaves events out, gives them twice or out of order.
* Chain: grows, is replaced, is replaced deeper than can be taken back.
* Process: killed before any statement of any transaction, or right after a commit.
* Database: a statement fails.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from support.fake_ledger import Block, FakeFollower
from support.mirror_world import MirrorWorld

from trace_node.errors import TraceNodeError, UnavailableError
from trace_node.ports.ledger import LedgerStep
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.services.mirror import MirrorStoppedError

MOST_STATEMENTS = 45


class KilledError(BaseException):
    """The process was killed here: nothing below may catch it."""


@dataclass
class FaultyFollower(FakeFollower):
    """A follower over an endpoint that lies and fails.

    Attributes:
        chance: What decides.
        faults: How often something goes wrong; 0 for never.
        met: What went wrong, and how often.
    """

    chance: Random = field(default_factory=Random)
    faults: float = 0.0
    met: Counter[str] = field(default_factory=Counter)
    _unchecked: bool = False

    def step(self, cursor: bytes) -> LedgerStep:
        self._unchecked = False
        if self._happens("no answer"):
            raise UnavailableError("no answer")
        if not self._happens("stale node"):
            return super().step(cursor)
        head = self.chain.head
        for _ in range(self.chance.randrange(1, 8)):
            self.chain.head = self.chain.head.parent or self.chain.head
        try:
            return super().step(cursor)
        finally:
            self.chain.head = head

    def answer(self, events: list[PlacedEvent]) -> list[PlacedEvent]:
        if len(events) < 4:
            return events
        place = self.chance.randrange(1, len(events) - 1)
        before, here, after = events[:place], events[place], events[place + 1 :]
        ways = {
            "events left out": before + after,
            "answer cut off": before,
            "gap unseen by the follower": before + after,
            "event twice": [*before, here, here, *after],
            "events exchanged": [*before, after[0], here, *after[1:]],
        }
        if all(each.book is not here.book for each in after):
            # Nothing later in this answer shows the gap: only the contracts' counters do, and those
            # are the follower's to ask.
            del ways["gap unseen by the follower"]
        for name, spoilt in ways.items():
            if self._happens(name):
                self._unchecked = name not in {"events left out", "answer cut off"}
                return spoilt
        return events

    def count(self, events: list[PlacedEvent], before: Any, last: Block) -> None:
        if not self._unchecked:
            super().count(events, before, last)

    def _happens(self, what: str) -> bool:
        found = self.chance.random() < self.faults
        self.met[what] += found
        return found


@contextmanager
def struck(world: MirrorWorld, chance: Random, met: Counter[str]) -> Iterator[None]:
    """One statement of what is done inside may fail, or may be the last one of the process."""
    left = chance.randrange(1, MOST_STATEMENTS)
    kind = chance.choice(["killed", "database error", "nothing", "nothing"])

    def strike(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0 and kind == "killed":
            met["killed at a statement"] += 1
            raise KilledError
        if left == 0 and kind == "database error":
            met["database error"] += 1
            raise OperationalError("a statement", None, Exception("disk I/O error"))

    database = world.database
    engines = {id(engine): engine for engine in (database.reader, database.writer)}.values()
    for engine in engines:
        event.listen(engine, "before_cursor_execute", strike)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", strike)


@dataclass
class Run:
    """One seeded run over one history.

    Attributes:
        world: The mirror under test.
        follower: Its follower.
        chance: What decides, by the seed.
        deep: Whether the chain is also put back too deep.
        met: What happened, and how often.
    """

    world: MirrorWorld
    follower: FaultyFollower
    chance: Random
    deep: bool
    met: Counter[str] = field(default_factory=Counter)

    def go(self, rounds: int) -> None:
        """Let the chain move and the mirror follow, under faults; then in peace, until it is level."""
        self.follower.met = self.met
        for _ in range(rounds):
            self._move_chain()
            self.follower.faults = 0.06
            for _ in range(self.chance.randrange(1, 4)):
                self._try()
        self.follower.faults = 0.0
        chain = self.world.chain
        while chain.head.children:
            chain.head = chain.head.children[0]
        for _ in range(2):  # a deep replacement that was not noticed yet shows now
            try:
                self.world.mirror.follow()
            except MirrorStoppedError:
                self.met["rebuilt after a deep replacement"] += 1
                self.world.mirror.rebuild()

    def _try(self) -> None:
        """One step, reconciliation, or beginning anew; whatever breaks off is tried again later."""
        world, drawn = self.world, self.chance.random()
        act = world.mirror.step_once
        if drawn < 0.04:
            act = world.mirror.begin_again  # type: ignore[assignment]
        elif drawn < 0.10:
            act = self._reconcile  # type: ignore[assignment]
        try:
            with struck(world, self.chance, self.met):
                act()
            if self.chance.random() < 0.1:
                self.met["killed after a commit"] += 1
                world.restart()
        except KilledError:
            world.restart()
        except MirrorStoppedError:
            self.met["stopped by a deep replacement"] += 1
            assert world.store.orders_stopped() is not None
            if self.chance.random() < 0.5:
                world.mirror.begin_again()
        except TraceNodeError as error:
            self.met[error.reason] += 1

    def _reconcile(self) -> None:
        """At no time do mirror and contracts differ at a settled block of this chain."""
        report = self.world.reconcile.run()
        assert report.differences == (), report.differences[:3]
        self.met["reconciled under faults"] += 1

    def _move_chain(self) -> None:
        """Grow by some blocks; or be replaced, as deep as is allowed, or deeper."""
        chain, drawn = self.world.chain, self.chance.random()
        if drawn < 0.2:
            self._replace(least=1, most=chain.depth)
        elif drawn < 0.28 and self.deep:
            self._replace(least=chain.depth + 1, most=40)
        for _ in range(self.chance.randrange(5)):
            if chain.head.children:
                places = [0, 0, 0, len(chain.head.children) - 1]
                chain.head = chain.head.children[self.chance.choice(places)]

    def _replace(self, *, least: int, most: int) -> None:
        """Go to the end of another branch that leaves the present one within these depths."""
        chain = self.world.chain
        path = chain.head.path()
        found = [
            (depth, child)
            for depth, below in enumerate(reversed(path[:-1]), start=1)
            if least <= depth <= most
            for child in below.children
            if child is not path[len(path) - depth]
        ]
        if not found:
            return
        depth, block = self.chance.choice(found)
        while block.children and block.number <= chain.head.number:
            block = block.children[0]
        if block.number > chain.head.number:  # a shorter branch is a stale node, which comes anyway
            self.met["replaced" if depth <= chain.depth else "replaced too deep"] += 1
            chain.head = block


def run_of(world: MirrorWorld, follower: FaultyFollower, seed: int, *, deep: bool) -> Run:
    """A run with its own faults."""
    chance = Random(seed)
    follower.chance = Random(seed + 1)
    follower.window = chance.choice([1, 3, 5, 20])
    return Run(world=world, follower=follower, chance=chance, deep=deep)
