"""Whole tonnes as text: the one way an amount comes in (整吨数量)."""

import re
from typing import Final

from trace_node.quota.ledger.errors import AmountError

MAX_TONNES: Final = 10**12  # in one order or figure, as the contracts bound it
_WHOLE = re.compile(r"0|[1-9][0-9]{0,77}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,78}(\.[0-9]{1,78})?")
_REMEDY = "write whole tonnes as digits, from 1 to 1000000000000"


def read_tonnes(text: str, *, field: str, least: int = 1) -> int:
    """The whole tonnes that ``text`` states, without sign, spaces or leading zeros.

    Args:
        text: The amount as it was written.
        field: Its name, for the error.
        least: 1; 0 where the kind of order gives zero a meaning.

    Raises:
        AmountError: ``order.amount.negative``, ``.fractional``, ``.zero``, ``.too_large``; or no
            number at all, ``order.amount``.
    """
    if not _WHOLE.fullmatch(text):
        raise _not_whole(text, field)
    tonnes = int(text)
    if tonnes < least:
        raise AmountError(
            "{field}: zero tonnes cannot be moved",
            field=field,
            remedy=_REMEDY,
            code="order.amount.zero",
        )
    if tonnes > MAX_TONNES:
        raise AmountError(
            "{field}: {amount} exceeds {bound} tonnes",
            field=field,
            amount=text,
            bound=MAX_TONNES,
            remedy=_REMEDY,
            code="order.amount.too_large",
        )
    return tonnes


def _not_whole(text: str, field: str) -> AmountError:
    shown = repr(text[:40])
    if not _NUMBER.fullmatch(text):
        return AmountError(
            "{field}: {amount} is not a number of tonnes", field=field, amount=shown, remedy=_REMEDY
        )
    if text.startswith("-"):
        return AmountError(
            "{field}: {amount} tonnes are negative",
            field=field,
            amount=shown,
            remedy=_REMEDY,
            code="order.amount.negative",
        )
    if "." in text:
        return AmountError(
            "{field}: {amount} tonnes are not whole",
            field=field,
            amount=shown,
            remedy=_REMEDY,
            code="order.amount.fractional",
        )
    return AmountError(
        "{field}: {amount} is not a number of tonnes", field=field, amount=shown, remedy=_REMEDY
    )
