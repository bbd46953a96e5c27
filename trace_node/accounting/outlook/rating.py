"""The four colours of the emission board, and what emission is measured by (自动对标)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.outlook.errors import OutlookError


class Level(StrEnum):
    """Colour, from good to bad (绿、黄、橙、红)."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class Reference(StrEnum):
    """What emission is measured by (对标对象).

    Attributes:
        HISTORY: The same months of the year before (自身历史).
        PLAN: The plan of the year (计划).
        SECTOR: The sector benchmark times the output (行业标杆).
        ADVANCED: The advanced value times the output (先进值).
    """

    HISTORY = "history"
    PLAN = "plan"
    SECTOR = "sector"
    ADVANCED = "advanced"


DEFAULT_ORDER: Final = (
    Reference.PLAN,
    Reference.SECTOR,
    Reference.ADVANCED,
    Reference.HISTORY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Emission over reference above which the board changes colour (阈值).

    Attributes:
        yellow: Above 0.
        orange: At least yellow.
        red: At least orange.

    Raises:
        OutlookError: They are not in this order.
    """

    yellow: Decimal
    orange: Decimal
    red: Decimal

    def __post_init__(self) -> None:
        if not 0 < self.yellow <= self.orange <= self.red:
            raise OutlookError(
                "{field}: yellow, orange and red must be above 0 and not fall",
                field="thresholds",
                remedy="write them as shares of the reference, such as 0.95, 1 and 1.05",
                code="outlook.thresholds",
            )


PRODUCT_THRESHOLDS: Final = Thresholds(
    yellow=Decimal("0.95"), orange=Decimal(1), red=Decimal("1.05")
)
"""KSSJ/YY25-2023 7.1.2 b names the colours and no number: these are the product's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a reference says for a span.

    Attributes:
        reference: Which reference.
        value: Tonnes; None where it cannot be formed.
        citation: Where it comes from: document, clause, row or leaves.
        lacks: What it lacks; empty where it has a value.
        is_draft: Whether it rests on a row of one source only that nobody approved.
    """

    reference: Reference
    value: Decimal | None
    citation: str
    lacks: str = ""
    is_draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Emission against one reference.

    Attributes:
        measure: The reference.
        ratio: Emission over reference; None without one, or where it is 0.
        level: The colour; None where nothing was rated.
    """

    measure: Measure
    ratio: Decimal | None
    level: Level | None


def rate(emission: Decimal, measure: Measure, thresholds: Thresholds) -> Rated:
    """Rate an emission by a reference.

    Never better with more emission; any emission against a reference of 0 is red.

    Args:
        emission: Tonnes.
        measure: The reference.
        thresholds: Where colours change.
    """
    if measure.value is None:
        return Rated(measure=measure, ratio=None, level=None)
    if measure.value <= 0:
        level = Level.RED if emission > 0 else Level.GREEN
        return Rated(measure=measure, ratio=None, level=level)
    with precise():
        ratio = emission / measure.value
    return Rated(measure=measure, ratio=ratio, level=_level(ratio, thresholds))


def decide(rated: Iterable[Rated], order: Sequence[Reference]) -> Rated | None:
    """The first in the order that has a level; None where none has."""
    by_reference: Mapping[Reference, Rated] = {each.measure.reference: each for each in rated}
    for reference in order:
        found = by_reference.get(reference)
        if found is not None and found.level is not None:
            return found
    return None


def _level(ratio: Decimal, thresholds: Thresholds) -> Level:
    if ratio > thresholds.red:
        return Level.RED
    if ratio > thresholds.orange:
        return Level.ORANGE
    return Level.YELLOW if ratio > thresholds.yellow else Level.GREEN
