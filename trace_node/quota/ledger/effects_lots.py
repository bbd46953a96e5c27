"""What the events of LotBook do; they alone move tonnes."""

from collections.abc import Mapping
from dataclasses import replace

from trace_node.quota.ledger.effect import (
    CONTRA,
    Change,
    Effect,
    Handler,
    Known,
    MirrorEventError,
    Posting,
    balance_of,
    changed,
    lot_of,
)
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Hold, Place
from trace_node.quota.ledger.lots_events import (
    ClassRegistered,
    LotIssued,
    LotMoved,
    LotNumbered,
    LotSplit,
)
from trace_node.quota.ledger.rows import ClassRow, Table
from trace_node.quota.ledger.state import LotContent


def cell_account(account: int, place: Place) -> int:
    """Whose cell units are in: that of their account while held, then a contra account."""
    return account if place.held else CONTRA


def _registered(event: ClassRegistered, _placed: PlacedEvent, _known: Known) -> Effect:
    row = ClassRow(
        instrument=event.instrument, vintage=event.vintage, code=event.code, record=event.record
    )
    return changed(Table.CLASSES, event.class_id, row)


def _issued(event: LotIssued, _placed: PlacedEvent, known: Known) -> Effect:
    issued = -balance_of(known, (CONTRA, event.class_id, Place.NONE))
    if event.first_serial != issued + 1:
        raise MirrorEventError(
            "lot {lot} begins at serial {first}, and {issued} units of its class were issued",
            lot=event.lot_id,
            first=event.first_serial,
            issued=issued,
            remedy="build the mirror anew: trace-node ledger rebuild",
        )
    lot = LotContent(
        account=event.account,
        class_id=event.class_id,
        place=Place.REGISTRY,
        hold=Hold.NONE,
        subject=0,
        first_serial=event.first_serial,
        quantity=event.quantity,
        order=0,
        registry_number=event.registry_number,
    )
    out = Posting(CONTRA, event.class_id, Place.NONE, -event.quantity, event.lot_id)
    into = Posting(event.account, event.class_id, Place.REGISTRY, event.quantity, event.lot_id)
    return Effect((Change(Table.LOTS, event.lot_id, lot),), (out, into))


def _moved(event: LotMoved, _placed: PlacedEvent, known: Known) -> Effect:
    before = lot_of(known, event.lot_id)
    after = LotContent(
        account=event.account,
        class_id=before.class_id,
        place=event.place,
        hold=event.hold,
        subject=event.subject,
        first_serial=before.first_serial,
        quantity=before.quantity,
        order=0,
        registry_number=before.registry_number,
    )
    source = (cell_account(before.account, before.place), before.place)
    target = (cell_account(after.account, after.place), after.place)
    change = (Change(Table.LOTS, event.lot_id, after),)
    if source == target:
        return Effect(change)
    class_id, tonnes = before.class_id, before.quantity
    out = Posting(source[0], class_id, source[1], -tonnes, event.lot_id)
    return Effect(change, (out, Posting(target[0], class_id, target[1], tonnes, event.lot_id)))


def _numbered(event: LotNumbered, _placed: PlacedEvent, known: Known) -> Effect:
    lot = lot_of(known, event.lot_id)
    return changed(Table.LOTS, event.lot_id, replace(lot, registry_number=event.registry_number))


def _split(event: LotSplit, _placed: PlacedEvent, known: Known) -> Effect:
    lot, quantity = lot_of(known, event.lot_id), event.quantity
    part = replace(lot, quantity=quantity, order=0)
    rest = replace(lot, first_serial=lot.first_serial + quantity, quantity=lot.quantity - quantity)
    return Effect(
        (Change(Table.LOTS, event.lot_id, rest), Change(Table.LOTS, event.new_lot_id, part))
    )


HANDLERS: Mapping[type, Handler] = {
    ClassRegistered: _registered,
    LotIssued: _issued,
    LotMoved: _moved,
    LotNumbered: _numbered,
    LotSplit: _split,
}
