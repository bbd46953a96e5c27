"""What an order of each kind is made of: the part of the contracts' rules that needs no state.

The table is that of docs/spec/allowance-registry.md; the contracts check it again.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trace_node.quota.ledger.errors import OrderFileError
from trace_node.quota.ledger.kinds import Hold, Instrument, Kind, Place
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.order_texts import NO_DIGEST

MAX_LOTS: Final = 64
MAX_YEAR: Final = 2**32 - 1
_REGISTRY, _TRADING, _FROZEN, _PENDING = Place.REGISTRY, Place.TRADING, Place.FROZEN, Place.PENDING
_ENDS = (Place.SURRENDERED, Place.CANCELLED, Place.CONVERTED)
_HELD = (_REGISTRY, _TRADING, _FROZEN, _PENDING)
_FREE = (Hold.NONE,)
_SET_ASIDE = (Hold.OFFSET, Hold.USED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a kind of order needs.

    Attributes:
        initiator: Who signs first: key, key of to, regulator, registry or exchange.
        approver: Who approves, of the same words.
        source: Whether it names an account whose lots are moved.
        target: Whether it names an account that receives.
        subject: What its subject is: class, obligation, arrear, place or instrument; empty without.
        places: Where its lots may stand; empty for an order without lots.
        holds: What may bind them.
        confirmed: Whether the registry or the exchange answers to it.
    """

    initiator: str = "key"
    approver: str = "key"
    source: bool = True
    target: bool = False
    subject: str = ""
    places: tuple[Place, ...] = ()
    holds: tuple[Hold, ...] = _FREE
    confirmed: bool = True


_TRADE = Shape(target=True, places=(_TRADING,))
_ISSUE = Shape(
    initiator="regulator", approver="regulator", source=False, target=True, subject="class"
)
SHAPES: Final = MappingProxyType(
    {
        Kind.REGISTER_CLASS: Shape(
            initiator="registry",
            approver="regulator",
            source=False,
            subject="instrument",
            confirmed=False,
        ),
        Kind.PRE_ALLOCATE: _ISSUE,
        Kind.ISSUE: _ISSUE,
        Kind.ALLOCATE: Shape(
            initiator="regulator", approver="regulator", target=True, places=(_REGISTRY,)
        ),
        Kind.CLAW_BACK: Shape(
            initiator="regulator",
            approver="regulator",
            target=True,
            subject="class",
            places=(_REGISTRY, _TRADING),
        ),
        Kind.SETTLE_ARREAR: Shape(target=True, subject="arrear", places=(_REGISTRY,)),
        Kind.LISTED: _TRADE,
        Kind.BLOCK: _TRADE,
        Kind.AUCTION: _TRADE,
        Kind.PRIMARY_AUCTION: Shape(
            initiator="exchange", approver="regulator", target=True, places=(_REGISTRY,)
        ),
        Kind.SET_COUNTERPARTY: Shape(target=True, confirmed=False),
        Kind.MOVE: Shape(target=True, subject="place", places=(_REGISTRY, _TRADING)),
        Kind.FREEZE: Shape(
            initiator="regulator", approver="regulator", places=(_REGISTRY, _TRADING)
        ),
        Kind.UNFREEZE: Shape(
            initiator="regulator", approver="regulator", places=(_FROZEN,), holds=(Hold.JUDICIAL,)
        ),
        Kind.PLEDGE: Shape(target=True, places=(_REGISTRY, _TRADING)),
        Kind.UNPLEDGE: Shape(
            initiator="key of to",
            approver="key of to",
            target=True,
            places=(_FROZEN,),
            holds=(Hold.PLEDGE,),
        ),
        Kind.SURRENDER: Shape(subject="obligation", places=(_REGISTRY,)),
        Kind.FORCED_SURRENDER: Shape(
            initiator="regulator", approver="regulator", subject="obligation", places=(_REGISTRY,)
        ),
        Kind.OFFSET_FREEZE: Shape(subject="obligation", places=(_REGISTRY,)),
        Kind.OFFSET_PENDING: Shape(
            initiator="registry",
            approver="regulator",
            subject="obligation",
            places=(_FROZEN,),
            holds=(Hold.OFFSET,),
        ),
        Kind.OFFSET_USE: Shape(
            approver="regulator",
            subject="obligation",
            places=(_PENDING, Place.CANCELLED),
            holds=(Hold.OFFSET,),
        ),
        Kind.OFFSET_CANCEL: Shape(
            initiator="registry",
            approver="regulator",
            subject="obligation",
            places=(_FROZEN, _PENDING),
            holds=_SET_ASIDE,
        ),
        Kind.OFFSET_RELEASE: Shape(
            approver="registry", subject="obligation", places=(_FROZEN, _PENDING), holds=_SET_ASIDE
        ),
        Kind.CANCEL: Shape(target=True, places=(_REGISTRY,)),
        Kind.CARRY_OVER: Shape(approver="regulator", subject="class", places=(_REGISTRY, _TRADING)),
        Kind.CORRECT_MOVE: Shape(
            initiator="registry",
            approver="regulator",
            target=True,
            places=_HELD,
            holds=tuple(Hold),
            confirmed=False,
        ),
        Kind.CORRECT_REMOVE: Shape(
            initiator="registry",
            approver="regulator",
            target=True,
            places=_HELD,
            holds=tuple(Hold),
            confirmed=False,
        ),
        Kind.CORRECT_RESTORE: Shape(
            initiator="registry",
            approver="regulator",
            target=True,
            places=_ENDS,
            holds=tuple(Hold),
            confirmed=False,
        ),
        Kind.CLOSE_LEDGER: Shape(
            initiator="regulator", approver="regulator", source=False, confirmed=False
        ),
    }
)
_REASONED = (Kind.FREEZE, Kind.CANCEL)
_NUMBERED = (
    Kind.REGISTER_CLASS,
    Kind.CORRECT_MOVE,
    Kind.CORRECT_REMOVE,
    Kind.CORRECT_RESTORE,
    Kind.CLOSE_LEDGER,
)
_QUANTITY_OF_ITS_OWN = (Kind.REGISTER_CLASS, Kind.PRE_ALLOCATE, Kind.ISSUE, Kind.SET_COUNTERPARTY)


