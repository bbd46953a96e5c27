"""The year that runs: expected emission against what is held and what is still to come."""

from trace_node.quota.board.advice import Advice, CcerRoom, advise
from trace_node.quota.board.case import BoardCase, Note
from trace_node.quota.board.claims import SetAside
from trace_node.quota.board.figure import Figure, derived
from trace_node.quota.board.holdings import Holdings
from trace_node.quota.board.level import Rating, rate_spent, rate_supply, worst
from trace_node.quota.board.offsets import ccer_room
from trace_node.quota.board.outlook import (
    Outlook,
    draft_notes,
    ledger_notes,
    outlook_of,
    whole_tonnes,
)
from trace_node.quota.board.rules import BoardRules, Thresholds
from trace_node.quota.board.supply import expected_allocation, issued_of, supply_of
from trace_node.quota.board.year_board import Supply, YearBoard, YearKind


def running_year(
    case: BoardCase,
    holdings: Holdings,
    shared: SetAside,
    *,
    rules: BoardRules,
    thresholds: Thresholds,
) -> YearBoard:
    """The board of the year that runs; units set aside for debts before it do not count.

    Args:
        case: The case.
        holdings: What is held.
        shared: What is set aside.
        rules: Rules of the day.
        thresholds: When the colour changes.
    """
    year = case.year
    seen = outlook_of(case, year, rules=rules)
    notes = [*seen.notes, *ledger_notes(case)]
    counted = {
        each.class_id: each.tonnes
        for each in shared.left
        if each.tonnes and holdings.serves(each.class_id, each.vintage, year)
    }
    classes = holdings.table(year, shared=shared, counted=counted)
    if any(row.presumed and row.counted for row in classes):
        notes.append(Note.ADMISSION_PRESUMED)
    allocation = expected_allocation(
        seen.emission, case.bases.get(year), seen.expected, rules=rules, notes=notes
    )
    held = holdings.figure(sum(counted.values()), counted, year=year)
    supply = supply_of(held, allocation, issued_of(case, year))
    room = ccer_room(case, year, holdings=holdings, owed=None, need=seen.expected, rules=rules)
    is_known = case.position is not None  # without a ledger nothing is known of what is held
    balance = _balance(seen, supply) if is_known else None
    advice = _advice(balance, room, case)
    used = [seen.expected, supply.available, None if room is None else room.cap]
    return YearBoard(
        year=year,
        kind=YearKind.PROVISIONAL,
        rating=_rating(seen, supply, thresholds) if is_known else None,
        emitted=seen.emitted,
        expected=seen.expected,
        forecast=seen.forecast,
        debt=None,
        supply=supply,
        remaining=None
        if seen.emitted is None or not is_known
        else derived(supply.available.value - seen.emitted.value, supply.available, seen.emitted),
        balance=balance,
        exhausted_on=seen.exhausted_on(supply.available.value) if is_known else None,
        classes=classes,
        ccer=room,
        advice=advice,
        notes=(*notes, *draft_notes(used, year=year, approved=case.approved)),
    )


def _balance(seen: Outlook, supply: Supply) -> Figure | None:
    if seen.expected is None:
        return None
    need = whole_tonnes(seen.expected.value)
    return derived(supply.available.value - need, supply.available, seen.expected)


def _rating(seen: Outlook, supply: Supply, thresholds: Thresholds) -> Rating | None:
    if seen.expected is None or seen.emitted is None:
        return None
    available = supply.available.value
    return worst(
        rate_spent(emitted=seen.emitted.value, available=available),
        rate_supply(need=seen.expected.value, available=available, thresholds=thresholds),
    )


def _advice(balance: Figure | None, room: CcerRoom | None, case: BoardCase) -> Advice | None:
    if balance is None or balance.value >= 0:
        return None
    return advise(derived(-balance.value, balance), room=room, prices=case.prices, fines=None)
