"""Arithmetic formulas as data: parsed once, evaluated with ``Decimal``, never by ``eval``.

A formula is written in a small part of Python's expression syntax and parsed by the standard
library's parser; whatever is not listed here is refused by name:

* decimal numbers such as ``1.015`` (their digits are kept: no binary float is ever made);
* names of symbols; ``+ - * / **`` and unary ``-``;
* ``a if condition else b``, with conditions of ``< <= > >= == !=``, ``and``, ``or``;
* ``floor(x)``, ``half_up(x, places)``, ``exp(x)``, ``min(x, y, ...)``, ``max(x, y, ...)``.

Values are computed with 50 significant digits, so that a stated rounding is the only one that
shows. ``half_up`` is the rounding of Chinese reports (四舍五入), ``floor`` that of allowances.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import (
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
    localcontext,
)
from functools import partial
from types import MappingProxyType
from typing import ClassVar, Protocol, TypeVar

from trace_node.errors import InputError

MAX_LENGTH = 1_000
MAX_DEPTH = 32
MAX_PLACES = 20
MAX_EXPONENT = 1_000
T = TypeVar("T")
_NUMBER = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")
_CONTEXT = Context(
    prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow, Underflow]
)


class FormulaError(InputError):
    """A formula is not one of the permitted form, or has no value for these symbols."""

    code: ClassVar[str] = "formula"


class Values(Protocol):
    """Values by symbol; a mapping is one."""

    def get(self, name: str, /) -> Decimal | None:
        """The value of a symbol; None if it has none."""


_Number = Callable[[Values], Decimal]
_Condition = Callable[[Values], bool]


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula (算式).

    Attributes:
        text: What was parsed.
        symbols: Names it needs a value of.
        root: Its parsed form, checked; ``formula_fold`` walks it.
    """

    text: str
    symbols: frozenset[str]
    root: ast.expr = field(compare=False, repr=False)
    _run: _Number = field(compare=False, repr=False)

    def evaluate(self, values: Values) -> Decimal:
        """Compute its value.

        Raises:
            FormulaError: A symbol has no value, or the result is not a finite number (division by
                zero, a negative base with a fraction as exponent, an exponent beyond 1,000).
        """
        with localcontext(_CONTEXT):
            try:
                return self._run(values)
            except DecimalException as error:
                raise FormulaError(
                    "{formula} has no value here: {detail}",
                    formula=self.text,
                    detail=type(error).__name__,
                    remedy="look for a division by zero or a value out of its range",
                ) from error


def parse(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaError: It is longer than 1,000 characters, nested deeper than 32, or uses anything
            that is not permitted; the message names it.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            "a formula of {size} characters exceeds the bound of {bound}",
            size=len(text),
            bound=MAX_LENGTH,
        )
    if not (text.isascii() and text.isprintable()) or "#" in text:
        raise FormulaError(  # the parser would take other letters for these, and drop comments
            "{formula} holds something else than printable ASCII, or a comment",
            formula=repr(text),
            remedy="write it in one line of ASCII",
        )
    try:
        root = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError("{formula} is not an expression", formula=repr(text)) from error
    compiler = _Compiler(text)
    run = compiler.number(root, 0)
    return Formula(text, frozenset(compiler.symbols), root, run)


def exact_sum(values: Iterable[Decimal]) -> Decimal:
    """The sum with 50 significant digits, whatever the context of the thread."""
    with localcontext(_CONTEXT):
        return sum(values, Decimal(0))


