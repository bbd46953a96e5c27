"""What is available for a year: what is held, and what is still to be allocated."""

from decimal import Decimal

from trace_node.quota.board.case import BoardCase, Note, YearBasis
from trace_node.quota.board.emission import EmissionYear
from trace_node.quota.board.figure import Figure, Standing, derived, of_sheet, together
from trace_node.quota.board.holdings import orders_of, standing_of
from trace_node.quota.board.rules import BoardRules
from trace_node.quota.board.year_board import Supply
from trace_node.quota.ledger.kinds import Instrument

ALLOCATION = "cn.board.expected_allocation"


def expected_allocation(
    emission: EmissionYear,
    basis: YearBasis | None,
    expected: Figure | None,
    *,
    rules: BoardRules,
    notes: list[Note],
) -> Figure | None:
    """Allocation of the whole year from that of the output to date; always an estimate.

    Args:
        emission: Emission of the year.
        basis: What was stated of the year.
        expected: Emission of the whole year.
        rules: Holds the method.
        notes: Is added what has to be known about it.
    """
    if basis is None or basis.expected is None:
        notes.append(Note.NO_EXPECTED_ALLOCATION)
        return None
    found = basis.expected
    to_date = Figure(
        value=found.to_date.value,
        standing=Standing.ESTIMATE,
        sources=together([basis.source], found.to_date.sources),
    )
    months = range(1, found.through + 1)
    if expected is None or any(month not in emission.months for month in months):
        notes.append(Note.ALLOCATION_TO_DATE)
        return to_date
    emitted = emission.sum_of(months)
    if emitted.value <= 0:
        notes.append(Note.ALLOCATION_TO_DATE)
        return to_date
    given = {
        "to_date": format(found.to_date.value, "f"),
        "emitted": format(emitted.value, "f"),
        "expected": format(expected.value, "f"),
    }
    sheet = rules.run(ALLOCATION, given, year=emission.year)
    return Figure(
        value=sheet.result,
        standing=Standing.ESTIMATE,
        sources=together(to_date.sources, emitted.sources, expected.sources, of_sheet(sheet)),
    )


def issued_of(case: BoardCase, year: int) -> Figure | None:
    """Allowances of a vintage that were issued to the enterprise, less what was clawed back."""
    position = case.position
    if position is None:
        return None
    rows = [
        each
        for each in position.holdings
        if each.vintage == year and each.instrument is Instrument.ALLOWANCE
    ]
    return Figure(
        value=Decimal(sum(position.issued.get(each.class_id, 0) for each in rows)),
        standing=standing_of(position),
        sources=together(
            [position.mark.source()], [each.source() for each in rows], orders_of(position)
        ),
    )


def supply_of(held: Figure, allocation: Figure | None, issued: Figure | None) -> Supply:
    """Put together what is held and what is still to come of an allocation.

    What is to come is the allocation less what was issued of it; below zero it is to be given back.
    """
    if allocation is None:
        return Supply(
            held=held, expected_allocation=None, issued=issued, to_come=None, available=held
        )
    to_come = derived(
        allocation.value - (Decimal(0) if issued is None else issued.value), allocation, issued
    )
    return Supply(
        held=held,
        expected_allocation=allocation,
        issued=issued,
        to_come=to_come,
        available=derived(held.value + to_come.value, held, to_come),
    )
