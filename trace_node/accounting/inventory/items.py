"""The masses of a result by source and gas."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.sources import Industry, Source
from trace_node.accounting.methods.case import Case
from trace_node.accounting.methods.method import Method, Step
from trace_node.accounting.methods.nodes import node_name
from trace_node.accounting.methods.result import Result
from trace_node.accounting.records.emission_form import factors_in_order, items_in_order
from trace_node.accounting.records.emission_parts import EmissionItem, FactorUse, FigureOf

_OF_SCOPE: Final = {1: 1, 2: 2, 3: 4}  # where no source says it: ISO 14064-1, annex B


def items_of(
    boundary: Boundary, industry: Industry, method: Method, case: Case, result: Result
) -> tuple[EmissionItem, ...]:
    """One item for each term, line and gas of the categories that occur."""
    found: list[EmissionItem] = []
    for term in method.terms:
        if term.category in case.not_occurring:
            continue
        sources = [
            each
            for each in boundary.sources
            if (each.unit, each.method, each.category)
            == (industry.unit, industry.method, term.category)
        ]
        for source, gas, mass in _masses(term, case, result, sources):
            found.append(_item(method, term, source, gas, mass, sources))
    return items_in_order(found)


def figures_of(result: Result) -> tuple[FigureOf, ...]:
    """The figures of a result as its record states them."""
    return tuple(
        FigureOf(
            id=one.id,
            purpose=one.purpose,
            value=one.value,
            unit=one.unit,
            gwp_set=one.gwp_set,
            masses=one.masses,
        )
        for one in result.totals.values()
    )


def factors_of(result: Result, own_rows: Mapping[bytes, int]) -> tuple[FactorUse, ...]:
    """The rows that values of a result are.

    Args:
        result: The result.
        own_rows: The leaf of each row that the organisation entered itself, by its digest.
    """
    return factors_in_order(
        FactorUse(
            node=node.id,
            row=node.factor.id,
            digest=node.factor.digest,
            leaf=own_rows.get(node.factor.digest),
        )
        for node in result.nodes.values()
        if node.factor is not None
    )


def _masses(
    term: Step, case: Case, result: Result, sources: Sequence[Source]
) -> Iterator[tuple[str, str, Decimal]]:
    if not term.table:
        name = "+".join(each.id for each in sources) or term.category
        yield name[:200], term.gas, result.value(term.id)
        return
    for line in case.lines.get(term.table, ()):
        node = node_name(term.id, term.table, line)
        if node in result.nodes:
            gas = line.words[term.gas.strip("{}")] if term.gas.startswith("{") else term.gas
            yield line.name, gas, result.value(node)


def _item(  # noqa: PLR0917 (parts of one item)
    method: Method, term: Step, source: str, gas: str, mass: Decimal, sources: Sequence[Source]
) -> EmissionItem:
    scope = method.categories[term.category].scope
    named = [each.iso14064 for each in sources if each.id == source] or [
        each.iso14064 for each in sources
    ]
    return EmissionItem(
        code=f"{method.ref}/{term.category}/{source}/{term.id}.{gas}",
        source=source,
        category=term.category,
        scope=scope,
        iso14064=named[0] if named else _OF_SCOPE[scope],
        gas=gas,
        role=term.role,
        mass=mass,
    )
