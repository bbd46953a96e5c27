"""An order: what two persons sign, and the contract carries out (指令)."""

from dataclasses import dataclass

from trace_node.quota.ledger.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A quantity of one lot.

    Attributes:
        lot: Number of the lot.
        quantity: Whole tonnes.
    """

    lot: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The content of an order; numbers that its kind does not use are zero.

    Attributes:
        chain_id: EVM chain id.
        order_id: 32 bytes, chosen by the initiator: the idempotency key.
        kind: What it does.
        source: Account whose lots are moved; ``from`` on the chain.
        target: Account that receives; ``to`` on the chain.
        subject: Class, obligation, arrear, place or instrument, by kind.
        parts: Lots in ascending order, each once.
        quantity: Whole tonnes: the sum of the parts.
        commitment: 32-byte salted digest of price and counterparties, or of the beneficiary.
        registry_number: 32-byte digest of an outside reference.
        reason: 32-byte digest of the reason or the record behind it.
        not_before: First second since the epoch at which it may be executed; 0 for at once.
        deadline: Last second at which it may be proposed, approved or executed.
    """

    chain_id: int
    order_id: bytes
    kind: Kind
    source: int
    target: int
    subject: int
    parts: tuple[Part, ...]
    quantity: int
    commitment: bytes
    registry_number: bytes
    reason: bytes
    not_before: int
    deadline: int
