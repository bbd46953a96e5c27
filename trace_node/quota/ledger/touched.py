"""Which rows a run of events will look at, so that they can be loaded all at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from trace_node.quota.ledger import access_events as access
from trace_node.quota.ledger import lots_events as lots
from trace_node.quota.ledger import obligations_events as obligations
from trace_node.quota.ledger import orders_events as orders
from trace_node.quota.ledger import rules_events as rules
from trace_node.quota.ledger.effect import CONTRA, Known
from trace_node.quota.ledger.effects_access import LEDGER_KEY
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Place
from trace_node.quota.ledger.rows import Key, OrderRow, Table
from trace_node.quota.ledger.state import LotContent

Touch = tuple[Table, Key]
_HELD = tuple(place for place in Place if place.held)
_ENDS = tuple(place for place in Place if not place.held)


def _of(table: Table, *names: str) -> Callable[[Any], list[Touch]]:
    """The row that an event names by one field, or by several."""
    if len(names) == 1:
        return lambda event: [(table, getattr(event, names[0]))]
    return lambda event: [(table, tuple(getattr(event, name) for name in names))]


def _ledger(_event: object) -> list[Touch]:
    return [(Table.LEDGER, LEDGER_KEY)]


def _rule(event: rules.RuleAdded | rules.DraftReleased) -> list[Touch]:
    key = (event.rule_id, event.year, event.version)
    return [(Table.RULE_PROPOSALS, event.proposal_id), (Table.RULES, key)]


def _split(event: lots.LotSplit) -> list[Touch]:
    return [(Table.LOTS, event.lot_id), (Table.LOTS, event.new_lot_id)]


def _record(event: obligations.RecordConfirmed) -> list[Touch]:
    return [(Table.RECORDS, event.record), (Table.OBLIGATIONS, event.obligation)]


def _proposal(event: orders.OrderProposed) -> list[Touch]:
    return [(Table.ORDERS, event.order_id), *((Table.LOTS, lot) for lot in event.lots)]


_OBLIGATION = _of(Table.OBLIGATIONS, "obligation")
_CARRY_OVER = _of(Table.CARRY_OVERS, "organisation", "year")
_ORDER = _of(Table.ORDERS, "order_id")
_TOUCHES: Mapping[type, Callable[[Any], list[Touch]]] = {
    access.AccountBound: _of(Table.ACCOUNTS, "account"),
    access.AccountOpened: _of(Table.ACCOUNTS, "account"),
    access.AccountStatusSet: _of(Table.ACCOUNTS, "account"),
    access.KeySet: _of(Table.KEYS, "account", "key"),
    access.OrganisationBound: _of(Table.ORGANISATIONS, "organisation"),
    access.Paused: _ledger,
    access.RoleSet: _of(Table.OFFICES, "officer"),
    access.Unpaused: _ledger,
    rules.DraftReleaseProposed: _of(Table.RULE_PROPOSALS, "proposal_id"),
    rules.DraftReleased: _rule,
    rules.RuleAdded: _rule,
    rules.RuleProposalWithdrawn: _of(Table.RULE_PROPOSALS, "proposal_id"),
    rules.RuleProposed: _of(Table.RULE_PROPOSALS, "proposal_id"),
    lots.ClassRegistered: _of(Table.CLASSES, "class_id"),
    lots.LotIssued: _of(Table.LOTS, "lot_id"),
    lots.LotMoved: _of(Table.LOTS, "lot_id"),
    lots.LotNumbered: _of(Table.LOTS, "lot_id"),
    lots.LotSplit: _split,
    obligations.ArrearOpened: _of(Table.ARREARS, "arrear"),
    obligations.ArrearSettled: _of(Table.ARREARS, "arrear"),
    obligations.CarryOverConfirmed: _of(Table.CLAIMS, "claim"),
    obligations.CarryOverProposed: _of(Table.CLAIMS, "claim"),
    obligations.CarryOverRestored: _CARRY_OVER,
    obligations.CarryOverUsed: _CARRY_OVER,
    obligations.OffsetReleased: _OBLIGATION,
    obligations.OffsetReserved: _OBLIGATION,
    obligations.OffsetUsed: _OBLIGATION,
    obligations.PeriodCloseProposed: _of(Table.YEARS, "year"),
    obligations.PeriodEnded: _of(Table.YEARS, "year"),
    obligations.RecordConfirmed: _record,
    obligations.RecordProposed: _of(Table.RECORDS, "record"),
    obligations.SurrenderRestored: _OBLIGATION,
    obligations.Surrendered: _OBLIGATION,
    orders.CounterpartySet: _of(Table.COUNTERPARTIES, "account", "counterparty"),
    orders.LedgerClosed: _ledger,
    orders.OrderApproved: _ORDER,
    orders.OrderConfirmed: _ORDER,
    orders.OrderEnded: _ORDER,
    orders.OrderProposed: _proposal,
}


def named(events: Iterable[PlacedEvent]) -> Iterator[Touch]:
    """The rows that the events name themselves: to be loaded first."""
    for event in events:
        touches = _TOUCHES.get(type(event.content))
        if touches is not None:
            yield from touches(event.content)


def implied(events: Iterable[PlacedEvent], known: Known) -> Iterator[Touch]:
    """The rows that follow from those: lots of ended orders, limits of confirmed claims."""
    claims: dict[int, obligations.CarryOver] = {}
    for event in events:
        content = event.content
        if isinstance(content, orders.OrderEnded):
            order = known.get(Table.ORDERS, content.order_id)
            if isinstance(order, OrderRow):
                yield from ((Table.LOTS, lot) for lot in order.lots)
        elif isinstance(content, obligations.CarryOverProposed):
            claims[content.claim] = content.content
        elif isinstance(content, obligations.CarryOverConfirmed):
            claim = claims.get(content.claim) or known.get(Table.CLAIMS, content.claim)
            if isinstance(claim, obligations.CarryOver):
                yield Table.CARRY_OVERS, (claim.organisation, claim.year)


def cells(events: Iterable[PlacedEvent], known: Known) -> Iterator[Touch]:
    """The balances that events change; to be loaded once all lots are."""
    owners: dict[int, tuple[int, int]] = {}  # account and class of a lot, as far as events went
    pairs: set[tuple[int, int]] = set()
    for event in events:
        content = event.content
        if isinstance(content, lots.LotIssued):
            owners[content.lot_id] = (content.account, content.class_id)
            pairs.add(owners[content.lot_id])
        elif isinstance(content, lots.LotSplit):
            if owner := _owner(content.lot_id, owners, known):
                owners[content.new_lot_id] = owner
        elif isinstance(content, lots.LotMoved) and (
            owner := _owner(content.lot_id, owners, known)
        ):
            owners[content.lot_id] = (content.account, owner[1])
            pairs |= {owner, owners[content.lot_id]}
    for account, class_id in pairs:
        yield from ((Table.BALANCES, (account, class_id, place)) for place in _HELD)
    for class_id in {class_id for _, class_id in pairs}:
        yield from ((Table.BALANCES, (CONTRA, class_id, place)) for place in _ENDS)


def _owner(lot: int, owners: Mapping[int, tuple[int, int]], known: Known) -> tuple[int, int] | None:
    if lot in owners:
        return owners[lot]
    content = known.get(Table.LOTS, lot)
    return (content.account, content.class_id) if isinstance(content, LotContent) else None
