"""The inventory that follows from results alone: each term of a total by source and gas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.methods.case import Case
from trace_node.accounting.methods.case_form import read_case
from trace_node.accounting.methods.method import GAS_OF_LINE, Method, Step, Total
from trace_node.accounting.methods.nodes import node_name
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.report.facts import AccountedResult, InventoryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryOfResults:
    """An inventory without uncertainties by source (``InventoryFigures``).

    Attributes:
        rows: Its rows.
    """

    rows: Sequence[InventoryRow]


def inventory_of(results: Sequence[AccountedResult]) -> InventoryOfResults:
    """One row for each purpose, term, line and gas of the categories that occur.

    A term that several totals of one purpose add counts once. What a total takes off keeps its
    sign: such a row is a negative emission of the method's own making. Sinks stand beside each
    purpose that weighs gases as the method's auxiliary total of them does; other auxiliary
    quantities are no inventory.
    """
    return InventoryOfResults(rows=tuple(row for one in results for row in _of_result(one)))


def _of_result(one: AccountedResult) -> Iterator[InventoryRow]:
    case = read_case(one.result.case)
    for purpose, gwp_set, terms in _terms(one.method):
        for name, taken_off in terms.items():
            term = one.method.steps[name]
            for source, gas, mass in _masses(one, case, term):
                weight = one.result.nodes.get(f"gwp.{gwp_set}.{gas}")
                signed = mass.copy_negate() if taken_off else mass
                with precise():
                    value = signed * weight.value if weight else signed
                yield InventoryRow(
                    purpose=purpose,
                    method=one.method.ref,
                    scope=one.method.categories[term.category].scope,
                    category=term.category,
                    source=source,
                    gas=gas,
                    period=one.period,
                    role=term.role,
                    mass=signed,
                    value=value,
                    standing=one.standing,
                    leaves=() if one.leaf is None else (one.leaf,),
                )


def _terms(method: Method) -> Iterator[tuple[Purpose, str, dict[str, bool]]]:
    """Purpose, GWP set, and the terms with whether they are taken off."""
    auxiliary = [each for each in method.totals.values() if each.purpose is Purpose.AUXILIARY]
    for purpose in Purpose:
        totals = [each for each in method.totals.values() if each.purpose is purpose]
        if purpose is Purpose.AUXILIARY or not totals:
            continue
        terms: dict[str, bool] = {}
        for total in totals:
            terms = dict.fromkeys(total.subtract, True) | dict.fromkeys(total.add, False) | terms
        gwp_set = totals[0].gwp_set
        for total in auxiliary:
            if total.gwp_set == gwp_set:
                terms = dict.fromkeys(_sinks(method, total), False) | terms
        yield purpose, gwp_set, terms


def _sinks(method: Method, total: Total) -> Iterator[str]:
    for name in (*total.add, *total.subtract):
        if method.steps[name].role is Role.SINK:
            yield name


def _masses(one: AccountedResult, case: Case, term: Step) -> Iterator[tuple[str, str, Decimal]]:
    """Source, gas and mass of each line of a term; of the term itself where it has no lines."""
    nodes = one.result.nodes
    if not term.table:
        if term.id in nodes and nodes[term.id].choice != "not_occurring":
            source = one.sources.get(term.category, one.unit)
            yield source, term.gas, nodes[term.id].value
        return
    for line in case.lines.get(term.table, ()):
        node = nodes.get(node_name(term.id, term.table, line))
        if node is not None:
            gas = line.words["gas"] if term.gas == GAS_OF_LINE else term.gas
            source = one.titles.get(line.name, f"{one.unit}/{line.name}")
            yield source, gas, node.value
