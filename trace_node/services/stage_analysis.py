"""What each stage of a boundary emitted in a span, against the span before and the year before."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.inventory.stages import StageFigure, rising, stages_of
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, month_of, number_of
from trace_node.period import PeriodKind, period_of
from trace_node.ports.store import Store
from trace_node.services.inventory import InventoryRequest, Span, inventory_of

_YEAR: Final = timedelta(days=365)
_RUN: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A figure of a stage, and how long it has been rising.

    Attributes:
        figure: The figure.
        rising_months: How many months running it has risen, up to the last whole month of the span;
            0 where the span is not made of months.
    """

    figure: StageFigure
    rising_months: int


def stage_analysis(request: InventoryRequest, *, store: Store) -> tuple[Stage, ...]:
    """The emission of every stage of a boundary in a span.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
    """
    spans = (request.span, before(request.span), year_before(request.span))
    found, earlier, last_year = (
        inventory_of(replace(request, span=span), store=store) for span in spans
    )
    months = _months(request, store)
    return tuple(
        Stage(figure=one, rising_months=rising(_values(months, one)))
        for one in stages_of(found, earlier, last_year)
    )


def before(span: Span) -> Span:
    """The span of the same length before: as many months, or as much time."""
    months = _whole_months(span)
    if months is None:
        return Span(begin=span.begin - (span.end - span.begin), end=span.begin)
    first, count = months
    return Span(begin=month_of(first - count).start, end=span.begin)


def year_before(span: Span) -> Span:
    """The same span of the year before: the same months, or 365 days earlier."""
    months = _whole_months(span)
    if months is None:
        return Span(begin=span.begin - _YEAR, end=span.end - _YEAR)
    first, count = (months[0] - MONTHS_OF_A_YEAR, months[1])
    return Span(begin=month_of(first).start, end=month_of(first + count).start)


def _whole_months(span: Span) -> tuple[int, int] | None:
    first = period_of(span.begin, PeriodKind.MONTH)
    end = period_of(span.end, PeriodKind.MONTH)
    if (first.start, end.start) != (span.begin, span.end):
        return None
    return number_of(first), number_of(end) - number_of(first)


def _months(request: InventoryRequest, store: Store) -> list[Inventory]:
    """The months up to the end of a span of months, oldest first."""
    months = _whole_months(request.span)
    if months is None:
        return []
    end = months[0] + months[1]
    return [
        inventory_of(
            replace(request, span=Span(begin=month_of(each).start, end=month_of(each).end)),
            store=store,
        )
        for each in range(end - _RUN, end)
    ]


def _values(months: list[Inventory], one: StageFigure) -> list[Decimal]:
    """Figures of the last months without a gap, oldest first."""
    key: tuple[Purpose, str, str] = (one.purpose, one.unit_of, one.gwp_set)
    values: list[Decimal] = []
    for month in reversed(months):
        mine = month.of_unit(one.unit).of_purpose(one.purpose)
        value = None if mine.gaps else mine.figures().get(key)
        if value is None:
            break
        values.insert(0, value)
    return values
