"""Which lots an order takes when a person names only the quantity: the oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from trace_node.quota.ledger.errors import OrderFileError
from trace_node.quota.ledger.order import Part
from trace_node.quota.ledger.order_shape import MAX_LOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lot that may be taken.

    Attributes:
        lot: Its number.
        vintage: Year of its units.
        quantity: Whole tonnes it holds.
    """

    lot: int
    vintage: int
    quantity: int


def choose_lots(candidates: Sequence[Candidate], quantity: int) -> tuple[Part, ...]:
    """Take ``quantity`` tonnes from the oldest vintages, of one vintage the smallest numbers first.

    Raises:
        OrderFileError: There is not enough (``order.lots.insufficient``), or more than 64 lots are
            needed (``order.parts.many``).
    """
    missing = quantity
    parts = []
    for each in sorted(candidates, key=lambda each: (each.vintage, each.lot)):
        if missing == 0:
            break
        taken = min(each.quantity, missing)
        parts.append(Part(lot=each.lot, quantity=taken))
        missing -= taken
    if missing:
        raise OrderFileError(
            "{field}: {quantity} t are asked for, {there} t are there in lots that may be taken",
            field="--quantity",
            quantity=quantity,
            there=quantity - missing,
            remedy="ask for less, or see which lots there are: LedgerLotQuery",
            code="order.lots.insufficient",
        )
    if len(parts) > MAX_LOTS:
        raise OrderFileError(
            "{field}: names {count} lots, at most {bound} go into one order",
            field="--quantity",
            count=len(parts),
            bound=MAX_LOTS,
            remedy="make several orders",
            code="order.parts.many",
        )
    return tuple(sorted(parts, key=lambda part: part.lot))
