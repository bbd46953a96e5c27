"""Questions to the ledger's mirror; every answer says how far that has come, and what it is.

answer = queries.ask(lambda view: view.balances(3))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from trace_node.canonical_json import JsonObject
from trace_node.errors import NotFoundError
from trace_node.ports.ledger_mirror import LedgerMirror, LedgerView
from trace_node.ports.ledger_mirror_head import MirrorHead
from trace_node.quota.ledger.rows import OrderRow
from trace_node.services.mirror_evidence import mark_json

LEGAL_RECORD = (
    "The national registries of allowances and of CCER are the legal record; this is a copy."
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What was found, and how far the mirror had come then.

    Attributes:
        found: What was found.
        head: The mirror's head in the same snapshot.
    """

    found: T
    head: MirrorHead

    def standing(self) -> JsonObject:
        """Where it stands: to be shown with every answer."""
        return standing(self.head)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQueries:
    """Asks the mirror.

    Attributes:
        mirror: The mirror.
    """

    mirror: LedgerMirror

    def ask(self, question: Callable[[LedgerView], T]) -> Answer[T]:
        """Answer one question from one snapshot.

        Raises:
            NotFoundError: No ledger was joined yet.
        """
        with self.mirror.view() as view:
            return Answer(found=question(view), head=view.head())


def standing(head: MirrorHead) -> JsonObject:
    """How far the mirror has come, the chain's head, what is final, what the legal record is."""
    return {
        "mirror": mark_json(head.tip),
        "chain_height": head.height,
        "lag_blocks": head.lag,
        "final": head.final,
        "reconciled": None if head.reconciled is None else head.reconciled.block,
        "legal_record": LEGAL_RECORD,
    }


def not_joined() -> NotFoundError:
    """What is answered where a node has joined no ledger."""
    return NotFoundError(
        "this node has joined no ledger",
        code="not_found.ledger",
        remedy="join one: trace-node ledger join; the node mirrors it then",
    )


def order_is_final(order: OrderRow, head: MirrorHead) -> bool:
    """Whether an order has ended in a block that is never taken back."""
    return 0 < order.ended_block <= head.final
