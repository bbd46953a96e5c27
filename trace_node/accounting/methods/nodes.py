"""How values become nodes of a result."""

from decimal import Decimal

from trace_node.accounting.errors import IncompleteError
from trace_node.accounting.methods.case import Given, Line
from trace_node.accounting.methods.given_value import rounded
from trace_node.accounting.methods.method import Step
from trace_node.accounting.methods.result import Node
from trace_node.accounting.methods.symbol import Symbol
from trace_node.accounting.methods.words import SymbolSource


def node_name(name: str, table: str, line: Line | None) -> str:
    """``FC``, or ``fuels[coal].FC`` for a line."""
    return f"{table}[{line.name}].{name}" if line else name


def nothing(step: Step) -> Node:
    """A step whose source category does not occur: zero, and it says why."""
    return Node(
        id=step.id,
        value=Decimal(0),
        unit=step.unit_text,
        choice="not_occurring",
        clause=step.clause,
        mark=step.mark.value,
    )


def fixed(symbol: Symbol, node_id: str) -> Node:
    """A constant, the default of a parameter, or a conservative value."""
    return Node(
        id=node_id,
        value=rounded(symbol.value if symbol.value is not None else Decimal(0), symbol.rounding),
        unit=symbol.unit_text,
        choice=symbol.source.value,
        clause=symbol.clause,
    )


def given_node(symbol: Symbol, node_id: str, value: Decimal, given: Given) -> Node:
    """A value that was handed in, rounded where the method rounds it."""
    chosen = given.choice if symbol.source is SymbolSource.FACTOR else symbol.source
    return Node(
        id=node_id,
        value=rounded(value, symbol.rounding),
        unit=symbol.unit_text,
        choice=chosen.value,
        evidence=given.evidence,
        clause=symbol.clause,
    )


def missing(symbol: Symbol, node_id: str) -> IncompleteError:
    """The refusal of a case that lacks a value."""
    required = symbol.source is SymbolSource.REQUIRED
    return IncompleteError(
        "{place} ({title}) is missing",
        field=symbol.id,
        place=node_id,
        title=symbol.title_en,
        unit=symbol.unit_text,
        remedy="give it in {unit} with its evidence; no source has a default"
        if required
        else "give it in {unit}, or declare its source category not occurring with a reason",
        code="accounting.incomplete.value",
    )
