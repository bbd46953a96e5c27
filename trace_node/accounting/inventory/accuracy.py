"""How accurate a figure is (核算准确率): standard 001, 4.4 (1) asks for 99 % and defines nothing.

Two questions hide in it, and each has its own answer:

* Is the figure computed rightly from its data? Its agreement with an independent computation of the
  same data: 1 less the relative difference.
* How much of the emission does it hold, and how surely? The indicator of a figure: its completeness
  times 1 less the relative expanded uncertainty. Completeness is the share of time that final
  records cover, times the share of source categories that are accounted for or declared absent.

An uncertainty that was not evaluated gives no indicator, and one whose errors are not all stated a
bound from above that meets no target: what is not known is not counted as exact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from trace_node.accounting.arithmetic import precise, to_decimal
from trace_node.accounting.inventory.completeness import CategoryState, Occurrence
from trace_node.accounting.inventory.inventory import Gap, Inventory, Part
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.standing import Standing

TARGET: Final = Decimal("0.99")
_TICK: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureAccuracy:
    """How much of the emission a figure holds, and how surely (准确性指标).

    Attributes:
        purpose: What the figure is for.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        settled: Share of the time of its units and methods that final records cover, a fraction.
        categories: Share of source categories accounted for or declared absent, a fraction.
        relative: Relative expanded uncertainty (k = 2); None where it was not evaluated.
        is_whole: Whether that holds every record, and every source of error that the figure has.
    """

    purpose: Purpose
    unit: str
    gwp_set: str
    settled: Decimal
    categories: Decimal
    relative: Decimal | None
    is_whole: bool

    @property
    def completeness(self) -> Decimal:
        """What is there of what there should be, a fraction."""
        with precise():
            return self.settled * self.categories

    @property
    def accuracy(self) -> Decimal | None:
        """Completeness times 1 less the relative uncertainty, 0 to 1; None where that lacks.

        A bound from above where not every error is stated.
        """
        if self.relative is None:
            return None
        with precise():
            return self.completeness * max(1 - self.relative, Decimal(0))

    @property
    def is_met(self) -> bool | None:
        """Whether it is at least 99 %; None where not every error is stated, and it may be less."""
        if self.accuracy is None or (self.accuracy >= TARGET and not self.is_whole):
            return None
        return self.accuracy >= TARGET


def agreement(value: Decimal, reference: Decimal) -> Decimal:
    """How far a figure agrees with an independent one of the same data: 1 exactly, 0 not at all."""
    if value == reference:
        return Decimal(1)
    if not reference:
        return Decimal(0)
    with precise():
        return max(1 - abs(value - reference) / abs(reference), Decimal(0))


def settled_share(found: Inventory, purpose: Purpose) -> Decimal:
    """Share of the time of a purpose's units and methods that final records cover, a fraction.

    A final record that was made without a source of the boundary covers no time in which it lacks.
    """
    own = found.of_purpose(purpose)
    final = _length(one for one in own.parts if one.standing is Standing.FINAL)
    final -= _length(one for one in own.gaps if one.sources and _is_in_final(one, own))
    whole = _length(own.parts) + _length(one for one in own.gaps if not one.sources)
    return to_decimal(Fraction(final // _TICK, whole // _TICK)) if whole else Decimal(0)


def category_share(found: Inventory, states: Sequence[CategoryState], purpose: Purpose) -> Decimal:
    """Share of the source categories of a purpose's methods that are there or declared absent."""
    own = found.of_purpose(purpose)
    methods = {(one.unit, one.method) for one in own.parts}
    methods |= {(one.unit, one.method) for one in own.gaps}
    asked = [each for each in states if (each.unit, each.method) in methods]
    told = sum(each.occurrence is not Occurrence.MISSING for each in asked)
    return to_decimal(Fraction(told, len(asked))) if asked else Decimal(0)


def _is_in_final(gap: Gap, found: Inventory) -> bool:
    return any(
        part.standing is Standing.FINAL
        for part in found.parts
        if (part.unit, part.method) == (gap.unit, gap.method)
        and part.begin <= gap.begin
        and gap.end <= part.end
    )


def _length(spans: Iterable[Part | Gap]) -> timedelta:
    return sum((each.end - each.begin for each in spans), timedelta(0))
