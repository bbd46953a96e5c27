"""Propagation of uncertainty and the budget that shows it, row by row.

u_c^2 = sum (c_i u_i)^2 + 2 sum_{i<j} c_i c_j u_i u_j r_ij, c_i = dE/dx_i: the law of propagation
(GUM 5.2.2, JJF 1059.1), with the combined u_i of each input. The same with the random or with the
systematic parts alone gives what either would be without the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.uncertainty.correlation import Correlations
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.gradient import differentiate
from trace_node.accounting.uncertainty.parts import Kind, UncertainInput, require_factor
from trace_node.formula import Formula

COVERAGE_FACTOR: Final = Decimal(2)  # methods.md 9: k = 2 in reports


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """What one input contributes by one kind of effect.

    Attributes:
        name: The input.
        value: Its estimate.
        kind: Kind of the effect.
        u: Its standard uncertainty, in the unit of the input.
        sensitivity: Derivative of the figure by the input (灵敏系数).
        contribution: ``sensitivity * u``, in the unit of the figure; its sign tells the direction.
        share: Part of the variance of the figure, half of each covariance with another input
            included; the shares of a budget sum to 1, and one can be negative where inputs cancel.
            0 where nothing varies.
    """

    name: str
    value: Decimal
    kind: Kind
    u: Decimal
    sensitivity: Decimal
    contribution: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A figure with its uncertainty (不确定度评定).

    Attributes:
        value: The figure.
        rows: Contributions, in the order of the inputs, type A before type B.
        k: Coverage factor (包含因子).
        u: Combined standard uncertainty u_c (合成标准不确定度).
        u_a: What it would be by random effects alone.
        u_b: By systematic effects alone.
    """

    value: Decimal
    rows: tuple[BudgetRow, ...]
    k: Decimal
    u: Decimal
    u_a: Decimal
    u_b: Decimal

    @property
    def expanded(self) -> Decimal:
        """Expanded uncertainty U = k u_c (扩展不确定度)."""
        with precise():
            return self.k * self.u

    @property
    def relative(self) -> Decimal | None:
        """U over the size of the figure; None of a figure of 0."""
        with precise():
            return self.expanded / abs(self.value) if self.value else None

    def largest(self, count: int) -> tuple[BudgetRow, ...]:
        """The rows with the largest contributions, the largest first."""
        return tuple(sorted(self.rows, key=lambda row: -abs(row.contribution))[:count])


def propagate(
    formula: Formula,
    inputs: Sequence[UncertainInput],
    correlations: Correlations | None = None,
    *,
    k: Decimal = COVERAGE_FACTOR,
) -> Budget:
    """The budget of what a formula gives of these inputs, by its exact derivatives.

    Raises:
        FormulaError: The formula has no value for them.
        UncertaintyError: It has no derivative there; an input is named twice; see ``combine``.
    """
    dual = differentiate(formula, {each.name: each.value for each in inputs})
    slopes = {each.name: dual.slopes.get(each.name, Decimal(0)) for each in inputs}
    return combine(dual.value, slopes, inputs, correlations, k=k)


def combine(
    value: Decimal,
    sensitivities: Mapping[str, Decimal],
    inputs: Sequence[UncertainInput],
    correlations: Correlations | None = None,
    *,
    k: Decimal = COVERAGE_FACTOR,
) -> Budget:
    """The budget of a figure whose sensitivities are known otherwise.

    Raises:
        UncertaintyError: An input is named twice or has no sensitivity, a correlation names another
            input, the correlations contradict each other, or ``k`` is not above 0.
    """
    matrix = correlations or Correlations()
    require_factor(k)
    _require_inputs(inputs, sensitivities, matrix)
    named = {each.name: each for each in inputs}
    matrix.require_possible(named)
    with precise():
        parts = _variance_parts(sensitivities, named, matrix)
        variance = total(parts.values())
        rows = tuple(
            BudgetRow(
                name=each.name,
                value=each.value,
                kind=kind,
                u=each.u(kind),
                sensitivity=sensitivities[each.name],
                contribution=sensitivities[each.name] * each.u(kind),
                share=parts[each.name, kind] / variance if variance else Decimal(0),
            )
            for each in inputs
            for kind in Kind
            if any(part.kind is kind for part in each.parts)
        )
    alone = {kind: [_only(each, kind) for each in inputs] for kind in Kind}
    return Budget(
        value=value,
        rows=rows,
        k=k,
        u=_root(_covariance(sensitivities, sensitivities, inputs, matrix)),
        u_a=_root(_covariance(sensitivities, sensitivities, alone[Kind.A], matrix)),
        u_b=_root(_covariance(sensitivities, sensitivities, alone[Kind.B], matrix)),
    )


