"""What the events of AllowanceRegistry do."""

from collections.abc import Mapping
from dataclasses import replace

from trace_node.quota.ledger.effect import (
    Change,
    Effect,
    Handler,
    Known,
    changed,
    lot_of,
    order_of,
)
from trace_node.quota.ledger.effects_access import LEDGER_KEY, ledger_row
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import OrderState
from trace_node.quota.ledger.orders_events import (
    CounterpartySet,
    LedgerClosed,
    OrderApproved,
    OrderConfirmed,
    OrderEnded,
    OrderProposed,
)
from trace_node.quota.ledger.rows import OrderRow, Table


def _proposed(event: OrderProposed, placed: PlacedEvent, known: Known) -> Effect:
    row = OrderRow(
        content=event.content,
        content_hash=event.content_hash,
        number=event.number,
        state=OrderState.PROPOSED,
        executable_at=0,
        initiator=event.initiator,
        approver=bytes(20),
        confirmation=bytes(32),
        lots=event.lots,
        proposed_block=placed.block,
        ended_block=0,
    )
    reserved = [
        Change(Table.LOTS, lot, replace(lot_of(known, lot), order=event.number))
        for lot in event.lots
    ]
    return Effect((Change(Table.ORDERS, event.order_id, row), *reserved))


def _approved(event: OrderApproved, _placed: PlacedEvent, known: Known) -> Effect:
    row = replace(
        order_of(known, event.order_id),
        state=OrderState.APPROVED,
        approver=event.approver,
        executable_at=event.executable_at,
    )
    return changed(Table.ORDERS, event.order_id, row)


def _ended(event: OrderEnded, placed: PlacedEvent, known: Known) -> Effect:
    order = order_of(known, event.order_id)
    row = replace(order, state=event.state, ended_block=placed.block)
    freed = []
    for number in order.lots:
        lot = lot_of(known, number)
        if lot.order == order.number:
            freed.append(Change(Table.LOTS, number, replace(lot, order=0)))
    return Effect((Change(Table.ORDERS, event.order_id, row), *freed))


def _confirmed(event: OrderConfirmed, _placed: PlacedEvent, known: Known) -> Effect:
    row = replace(order_of(known, event.order_id), confirmation=event.registry_number)
    return changed(Table.ORDERS, event.order_id, row)


def _counterparty(event: CounterpartySet, _placed: PlacedEvent, _known: Known) -> Effect:
    return changed(Table.COUNTERPARTIES, (event.account, event.counterparty), event.allowed)


def _closed(event: LedgerClosed, _placed: PlacedEvent, known: Known) -> Effect:
    row = replace(ledger_row(known), final_state=event.state_digest)
    return changed(Table.LEDGER, LEDGER_KEY, row)


HANDLERS: Mapping[type, Handler] = {
    CounterpartySet: _counterparty,
    LedgerClosed: _closed,
    OrderApproved: _approved,
    OrderConfirmed: _confirmed,
    OrderEnded: _ended,
    OrderProposed: _proposed,
}
