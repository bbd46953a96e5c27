"""What several sources say of one quantity, set against each other (多源数据校核)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.errors import InputError
from trace_node.units import Quantity

OF_SOURCES: Final = Decimal("0.02")
"""Largest relative difference of two sources: standard 001, 6.3.2, comparison accuracy 98 %."""
OF_LEVELS: Final = Decimal("0.005")
"""Largest relative difference of a year and its months: standard 001, 6.4.1 (2), 0.5 %."""


class Agreement(StrEnum):
    """How two sources stand to each other.

    Attributes:
        AGREES: The difference is within the tolerance.
        DIFFERS: It is not; a person has to settle which one is right.
        NOT_DONE: One of them has no value, so nothing was compared.
    """

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """Two sources of one quantity in one period (校核结果).

    Attributes:
        period: The period.
        first: Name of the source that the other is measured by.
        second: Name of the other.
        first_value: What the one says; None where it says nothing.
        second_value: What the other says, in the unit of the first.
        ratio: Second over first less 1; None where that has no value.
        tolerance: Largest relative difference that agrees, a fraction.
        agreement: How they stand to each other.
    """

    period: str
    first: str
    second: str
    first_value: Quantity | None
    second_value: Quantity | None
    ratio: Decimal | None
    tolerance: Decimal
    agreement: Agreement


def cross_check(
    period: str,
    first: str,
    second: str,
    one: Quantity | None,
    other: Quantity | None,
    *,
    tolerance: Decimal = OF_SOURCES,
) -> CrossCheck:
    """Set one value against another; a missing one is told and never taken as 0.

    Raises:
        InputError: The tolerance is no fraction from 0 to 1.
        UnitError: They measure different things, or one has no finite form in the other's unit.
    """
    if not tolerance.is_finite() or not 0 <= tolerance <= 1:
        raise InputError(
            "{field}: a tolerance is a fraction from 0 to 1, not {tolerance}",
            field="tolerance",
            tolerance=tolerance,
            remedy="write 2 % as 0.02",
            code="inventory.tolerance",
        )
    same = None if one is None or other is None else other.to(one.unit)
    ratio, agreement = _compared(one, same, tolerance)
    return CrossCheck(
        period=period,
        first=first,
        second=second,
        first_value=one,
        second_value=other if same is None else same,
        ratio=ratio,
        tolerance=tolerance,
        agreement=agreement,
    )


def _compared(
    one: Quantity | None, other: Quantity | None, tolerance: Decimal
) -> tuple[Decimal | None, Agreement]:
    if one is None or other is None:
        return None, Agreement.NOT_DONE
    if one.value == 0:
        return None, Agreement.AGREES if other.value == 0 else Agreement.DIFFERS
    with precise():
        ratio = other.value / one.value - 1
    return ratio, Agreement.AGREES if abs(ratio) <= tolerance else Agreement.DIFFERS
