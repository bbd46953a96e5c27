"""The desk of orders over a world of orders, a database file, and a mirror's switch."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.order_world import OrderWorld
from support.stores import migrated_url
from support.usual_engine import SQLITE

from chain.order_signing import Eip712Orders
from trace_node.clock import FixedClock
from trace_node.ports.ledger_mirror_head import Stop, StopCause
from trace_node.ports.orders import StoredOrder
from trace_node.quota.ledger.order_file import encode_order
from trace_node.quota.ledger.signed_order import SignedOrder
from trace_node.services.orders import OrderDesk
from trace_node.store.database import Database
from trace_node.store.order_book import SqlOrderBook

STOP = Stop(cause=StopCause.DIFFERENCE, detail="1 t", evidence="e.json", block=7, since_ms=1)


class CrashError(BaseException):
    """As if the process ended here."""


class Breaking:
    """An object that ends the process before or after its n-th call; counts calls."""

    def __init__(self, target: Any, counter: "Counter", names: tuple[str, ...]) -> None:
        self._target = target
        self._counter = counter
        self._names = names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name not in self._names:
            return found

        def called(*args: Any, **kwargs: Any) -> Any:
            return self._counter.around(lambda: found(*args, **kwargs))

        return called


class Counter:
    """Counts what a process does, and ends it at one of these."""

    def __init__(self) -> None:
        self.calls = 0
        self.end_at: float | None = None  # n: before the n-th call; n + 0.5: after it

    def around(self, act: Callable[[], Any]) -> Any:
        number = self.calls
        self.calls += 1
        if self.end_at == number:
            raise CrashError
        found = act()
        if self.end_at == number + 0.5:
            raise CrashError
        return found


class Desk:
    """A desk that is built anew by ``restart``."""

    def __init__(self, world: OrderWorld, folder: Path) -> None:
        self.world = world
        with migrated_url(SQLITE, folder) as url:
            self.url = url
        self.stop: Stop | None = None
        self.counter = Counter()
        self.clock = FixedClock(datetime(2030, 1, 1, tzinfo=UTC))
        self.restart()

    def restart(self) -> None:
        """As after a crash."""
        self.counter = Counter()
        self.world.wrap = lambda outbox: Breaking(
            outbox, self.counter, ("add", "update", "count_send", "add_attempt")
        )
        self.world.restart()
        self.world.wire.engine = Breaking(
            self.world.engine.web3.provider, self.counter, ("make_request",)
        )
        self.book = Breaking(
            SqlOrderBook(Database(self.url)), self.counter, ("put", "find", "replace", "due")
        )
        self.sync_clock()
        self.desk = OrderDesk(
            book=self.book,  # type: ignore[arg-type]
            relay=self.world.relay,
            signatures=Eip712Orders(),
            stopped=lambda: self.stop,
            clock=self.clock,
        )

    def sync_clock(self) -> None:
        """Our clock shows what the chain's newest block does."""
        self.clock.move_to(datetime.fromtimestamp(self.world.engine.now, UTC))

    def take(self, signed: SignedOrder, *, organisation: int | None = None) -> StoredOrder:
        """As the interface does it: from bytes."""
        return self.desk.take(self.desk.examine(encode_order(signed)), organisation=organisation)
