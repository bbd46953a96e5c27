"""What was measured beside the records of an inventory, and whether it says another figure.

An inventory holds calculated figures. Where the rule of a plan makes another one the figure, that
is a finding beside it, never a change of it in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trace_node.accounting.assessment.measured import found_of
from trace_node.accounting.comparison.findings import (
    EARLIER,
    NO_FIGURE,
    OTHER_FIGURE,
    finding_beside,
)
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.inventory.inventory import Part
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.accounting.records.measurement_parts import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A record of an inventory with the comparison that stands beside it (测量比对).

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        period: Name of the period.
        emission: Leaf of the record.
        leaf: Leaf of the comparison.
        record: The comparison.
        findings: What the comparison found, and whether the figure is another by its rule.
    """

    unit: str
    method: str
    period: str
    emission: int
    leaf: int
    record: MeasurementRecord
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
        findings=(*_beside(part, record), *record.findings),
    )


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
                    calculated=f"{each.calculated:.3f}",
                    unit=each.unit,
                    **words,
                )
            )