def output_correlation(
    first: Budget,
    second: Budget,
    inputs: Sequence[UncertainInput],
    correlations: Correlations | None = None,
) -> Decimal:
    """How far two figures err together, from -1 to 1.

    Args:
        first: Budget of one figure.
        second: Budget of another.
        inputs: All inputs of both.
        correlations: Those the budgets were made with.

    Raises:
        UncertaintyError: One of the figures does not vary.
    """
    if not first.u or not second.u:
        raise UncertaintyError(
            "{field}: a figure without uncertainty correlates with nothing",
            field="budget",
            remedy="leave it out of the correlation matrix",
            code="uncertainty.correlation",
        )
    matrix = correlations or Correlations()
    covariance = _covariance(_slopes(first, inputs), _slopes(second, inputs), inputs, matrix)
    with precise():
        return covariance / first.u / second.u


def _slopes(budget: Budget, inputs: Sequence[UncertainInput]) -> dict[str, Decimal]:
    known = {row.name: row.sensitivity for row in budget.rows}
    return {each.name: known.get(each.name, Decimal(0)) for each in inputs}


def _only(each: UncertainInput, kind: Kind) -> UncertainInput:
    return replace(each, parts=tuple(part for part in each.parts if part.kind is kind))


def _variance_parts(
    slopes: Mapping[str, Decimal], inputs: Mapping[str, UncertainInput], matrix: Correlations
) -> dict[tuple[str, Kind], Decimal]:
    """The variance of the figure by input and kind; a covariance counts half for each input.

    Where it is of the combined uncertainties, a kind takes of it what it has of the input's u^2.
    """
    squares = {
        (name, kind): each.u(kind) ** 2 for name, each in inputs.items() for kind in (None, *Kind)
    }
    parts = {
        (name, kind): slopes[name] ** 2 * squares[name, kind] for name in inputs for kind in Kind
    }
    for pair, covariance in matrix.covariances(inputs):
        half = slopes[pair.first] * slopes[pair.second] * covariance
        for name in (pair.first, pair.second) if half else ():
            for kind in Kind if pair.kind is None else (pair.kind,):
                parts[name, kind] += half * squares[name, kind] / squares[name, pair.kind]
    return parts


def _covariance(
    left: Mapping[str, Decimal],
    right: Mapping[str, Decimal],
    inputs: Sequence[UncertainInput],
    matrix: Correlations,
) -> Decimal:
    named = {each.name: each for each in inputs}
    with precise():
        own = total(left[each.name] * right[each.name] * each.u() ** 2 for each in inputs)
        cross = total(
            (left[pair.first] * right[pair.second] + left[pair.second] * right[pair.first])
            * covariance
            for pair, covariance in matrix.covariances(named)
        )
        return own + cross


def _root(variance: Decimal) -> Decimal:
    """The root; full cancellation (r = -1) leaves a rounding of either sign in the last digit."""
    with precise():
        return max(variance, Decimal(0)).sqrt()


def _require_inputs(
    inputs: Sequence[UncertainInput], sensitivities: Mapping[str, Decimal], matrix: Correlations
) -> None:
    names = [each.name for each in inputs]
    wrong = sorted(
        {name for name in names if names.count(name) > 1 or name not in sensitivities}
        | (matrix.names - set(names))
    )
    if wrong:
        raise UncertaintyError(
            "{field}: {name} must be one input with one sensitivity",
            field="inputs",
            name=wrong[0],
            remedy="name every input once, and correlate only what is named",
            code="uncertainty.input",
        )
