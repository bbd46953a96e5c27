"""The arithmetic of accounting: 50 significant digits, or exact, whatever the caller's context."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction
from typing import Final

DIGITS: Final = 50
_CONTEXT: Final = Context(
    prec=DIGITS, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)


def precise() -> AbstractContextManager[Context]:
    """A context of 50 significant digits, for a ``with`` statement."""
    return localcontext(_CONTEXT)


def total(values: Iterable[Decimal]) -> Decimal:
    """The sum with 50 significant digits."""
    with precise():
        return sum(values, Decimal(0))


def exact_product(left: Decimal, right: Decimal) -> Decimal:
    """The product with all its digits."""
    with localcontext(_CONTEXT) as context:
        context.prec = len(left.as_tuple().digits) + len(right.as_tuple().digits)
        return left * right


def quadrature(values: Iterable[Decimal]) -> Decimal:
    """The root of the sum of squares, 0 of nothing."""
    with precise():
        return sum((value * value for value in values), Decimal(0)).sqrt()


def to_decimal(number: Fraction) -> Decimal:
    """A fraction with 50 significant digits."""
    with precise():
        return Decimal(number.numerator) / Decimal(number.denominator)


def half_up(value: Decimal, places: int) -> Decimal:
    """Round as Chinese reports do (四舍五入), to ``places`` decimals."""
    with precise():
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
