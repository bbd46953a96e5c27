"""Intensities of an inventory by the activity of the same span, and sources against each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trace_node.accounting.inventory.compare import intensity
from trace_node.accounting.inventory.cross_check import (
    OF_LEVELS,
    OF_SOURCES,
    CrossCheck,
    cross_check,
)
from trace_node.accounting.inventory.inventory import Inventory, Part
from trace_node.accounting.inventory.tiling import Expected, chosen_parts
from trace_node.accounting.methods.words import Purpose
from trace_node.errors import InputError
from trace_node.ports.store import Store
from trace_node.services.inventory import InventoryRequest, Span, parts_in
from trace_node.services.span_activity import SpanActivities, SpanActivity, parts_of
from trace_node.units import Quantity, unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Intensity:
    """A figure for each unit of an activity (排放强度).

    Attributes:
        purpose: What the figure is for.
        gwp_set: Its GWP set; empty for CO2.
        figure: The figure, tonnes.
        unit: ``tCO2/t`` and the like.
        activity: What it is measured by, such as an output, an output value or an energy use.
        value: Figure over activity; None where the activity has no value or is 0.
    """

    purpose: Purpose
    gwp_set: str
    figure: Decimal
    unit: str
    activity: SpanActivity
    value: Decimal | None


def intensities_of(
    found: Inventory, names: Sequence[str], activities: SpanActivities
) -> tuple[Intensity, ...]:
    """Each figure by each of some activities of the boundary.

    A figure with gaps has no intensity: a part of the emission over all of the output is none.

    Raises:
        BoundaryNotFoundError: An activity is not in the boundary.
        InputError: A rule of the boundary cannot be computed.
    """
    rows = []
    for name in names:
        activity = activities.over_span(name)
        value, symbol = (
            activity.value,
            "1" if activity.value is None else activity.value.unit.symbol,
        )
        for (purpose, unit_of, gwp_set), figure in found.figures().items():
            has_gaps = bool(found.of_purpose(purpose).gaps)
            is_known = value is not None and value.value > 0 and not has_gaps
            rows.append(
                Intensity(
                    purpose=purpose,
                    gwp_set=gwp_set,
                    figure=figure,
                    unit=f"{unit_of}/{symbol}",
                    activity=activity,
                    value=intensity(figure, value.value) if is_known and value else None,
                )
            )
    return tuple(rows)


def check_activities(
    request: InventoryRequest,
    names: Sequence[str],
    *,
    store: Store,
    now: datetime,
    tolerance: Decimal = OF_SOURCES,
) -> tuple[CrossCheck, ...]:
    """Set activities against the first of them, month by month and over the span (多源数据校核).

    Such as a meter and the bill of the supplier, or a main meter and the sum of those below.

    Raises:
        BoundaryNotFoundError: See ``SpanActivities``.
        InputError: Fewer than two names, one of them twice, or a tolerance that is none.
        UnitError: Two of them measure different things.
    """
    if len(set(names)) != len(names) or len(names) < 2:  # noqa: PLR2004 (a pair)
        raise InputError(
            "{field}: a check needs two or more different activities",
            field="activities",
            remedy="name meters, entries or rules of the boundary that state one quantity",
            code="inventory.check",
        )
    activities = SpanActivities(store, request, now=now)
    months = parts_of(request.span)
    by_month = {name: [activities.of(name, each) for each in months] for name in names}
    over_all = {name: activities.over_span(name) for name in names}
    first, *others = names
    checks = []
    for other in others:
        for month, one, two in zip(months, by_month[first], by_month[other], strict=True):
            checks.append(
                cross_check(month.name, first, other, one.value, two.value, tolerance=tolerance)
            )
        if len(months) != 1:
            whole = over_all[first].value, over_all[other].value
            checks.append(
                cross_check(_name(request.span), first, other, *whole, tolerance=tolerance)
            )
    return tuple(checks)


def check_levels(request: InventoryRequest, *, store: Store) -> tuple[CrossCheck, ...]:
    """Set the figure of each record against the sum of shorter records that tile its period.

    A year that was accounted for as a year against its months: standard 001, 6.4.1 (2).

    Raises:
        BoundaryNotFoundError: There is no such boundary.
    """
    parts = [each for each in parts_in(request, store=store) if request.unit in {None, each.unit}]
    return tuple(check for part in parts for check in _levels(part, parts))


def _levels(whole: Part, parts: Sequence[Part]) -> list[CrossCheck]:
    key = (whole.unit, whole.method)
    inside = [
        each
        for each in parts
        if (each.unit, each.method) == key
        and each is not whole
        and whole.begin <= each.begin
        and each.end <= whole.end
    ]
    asked = Expected(unit=whole.unit, method=whole.method, begin=whole.begin, end=whole.end)
    tiles, gaps = chosen_parts(inside, [asked])
    if gaps:
        return []
    lower = Inventory(begin=whole.begin, end=whole.end, parts=tiles, gaps=()).figures()
    upper = Inventory(begin=whole.begin, end=whole.end, parts=(whole,), gaps=()).figures()
    tonne = unit("t")
    return [
        cross_check(
            f"{whole.unit} {whole.method} {whole.period}",
            f"leaf {whole.index}",
            f"{len(tiles)} records",
            Quantity(figure, tonne),
            Quantity(lower[name], tonne) if name in lower else None,
            tolerance=OF_LEVELS,
        )
        for name, figure in upper.items()
    ]


def _name(span: Span) -> str:
    return f"{span.begin.date().isoformat()}/{span.end.date().isoformat()}"
