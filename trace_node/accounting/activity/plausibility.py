"""The second check of activity data that no meter bounds: standard 002 8.1.2."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from trace_node.accounting.activity.data import ActivityData
from trace_node.accounting.nonconformity import NonConformity
from trace_node.units import Quantity

MOST_TIMES: Final = 2


def plausibility(
    data: ActivityData, history: Sequence[Quantity]
) -> tuple[NonConformity, ...] | None:
    """Whether a single value is at most twice the historic valid monthly total of its source.

    The text names one total; it is read as the largest of the valid months, so that a source with
    seasons is not flagged each year.

    Args:
        data: The value; a missing one has nothing to check.
        history: Monthly totals of the same emission source that are valid.

    Returns:
        No finding, or one; None where there is no history: that is not judged.

    Raises:
        UnitError: The history measures something else.
    """
    if data.converted is None or not history:
        return None
    unit = data.converted.unit
    largest = max(total.to(unit).value for total in history)
    bound: Decimal = MOST_TIMES * largest
    if data.converted.value <= bound:
        return ()
    return (
        NonConformity(
            code="activity.implausible",
            template="{name} is {value} {unit} in {period}: more than twice the largest valid"
            " month of its source, {largest} {unit}",
            params={
                "name": data.name,
                "value": data.converted.value,
                "unit": unit.symbol,
                "period": data.period.name,
                "largest": largest,
            },
        ),
    )
