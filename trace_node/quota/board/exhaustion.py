"""The day on which a year's emission passes what is available for it (配额耗尽日)."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal

from trace_node.formula import exact_sum
from trace_node.quota.board.emission import MONTHS
from trace_node.quota.board.forecast import days_of

_EXACT = Context(prec=80)


def exhaustion(year: int, months: Mapping[int, Decimal], available: Decimal) -> date | None:
    """The first day by whose end more was emitted than is available.

    Emission of a month is spread evenly over its days. Exactly as much as is available is enough,
    so there is such a day just when the emission of the year is above what is available.

    Args:
        year: The year.
        months: Emission of each of its 12 months, 0 or more.
        available: Units for the year, in tonnes; may be negative, where some are owed.

    Returns:
        The day, or None where what is available lasts.
    """
    if available < 0:
        return date(year, 1, 1)
    before = Decimal(0)
    for month in MONTHS:
        emitted, days = months[month], days_of(year, month)
        after = exact_sum((before, emitted))
        if after > available:
            left = _EXACT.multiply(_EXACT.subtract(available, before), Decimal(days))
            whole = _EXACT.divide(left, emitted).to_integral_value(ROUND_FLOOR, _EXACT)
            # the quotient may have been rounded up to a whole number that it did not reach
            over = _EXACT.multiply(whole, emitted) > left
            return date(year, month, int(whole) + (0 if over else 1))
        before = after
    return None
