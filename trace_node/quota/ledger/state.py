"""What the ledger holds at one block, as its contracts and its mirror both tell it (账本状态).

The names follow the contracts; quantities are whole tonnes, digests have 32 bytes, addresses 20.
"""

from dataclasses import dataclass

from trace_node.quota.ledger.kinds import (
    AccountKind,
    AccountStatus,
    Hold,
    Instrument,
    Kind,
    OrderState,
    Place,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountContent:
    """An account; ``bound_to`` and ``registry_number`` are 0 and zeros where there is none."""

    organisation: int
    bound_to: int
    kind: AccountKind
    status: AccountStatus
    delay: int
    registry_number: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassContent:
    """A class and its totals: next_serial - 1 = held + surrendered + cancelled + converted."""

    next_serial: int
    held: int
    surrendered: int
    cancelled: int
    converted: int
    vintage: int
    instrument: Instrument
    code: bytes
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LotContent:
    """A range of serials; ``order`` is the number of the open order that reserves it, or 0."""

    account: int
    class_id: int
    place: Place
    hold: Hold
    subject: int
    first_serial: int
    quantity: int
    order: int
    registry_number: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account holds of one class, by place (余额)."""

    registry: int = 0
    trading: int = 0
    frozen: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.registry + self.trading + self.frozen + self.pending


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderContent:
    """How far an order has come; ``lots`` are those it reserves now."""

    content_hash: bytes
    number: int
    kind: Kind
    state: OrderState
    executable_at: int
    initiator: bytes
    approver: bytes
    confirmation: bytes
    lots: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationContent:
    """An obligation and what was handed in for it."""

    organisation: int
    year: int
    sector: int
    cap_version: int
    record: int
    tonnes: int
    surrendered: int
    cap: int
    offset_reserved: int
    offset_used: int

    @property
    def outstanding(self) -> int:
        """What is still owed: tonnes - surrendered - min(used offsets, cap), at least 0."""
        return max(self.tonnes - self.surrendered - min(self.offset_used, self.cap), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearContent:
    """What is owed back of a class."""

    organisation: int
    class_id: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOverContent:
    """What an organisation may carry over into a year, and has."""

    claim: int
    limit: int
    used: int
