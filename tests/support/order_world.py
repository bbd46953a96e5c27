"""A ledger on the embedded chain and the product's own way of handing orders to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from support import ledger_orders
from support.evm import CHAIN_ID
from support.ledger import Parties
from support.ledger_copies import prepared_copy
from web3.types import RPCEndpoint, RPCResponse

from chain.client import EvmClient
from chain.config import ChainConfig
from chain.errors import ChainUnavailableError
from chain.ledger_relay import LedgerRelay
from chain.order_signing import sign_order
from chain.outbox_store import SqliteOutboxStore
from chain.provider import BoundedProvider
from chain.sender import TransactionSender
from chain.signer_key import AnchorKey
from chain.signer_lock import SignerLock
from trace_node.clock import SystemClock
from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.order import Order, Part
from trace_node.quota.ledger.signed_order import About, SignedOrder

SEND = "eth_sendRawTransaction"


@dataclass
class Wire:
    """An engine whose answers get lost on request: before it acts, or after."""

    engine: Any
    lost_before: list[str] = field(default_factory=list)
    lost_after: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        self.asked.append(method)
        if method in self.lost_before:
            self.lost_before.remove(method)
            raise ChainUnavailableError("{field}: lost before", field=method)
        answer = self.engine.make_request(method, params)
        if method in self.lost_after:
            self.lost_after.remove(method)
            raise ChainUnavailableError("{field}: lost after", field=method)
        return answer


def key_of(account: LocalAccount) -> AnchorKey:
    """The same key in the product's hands."""
    return AnchorKey(bytes(account.key))


def order_of(order: ledger_orders.Order) -> Order:
    """The same order in the product's words."""
    return Order(
        chain_id=order.chain_id,
        order_id=order.order_id,
        kind=Kind(order.kind),
        source=order.source,
        target=order.to,
        subject=order.subject,
        parts=tuple(Part(lot=lot, quantity=quantity) for lot, quantity in order.parts),
        quantity=order.quantity,
        commitment=order.commitment,
        registry_number=order.registry_number,
        reason=order.reason,
        not_before=order.not_before,
        deadline=order.deadline,
    )


class OrderWorld:
    """Two enterprises, their keys, and a relay that is built anew by ``restart``."""

    def __init__(self, folder: Path, parties: Parties) -> None:
        self.folder = folder
        self.parties = parties
        self.ledger = ledger = parties.ledger
        self.engine = ledger.engine
        self.contract = bytes.fromhex(ledger.orders.address[2:])
        self.depth: int | None = None
        self.key = AnchorKey((1).to_bytes(32))
        self.wire = Wire(self.engine.web3.provider)
        self.wrap: Callable[[Any], Any] = lambda outbox: outbox
        self.restart()

    def restart(self, *, engine: str | None = None) -> None:
        """As after a crash: only the outbox file and the chain are left."""
        config = ChainConfig(
            url="http://127.0.0.1:1",
            engine=engine or self.engine.name,
            chain_id=CHAIN_ID,
            finality_depth=self.depth,
        )
        self.client = EvmClient(config, BoundedProvider(config, engine=self.wire))
        self.outbox = SqliteOutboxStore(
            self.folder / "outbox.db",
            chain_id=CHAIN_ID,
            genesis_hash=self.client.genesis_hash,
        )
        sender = TransactionSender(
            client=self.client,
            key=self.key,
            store=self.wrap(self.outbox),
            lock=SignerLock(self.folder / "relay.lock"),
            clock=SystemClock(),
        )
        self.relay = LedgerRelay(self.client, self.contract, sender)
        self.wire.asked.clear()

    def sale(self, tonnes: int = 100, *, lot_tonnes: int = 1_000, **fields: Any) -> SignedOrder:
        """A listed agreement of a new lot, signed by both."""
        lot = self.parties.lot(lot_tonnes, trading=True)
        return self.signed(self.parties.sale((lot, tonnes), **fields))

    def signed(
        self,
        order: ledger_orders.Order,
        *,
        by: dict[About, LocalAccount] | None = None,
        only: tuple[About, ...] = (About.ORDER, About.APPROVAL),
    ) -> SignedOrder:
        """An order with its signatures, of who rightly signs unless told otherwise."""
        initiator, approver = self.ledger.signers(order)
        rightly = {
            About.ORDER: initiator,
            About.APPROVAL: approver,
            About.CANCELLATION: initiator,
        }
        made = SignedOrder(order=order_of(order), contract=self.contract)
        for about in only:
            who = (by or {}).get(about, rightly[about])
            signature = sign_order(made.order, key_of(who), contract=self.contract, about=about)
            made = made.signed(about, signature)
        return made

    def state(self, signed: SignedOrder) -> str:
        """Name of the order's state on the chain."""
        found = self.ledger.orders.functions.orderOf(signed.order.order_id).call()
        return ledger_orders.OrderState(found[3]).name

    def sent(self) -> int:
        """Number of transactions of the relay on the chain."""
        return int(self.engine.web3.eth.get_transaction_count(self.key.shown))

    def held(self) -> tuple[int, int]:
        """Tonnes of seller and buyer in all places."""
        parties = self.parties
        return tuple(
            sum(self.ledger.balance(account, parties.class_id))
            for account in (parties.seller, parties.buyer)
        )


@contextmanager
def order_world(folder: Path) -> Iterator[OrderWorld]:
    """A world of its own."""
    with prepared_copy(Parties, folder) as parties:
        yield OrderWorld(folder, parties)
