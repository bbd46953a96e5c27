"""Inventories of a boundary, from the emission records of the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.inventory.inventory import Figure, Inventory, Mass, Part
from trace_node.accounting.inventory.purposes import MassPurposes, mass_purposes
from trace_node.accounting.inventory.tiling import chosen_parts, expected_in
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.standing import Standing
from trace_node.errors import InputError
from trace_node.period import parse_period
from trace_node.ports.accounting import LoggedFigure
from trace_node.ports.store import Store, UnitOfWork
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

    Of records that overlap the longest counts, a year before its months. What none covers is a gap.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        MethodNotFoundError: A method of a record is not in the library.
    """
    with store.view() as view:
        versions = boundary_versions(request.organisation, request.boundary, view=view)
    return inventory_from(
        parts_in(request, store=store), request, tuple(versions.values()), store=store
    )


def inventory_from(
    parts: Iterable[Part], request: InventoryRequest, versions: Sequence[Boundary], *, store: Store
) -> Inventory:
    """The inventory of some records; see ``inventory_of``.

    Args:
        parts: Records inside the span.
        request: The span, and of which unit.
        versions: Versions of the boundary in the order of the log.
        store: The log.

    Raises:
        MethodNotFoundError: A method of the boundary is not in the library.
    """
    span = request.span
    chosen, gaps = chosen_parts(
        parts, expected_in(versions, span.begin, span.end, unit=request.unit)
    )
    with store.view() as view:
        methods = method_library(view) if gaps else MethodLibrary(())
    purposes = {ref: mass_purposes(methods.get(ref)).every for ref in {gap.method for gap in gaps}}
    told = tuple(replace(gap, purposes=purposes[gap.method]) for gap in gaps)
    return Inventory(begin=span.begin, end=span.end, parts=chosen, gaps=told)


def parts_in(request: InventoryRequest, *, store: Store) -> tuple[Part, ...]:
    """Every record inside a span that nothing replaces, those of overlapping periods too.

    Raises:
        MethodNotFoundError: A method of a record is not in the library.
    """
    with store.view() as view:
        figures = view.accounting.current(
            organisation=request.organisation,
            boundary=request.boundary,
            begin=request.span.begin,
            end=request.span.end,
            unit=request.unit,
        )
        methods = method_library(view)
    used = dict.fromkeys(figure.method for figure in figures)
    purposes = {ref: mass_purposes(methods.get(ref)) for ref in used}
    return tuple(_part(figure, purposes[figure.method]) for figure in figures)


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


def _part(logged: LoggedFigure, purposes: MassPurposes) -> Part:
    return Part(
        index=logged.index,
        boundary_leaf=logged.boundary_index,
        unit=logged.unit,
        method=logged.method,
        period=logged.period.name,
        begin=logged.period.start,
        end=logged.period.end,
        standing=Standing(logged.standing),
        demonstration=logged.demonstration,
        masses=tuple(
            Mass(
                unit=logged.unit,
                method=logged.method,
                source=one.source,
                category=one.category,
                scope=one.scope,
                iso14064=one.iso14064,
                gas=one.gas,
                role=Role(one.role),
                tonnes=one.mass,
                purposes=purposes.of(one.category, Role(one.role)),
            )
            for one in logged.items
        ),
        figures=tuple(
            Figure(
                unit=logged.unit,
                method=logged.method,
                total=one.id,
                purpose=Purpose(one.purpose),
                value=one.value,
                unit_of=one.unit,
                gwp_set=one.gwp_set,
            )
            for one in logged.totals
        ),
    )
