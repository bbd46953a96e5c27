"""How much of an activity of a boundary there was in a span: output, energy, bills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce

from trace_node.accounting.activity.data import ActivityData
from trace_node.accounting.activity.points import evaluate
from trace_node.accounting.boundary.behind import points_behind
from trace_node.accounting.boundary.boundary import Boundary, in_force
from trace_node.accounting.boundary.check import points_of
from trace_node.accounting.boundary.errors import BoundaryError, BoundaryNotFoundError
from trace_node.accounting.standing import Standing, worst
from trace_node.period import KINDS, Period, PeriodKind, period_of, periods_between
from trace_node.ports.store import Store
from trace_node.services.account_inputs import AccountInputs
from trace_node.services.account_meters import MULTIPLIER_CHANGED
from trace_node.services.inventory import InventoryRequest, Span, boundary_versions
from trace_node.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanActivity:
    """The quantity of one activity in a span (时段活动量).

    Attributes:
        name: Name of the activity data in the boundary.
        value: How much; None where a period of the span has no value: it is not 0.
        standing: The worst standing of its parts.
        missing: Names of the periods without a value.
        parts: Value of each period that it is the sum of.
        leaves: Leaves it rests on.
    """

    name: str
    value: Quantity | None
    standing: Standing
    missing: tuple[str, ...]
    parts: Mapping[str, Quantity]
    leaves: tuple[int, ...]

    @property
    def number(self) -> Decimal | None:
        """The value without its unit; None where it is missing."""
        return None if self.value is None else self.value.value


class SpanActivities:
    """Reads activities of a boundary from the log.

    Args:
        store: The log.
        request: Whose boundary, and the span.
        now: The node's clock.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
    """

    def __init__(self, store: Store, request: InventoryRequest, *, now: datetime) -> None:
        with store.view() as view:
            found = boundary_versions(request.organisation, request.boundary, view=view)
        self._versions: Sequence[Boundary] = tuple(found.values())
        self._request = request
        self._inputs = [AccountInputs(store, each, now=now) for each in self._versions]

    def over_span(self, name: str) -> SpanActivity:
        """An activity over the whole span: stated for it as a whole, or the sum of its months.

        Raises:
            BoundaryNotFoundError: The boundary has no activity of this name, or no version of it
                holds for a part of the span.
            InputError: A rule of the boundary cannot be computed.
        """
        whole = whole_period(self._request.span)
        if whole is not None:
            one = self._whole(name, whole)
            if one is not None:
                return _together(name, [one])
        return _together(name, [self._of(name, each) for each in parts_of(self._request.span)])

    def _whole(self, name: str, period: Period) -> ActivityData | None:
        """The activity of one period; None of a year that only its months have a value of."""
        try:
            found = self._of(name, period)
        except BoundaryError as error:
            if period.kind is PeriodKind.YEAR and error.reason == MULTIPLIER_CHANGED:
                return None
            raise
        is_there = found.standing is not Standing.MISSING or period.kind is not PeriodKind.YEAR
        return found if is_there else None

    def of(self, name: str, period: Period) -> SpanActivity:
        """An activity in one period.

        Raises:
            BoundaryNotFoundError: See ``over_span``.
            InputError: See ``over_span``.
        """
        return _together(name, [self._of(name, period)])

    def _of(self, name: str, period: Period) -> ActivityData:
        boundary = in_force(self._versions, period, name=self._request.boundary)
        needed = points_behind(boundary, [name])
        sampled = {each.name for each in boundary.laboratory}
        if name not in {point for point, _source in points_of(boundary)} or needed & sampled:
            raise BoundaryNotFoundError(
                "{field}: the boundary {boundary} has no quantity {name}",
                field="activity",
                boundary=boundary.name,
                name=name[:64],
                remedy="name a meter, an entry or a rule of the boundary, or log a version with it",
                code="boundary.activity",
            )
        place = next(at for at, each in enumerate(self._versions) if each is boundary)
        obtained = self._inputs[place].stated(needed, period)
        virtual = [each.virtual() for each in boundary.rules if each.name in needed]
        return evaluate(virtual, obtained)[name]


def whole_period(span: Span) -> Period | None:
    """The one period that a span is; None of a quarter or free span."""
    for kind in reversed(KINDS):
        period = period_of(span.begin, kind)
        if (period.start, period.end) == (span.begin, span.end):
            return period
    return None


def parts_of(span: Span) -> tuple[Period, ...]:
    """The months of a span, or its days where it is not made of whole months."""
    for kind in (PeriodKind.MONTH, PeriodKind.DAY):
        found = tuple(periods_between(span.begin, span.end, kind))
        if (found[0].start, found[-1].end) == (span.begin, span.end):
            return found
    return ()


def _together(name: str, parts: Sequence[ActivityData]) -> SpanActivity:
    values = {each.period.name: each.converted for each in parts}
    present = {period: value for period, value in values.items() if value is not None}
    missing = tuple(period for period, value in values.items() if value is None)
    whole = None if missing or not present else reduce(lambda a, b: a + b, present.values())
    return SpanActivity(
        name=name,
        value=whole,
        standing=worst([Standing.MISSING] if whole is None else [each.standing for each in parts]),
        missing=missing,
        parts=present,
        leaves=tuple(sorted({link.index for each in parts for link in each.links})),
    )
