"""Evaluates a method for a case: every value once, on demand, into a graph."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from trace_node.accounting.arithmetic import total
from trace_node.accounting.dimension import ratio, typed_unit
from trace_node.accounting.errors import CaseError, DimensionError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.query import FactorQuery
from trace_node.accounting.factors.row import FactorRow
from trace_node.accounting.methods.case import Case, Line
from trace_node.accounting.methods.given_value import (
    read_given,
    rounded,
    scaled,
    sticky_refusal,
)
from trace_node.accounting.methods.method import Method, Step, of_gas
from trace_node.accounting.methods.nodes import fixed, given_node, missing, node_name, nothing
from trace_node.accounting.methods.result import FactorRef, Node
from trace_node.accounting.methods.scope_of_case import CaseScope
from trace_node.accounting.methods.symbol import Symbol
from trace_node.accounting.methods.words import Choice, SymbolSource
from trace_node.formula import Formula
from trace_node.gases import GASES

_NO_PINS: Final[Mapping[str, bytes]] = MappingProxyType({})


class Evaluation:
    """Values of one method for one case, each computed when it is first asked for.

    Args:
        method: The method.
        case: What is handed in.
        factors: The factor library.
        pins: Row digests by node, where a result of the past is rebuilt.

    Raises:
        CaseError: The case does not fit the method.
    """

    def __init__(
        self,
        method: Method,
        case: Case,
        factors: FactorLibrary,
        pins: Mapping[str, bytes] = _NO_PINS,
    ) -> None:
        self.method, self.case = method, case
        self._factors, self._pins = factors, pins
        self.scope = CaseScope(method, case)
        self.nodes: dict[str, Node] = {}
        self.estimated: list[str] = []

    def step_value(self, step: Step, line: Line | None = None) -> Node:
        """A step; summed over its lines where it has a table and no line is named."""
        if not self.scope.occurs(step):
            return self._put(nothing(step))
        if step.table and line is None:
            return self._sum(step)
        node_id = node_name(step.id, step.table, line)
        if node_id in self.nodes:
            return self.nodes[node_id]
        value, inputs = self._run(step.formula, step.table, line)
        return self._put(
            Node(
                id=node_id,
                value=rounded(value, step.rounding),
                unit=of_gas(step.unit_text, line.words if line else {}),
                inputs=inputs,
                choice="step",
                formula=step.formula.text,
                clause=step.clause,
                mark=step.mark.value,
            )
        )

    def lines(self, table: str) -> tuple[Line, ...]:
        """The lines of a table."""
        return tuple(self.case.lines.get(table, ()))

    def run_check(self, formula: Formula, table: str, line: Line | None) -> tuple[bool, list[str]]:
        """Whether a condition holds, and what it read."""
        value, inputs = self._run(formula, table, line)
        return value == 1, list(inputs)

    def find(self, name: str, table: str, line: Line | None) -> Node:
        """The value of a symbol or step as an expression of that table and line reads it."""
        step = self.method.steps.get(name)
        if step is not None:
            return self.step_value(step, line if step.table == table else None)
        symbol = self.method.symbols[name]
        at = line if symbol.table else None
        node_id = node_name(name, symbol.table, at)
        if node_id not in self.nodes:
            self._put(self._symbol(symbol, node_id, at))
        return self.nodes[node_id]

    def factor(self, node_id: str, query: FactorQuery) -> FactorRow:
        """The row for a node: the pinned one where a result is rebuilt."""
        pinned = self._pins.get(node_id)
        return self._factors.find(query) if pinned is None else self._factors.by_digest(pinned)

    def factor_node(self, node_id: str, row: FactorRow, unit_text: str, *, clause: str) -> Node:
        """A node of a row's value in a unit."""
        printed, wanted = typed_unit(row.unit), typed_unit(unit_text).flat()
        if printed.dimension != wanted.dimension and row.substance in GASES:
            wanted = typed_unit(unit_text).flat(plain_gases=True)
        try:
            factor = ratio(printed, wanted)
        except DimensionError as error:
            raise CaseError(
                "{place}: the factor {row} is in {unit}, the method needs {wanted}",
                field=node_id,
                place=node_id,
                row=row.id,
                unit=row.unit,
                wanted=unit_text,
                remedy="use a factor of that unit and reference state",
                code="accounting.factor.unit",
            ) from error
        # The row's own status: what a later release says of it must not change an old result.
        reference = FactorRef(id=row.id, digest=row.digest, status=row.status.value)
        return Node(
            id=node_id,
            value=scaled(row.value, factor, place=node_id),
            unit=unit_text,
            choice=Choice.DEFAULT.value,
            factor=reference,
            clause=clause or row.source,
        )

    def _put(self, node: Node) -> Node:
        return self.nodes.setdefault(node.id, node)

    def _sum(self, step: Step) -> Node:
        if step.id in self.nodes:
            return self.nodes[step.id]
        parts = [self.step_value(step, line) for line in self.lines(step.table)]
        value = total(part.value for part in parts)
        return self._put(
            Node(
                id=step.id,
                value=rounded(value, step.rounding_sum),
                unit=step.unit_text,
                inputs=tuple(part.id for part in parts),
                choice="sum",
                formula=f"sum of {step.id} over {step.table}",
                clause=step.clause,
                mark=step.mark.value,
            )
        )

    def _run(
        self, formula: Formula, table: str, line: Line | None
    ) -> tuple[Decimal, tuple[str, ...]]:
        values = _OnDemand(self, table, line)
        value = formula.evaluate(values)
        return value, tuple(dict.fromkeys(values.read))

    def _symbol(self, symbol: Symbol, node_id: str, line: Line | None) -> Node:
        given = line.values.get(symbol.id) if line else self.case.values.get(symbol.id)
        if symbol.source is SymbolSource.CONSTANT:
            return fixed(symbol, node_id)
        if given is None:
            return self._not_given(symbol, node_id, line)
        words = self._words(line)
        earlier = self.case.earlier.get(node_id)
        value = read_given(given, symbol, place=node_id, words=words, earlier=earlier)
        if symbol.source is SymbolSource.PARAMETER and value not in symbol.options:
            raise CaseError(
                "{place}: {value} is not an option of the method",
                field=node_id,
                place=node_id,
                value=value,
                options=", ".join(f"{one:f}" for one in symbol.options),
                remedy="the options are: {options}",
                code="accounting.case.option",
            )
        if given.estimated:
            self.estimated.append(node_id)
        return given_node(symbol, node_id, value, given, unit=of_gas(symbol.unit_text, words))

    def _not_given(self, symbol: Symbol, node_id: str, line: Line | None) -> Node:
        if symbol.source is SymbolSource.PARAMETER:
            return fixed(symbol, node_id)
        if symbol.source is not SymbolSource.FACTOR:
            raise missing(symbol, node_id)
        words = self._words(line)
        permitted = symbol.choices(words)
        if symbol.sticky and self.case.earlier.get(node_id) is Choice.MEASURED:
            raise sticky_refusal(node_id)
        for choice in permitted:
            match choice:
                case Choice.DEFAULT if symbol.query is not None:
                    query = symbol.query.fill(words, method=self.method.ref, on=self.case.on)
                    node = self.factor_node(
                        node_id,
                        self.factor(node_id, query),
                        of_gas(symbol.unit_text, words),
                        clause=symbol.clause,
                    )
                    return replace(node, value=rounded(node.value, symbol.rounding))
                case Choice.FORMULA if symbol.formula is not None:
                    return self._computed(symbol, symbol.formula, node_id, line)
                case Choice.CONSERVATIVE:
                    return replace(fixed(symbol, node_id), choice=choice.value)
                case _:
                    continue
        raise missing(symbol, node_id)

    def _computed(self, symbol: Symbol, formula: Formula, node_id: str, line: Line | None) -> Node:
        value, inputs = self._run(formula, symbol.table, line)
        return Node(
            id=node_id,
            value=rounded(value, symbol.rounding),
            unit=symbol.unit_text,
            inputs=inputs,
            choice=Choice.FORMULA.value,
            formula=formula.text,
            clause=symbol.clause,
        )

    def _words(self, line: Line | None) -> Mapping[str, str]:
        return {**self.case.words, **(line.words if line else {})}


class _OnDemand:
    """The values of an expression; only what it reads is computed."""

    def __init__(self, evaluation: Evaluation, table: str, line: Line | None) -> None:
        self._evaluation, self._table, self._line = evaluation, table, line
        self.read: list[str] = []

    def get(self, name: str, /) -> Decimal:
        """The value of a symbol or step, computed now if it was not before."""
        node = self._evaluation.find(name, self._table, self._line)
        self.read.append(node.id)
        return node.value
