"""Inventories of a boundary, from the emission records of the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.inventory.inventory import Inventory, Part
from trace_node.accounting.inventory.overlaps import choose
from trace_node.accounting.inventory.purposes import mass_purposes
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.errors import InputError
from trace_node.period import parse_period
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.inventory_parts import parts_of
from trace_node.services.kept_results import KeptResults
from trace_node.services.library import method_library
from trace_node.services.statement_leaves import leaves

_MONTHS_OF_A_QUARTER = 3
_MOST_YEARS = 30
_LONGEST = timedelta(days=366 * _MOST_YEARS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span of time: a month, quarter, year, or free (时间范围).

    Attributes:
        begin: First instant.
        end: First instant after it.
    """

    begin: datetime
    end: datetime

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read ``2026``, ``2026-10``, ``2026-Q4``, ``2026-10-05`` or ``2026-10/2026-11``.

        The second of two periods is part of the span.

        Raises:
            InputError: It is none of these, ends before it begins, or is longer than 30 years.
        """
        first, slash, last = text.partition("/")
        if slash and "T" not in text:
            begin, end = cls.parse(first), cls.parse(last)
            if end.end <= begin.begin:
                raise InputError(
                    "{field}: {span} ends before it begins",
                    field="period",
                    span=repr(text[:40]),
                    remedy="write the earlier period first",
                    code="inventory.span",
                )
            if end.end - begin.begin > _LONGEST:
                raise InputError(
                    "{field}: {span} is longer than {years} years",
                    field="period",
                    span=repr(text[:40]),
                    years=_MOST_YEARS,
                    remedy="ask for a shorter span",
                    code="inventory.span",
                )
            return cls(begin=begin.begin, end=end.end)
        year, mark, number = text.partition("-Q")
        if mark and number in {"1", "2", "3", "4"}:
            month = parse_period(f"{year}-{_MONTHS_OF_A_QUARTER * int(number) - 2:02}")
            return cls(begin=month.start, end=month.next().next().end)
        period = parse_period(text)
        return cls(begin=period.start, end=period.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRequest:
    """Which inventory.

    Attributes:
        organisation: Whose.
        boundary: Name of the boundary.
        span: The span of time.
        unit: Of one accounting unit; None for all.
    """

    organisation: str
    boundary: str
    span: Span
    unit: str | None = None


def inventory_of(request: InventoryRequest, *, store: Store) -> Inventory:
    """The inventory of a span from the records that hold.

    Of records by one method the longest counts, a year before its months. Of records by two methods
    that state one source at one time those count that the boundary asks for then; see ``overlaps``.
    What none covers is a gap.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        MethodNotFoundError: A method of a record is not in the library.
    """
    with store.view() as view:
        versions = boundary_versions(request.organisation, request.boundary, view=view)
    return inventory_from(parts_in(request, store=store), request, versions, store=store)


def inventory_from(
    parts: Iterable[Part],
    request: InventoryRequest,
    versions: Mapping[int, Boundary],
    *,
    store: Store,
) -> Inventory:
    """The inventory of some records; see ``inventory_of``.

    Args:
        parts: Records inside the span, those of other units too.
        request: The span, and of which unit.
        versions: Versions of the boundary by their leaves, in the order of the log.
        store: The log.

    Raises:
        MethodNotFoundError: A method of the boundary is not in the library.
    """
    span = request.span
    chosen = choose(parts, versions, span.begin, span.end)
    with store.view() as view:
        methods = method_library(view) if chosen.gaps else MethodLibrary(())
    lacking = {gap.method for gap in chosen.gaps}
    purposes = {ref: mass_purposes(methods.get(ref)).every for ref in lacking}
    told = tuple(replace(gap, purposes=purposes[gap.method]) for gap in chosen.gaps)
    found = Inventory(
        begin=span.begin, end=span.end, parts=chosen.parts, gaps=told, overlaps=chosen.overlaps
    )
    return found if request.unit is None else found.of_unit(request.unit)


def parts_in(request: InventoryRequest, *, store: Store) -> tuple[Part, ...]:
    """Every record inside a span that nothing replaces, of all units, those that overlap too.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        MethodNotFoundError: A method of a record is not in the library.
        RecomputeError: A result was not kept, and does not come out again.
    """
    with store.view() as view:
        figures = view.accounting.current(
            organisation=request.organisation,
            boundary=request.boundary,
            begin=request.span.begin,
            end=request.span.end,
        )
        versions = boundary_versions(request.organisation, request.boundary, view=view)
        methods = method_library(view)
    results = KeptResults(store)
    return tuple(parts_of(figures, versions=versions, methods=methods, results=results))


def boundary_versions(organisation: str, name: str, *, view: UnitOfWork) -> dict[int, Boundary]:
    """Every version of a boundary by its leaf, in the order of the log.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
    """
    found = {
        leaf.logged.index: leaf.content
        for leaf in leaves(view, BOUNDARY, topic=f"{organisation} {name}")
        if isinstance(leaf.content, Boundary)
    }
    if not found:
        raise BoundaryNotFoundError(
            "{field}: {organisation} has no boundary {name} in this log",
            field="boundary",
            organisation=organisation,
            name=name[:64],
            remedy="log one with trace-node account boundary",
        )
    return found
