"""Figures of records, and the one figure of a span that follows from them.

A rounding point of a total belongs to what the method is applied to: the period that is asked for.
A guideline that prints the total of a works as a whole number rounds the year, not each month of
it. So the unrounded totals of the records are added and the sum is rounded once, for each unit,
method and total; what the rounding took or gave is told beside.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.methods.given_value import rounded
from trace_node.accounting.methods.symbol import Rounding
from trace_node.accounting.methods.words import Purpose

FigureKey = tuple[Purpose, str, str]
"""Purpose, unit and GWP set: what may be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of one purpose, as a record states it.

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        total: Total of the method.
        purpose: What it is for.
        value: The figure, rounded where the method rounds the total.
        unit_of: ``tCO2`` or ``tCO2e``.
        gwp_set: GWP set; empty for CO2.
        rounding: How the method rounds the total; None for not.
        unrounded: The figure before that; None where it is ``value``.
    """

    unit: str
    method: str
    total: str
    purpose: Purpose
    value: Decimal
    unit_of: str
    gwp_set: str
    rounding: Rounding | None = None
    unrounded: Decimal | None = None

    @property
    def exact(self) -> Decimal:
        """The figure before the total was rounded."""
        return self.value if self.unrounded is None else self.unrounded


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanFigure:
    """The figure of a span for one purpose, and the two sums it is not (报告期数值与修约差).

    Attributes:
        value: The figure: the unrounded sum, rounded once as the method says.
        unrounded: The sum before that; it is what the gas masses give.
        of_records: The sum of the figures as the records state them, each rounded by itself.
    """

    value: Decimal
    unrounded: Decimal
    of_records: Decimal

    @property
    def rounding(self) -> Decimal:
        """What rounding added: the figure less the unrounded sum."""
        return _difference(self.value, self.unrounded)

    @property
    def rounding_of_records(self) -> Decimal:
        """What rounding each record added: their sum less the unrounded sum."""
        return _difference(self.of_records, self.unrounded)

    @property
    def is_plain(self) -> bool:
        """Whether all three are one number."""
        return self.value == self.unrounded == self.of_records


def unrounded_total(masses: Mapping[str, Decimal], weights: Mapping[str, Decimal]) -> Decimal:
    """A total before it is rounded: net tonnes of each gas, CO2 as it is, others by their GWP.

    Args:
        masses: Net tonnes of each gas.
        weights: GWP of each gas but CO2.
    """
    with precise():
        weighted = [
            mass if gas == "CO2" else mass * weights[gas] for gas, mass in sorted(masses.items())
        ]
    return total(weighted)


def span_figures(figures: Iterable[Figure]) -> dict[FigureKey, SpanFigure]:
    """The figures of a span by purpose, unit and GWP set; none is added to one of another."""
    found: dict[FigureKey, dict[tuple[str, str, str], list[Figure]]] = defaultdict(dict)
    for one in figures:
        if one.purpose is not Purpose.AUXILIARY:
            groups = found[one.purpose, one.unit_of, one.gwp_set]
            groups.setdefault((one.unit, one.method, one.total), []).append(one)
    return {key: _span_figure(found[key].values()) for key in sorted(found)}


def _difference(one: Decimal, other: Decimal) -> Decimal:
    if one == other:
        return Decimal(0)
    with precise():
        return one - other


def _span_figure(groups: Iterable[list[Figure]]) -> SpanFigure:
    sums = [total(one.exact for one in group) for group in groups]
    values = [rounded(whole, group[0].rounding) for whole, group in zip(sums, groups, strict=True)]
    return SpanFigure(
        value=total(values),
        unrounded=total(sums),
        of_records=total(one.value for group in groups for one in group),
    )
