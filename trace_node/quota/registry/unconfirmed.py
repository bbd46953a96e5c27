"""Executed orders that no registry confirmed yet, and what may confirm them (待确认指令)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.order_texts import number_digest
from trace_node.quota.registry.statement import (
    RegistryStatement,
)

# The registry's word for what an order does, seen from the account of the order and the other side.
SOURCE_SIDE: Final[Mapping[Kind, str]] = {
    Kind.LISTED: "transfer_out",
    Kind.BLOCK: "transfer_out",
    Kind.AUCTION: "transfer_out",
    Kind.MOVE: "move",
    Kind.FREEZE: "freeze",
    Kind.UNFREEZE: "unfreeze",
    Kind.PLEDGE: "pledge",
    Kind.UNPLEDGE: "unpledge",
    Kind.SURRENDER: "surrender",
    Kind.FORCED_SURRENDER: "surrender",
    Kind.OFFSET_FREEZE: "offset_freeze",
    Kind.OFFSET_PENDING: "offset_pending",
    Kind.OFFSET_USE: "offset_use",
    Kind.OFFSET_CANCEL: "cancel",
    Kind.OFFSET_RELEASE: "offset_release",
    Kind.CANCEL: "cancel",
    Kind.CLAW_BACK: "claw_back",
    Kind.SETTLE_ARREAR: "claw_back",
    Kind.CARRY_OVER: "carry_over",
}
TARGET_SIDE: Final[Mapping[Kind, str]] = {
    Kind.LISTED: "transfer_in",
    Kind.BLOCK: "transfer_in",
    Kind.AUCTION: "transfer_in",
    Kind.PRIMARY_AUCTION: "transfer_in",
    Kind.PRE_ALLOCATE: "issue",
    Kind.ISSUE: "issue",
    Kind.ALLOCATE: "issue",
}
CONFIRMED_KINDS: Final = frozenset({*SOURCE_SIDE, *TARGET_SIDE})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedOrder:
    """An executed order without the number of a registry or of the exchange.

    Attributes:
        order: Its content.
        number: Its number on the chain.
        product: Code of its class; empty where its lots are of several.
        since: Second since the epoch from which it could be executed.
        age_s: Seconds since then.
        candidates: Numbers of transactions that fit: by account, product, kind and tonnes.
    """

    order: Order
    number: int
    product: str
    since: int
    age_s: int
    candidates: tuple[str, ...]

    @property
    def confirmation(self) -> bytes | None:
        """Digest to confirm it with; None unless exactly one transaction fits."""
        return number_digest(self.candidates[0]) if len(self.candidates) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedOrder:
    """An executed order of a kind that is confirmed.

    Attributes:
        order: Its content.
        number: Its number on the chain.
        product: Code of its class; empty where its lots are of several.
        executable_at: Second from which it could be executed.
        confirmation: Digest of the outside number; zeros while there is none.
    """

    order: Order
    number: int
    product: str
    executable_at: int
    confirmation: bytes


def unconfirmed(
    orders: Sequence[ExecutedOrder],
    statements: Iterable[RegistryStatement],
    *,
    registry_numbers: Mapping[int, bytes],
    now: int,
) -> tuple[UnconfirmedOrder, ...]:
    """Executed orders without an outside number, oldest first, each with what may confirm it.

    A transaction whose number some order carries already confirms no second one.

    Args:
        orders: Executed orders of kinds that are confirmed.
        statements: Transaction statements.
        registry_numbers: Digest of the registry's account number, by account of the ledger.
        now: Seconds since the epoch.
    """
    used = {each.confirmation for each in orders}
    offered: dict[tuple[bytes, str, str], dict[str, int]] = defaultdict(dict)
    for statement in statements:
        account = number_digest(statement.account)
        for each in statement.transactions:
            if number_digest(each.number) not in used:
                tonnes = offered[account, each.operation, each.units.product]
                tonnes[each.number] = tonnes.get(each.number, 0) + each.units.quantity
    waiting = [each for each in orders if not any(each.confirmation)]
    return tuple(
        UnconfirmedOrder(
            order=each.order,
            number=each.number,
            product=each.product,
            since=each.executable_at,
            age_s=max(now - each.executable_at, 0),
            candidates=_fitting(each, offered, registry_numbers),
        )
        for each in sorted(waiting, key=lambda each: (each.executable_at, each.number))
    )


def _fitting(
    each: ExecutedOrder,
    offered: Mapping[tuple[bytes, str, str], Mapping[str, int]],
    registry_numbers: Mapping[int, bytes],
) -> tuple[str, ...]:
    sides = (
        (each.order.source, SOURCE_SIDE.get(each.order.kind)),
        (each.order.target, TARGET_SIDE.get(each.order.kind)),
    )
    found: set[str] = set()
    for account, operation in sides:
        number = registry_numbers.get(account)
        if number is None or operation is None:
            continue
        tonnes = offered.get((number, operation, each.product), {})
        found |= {name for name, total in tonnes.items() if total == each.order.quantity}
    return tuple(sorted(found))
