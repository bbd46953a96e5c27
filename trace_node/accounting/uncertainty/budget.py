"""Propagation of uncertainty and the budget that shows it, row by row.

u_c^2 = sum over kinds of [sum (c_i u_i)^2 + 2 sum_{i<j} c_i c_j u_i u_j r_ij], c_i = dE/dx_i: the
law of propagation (GUM 5.2.2), random and systematic effects being independent of each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.uncertainty.correlation import BOTH, Correlations
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
        share: Part of the variance of the figure, correlation with others included; the shares of
            a budget sum to 1, and one can be negative where inputs cancel. 0 where nothing varies.
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
        u_a: Standard uncertainty by random effects alone.
        u_b: By systematic effects alone.
    """

    value: Decimal
    rows: tuple[BudgetRow, ...]
    k: Decimal
    u_a: Decimal
    u_b: Decimal

    @property
    def u(self) -> Decimal:
        """Combined standard uncertainty u_c (合成标准不确定度)."""
        with precise():
            return (self.u_a * self.u_a + self.u_b * self.u_b).sqrt()

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
            input, or ``k`` is not above 0.
    """
    matrix = correlations or Correlations()
    require_factor(k)
    _require_inputs(inputs, sensitivities, matrix)
    with precise():
        parts = {
            kind: {each.name: sensitivities[each.name] * each.u(kind) for each in inputs}
            for kind in BOTH
        }
        variance = {kind: _variance(parts[kind], parts[kind], matrix, kind) for kind in BOTH}
        whole = total(variance.values())
        rows = tuple(
            BudgetRow(
                name=each.name,
                value=each.value,
                kind=kind,
                u=each.u(kind),
                sensitivity=sensitivities[each.name],
                contribution=parts[kind][each.name],
                share=_share(each.name, parts[kind], matrix, kind) / whole if whole else Decimal(0),
            )
            for each in inputs
            for kind in BOTH
            if any(part.kind is kind for part in each.parts)
        )
        u_a, u_b = variance[Kind.A].sqrt(), variance[Kind.B].sqrt()
    return Budget(value=value, rows=rows, k=k, u_a=u_a, u_b=u_b)


def output_correlation(
    first: Budget, second: Budget, correlations: Correlations | None = None
) -> Decimal:
    """How far two figures of the same inputs err together, from -1 to 1.

    Raises:
        UncertaintyError: One of them does not vary.
    """
    matrix = correlations or Correlations()
    with precise():
        covariance = total(
            _variance(_of(first, kind), _of(second, kind), matrix, kind) for kind in BOTH
        )
        if not first.u or not second.u:
            raise UncertaintyError(
                "{field}: a figure without uncertainty correlates with nothing",
                field="budget",
                remedy="leave it out of the correlation matrix",
                code="uncertainty.correlation",
            )
        return covariance / (first.u * second.u)


def _of(budget: Budget, kind: Kind) -> dict[str, Decimal]:
    return {row.name: row.contribution for row in budget.rows if row.kind is kind}


def _share(name: str, parts: Mapping[str, Decimal], matrix: Correlations, kind: Kind) -> Decimal:
    return parts[name] * total(part * matrix.r(name, other, kind) for other, part in parts.items())


def _variance(
    left: Mapping[str, Decimal], right: Mapping[str, Decimal], matrix: Correlations, kind: Kind
) -> Decimal:
    found = total(
        mine * yours * matrix.r(first, second, kind)
        for first, mine in left.items()
        for second, yours in right.items()
    )
    # Full cancellation (r = -1) leaves a rounding of either sign in the last digit.
    return max(found, Decimal(0)) if left is right else found


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
