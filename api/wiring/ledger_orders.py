"""The orders of a node: the relay with its key and outbox, the desk, the task that carries on."""

from contextlib import ExitStack
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderParts:
    """The orders of a node put together.

    Attributes:
        desk: For routes.
        tasks: What goes on in the background.
    """

    desk: LedgerDesk
    tasks: tuple[Periodic, ...]


def ensure_relay_key(settings: Settings, home: Home) -> None:
    """Make the key of the relay where a ledger is recorded and there is none yet.

    Before the embedded chain starts, which lets only known keys send.
    """
    if home.ledger.exists() and not home.relay_key.exists():
        create_key(home.relay_key, settings.secret())


def order_parts(
    settings: Settings,
    home: Home,
    *,
    url: str,
    store: SqlStore,
    stack: ExitStack,
    clock: Clock,
) -> OrderParts | None:
    """The orders of the recorded ledger; None where none is recorded.

    The chain may answer later than the node starts.

    Raises:
        ConfigError: The record or the key of the relay cannot be used.
    """
    if not home.ledger.exists():
        return None
    identity = read_ledger(home.ledger).identity
    key = load_key(home.relay_key, settings.secret())
    mirror = SqlLedgerMirror(store.database)
    connection = ExitStack()
    stack.callback(connection.close)  # after the tasks that use it, which are started later

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
    return OrderParts(
        desk=LedgerDesk(orders=desk, mirror=mirror, organisations=settings.ledger_organisations),
        tasks=(Periodic(name="orders", verb=desk.carry_on, interval=INTERVAL),),
    )
