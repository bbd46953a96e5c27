"""Emission month by month or day by day, by itself or for each unit of an output, and its trend.

By source category, so that a reader sees whether fuel, process or electricity moves; beside a row
of the library, such as a benchmark or the default of a guideline.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.inventory.inventory import Inventory, Part
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.trend import Trend, require_few, trend_of
from trace_node.period import Period, PeriodKind, period_of, periods_between
from trace_node.ports.store import Store
from trace_node.services.inventory import (
    InventoryRequest,
    Span,
    boundary_versions,
    inventory_from,
    parts_in,
)
from trace_node.services.span_activity import SpanActivities
from trace_node.services.trend_references import References, TrendReference
from trace_node.units import Quantity

TOTAL: Final = "total"
KINDS: Final = {"day": PeriodKind.DAY, "month": PeriodKind.MONTH}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRequest:
    """What is followed.

    Attributes:
        inventory: Whose, and the span.
        per: The output, activity data of the boundary; None for the emission by itself.
        by: Day or month.
        purpose: Which figure.
        references: Ids of rows of the library, by source category or ``total``.
    """

    inventory: InventoryRequest
    per: str | None = None
    by: PeriodKind = PeriodKind.MONTH
    purpose: Purpose = Purpose.ENTERPRISE
    references: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendLine:
    """One line: the figure, or the mass of a gas of a source category, for each unit of output.

    Attributes:
        name: ``total``, or the source category.
        unit: Such as ``tCO2/t``, or ``tCO2`` without an output.
        values: Value by the name of the period, in order of time.
        over_span: All of the emission, over all of the output of these periods.
        trend: Where it goes; None of too few values.
        odd: Names of the periods that fall out of it.
        reference: What it is measured by; None for nothing.
    """

    name: str
    unit: str
    values: Mapping[str, Decimal]
    over_span: Decimal
    trend: Trend | None
    odd: tuple[str, ...]
    reference: TrendReference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionTrend:
    """The lines of a span (排放强度趋势).

    Attributes:
        outputs: Output by the name of the period; none without one.
        lines: The figure first, then the source categories.
        lacking: Names of the periods without a figure or an output: they are no 0.
        leaves: Leaves of the records of each period.
    """

    outputs: Mapping[str, Quantity]
    lines: tuple[TrendLine, ...]
    lacking: tuple[str, ...]
    leaves: Mapping[str, tuple[int, ...]]


def emission_trend(request: TrendRequest, *, store: Store, now: datetime) -> EmissionTrend:
    """Follow emission for each unit of an output over a span, periods that still run left out.

    Raises:
        BoundaryNotFoundError: There is no such boundary or activity.
        OutlookError: The span has more than 400 such periods.
        FactorNotFoundError: The library holds no such row.
        InputError: The records hold several figures that are never added, or a row is no factor
            for a unit of the output.
    """
    span = request.inventory.span
    periods = [
        each
        for each in periods_between(span.begin, span.end, request.by)
        if each.end <= min(span.end, now)
    ]
    require_few(len(periods))
    found = _whole(request, periods, store)
    outputs = _outputs(request, [period for period, _one in found.values()], store, now)
    kept = {
        name: one
        for name, (_period, one) in found.items()
        if request.per is None or name in outputs
    }
    references = References(
        request.references, organisation=request.inventory.organisation, store=store
    )
    places = {period.name: place for place, period in enumerate(periods)}
    amounts = _amounts(kept, request.purpose)
    _require_lines(request, {name for name, _tonnes in amounts})
    return EmissionTrend(
        outputs=outputs,
        lines=tuple(
            _line(key, by_period, outputs, places, references) for key, by_period in amounts.items()
        ),
        lacking=tuple(each.name for each in periods if each.name not in kept),
        leaves={name: tuple(part.index for part in one.parts) for name, one in kept.items()},
    )


def _require_lines(request: TrendRequest, known: set[str]) -> None:
    for name in request.references:
        if name not in known:
            raise OutlookError(
                "{field}: there is no line {line} to be measured",
                field="reference",
                line=name[:64],
                known=", ".join(sorted(known)),
                remedy="name total or one of: {known}",
                code="outlook.reference",
            )


def _outputs(
    request: TrendRequest, periods: Sequence[Period], store: Store, now: datetime
) -> dict[str, Quantity]:
    """The output of each period that has one; nothing is emitted for each unit of nothing."""
    if request.per is None:
        return {}
    activities = SpanActivities(store, request.inventory, now=now)
    found = {period.name: activities.of(request.per, period).value for period in periods}
    return {name: value for name, value in found.items() if value is not None and value.value > 0}


def _whole(
    request: TrendRequest, periods: Sequence[Period], store: Store
) -> dict[str, tuple[Period, Inventory]]:
    """The inventory of each period that lacks nothing of the purpose."""
    asked = request.inventory
    by_period: dict[str, list[Part]] = defaultdict(list)
    for part in parts_in(asked, store=store):
        period = period_of(part.begin, request.by)
        if part.end <= period.end:
            by_period[period.name].append(part)
    with store.view() as view:
        versions = boundary_versions(asked.organisation, asked.boundary, view=view)
    found = {}
    for period in periods:
        if period.name not in by_period:
            continue
        wanted = replace(asked, span=Span(begin=period.start, end=period.end))
        one = inventory_from(by_period[period.name], wanted, versions, store=store)
        of_it = one.of_purpose(request.purpose)
        if of_it.parts and not of_it.gaps:
            found[period.name] = (period, of_it)
    return found


def _amounts(
    found: Mapping[str, Inventory], purpose: Purpose
) -> dict[tuple[str, str], dict[str, Decimal]]:
    """Tonnes by line and unit, and in it by period; a category that lacks in one counts as 0."""
    lines: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for period, inventory in found.items():
        for (of, unit, gwp_set), value in inventory.figures().items():
            if of is purpose:
                lines[TOTAL, f"{unit} {gwp_set}".strip()][period] = value
    categories = {
        period: {
            (category, f"t{gas}"): tonnes
            for (of, category, gas), tonnes in inventory.masses("category").items()
            if of == purpose.value
        }
        for period, inventory in found.items()
    }
    for key in sorted({key for masses in categories.values() for key in masses}):
        if any(masses.get(key) for masses in categories.values()):
            lines[key] = {
                period: masses.get(key, Decimal(0)) for period, masses in categories.items()
            }
    return lines


def _line(
    key: tuple[str, str],
    amounts: Mapping[str, Decimal],
    outputs: Mapping[str, Quantity],
    places: Mapping[str, int],
    references: References,
) -> TrendLine:
    name, tonnes = key
    unit = next((each.unit for each in outputs.values()), None)
    sizes = {
        period: Decimal(1) if unit is None else outputs[period].to(unit).value for period in amounts
    }
    with precise():
        values = {period: amount / sizes[period] for period, amount in amounts.items()}
        whole = Decimal(1) if unit is None else total(sizes.values())
        over_span = total(amounts.values()) / whole
    trend = trend_of([(places[period], value) for period, value in values.items()])
    named = {place: period for period, place in places.items()}
    return TrendLine(
        name=name,
        unit=tonnes if unit is None else f"{tonnes}/{unit.symbol}",
        values=values,
        over_span=over_span,
        trend=trend,
        odd=() if trend is None else tuple(named[place] for place in trend.odd),
        reference=references.of(name, tonnes, "" if unit is None else unit.symbol, over_span),
    )
