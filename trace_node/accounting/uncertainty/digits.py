"""How many digits of an uncertainty are stated."""

from decimal import Context, Decimal
from typing import Final

_SHOWN: Final = Context(prec=12)  # an uncertainty says nothing beyond its first digits


def shown(value: Decimal) -> Decimal:
    """Twelve significant digits, as records state uncertainties."""
    return _SHOWN.plus(value)
