"""An event of the ledger with its place on the chain."""

from dataclasses import dataclass

from trace_node.quota.ledger.access_events import AccessEvent
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.lots_events import LotEvent
from trace_node.quota.ledger.obligations_events import ObligationEvent
from trace_node.quota.ledger.orders_events import OrderEvent
from trace_node.quota.ledger.rules_events import RuleEvent

LedgerEvent = AccessEvent | RuleEvent | LotEvent | ObligationEvent | OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedEvent:
    """An event and where it was emitted (链上事件).

    Attributes:
        book: The contract that emitted it.
        block: Height of its block.
        block_hash: 32 bytes.
        time: Seconds since the epoch by the block.
        transaction: 32-byte hash of its transaction.
        index: Place among the logs of its block, from 0.
        content: The event.
    """

    book: Book
    block: int
    block_hash: bytes
    time: int
    transaction: bytes
    index: int
    content: LedgerEvent
