"""The derivatives of a formula, exact, in one walk: every value carries its slopes with it.

``trace_node.formula`` has parsed the text already and refused what is not permitted; here the same
tree is walked once more with pairs of a value and its derivatives (forward mode). ``floor`` and
``half_up`` count as the identity: the step function they are has slope 0 nearly everywhere, and 0
would say that a rounded figure were known exactly. The slope of ``min`` and ``max`` is that of the
argument that is taken; where two are equal it is undefined, and refused unless it does not matter.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException, DivisionByZero
from types import MappingProxyType
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.formula import Formula

Values = Mapping[str, Decimal]
Slopes = Mapping[str, Decimal]
_NONE: Final[Slopes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Dual:
    """A value and its derivative by each symbol that it depends on."""

    value: Decimal
    slopes: Slopes

    def along(self, *parts: tuple[Decimal, "Dual"]) -> "Dual":
        """This value with the slopes of ``parts``, each times its factor: the chain rule."""
        slopes: dict[str, Decimal] = {}
        for factor, part in parts:
            for name, slope in part.slopes.items():
                slopes[name] = slopes.get(name, Decimal(0)) + factor * slope
        return Dual(self.value, slopes)


def differentiate(formula: Formula, values: Values) -> Dual:
    """The value of a formula and its derivative by each of its symbols.

    Raises:
        FormulaError: A symbol has no value, or the formula has none here.
        UncertaintyError: It has a value, but no derivative here.
    """
    value = formula.evaluate(values)
    with precise():
        try:
            slopes = _Walk(formula.text, values).number(_tree(formula)).slopes
        except DecimalException as error:
            raise _no_slope(formula.text) from error
    return Dual(value, {name: slopes.get(name, Decimal(0)) for name in sorted(formula.symbols)})


def _tree(formula: Formula) -> ast.expr:
    return ast.parse(formula.text, mode="eval").body


class _Walk:
    """One evaluation; what it cannot meet has been refused by the parser of formulas."""

    def __init__(self, text: str, values: Values) -> None:
        self._text = text
        self._values = values

    def number(self, item: ast.expr) -> Dual:
        match item:
            case ast.Constant():
                return Dual(Decimal(ast.get_source_segment(self._text, item) or ""), _NONE)
            case ast.Name(id=name):
                return Dual(self._values[name], {name: Decimal(1)})
            case ast.UnaryOp(operand=operand):
                dual = self.number(operand)
                return Dual(-dual.value, _NONE).along((Decimal(-1), dual))
            case ast.BinOp(left=left, op=op, right=right):
                return _OPERATIONS[type(op)](self.number(left), self.number(right))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.number(body if self.holds(test) else orelse)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, [self.number(argument) for argument in arguments])
            case _:
                raise _no_slope(self._text)

    def holds(self, item: ast.expr) -> bool:
        match item:
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _COMPARISONS[type(op)](self.number(left).value, self.number(right).value)
            case ast.BoolOp(op=op, values=parts):
                together = all if isinstance(op, ast.And) else any
                return together(self.holds(part) for part in parts)
            case _:
                raise _no_slope(self._text)

    def _call(self, name: str, arguments: list[Dual]) -> Dual:
        first = arguments[0]
        match name:
            case "exp":
                value = first.value.exp()
                return Dual(value, _NONE).along((value, first))
            case "min" | "max":
                pick = min if name == "min" else max
                chosen = pick(dual.value for dual in arguments)
                ties = [dual for dual in arguments if dual.value == chosen]
                if any(dual.slopes != ties[0].slopes for dual in ties):
                    raise _no_slope(self._text)
                return ties[0]
            case _:  # floor and half_up; see above
                return first


def _times(left: Dual, right: Dual) -> Dual:
    return Dual(left.value * right.value, _NONE).along((right.value, left), (left.value, right))


def _over(left: Dual, right: Dual) -> Dual:
    value = left.value / right.value
    return Dual(value, _NONE).along((1 / right.value, left), (-value / right.value, right))


def _power(base: Dual, exponent: Dual) -> Dual:
    value = base.value**exponent.value
    parts = []
    if base.slopes and exponent.value != 0:
        parts.append((_slope_by_base(base.value, exponent.value), base))
    if exponent.slopes:
        parts.append((value * base.value.ln(), exponent))
    return Dual(value, _NONE).along(*parts)


def _slope_by_base(base: Decimal, exponent: Decimal) -> Decimal:
    if base == 0 and exponent < 1:
        raise DivisionByZero  # Decimal would go on with an infinity
    return exponent if exponent == 1 else exponent * base ** (exponent - 1)


def _no_slope(text: str) -> UncertaintyError:
    return UncertaintyError(
        "{formula} has no derivative here",
        formula=text,
        remedy="look for min or max of equal values, or a root of 0",
        code="uncertainty.derivative",
    )


_OPERATIONS: Mapping[type[ast.operator], Callable[[Dual, Dual], Dual]] = MappingProxyType(
    {
        ast.Add: lambda a, b: Dual(a.value + b.value, _NONE).along(
            (Decimal(1), a), (Decimal(1), b)
        ),
        ast.Sub: lambda a, b: Dual(a.value - b.value, _NONE).along(
            (Decimal(1), a), (Decimal(-1), b)
        ),
        ast.Mult: _times,
        ast.Div: _over,
        ast.Pow: _power,
    }
)
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Decimal, Decimal], bool]] = MappingProxyType(
    {
        ast.Lt: lambda left, right: left < right,
        ast.LtE: lambda left, right: left <= right,
        ast.Gt: lambda left, right: left > right,
        ast.GtE: lambda left, right: left >= right,
        ast.Eq: lambda left, right: left == right,
        ast.NotEq: lambda left, right: left != right,
    }
)
