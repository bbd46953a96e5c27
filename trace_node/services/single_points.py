"""Single points of a boundary with what they measured and what was accounted from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary, in_force
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.boundary.single_point import Matched, matched_points
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.period import Period
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.library import known_methods
from trace_node.services.statement_leaves import leaves
from trace_node.services.statement_types import parse_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRequest:
    """Which points.

    Attributes:
        organisation: Whose.
        boundary: Name of the boundary.
        period: The period; the version of the boundary that holds for it counts.
        device: Of one device; None for all.
    """

    organisation: str
    boundary: str
    period: Period
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFigure:
    """A matched point and its figures of a period.

    Attributes:
        matched: The point with method, formula and data item.
        leaf: Leaf of the emission record; None while there is none for the period.
        activity: What it measured, before and after conversion; None while there is no record.
        masses: Tonnes of each gas of its source in that record.
        shared: Other points of the same source, whose part in the masses is not told apart.
    """

    matched: Matched
    leaf: int | None
    activity: ActivityItem | None
    masses: tuple[tuple[str, Decimal], ...]
    shared: tuple[str, ...]


def single_points(request: PointsRequest, *, store: Store) -> tuple[PointFigure, ...]:
    """The points of a boundary, instrument by instrument.

    Raises:
        BoundaryNotFoundError: No version of the boundary holds for the period.
        MethodNotFoundError: A method of it is not in the library.
    """
    with store.view() as view:
        boundary = _boundary(view, request)
        methods = MethodLibrary(each.method for each in known_methods(view))
        records = _records(view, request)
    every = matched_points(boundary, methods)
    asked = [
        each
        for each in every
        if request.device is None or each.meter.partition("/")[0] == request.device
    ]
    return tuple(_figure(each, every, records) for each in asked)


def _figure(
    matched: Matched, every: Sequence[Matched], records: dict[tuple[str, str], tuple[int, Emission]]
) -> PointFigure:
    shared = {
        each.point
        for each in every
        if (each.source, each.category) == (matched.source, matched.category)
    } - {matched.point}
    leaf, emission = records.get((matched.unit, matched.method), (None, None))
    if emission is None:
        return PointFigure(
            matched=matched, leaf=None, activity=None, masses=(), shared=tuple(sorted(shared))
        )
    activity = [each for each in emission.activity if each.name == matched.point]
    return PointFigure(
        matched=matched,
        leaf=leaf,
        activity=activity[0] if activity else None,
        masses=tuple(
            (each.gas, each.mass)
            for each in emission.items
            if each.category == matched.category and matched.source in each.source.split("+")
        ),
        shared=tuple(sorted(shared)),
    )


def _boundary(view: UnitOfWork, request: PointsRequest) -> Boundary:
    topic = f"{request.organisation} {request.boundary}"
    versions = [
        leaf.content
        for leaf in leaves(view, BOUNDARY, topic=topic)
        if isinstance(leaf.content, Boundary)
    ]
    if not versions:
        raise BoundaryNotFoundError(
            "{field}: {organisation} has no boundary {name} in this log",
            field="boundary",
            organisation=request.organisation,
            name=request.boundary[:64],
            remedy="log one with trace-node account boundary",
        )
    return in_force(versions, request.period, name=request.boundary)


def _records(
    view: UnitOfWork, request: PointsRequest
) -> dict[tuple[str, str], tuple[int, Emission]]:
    """The newest emission record of each unit and method for exactly this period."""
    found: dict[tuple[str, str], tuple[int, Emission]] = {}
    current = view.accounting.current(
        organisation=request.organisation,
        boundary=request.boundary,
        begin=request.period.start,
        end=request.period.end,
        unit=None,
    )
    for figure in current:
        if figure.period != request.period:
            continue
        (body,) = view.entries.bodies(figure.index, figure.index + 1)
        content = parse_statement(body).content
        if isinstance(content, Emission):
            found[figure.unit, figure.method] = (figure.index, content)
    return found
