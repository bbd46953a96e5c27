"""The orders of a node: the relay with its key and outbox, the desk, the task that carries on."""

import threading
from contextlib import ExitStack
from functools import partial

from api.home import Home
from api.periodic import Periodic
from api.services import LedgerDesk
from api.settings import Settings
from api.wiring.late_relay import LateRelay
from api.wiring.ledger_chain import ledger_connected
from chain.ledger_record import read_ledger
from chain.ledger_relay import LedgerRelay
from chain.order_signing import Eip712Orders
from chain.outbox_store import SqliteOutboxStore
from chain.sender import TransactionSender
from chain.signer_key import create_key, load_key
from chain.signer_lock import SignerLock
from trace_node.clock import Clock
from trace_node.quota.ledger.kinds import Book
from trace_node.services.orders import OrderDesk
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.sql_store import SqlStore

INTERVAL = 1


class LateOrders:
    """The orders of a ledger that may be joined while the node runs: put together when it is.

    Args:
        settings: The node's settings.
        home: Its files.
        url: Endpoint of the chain.
        store: The database.
        stack: Closes the connection when the node ends.
        clock: Time.
    """

    def __init__(
        self,
        settings: Settings,
        home: Home,
        *,
        url: str,
        store: SqlStore,
        stack: ExitStack,
        clock: Clock,
    ) -> None:
        self._make = partial(
            ledger_desk, settings, home, url=url, store=store, stack=stack, clock=clock
        )
        self._home = home
        self._lock = threading.Lock()
        self._found: LedgerDesk | None = None

    def desk(self) -> LedgerDesk | None:
        """What takes orders; None while no ledger is recorded.

        Raises:
            ConfigError: The record or the key of the relay cannot be used.
        """
        with self._lock:
            if self._found is None and self._home.ledger.exists():
                self._found = self._make()
            return self._found

    def carry_on(self) -> None:
        """Do what is due for every order that has not ended for good; nothing without a ledger.

        Raises:
            UnavailableError: The chain does not answer; the next round goes on.
        """
        found = self.desk()
        if found is not None:
            found.orders.carry_on()

    def task(self) -> Periodic:
        """What does that in the background."""
        return Periodic(name="orders", verb=self.carry_on, interval=INTERVAL)


def ensure_relay_key(settings: Settings, home: Home) -> None:
    """Make the key of the relay where there is none yet, as in a home of an earlier version.

    Before the embedded chain starts, which lets only known keys send: a ledger may be joined later.
    """
    if not home.relay_key.exists():
        create_key(home.relay_key, settings.secret())


def ledger_desk(
    settings: Settings,
    home: Home,
    *,
    url: str,
    store: SqlStore,
    stack: ExitStack,
    clock: Clock,
) -> LedgerDesk:
    """What takes orders of the recorded ledger, whose chain may answer later.

    Raises:
        ConfigError: The record or the key of the relay cannot be used.
    """
    identity = read_ledger(home.ledger).identity
    key = load_key(home.relay_key, settings.secret())
    mirror = SqlLedgerMirror(store.database)
    connection = stack.enter_context(ExitStack())

    def connect() -> LedgerRelay:
        side = connection.enter_context(ledger_connected(settings, home, url=url))
        outbox = SqliteOutboxStore(
            home.relay_outbox,
            chain_id=side.client.chain_id,
            genesis_hash=side.client.genesis_hash,
        )
        connection.callback(outbox.close)
        lock = SignerLock(home.folder / f"signer-{key.address.hex()}.lock")
        sender = TransactionSender(
            client=side.client, key=key, store=outbox, lock=lock, clock=clock
        )
        return LedgerRelay(side.client, identity.contracts[Book.ORDERS], sender)

    relay = LateRelay(connect, chain_id=identity.chain_id, contract=identity.contracts[Book.ORDERS])
    desk = OrderDesk(
        book=store.order_book(),
        relay=relay,
        signatures=Eip712Orders(),
        stopped=mirror.orders_stopped,
        clock=clock,
    )
    return LedgerDesk(orders=desk, mirror=mirror, organisations=settings.ledger_organisations)
