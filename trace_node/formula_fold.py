"""Walks the parsed form of a formula with another meaning than its value, such as its unit."""

import ast
from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Generic, Protocol, TypeVar

from trace_node.formula import Formula

T = TypeVar("T")
_SIGNS: Final = MappingProxyType[type[ast.operator], str](
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
)


class Algebra(Protocol[T]):
    """What each part of a formula means; ``text`` is how the part is written."""

    def number(self, value: Decimal) -> T:
        """A decimal number."""

    def symbol(self, name: str) -> T:
        """A symbol."""

    def negative(self, operand: T) -> T:
        """Unary minus."""

    def binary(self, sign: str, left: T, right: T, text: str) -> T:
        """One of ``+ - * / **``."""

    def compare(self, left: T, right: T, text: str) -> None:
        """A comparison inside a condition."""

    def choice(self, yes: T, no: T, text: str) -> T:
        """``yes if condition else no``; the comparisons of the condition were told before."""

    def call(self, name: str, arguments: Sequence[T], text: str) -> T:
        """``floor``, ``half_up``, ``exp``, ``min`` or ``max``."""


def fold(formula: Formula, algebra: Algebra[T]) -> T:
    """The meaning of a formula under an algebra, from the leaves up.

    Raises:
        InputError: Whatever the algebra refuses.
    """
    return _Walk(formula.text, algebra).number(formula.root)


class _Walk(Generic[T]):
    """Only forms that ``formula.parse`` has let pass arrive here."""

    def __init__(self, text: str, algebra: Algebra[T]) -> None:
        self._text, self._algebra = text, algebra

    def number(self, item: ast.expr) -> T:
        match item:
            case ast.Constant():
                return self._algebra.number(Decimal(self._part(item)))
            case ast.Name(id=name):
                return self._algebra.symbol(name)
            case ast.UnaryOp(operand=operand):
                return self._algebra.negative(self.number(operand))
            case ast.BinOp(left=left, op=op, right=right):
                sides = self.number(left), self.number(right)
                return self._algebra.binary(_SIGNS[type(op)], *sides, self._part(item))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._condition(test)
                return self._algebra.choice(
                    self.number(body), self.number(orelse), self._part(item)
                )
            case ast.Call(func=ast.Name(id=name), args=arguments):
                values = [self.number(argument) for argument in arguments]
                return self._algebra.call(name, values, self._part(item))
            case _:
                raise AssertionError(ast.dump(item))

    def _condition(self, item: ast.expr) -> None:
        match item:
            case ast.Compare(left=left, comparators=[right]):
                self._algebra.compare(self.number(left), self.number(right), self._part(item))
            case ast.BoolOp(values=parts):
                for part in parts:
                    self._condition(part)
            case _:
                raise AssertionError(ast.dump(item))

    def _part(self, item: ast.expr) -> str:
        return ast.get_source_segment(self._text, item) or ""
