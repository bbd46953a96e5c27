"""What the events of ObligationBook do."""

from collections.abc import Mapping
from dataclasses import replace

from trace_node.quota.ledger.effect import (
    Change,
    Effect,
    Handler,
    Known,
    changed,
    obligation_of,
    wanted,
)
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.obligations_events import (
    ArrearOpened,
    ArrearSettled,
    CarryOver,
    CarryOverConfirmed,
    CarryOverProposed,
    CarryOverRestored,
    CarryOverUsed,
    EmissionRecord,
    OffsetReleased,
    OffsetReserved,
    OffsetUsed,
    PeriodCloseProposed,
    PeriodEnded,
    RecordConfirmed,
    RecordProposed,
    Surrendered,
    SurrenderRestored,
)
from trace_node.quota.ledger.rows import Table, YearRow
from trace_node.quota.ledger.state import ArrearContent, CarryOverContent, ObligationContent


def _record_proposed(event: RecordProposed, _placed: PlacedEvent, _known: Known) -> Effect:
    return changed(Table.RECORDS, event.record, event.content)


def _record_confirmed(event: RecordConfirmed, _placed: PlacedEvent, known: Known) -> Effect:
    record = wanted(known, Table.RECORDS, event.record, EmissionRecord)
    before = known.get(Table.OBLIGATIONS, event.obligation)
    handed_in = before if isinstance(before, ObligationContent) else None
    obligation = ObligationContent(
        organisation=record.organisation,
        year=record.year,
        sector=record.sector,
        cap_version=event.cap_version,
        record=event.record,
        tonnes=record.tonnes,
        surrendered=handed_in.surrendered if handed_in else 0,
        cap=event.cap,
        offset_reserved=handed_in.offset_reserved if handed_in else 0,
        offset_used=handed_in.offset_used if handed_in else 0,
    )
    return Effect(
        (
            Change(Table.RECORDS, event.record, replace(record, confirmed=True)),
            Change(Table.OBLIGATIONS, event.obligation, obligation),
        )
    )


def _surrendered(
    event: Surrendered | SurrenderRestored, _placed: PlacedEvent, known: Known
) -> Effect:
    owed = obligation_of(known, event.obligation)
    return changed(Table.OBLIGATIONS, event.obligation, replace(owed, surrendered=event.total))


def _offset_reserved(event: OffsetReserved, _placed: PlacedEvent, known: Known) -> Effect:
    owed = obligation_of(known, event.obligation)
    return changed(Table.OBLIGATIONS, event.obligation, replace(owed, offset_reserved=event.total))


def _offset_used(event: OffsetUsed, _placed: PlacedEvent, known: Known) -> Effect:
    owed = obligation_of(known, event.obligation)
    return changed(Table.OBLIGATIONS, event.obligation, replace(owed, offset_used=event.used))


def _offset_released(event: OffsetReleased, _placed: PlacedEvent, known: Known) -> Effect:
    owed = obligation_of(known, event.obligation)
    row = replace(owed, offset_reserved=event.total, offset_used=event.used)
    return changed(Table.OBLIGATIONS, event.obligation, row)


def _arrear_opened(event: ArrearOpened, _placed: PlacedEvent, _known: Known) -> Effect:
    row = ArrearContent(
        organisation=event.organisation, class_id=event.class_id, open=event.quantity
    )
    return changed(Table.ARREARS, event.arrear, row)


def _arrear_settled(event: ArrearSettled, _placed: PlacedEvent, known: Known) -> Effect:
    arrear = wanted(known, Table.ARREARS, event.arrear, ArrearContent)
    return changed(Table.ARREARS, event.arrear, replace(arrear, open=event.open))


def _claimed(event: CarryOverProposed, _placed: PlacedEvent, _known: Known) -> Effect:
    return changed(Table.CLAIMS, event.claim, event.content)


def _claim_confirmed(event: CarryOverConfirmed, _placed: PlacedEvent, known: Known) -> Effect:
    claim = wanted(known, Table.CLAIMS, event.claim, CarryOver)
    key = (claim.organisation, claim.year)
    before = known.get(Table.CARRY_OVERS, key)
    used = before.used if isinstance(before, CarryOverContent) else 0
    limit = CarryOverContent(claim=event.claim, limit=event.limit, used=used)
    return Effect(
        (
            Change(Table.CLAIMS, event.claim, replace(claim, confirmed=True)),
            Change(Table.CARRY_OVERS, key, limit),
        )
    )


def _carried_over(
    event: CarryOverUsed | CarryOverRestored, _placed: PlacedEvent, known: Known
) -> Effect:
    key = (event.organisation, event.year)
    limit = wanted(known, Table.CARRY_OVERS, key, CarryOverContent)
    return changed(Table.CARRY_OVERS, key, replace(limit, used=event.used))


def _close_proposed(event: PeriodCloseProposed, _placed: PlacedEvent, _known: Known) -> Effect:
    return changed(Table.YEARS, event.year, YearRow(closed=False, proposer=event.regulator))


def _period_ended(event: PeriodEnded, _placed: PlacedEvent, known: Known) -> Effect:
    year = wanted(known, Table.YEARS, event.year, YearRow)
    return changed(Table.YEARS, event.year, replace(year, closed=True))


HANDLERS: Mapping[type, Handler] = {
    ArrearOpened: _arrear_opened,
    ArrearSettled: _arrear_settled,
    CarryOverConfirmed: _claim_confirmed,
    CarryOverProposed: _claimed,
    CarryOverRestored: _carried_over,
    CarryOverUsed: _carried_over,
    OffsetReleased: _offset_released,
    OffsetReserved: _offset_reserved,
    OffsetUsed: _offset_used,
    PeriodCloseProposed: _close_proposed,
    PeriodEnded: _period_ended,
    RecordConfirmed: _record_confirmed,
    RecordProposed: _record_proposed,
    SurrenderRestored: _surrendered,
    Surrendered: _surrendered,
}