def require_shape(order: Order) -> None:
    """Check what an order must be like whatever the ledger holds.

    Raises:
        OrderFileError: It is not; the code names the rule.
    """
    shape = SHAPES[order.kind]
    if order.order_id == NO_DIGEST:
        raise _broken("order_id", "{field}: must not be zero", "order.id")
    if not order.not_before <= order.deadline or order.deadline == 0:
        raise _broken(
            "deadline", "{field}: must be later than 0 and not before not_before", "order.deadline"
        )
    _require_used("from", order.source, used=shape.source, code="order.account")
    _require_used("to", order.target, used=shape.target, code="order.account")
    _require_subject(order, shape)
    _require_parts(order, shape)
    _require_quantity(order, shape)
    if order.kind in _REASONED and order.reason == NO_DIGEST:
        raise _broken("reason", "{field}: this kind of order needs it", "order.reason")
    if order.kind in _NUMBERED and order.registry_number == NO_DIGEST:
        raise _broken(
            "registry_number", "{field}: this kind of order needs it", "order.registry_number"
        )


def _require_used(field: str, value: int, *, used: bool, code: str) -> None:
    if used and value == 0:
        raise _broken(field, "{field}: this kind of order needs it", code)
    if not used and value != 0:
        raise _broken(field, "{field}: this kind of order has none: it must be 0", code)


def _require_subject(order: Order, shape: Shape) -> None:
    _require_used("subject", order.subject, used=bool(shape.subject), code="order.subject")
    if shape.subject == "place" and order.subject not in (_REGISTRY, _TRADING):
        raise _broken("subject", "{field}: must be 1 (registry) or 2 (trading)", "order.subject")
    if shape.subject == "instrument" and order.subject > Instrument.OTHER:
        raise _broken(
            "subject", "{field}: must be 1 (allowance), 2 (CCER) or 3 (other)", "order.subject"
        )


def _require_parts(order: Order, shape: Shape) -> None:
    lots = [part.lot for part in order.parts]
    if lots and not shape.places:
        raise _broken("parts", "{field}: this kind of order names no lots", "order.parts")
    if not lots and shape.places and order.kind is not Kind.CLAW_BACK:
        raise _broken("parts", "{field}: this kind of order names its lots", "order.parts")
    if len(lots) > MAX_LOTS:
        raise OrderFileError(
            "{field}: names {count} lots, at most {bound} go into one order",
            field="parts",
            count=len(lots),
            bound=MAX_LOTS,
            remedy="make several orders",
            code="order.parts.many",
        )
    if lots != sorted(set(lots)) or 0 in lots:
        raise _broken(
            "parts", "{field}: lots stand in ascending order, each once", "order.parts.order"
        )


def _require_quantity(order: Order, shape: Shape) -> None:
    total = sum(part.quantity for part in order.parts)
    if order.kind is Kind.CLAW_BACK:
        sound = 0 < order.quantity >= total
    elif order.kind is Kind.SET_COUNTERPARTY:
        sound = order.quantity in (0, 1)
    elif order.kind is Kind.REGISTER_CLASS:
        sound = 0 < order.quantity <= MAX_YEAR
    elif order.kind in _QUANTITY_OF_ITS_OWN:
        if order.quantity == 0:
            raise _broken("quantity", "{field}: zero tonnes cannot be moved", "order.amount.zero")
        sound = True
    else:
        sound = order.quantity == total
    if not sound:
        raise OrderFileError(
            "{field}: is {quantity}, the parts add up to {total}"
            if shape.places
            else "{field}: {quantity} has no meaning for this kind of order",
            field="quantity",
            quantity=order.quantity,
            total=total,
            remedy="see what this kind of order takes in docs/spec/allowance-registry.md",
            code="order.quantity",
        )


def _broken(field: str, template: str, code: str) -> OrderFileError:
    return OrderFileError(
        template,
        field=field,
        remedy="see what this kind of order takes in docs/spec/allowance-registry.md",
        code=code,
    )
