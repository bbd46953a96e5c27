"""What was measured earlier in the year: a method may forbid to go back to its default."""

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.sources import Industry
from trace_node.accounting.inventory.assemble import measured_nodes
from trace_node.accounting.methods.method import Method
from trace_node.accounting.records.emission import Emission
from trace_node.period import Period, PeriodKind
from trace_node.ports.store import UnitOfWork
from trace_node.services.statement_types import parse_statement


def measured_earlier(
    view: UnitOfWork, boundary: Boundary, industry: Industry, method: Method, period: Period
) -> tuple[str, ...]:
    """Values that the records of earlier periods of the year measured, by their names, sorted.

    None of a method that has no such rule.
    """
    if not any(symbol.sticky for symbol in method.symbols.values()):
        return ()
    year = period.within(PeriodKind.YEAR)
    figures = view.accounting.current(
        organisation=boundary.organisation,
        boundary=boundary.name,
        begin=year.start,
        end=period.start,
        unit=industry.unit,
    )
    found: set[str] = set()
    for figure in figures:
        if (figure.method, figure.period.end <= period.start) == (industry.method, True):
            emission = _content(view, figure.index)
            if isinstance(emission, Emission):
                found |= {*emission.earlier, *_measured(view, emission, industry, method)}
    return tuple(sorted(found))


def _measured(
    view: UnitOfWork, emission: Emission, industry: Industry, method: Method
) -> frozenset[str]:
    boundary = _content(view, emission.boundary_leaf.index)
    if not isinstance(boundary, Boundary):
        return frozenset()
    given = {each.name for each in emission.activity}
    return measured_nodes(boundary, industry, method, given)


def _content(view: UnitOfWork, index: int) -> object:
    return parse_statement(view.entries.bodies(index, index + 1)[0]).content
