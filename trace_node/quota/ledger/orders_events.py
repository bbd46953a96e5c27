"""Events of AllowanceRegistry: the life of orders (指令事件)."""

from dataclasses import dataclass

from trace_node.quota.ledger.kinds import OrderState
from trace_node.quota.ledger.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterpartySet:
    """A counterparty was put on or off the allow-list of an account."""

    sequence: int
    account: int
    counterparty: int
    allowed: bool
    order_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerClosed:
    """The ledger was closed for good with the digest of its final state."""

    sequence: int
    state_digest: bytes
    order_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderApproved:
    """The approver's signature was accepted; ``executable_at`` in seconds since the epoch."""

    sequence: int
    order_id: bytes
    approver: bytes
    executable_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed:
    """The registry's or exchange's number of an executed order was entered, as a digest."""

    sequence: int
    order_id: bytes
    registry_number: bytes
    officer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEnded:
    """An order was executed, cancelled or has expired; its lots are free again."""

    sequence: int
    order_id: bytes
    state: OrderState
    by: bytes
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderProposed:
    """An order reserves ``lots``, which hold its parts in order."""

    sequence: int
    order_id: bytes
    number: int
    initiator: bytes
    content_hash: bytes
    content: Order
    lots: tuple[int, ...]


OrderEvent = (
    CounterpartySet | LedgerClosed | OrderApproved | OrderConfirmed | OrderEnded | OrderProposed
)
