"""The year of an enterprise outside the ETS: it owes nothing and runs against its own budget."""

from decimal import Decimal

from trace_node.quota.board.case import BoardCase, Note
from trace_node.quota.board.figure import Figure, Standing, derived
from trace_node.quota.board.level import rate_spent, rate_supply, worst
from trace_node.quota.board.outlook import Outlook, draft_notes, outlook_of
from trace_node.quota.board.rules import BoardRules, Thresholds
from trace_node.quota.board.year_board import Supply, YearBoard, YearKind


def budget_year(
    case: BoardCase, year: int, *, rules: BoardRules, thresholds: Thresholds
) -> YearBoard:
    """The board of a year without an obligation.

    Without a budget there is nothing to rate against, and no colour.
    """
    seen = outlook_of(case, year, rules=rules)
    basis = case.basis_of(year)
    budget = None if basis is None else basis.budget
    drafts = draft_notes([seen.expected], year=year, approved=case.approved)
    notes = [Note.OUTSIDE_ETS, *seen.notes, *drafts]
    if budget is None:
        notes.append(Note.NO_BUDGET)
        held = Figure(value=Decimal(0), standing=Standing.VERIFIED, sources=())
        return _year(year, seen, held=held, budget=None, notes=notes, thresholds=thresholds)
    return _year(year, seen, held=budget, budget=budget, notes=notes, thresholds=thresholds)


def _year(
    year: int,
    seen: Outlook,
    *,
    held: Figure,
    budget: Figure | None,
    notes: list[Note],
    thresholds: Thresholds,
) -> YearBoard:
    rating = remaining = balance = exhausted = None
    if budget is not None and seen.emitted is not None and seen.expected is not None:
        remaining = derived(budget.value - seen.emitted.value, budget, seen.emitted)
        balance = derived(budget.value - seen.expected.value, budget, seen.expected)
        exhausted = seen.exhausted_on(budget.value)
        rating = worst(
            rate_spent(emitted=seen.emitted.value, available=budget.value),
            rate_supply(need=seen.expected.value, available=budget.value, thresholds=thresholds),
        )
    return YearBoard(
        year=year,
        kind=YearKind.BUDGET,
        rating=rating,
        emitted=seen.emitted,
        expected=seen.expected,
        forecast=seen.forecast,
        debt=None,
        supply=Supply(
            held=held, expected_allocation=None, issued=None, to_come=None, available=held
        ),
        remaining=remaining,
        balance=balance,
        exhausted_on=exhausted,
        classes=(),
        ccer=None,
        advice=None,
        notes=tuple(notes),
    )
