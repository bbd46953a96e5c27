"""Values that TOML has no type for, as texts: durations and sizes."""

import re
from decimal import Decimal
from typing import Final

DAY_MS: Final = 86_400_000
_DURATION: Final = re.compile(r"(?:\d{1,9}(?:ms|s|m|h|d)){1,5}", re.ASCII)
_DURATION_PART: Final = re.compile(r"(\d+)(ms|s|m|h|d)", re.ASCII)
_MILLISECONDS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": DAY_MS}
_SIZE: Final = re.compile(r"(\d{1,9}) ?(KiB|MiB|GiB)", re.ASCII)
_SIZES: Final = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
_MOST_DIGITS: Final = 18


def duration_ms(value: object) -> int | None:
    """Milliseconds of a duration such as ``500ms``, ``15m`` or ``1h30m``; None if it is none."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return None
    return sum(int(count) * _MILLISECONDS[unit] for count, unit in _DURATION_PART.findall(value))


def size_bytes(value: object) -> int | None:
    """Bytes of a size such as ``512 MiB``; None if it is none."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) * _SIZES[match[2]] if match else None


def number(value: object) -> Decimal | None:
    """A number of at most 18 digits, from a TOML number or a text; None if it is none."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    _, digits, exponent = value.as_tuple()
    places = int(exponent)
    return value if max(len(digits), -places) + max(places, 0) <= _MOST_DIGITS else None
