"""Orders between the service that takes them, the chain that carries them out, and the store.

``OrderSignatures`` and ``OrderRelay`` are served by ``chain``, ``OrderBook`` by ``store``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trace_node.quota.ledger.kinds import OrderState
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.signed_order import About, OrderSignature, SignedOrder


class OrderStep(StrEnum):
    """A call of the contract that moves an order on; anybody may send it (指令步骤).

    Attributes:
        SUBMIT: Propose, approve and, when it is due, execute, in one transaction.
        PROPOSE: Reserve the lots.
        APPROVE: Accept the second signature.
        EXECUTE: Carry it out.
        CANCEL: End it by a signature.
        EXPIRE: End it after its deadline.
    """

    SUBMIT = "submit"
    PROPOSE = "propose"
    APPROVE = "approve"
    EXECUTE = "execute"
    CANCEL = "cancel"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the contract's newest block sees an order.

    Attributes:
        state: How far it has come; ``NONE`` where it was never proposed.
        content_hash: 32-byte hash of what was proposed; zeros before.
        executable_at: First second at which an approved order may be executed; 0 before.
        initiator: 20-byte address; zeros before it was proposed.
        approver: 20-byte address; zeros before it was approved.
        confirmation: 32-byte digest of the registry's number; zeros while there is none.
        final: The newest final block sees the same state.
        block: Height of the chain when it was asked.
    """

    state: OrderState
    content_hash: bytes
    executable_at: int
    initiator: bytes
    approver: bytes
    confirmation: bytes
    final: bool
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """A step whose transaction was stored and handed in.

    Attributes:
        transaction: 32-byte hash; None while its block is not known.
        block: Height of the block it is in; None while it is in none.
    """

    transaction: bytes | None
    block: int | None


class OrderSignatures(Protocol):
    """EIP-712 of orders; asks nobody."""

    def content_hash(self, order: Order) -> bytes:
        """The 32-byte hash of an order's content, as the contract computes it."""

    def require_signed(
        self, order: Order, *, contract: bytes, about: About, signature: OrderSignature
    ) -> None:
        """Check a signature.

        Raises:
            AccessError: It is not of its signer over this order, for this purpose, on this chain
                and contract; code ``order.signature.mismatch``.
        """


class OrderRelay(Protocol):
    """Hands orders to the contract, whatever is lost on the way: no step is done twice.

    Methods raise ``UnavailableError`` when the chain does not answer; what was stored before that
    is carried on by ``settle``, or by the same call again.
    """

    @property
    def chain_id(self) -> int:
        """EVM chain id of the ledger."""

    @property
    def contract(self) -> bytes:
        """20-byte address of the AllowanceRegistry."""

    def relay(self, signed: SignedOrder, step: OrderStep) -> Relayed:
        """Do a step, unless it was done.

        Raises:
            ConflictError: The contract refuses; ``ledger.refused.`` and the name of its error.
        """

    def standing(self, order_id: bytes) -> Standing:
        """How the newest block sees an order."""

    def settle(self) -> None:
        """Carry on with whatever was stored and is not final."""


class OrderPhase(StrEnum):
    """How far an order has come at this node (指令阶段).

    Attributes:
        SIGNED: Stored here; not yet handed to the chain.
        REFUSED: The contract refused the newest step, with a reason; nothing of it happened.
        SUBMITTED: Handed in; its block is not known yet.
        PROPOSED: On the chain, its lots are reserved.
        APPROVED: Waits for its time.
        EXECUTED: Carried out; ``final`` says whether its block can still be taken back. A kind
            that no registry and no exchange answers to ends so.
        UNCONFIRMED: Carried out for good; the registry's number is not entered yet.
        CONFIRMED: Carried out, and the registry's number is entered.
        CANCELLED: Ended by a signature.
        EXPIRED: Ended after its deadline.
    """

    SIGNED = "signed"
    REFUSED = "refused"
    SUBMITTED = "submitted"
    PROPOSED = "proposed"
    APPROVED = "approved"
    EXECUTED = "executed"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOrder:
    """An order as this node took it.

    Attributes:
        order_id: 32 bytes: the idempotency key.
        content_hash: 32-byte hash of its content.
        file: The order file with all signatures that came in.
        organisation: Number of the organisation that handed it in; None where that was not asked.
        phase: How far it has come.
        reason: Dotted code of the newest refusal; empty when there is none.
        detail: The refusal in words, in English; empty when there is none.
        transaction: 32-byte hash of the newest step's transaction; None before the first.
        block: Height of its block; None while it is in none.
        final: It has ended, in a block that can no longer be taken back.
        due: When something is to be done next, seconds since the epoch; 0 for at once.
        taken_ms: Milliseconds since the epoch of its first arrival.
        changed_ms: Milliseconds since the epoch of its last change.
        revision: Counts the changes; what compare-and-swap compares.
    """

    order_id: bytes
    content_hash: bytes
    file: bytes
    organisation: int | None
    phase: OrderPhase
    reason: str = ""
    detail: str = ""
    transaction: bytes | None = None
    block: int | None = None
    final: bool = False
    due: int = 0
    taken_ms: int = 0
    changed_ms: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFigures:
    """How many orders this node keeps (指令统计).

    Attributes:
        open: Orders that have not ended for good, by phase; phases without one are left out.
        ended: Orders that have.
        oldest_open_ms: Milliseconds since the epoch at which the oldest open one came in; None
            when none is open.
    """

    open: Mapping[OrderPhase, int]
    ended: int
    oldest_open_ms: int | None


class OrderBook(Protocol):
    """The orders that were handed to this node; every method is one transaction (指令簿).

    Every method may raise an error of ``store``.
    """

    def put(self, order: StoredOrder) -> StoredOrder:
        """Store a new order, durably, or return the one with its id that is there.

        It is compared by the caller: nothing is replaced here.
        """

    def find(self, order_id: bytes) -> StoredOrder | None:
        """The order with that id; None when it was never handed in."""

    def replace(self, order: StoredOrder) -> bool:
        """Set an order whose revision is still ``order.revision``, and count that up.

        Returns:
            Whether it was; else somebody else changed it meanwhile.
        """

    def due(self, *, now: int, limit: int) -> Sequence[StoredOrder]:
        """Orders that are not final and due at ``now``, seconds since the epoch, soonest first."""

    def newest(
        self, *, organisation: int | None, before_ms: int | None, limit: int
    ) -> Sequence[StoredOrder]:
        """Orders by arrival, newest first; of one organisation, and before a time, if given."""

    def figures(self) -> OrderFigures:
        """How many there are; what is open is counted one by one, what has ended by an index."""
