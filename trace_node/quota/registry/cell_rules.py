"""How single cells of a statement are read; nothing is repaired, one value has one spelling."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeVar

from trace_node.period import SHANGHAI

T = TypeVar("T")
D = TypeVar("D")

MAX_TONNES: Final = 10**12
MAX_SERIAL: Final = 10**15
_WHOLE: Final = re.compile(r"[0-9]{1,16}", re.ASCII)
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
_PRICE: Final = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,4})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)


class BrokenRuleError(ValueError):
    """A cell breaks a rule; the reader of the sheet adds the place."""

    def __init__(self, why: str, *, remedy: str, **params: str | int) -> None:
        """Keep rule and remedy as templates over ``params``."""
        super().__init__(why)
        self.why, self.remedy, self.params = why, remedy, params


def tonnes(text: str) -> int:
    """Whole tonnes, 1 to 10^12."""
    number = _whole(text)
    if number is None or not 1 <= number <= MAX_TONNES:
        raise BrokenRuleError(
            "{field}: {found} is not a number of whole tonnes from 1 to 10^12",
            found=_shown(text),
            remedy="write digits only: no sign, point, comma, blank or formula",
        )
    return number


def serial(text: str) -> int:
    """A serial of the registry, 1 to 10^15."""
    number = _whole(text)
    if number is None or not 1 <= number <= MAX_SERIAL:
        raise BrokenRuleError(
            "{field}: {found} is not a serial from 1 to 10^15",
            found=_shown(text),
            remedy="write digits only",
        )
    return number


def code(text: str) -> str:
    """Code of a product, at most 32 characters as on the chain."""
    return _match(
        text,
        _CODE,
        "{field}: {found} is not the code of a product: 1 to 32 letters, digits, . _ -",
        "write the code of the class, such as CEA24",
    )


def number(text: str) -> str:
    """Number of a statement or transaction."""
    return _match(
        text,
        _NUMBER,
        "{field}: {found} is not a number of the registry: 1 to 64 letters, digits, . _ - /",
        "copy the number as it is printed",
    )


def account(text: str) -> str:
    """Account number in the registry."""
    return _match(
        text,
        _NUMBER,
        "{field}: {found} is not an account number: 1 to 64 letters, digits, . _ - /",
        "copy the account number as it is printed",
    )


def price(text: str) -> Decimal:
    """CNY a tonne, at most four places."""
    if not _PRICE.fullmatch(text):
        raise BrokenRuleError(
            "{field}: {found} is not a price in CNY a tonne with at most four places",
            found=_shown(text),
            remedy="write for example 92.50, or leave the cell empty",
        )
    return Decimal(text)


def day(text: str) -> date:
    """A day; a spreadsheet program may have put midnight behind it."""
    text = text.removesuffix(" 00:00:00")
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:  # no such day: refused below
        pass
    raise BrokenRuleError(
        "{field}: {found} is not a day such as 2026-01-31",
        found=_shown(text),
        remedy="write year, month and day with hyphens",
    )


def instant(text: str) -> datetime:
    """An instant in Beijing, to the second."""
    try:
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError:  # no such instant: refused below
        pass
    raise BrokenRuleError(
        "{field}: {found} is not a time such as 2026-01-31 23:59:59",
        found=_shown(text),
        remedy="write day and time of Beijing with a blank between them",
    )


def choice(words: tuple[str, ...]) -> Callable[[str], str]:
    """One of some words."""

    def read(text: str) -> str:
        """The word."""
        if text not in words:
            raise BrokenRuleError(
                "{field}: {found} is not one of {choices}",
                found=_shown(text),
                choices=", ".join(words),
                remedy="write one of them, in this spelling",
            )
        return text

    return read


def optional(read: Callable[[str], T], default: D) -> Callable[[str], T | D]:
    """What ``read`` reads, or ``default`` for an empty cell."""
    return lambda text: read(text) if text else default


def _match(text: str, pattern: re.Pattern[str], why: str, remedy: str) -> str:
    if not pattern.fullmatch(text):
        raise BrokenRuleError(why, found=_shown(text), remedy=remedy)
    return text


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _shown(text: str) -> str:
    return repr(text[:40])
