"""Emission of a span up to now (实时排放量): what is on record, and the rest as it stands now.

A span is cut into whole years, months, days and hours; a year without a figure of its own into its
months. A piece whose final figure is on record is
read there; every other is computed again and not logged, and is provisional. What cannot be
computed is a gap with its reason, never nothing.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from trace_node.accounting.arithmetic import total
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.inventory.figures import (
    Figure,
    FigureKey,
    SpanFigure,
    span_figures,
)
from trace_node.accounting.inventory.purposes import MassPurposes, mass_purposes
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.methods.result import Flag
from trace_node.accounting.methods.words import Role
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.standing import Standing, worst
from trace_node.clock import Clock
from trace_node.errors import InputError, NotFoundError, StateError, TraceNodeError
from trace_node.ids import OrganisationId
from trace_node.period import Period, PeriodKind, period_of
from trace_node.ports.store import Store
from trace_node.services.account_computation import AccountRequest, Computed, EmissionComputation
from trace_node.services.inventory import Span
from trace_node.services.kept_results import KeptResults
from trace_node.services.library import method_library
from trace_node.services.stated_figures import stated_figures
from trace_node.services.statement_types import parse_statement

_OF_A_PIECE = frozenset({"boundary.period"})
_KINDS = (PeriodKind.YEAR, PeriodKind.MONTH, PeriodKind.DAY, PeriodKind.HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePart:
    """A piece of the span.

    Attributes:
        emission: Its emission; ``standing`` says how far it stands.
        index: Its leaf; None where it is not on record as it stands.
        purposes: What its masses are for.
        figures: Its figures.
        flags: Why to look twice at what was computed now, such as draft factors.
    """

    emission: Emission
    index: int | None
    purposes: MassPurposes
    figures: tuple[Figure, ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveGap:
    """A piece without a figure.

    Attributes:
        period: Which.
        error: Why.
    """

    period: Period
    error: TraceNodeError


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFigures:
    """The emission of a span up to now.

    Attributes:
        begin: First instant.
        end: First instant after it.
        until: Now, or the end where the span is over.
        parts: Its pieces, in order of time.
        gaps: Pieces that could not be computed.
    """

    begin: datetime
    end: datetime
    until: datetime
    parts: tuple[LivePart, ...]
    gaps: tuple[LiveGap, ...]

    @property
    def standing(self) -> Standing:
        """Final only where the span is over and each piece is; missing where one is."""
        if self.gaps or not self.parts:
            return Standing.MISSING
        found = worst(each.emission.standing for each in self.parts)
        return found if self.until >= self.end else Standing.PROVISIONAL

    @property
    def demonstrations(self) -> tuple[str, ...]:
        """Why parts of it are a demonstration only."""
        said = (each.emission.demonstration for each in self.parts)
        return tuple(dict.fromkeys(why for why in said if why))

    def span_figures(self) -> dict[FigureKey, SpanFigure]:
        """Figures by purpose, unit and GWP set; none is added to one of another."""
        return span_figures(one for part in self.parts for one in part.figures)

    def masses(self) -> dict[tuple[str, str, str], Decimal]:
        """Tonnes by purpose, source and gas, emissions only; a purpose is never added to others."""
        found: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
        for part in self.parts:
            for item in part.emission.items:
                if item.role is Role.EMISSION:
                    for purpose in part.purposes.of(item.category, item.role):
                        found[purpose.value, item.source, item.gas].append(item.mass)
        return {key: total(values) for key, values in sorted(found.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """Which emission.

    Attributes:
        organisation: Whose.
        boundary: Name of the boundary.
        unit: The accounting unit.
        span: The span of time.
    """

    organisation: OrganisationId
    boundary: str
    unit: str
    span: Span


def live_figures(request: LiveRequest, *, store: Store, clock: Clock) -> LiveFigures:
    """The emission of a unit in a span up to now; nothing is logged.

    Args:
        request: Which.
        store: The log.
        clock: The node's clock.

    Raises:
        InputError: The span does not begin and end on a full hour.
        BoundaryNotFoundError: There is no such boundary or unit, or no version of the boundary
            holds for any piece of the span; pieces that none holds for are gaps.
    """
    now, span = clock.now(), request.span
    computation = EmissionComputation(store, clock=clock)
    with store.view() as view:
        methods = method_library(view)
    parts: list[LivePart] = []
    gaps: list[LiveGap] = []
    waiting = deque(cut(span))
    while waiting and (period := waiting.popleft()).start < now:
        try:
            computed = computation.compute(_asked(request, period))
        except (BoundaryNotFoundError, InputError, StateError) as error:
            if error.reason not in _OF_A_PIECE and isinstance(error, NotFoundError):
                raise
            if period.kind is PeriodKind.YEAR:  # its values may be those of its months
                waiting.extendleft(reversed(tuple(period.parts(PeriodKind.MONTH))))
            else:  # told as a gap of the answer
                gaps.append(LiveGap(period=period, error=error))
            continue
        parts += [_settled(each, store, methods) for each in computed]
    if not parts and gaps and all(isinstance(gap.error, NotFoundError) for gap in gaps):
        raise gaps[0].error
    return LiveFigures(
        begin=span.begin,
        end=span.end,
        until=min(now, span.end),
        parts=tuple(parts),
        gaps=tuple(gaps),
    )


def _asked(request: LiveRequest, period: Period) -> AccountRequest:
    return AccountRequest(
        organisation=request.organisation,
        boundary=request.boundary,
        unit=request.unit,
        period=period,
    )


def cut(span: Span) -> Iterator[Period]:
    """A span in as few whole years, months, days and hours as cover it.

    Raises:
        InputError: It does not begin and end on a full hour.
    """
    at = span.begin
    while at < span.end:
        period = next((each for each in _from(at) if each.end <= span.end), None)
        if period is None:
            raise InputError(
                "{field}: a span in real time begins and ends on a full hour",
                field="period",
                remedy="name hours, days, months, quarters or years",
                code="inventory.span",
            )
        yield period
        at = period.end


def _from(at: datetime) -> Iterator[Period]:
    for kind in _KINDS:
        period = period_of(at, kind)
        if period.start == at:
            yield period


def _settled(found: Computed, store: Store, methods: MethodLibrary) -> LivePart:
    """The record of the same topic where that is final or the same; else what was computed."""
    emission = found.emission
    method, result = methods.get(emission.method), found.result
    stated = partial(stated_figures, emission.unit, method)
    computed = LivePart(
        emission=emission,
        index=None,
        purposes=mass_purposes(method),
        figures=tuple(stated(emission.figures, canonical=lambda: result.canonical)),
        flags=result.flags,
    )
    with store.view() as view:
        newest = view.statements.newest(EMISSION, emission.topic)
        if newest is None:
            return computed
        (body,) = view.entries.bodies(newest.index, newest.index + 1)
    logged = parse_statement(body).content
    assert isinstance(logged, Emission)  # noqa: S101 (found by its type)
    same = replace(emission, replaces=logged.replaces, reason=logged.reason)
    if logged.standing is Standing.FINAL or same == logged:
        kept = partial(KeptResults(store).canonical, newest.index)
        figures = tuple(stated(logged.figures, canonical=kept))
        return replace(computed, emission=logged, index=newest.index, figures=figures)
    return computed