class _Compiler:
    """Turns what is permitted into functions, and refuses the rest by name."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.symbols: set[str] = set()

    def number(self, item: ast.expr, depth: int) -> _Number:
        self._require_shallow(depth)
        match item:
            case ast.Constant():
                exact = self._exact(item)
                return lambda _: exact
            case ast.Name(id=name):
                self.symbols.add(name)
                return partial(_symbol, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                run = self.number(operand, depth + 1)
                return lambda values: -run(values)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
                return self._pair(_OPERATIONS[type(op)], left, right, depth)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._choice(test, body, orelse, depth)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, depth)
            case _:
                raise self._refusal(item, needed="a number")

    def condition(self, item: ast.expr, depth: int) -> _Condition:
        self._require_shallow(depth)
        match item:
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                return self._pair(_COMPARISONS[type(op)], left, right, depth)
            case ast.BoolOp(op=op, values=parts):
                together = all if isinstance(op, ast.And) else any
                runs = [self.condition(part, depth + 1) for part in parts]
                return lambda values: together(run(values) for run in runs)
            case _:
                raise self._refusal(item, needed="a condition")

    def _pair(
        self,
        operation: Callable[[Decimal, Decimal], T],
        left: ast.expr,
        right: ast.expr,
        depth: int,
    ) -> Callable[[Values], T]:
        first, second = self.number(left, depth + 1), self.number(right, depth + 1)
        return lambda values: operation(first(values), second(values))

    def _choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr, depth: int) -> _Number:
        holds = self.condition(test, depth + 1)
        yes, no = self.number(body, depth + 1), self.number(orelse, depth + 1)
        return lambda values: yes(values) if holds(values) else no(values)

    def _call(self, name: str, arguments: Sequence[ast.expr], depth: int) -> _Number:
        function = _FUNCTIONS.get(name)
        if function is None or not function.least <= len(arguments) <= function.most:
            raise FormulaError(
                "{formula}: {name} with {count} arguments is not a function of formulas",
                formula=self._text,
                name=name,
                count=len(arguments),
                remedy="use floor(x), half_up(x, places), exp(x), min(...) or max(...)",
            )
        runs = [self.number(argument, depth + 1) for argument in arguments]
        return lambda values: function.run([run(values) for run in runs])

    def _exact(self, item: ast.Constant) -> Decimal:
        digits = ast.get_source_segment(self._text, item) or ""
        if not _NUMBER.fullmatch(digits):
            raise self._refusal(item, needed="a decimal number")
        return Decimal(digits)

    def _require_shallow(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise FormulaError(
                "{formula} is nested deeper than {bound}", formula=self._text, bound=MAX_DEPTH
            )

    def _refusal(self, item: ast.expr, *, needed: str) -> FormulaError:
        return FormulaError(
            "{formula}: {part} is not " + needed,
            formula=self._text,
            part=repr(ast.get_source_segment(self._text, item) or type(item).__name__),
            remedy="use numbers, symbols, + - * / **, comparisons, if-else and the named functions",
        )


def _symbol(name: str, values: Values) -> Decimal:
    value = values.get(name)
    if value is None or not value.is_finite():
        raise FormulaError("the symbol {name} has no value", field=name, name=name)
    return value


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > MAX_EXPONENT:
        raise FormulaError(
            "the exponent {exponent} is beyond {bound}", exponent=exponent, bound=MAX_EXPONENT
        )
    if base == 0 and exponent < 0:
        raise DivisionByZero  # Decimal would go on with an infinity
    return base**exponent


def _exp(arguments: Sequence[Decimal]) -> Decimal:
    if abs(arguments[0]) > MAX_EXPONENT:
        raise FormulaError(
            "the exponent {exponent} is beyond {bound}", exponent=arguments[0], bound=MAX_EXPONENT
        )
    return arguments[0].exp()


def _half_up(arguments: Sequence[Decimal]) -> Decimal:
    value, places = arguments
    if places != places.to_integral_value() or not 0 <= places <= MAX_PLACES:
        raise FormulaError(
            "half_up rounds to 0..{bound} places, not {places}", bound=MAX_PLACES, places=places
        )
    return value.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class _Function:
    least: int
    most: int
    run: Callable[[Sequence[Decimal]], Decimal]


_OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = MappingProxyType(
    {
        ast.Add: lambda left, right: left + right,
        ast.Sub: lambda left, right: left - right,
        ast.Mult: lambda left, right: left * right,
        ast.Div: lambda left, right: left / right,
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
_FUNCTIONS: Mapping[str, _Function] = MappingProxyType(
    {
        "floor": _Function(1, 1, lambda x: x[0].to_integral_value(rounding=ROUND_FLOOR)),
        "half_up": _Function(2, 2, _half_up),
        "exp": _Function(1, 1, _exp),
        "min": _Function(2, 16, min),
        "max": _Function(2, 16, max),
    }
)
