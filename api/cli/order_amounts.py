"""Lots and tonnes of a new order: those that were named, or those that a node knows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.cli.order_options import read_lots
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.quota.ledger.kinds import Kind
    from trace_node.quota.ledger.order import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an order shall move.

    Attributes:
        lots: Lots as LOT:TONNES, as they were typed.
        quantity: Whole tonnes, as they were typed; None where the lots say it.
        account: The account whose lots they are.
        class_id: The only class to choose from; None for any.
        there_already: A place whose lots are not chosen, as they would be moved to it; 0 for none.
    """

    lots: list[str]
    quantity: str | None
    account: int
    class_id: int | None
    there_already: int


def amounts(
    kind: "Kind", wanted: Wanted, *, node: str | None, token: str
) -> "tuple[tuple[Part, ...], int]":
    """The lots and the quantity of an order.

    Args:
        kind: What it does.
        wanted: What it shall move.
        node: URL of the node whose lots are chosen from; None without one.
        token: Access token of that node.

    Raises:
        InputError: An amount is none, or lots are to be chosen and no node was named.
        TraceNodeError: The lots do not suffice, or the node refuses or does not answer.
    """
    from api.cli.order_ledger import lots_of_node
    from trace_node.quota.ledger.amounts import read_tonnes
    from trace_node.quota.ledger.kinds import Kind
    from trace_node.quota.ledger.lot_choice import choose_lots
    from trace_node.quota.ledger.shapes import SHAPES

    parts = read_lots(wanted.lots)
    total = sum(part.quantity for part in parts)
    if wanted.quantity is None:
        return parts, total
    least = 0 if kind is Kind.SET_COUNTERPARTY else 1
    tonnes = read_tonnes(wanted.quantity, field="--quantity", least=least)
    if parts or not SHAPES[kind].places:
        return parts, tonnes
    if node is None:
        raise InputError(
            "{field}: the lots are chosen from what a node knows",
            field="--node",
            remedy="name a node and a token, or the lots: --lot LOT:TONNES",
            code="order.parts",
        )
    found = lots_of_node(
        node,
        kind=kind,
        account=wanted.account,
        class_id=wanted.class_id,
        token=token,
        there_already=wanted.there_already,
    )
    return choose_lots(found, tonnes), tonnes
