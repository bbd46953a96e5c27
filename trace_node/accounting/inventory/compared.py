"""What was measured beside the records of an inventory, and whether it says another figure.

An inventory holds calculated figures. Where the rule of a plan makes another one the figure, that
is a finding beside it, never a change of it in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from trace_node.accounting.assessment.measured import found_of
from trace_node.accounting.comparison.findings import (
    EARLIER,
    NO_FIGURE,
    OTHER_FIGURE,
    REPLANNED,
    UNMEASURED,
    finding_beside,
)
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.inventory.inventory import Part
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.accounting.records.measurement_parts import ChosenFigure, Found
from trace_node.accounting.records.measurement_plan import RULES, MeasurementPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A record of an inventory with the comparison that stands beside it, or should (测量比对).

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        period: Name of the period.
        emission: Leaf of the record.
        leaf: Leaf of the comparison; None where the plan asks for one and none was made.
        record: The comparison; None likewise.
        rule: The rule of the plan.
        clause: Where it stands.
        findings: What the comparison found, and whether the figure is another by its rule.
    """

    unit: str
    method: str
    period: str
    emission: int
    leaf: int | None
    record: MeasurementRecord | None
    rule: str
    clause: str
    findings: tuple[Found, ...]


def compared(part: Part, leaf: int, record: MeasurementRecord) -> Compared:
    """A record of an inventory with its comparison.

    Args:
        part: The record.
        leaf: Leaf of the comparison.
        record: The comparison.
    """
    return Compared(
        unit=part.unit,
        method=part.method,
        period=part.period,
        emission=part.index,
        leaf=leaf,
        record=record,
        rule=record.rule,
        clause=record.clause,
        findings=(*_beside(part, record), *record.findings),
    )


def unmeasured(part: Part, leaf: int, plan: MeasurementPlan) -> Compared:
    """A record that has no comparison.

    A measurement that is left out must not decide which figure stands.

    Args:
        part: The record.
        leaf: Leaf of the plan that holds for it.
        plan: The plan.

    Returns:
        With a finding, unless the calculation is the figure of that plan in any case.
    """
    rule, approach = RULES[plan.rule], first_choice(plan)
    found = finding_beside(
        UNMEASURED, rule=rule.id, clause=rule.clause, approach=approach.value, plan=leaf
    )
    return Compared(
        unit=part.unit,
        method=part.method,
        period=part.period,
        emission=part.index,
        leaf=None,
        record=None,
        rule=rule.id,
        clause=rule.clause,
        findings=() if approach is Approach.CALCULATION else (found_of(found),),
    )


def replanned(
    row: Compared, before: tuple[int, MeasurementPlan], later: tuple[int, MeasurementPlan]
) -> Compared:
    """The same with a finding, where a plan that was made too late prefers something else.

    Args:
        row: A record with its comparison, or without.
        before: The plan that held for its period while that ran, after its leaf.
        later: The plan that took its place afterwards, after its leaf.
    """
    approach, other = first_choice(before[1]), first_choice(later[1])
    if approach is other:
        return row
    found = finding_beside(
        REPLANNED, later=later[0], other=other.value, plan=before[0], approach=approach.value
    )
    return replace(row, findings=(found_of(found), *row.findings))


def first_choice(plan: MeasurementPlan) -> Approach:
    """What is the figure by the rule of a plan, if all that it measures is at hand."""
    at_hand = {Approach.CALCULATION}
    if plan.cems is not None:
        at_hand.add(Approach.CEMS)
    if plan.balance:
        at_hand.add(Approach.MASS_BALANCE)
    return next(each for each in RULES[plan.rule].order if each in at_hand)


def _beside(part: Part, record: MeasurementRecord) -> Iterator[Found]:
    if record.emission.index != part.index:
        yield found_of(finding_beside(EARLIER, leaf=record.emission.index))
    words = {"rule": record.rule, "clause": record.clause}
    if record.figure is None:
        yield found_of(finding_beside(NO_FIGURE, **words))
    elif record.figure is not Approach.CALCULATION:
        for each in record.figures:
            yield found_of(
                finding_beside(
                    OTHER_FIGURE,
                    approach=record.figure.value,
                    purpose=each.purpose.value,
                    value=f"{each.value:.3f}",
                    calculated=f"{_shown(part, each):.3f}",
                    unit=each.unit,
                    **words,
                )
            )


def _shown(part: Part, chosen: ChosenFigure) -> Decimal:
    """The figure of the inventory; after an adjustment not the one that was compared."""
    found = (one.value for one in part.figures if one.total == chosen.id)
    return next(found, chosen.calculated)
