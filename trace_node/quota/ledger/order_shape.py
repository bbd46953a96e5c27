"""What an order must be like: the part of the contracts' rules that needs no state.

The contracts check it again.
"""

from typing import Final

from trace_node.quota.ledger.errors import OrderFileError
from trace_node.quota.ledger.kinds import Instrument, Kind, Place
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.order_texts import NO_DIGEST
from trace_node.quota.ledger.shapes import SHAPES, Shape

MAX_LOTS: Final = 64
MAX_YEAR: Final = 2**32 - 1
SIDE_BYTES: Final = 8  # of an order id: the account that proposes
CHOSEN_BYTES: Final = 24  # of an order id: the rest
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
    _require_id(order)
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
    if order.kind is Kind.CANCEL and order.commitment == NO_DIGEST:
        raise _broken("commitment", "{field}: this kind of order needs it", "order.commitment")
    if order.kind in _NUMBERED and order.registry_number == NO_DIGEST:
        raise _broken(
            "registry_number", "{field}: this kind of order needs it", "order.registry_number"
        )


def order_id_of(order: Order, chosen: bytes) -> bytes:
    """The 32-byte id of an order: its side, and 24 bytes that the initiator chose."""
    return proposing_account(order).to_bytes(SIDE_BYTES) + chosen


def proposing_account(order: Order) -> int:
    """The account whose keys propose an order; 0 where officers do."""
    return {"key": order.source, "key of to": order.target}.get(SHAPES[order.kind].initiator, 0)


def _require_id(order: Order) -> None:
    """An id begins with the order's own side, so that nobody can take one of another's account."""
    if order.order_id == NO_DIGEST:
        raise _broken("order_id", "{field}: must not be zero", "order.id")
    side = proposing_account(order)
    if int.from_bytes(order.order_id[:SIDE_BYTES]) != side:
        raise OrderFileError(
            "{field}: must begin with the account whose keys propose the order ({account}),"
            " 8 bytes",
            field="order_id",
            account=side,
            remedy="make the order with trace-node order new",
            code="order.id",
        )


def _require_used(field: str, value: int, *, used: bool, code: str) -> None:
    if used and value == 0:
        raise _broken(field, "{field}: this kind of order needs it", code)
    if not used and value != 0:
        raise _broken(field, "{field}: this kind of order has none: it must be 0", code)


def _require_subject(order: Order, shape: Shape) -> None:
    if not shape.optional:
        _require_used("subject", order.subject, used=bool(shape.subject), code="order.subject")
    if shape.subject == "place" and order.subject not in (Place.REGISTRY, Place.TRADING):
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
