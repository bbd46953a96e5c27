"""Values as whole numbers of their last decimal, so that sums and differences are exact.

``Decimal`` rounds to the precision of the caller's context, integers never do: 12.50 at scale 2 is
1250.
"""

from decimal import Decimal
from fractions import Fraction

from trace_node.metering.errors import SeriesError


def to_scaled(value: Decimal, *, scale: int) -> int:
    """``value`` in units of ``10**-scale``.

    Raises:
        SeriesError: It has more decimals than that.
    """
    number = Fraction(value) * 10**scale
    if number.denominator != 1:
        raise SeriesError(
            "{field}: {value} has more than {scale} decimals",
            field="value",
            value=str(value),
            scale=scale,
            remedy="use the number of decimals of the meter register",
            code="series.scale",
        )
    return int(number)


def from_scaled(number: int, *, scale: int) -> Decimal:
    """The decimal that is ``number`` units of ``10**-scale``, written with ``scale`` decimals."""
    return Decimal(f"{number}E{-scale}")  # from text, which no context rounds


def product(left: Decimal, right: Decimal) -> Decimal:
    """The exact product of two decimals, written with the decimals of both together."""
    scale = _decimals(left) + _decimals(right)
    return from_scaled(int(Fraction(left) * Fraction(right) * 10**scale), scale=scale)


def share(rise: int, *, part: int, whole: int) -> int:
    """``rise * part / whole``, rounded to a unit, halves to the even one (GB/T 8170-2008).

    Args:
        rise: What is shared out.
        part: How much of ``whole`` has passed, from 0 to ``whole``.
        whole: Above 0.
    """
    quotient, rest = divmod(rise * part, whole)
    if 2 * rest > whole or (2 * rest == whole and quotient % 2):
        quotient += 1
    return quotient


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
