"""What the slow model of the ledger knows: dictionaries of plain records."""

from dataclasses import dataclass, field
from typing import Any

from support.ledger_orders import (
    NONE,
    AccountKind,
    Admission,
    Hold,
    Instrument,
    Order,
    OrderState,
    Place,
)

HELD = (Place.REGISTRY, Place.TRADING, Place.FROZEN, Place.PENDING)


class RefusedError(Exception):
    """What was asked for is refused; nothing has changed."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def require(condition: object, name: str) -> None:
    if not condition:
        raise RefusedError(name)


@dataclass
class ModelAccount:
    organisation: int
    kind: AccountKind
    status: str = "active"
    bound: bool = False
    delay: int = 0


@dataclass
class ModelLot:
    account: int
    class_id: int
    first: int
    quantity: int
    place: Place = Place.REGISTRY
    hold: Hold = Hold.NONE
    subject: int = 0
    order: int = 0


@dataclass
class ModelOrder:
    content: Order
    number: int
    initiator: str
    lots: list[int]
    state: OrderState = OrderState.PROPOSED
    approver: str = ""
    executable_at: int = 0
    confirmation: bytes = NONE


@dataclass
class ModelObligation:
    organisation: int
    year: int
    tonnes: int
    cap: int
    surrendered: int = 0
    reserved: int = 0
    used: int = 0

    @property
    def outstanding(self) -> int:
        return max(0, self.tonnes - self.surrendered - min(self.used, self.cap))


@dataclass
class State:
    """All that the ledger knows, and what can be asked of it."""

    offices: dict[str, str] = field(default_factory=dict)
    rights: dict[tuple[int, str], int] = field(default_factory=dict)
    accounts: dict[int, ModelAccount] = field(default_factory=dict)
    classes: dict[int, tuple[Instrument, int, bytes]] = field(default_factory=dict)
    lots: dict[int, ModelLot] = field(default_factory=dict)
    orders: dict[bytes, ModelOrder] = field(default_factory=dict)
    allowed: set[tuple[int, int]] = field(default_factory=set)
    obligations: dict[int, ModelObligation] = field(default_factory=dict)
    arrears: dict[int, list[int]] = field(default_factory=dict)
    limits: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    admissions: dict[tuple[int, int], Admission] = field(default_factory=dict)
    closed_years: set[int] = field(default_factory=set)
    paused: bool = False

    def balance(self, account: int, class_id: int) -> tuple[int, ...]:
        return tuple(
            sum(
                lot.quantity
                for lot in self.lots.values()
                if (lot.account, lot.class_id, lot.place) == (account, class_id, place)
            )
            for place in HELD
        )

    def snapshot(self) -> dict[str, Any]:
        """The state of lots, orders and obligations, in the form of the other snapshots."""
        return {
            "lots": {
                number: (
                    lot.account,
                    lot.class_id,
                    lot.place,
                    lot.hold,
                    lot.subject,
                    lot.first,
                    lot.quantity,
                    lot.order,
                )
                for number, lot in self.lots.items()
            },
            "classes": {each: content[:2] for each, content in self.classes.items()},
            "orders": {
                each: (
                    order.number,
                    order.state,
                    order.initiator,
                    order.approver,
                    order.executable_at,
                    order.confirmation,
                    tuple(order.lots),
                )
                for each, order in self.orders.items()
            },
            "obligations": {
                each: (
                    owed.organisation,
                    owed.year,
                    owed.tonnes,
                    owed.cap,
                    owed.surrendered,
                    owed.reserved,
                    owed.used,
                )
                for each, owed in self.obligations.items()
            },
            "arrears": {each: tuple(content) for each, content in self.arrears.items()},
            "limits": {each: tuple(content) for each, content in self.limits.items()},
            "allowed": frozenset(self.allowed),
        }
