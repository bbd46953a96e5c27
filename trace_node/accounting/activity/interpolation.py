"""The value of a missing point from those around it: standard 002 12.4, linear or nearest.

Only what was known within the two days before and after counts. Whether such a value may enter a
figure is for the method's rule to say (``missing``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from trace_node.accounting.activity.errors import MissingDataError
from trace_node.accounting.arithmetic import to_decimal

WINDOW: Final = timedelta(days=2)


class Interpolation(StrEnum):
    """How a point is interpolated (插值方法).

    Attributes:
        LINEAR: On the straight line between the nearest points before and after (线性插值).
        NEAREST: As the nearest point, the earlier of two (最近邻插值).
    """

    LINEAR = "linear"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """A value that is there.

    Attributes:
        at: Its instant, aware.
        value: The value.
    """

    at: datetime
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InterpolatedPoint:
    """An interpolated value (插值数据) and all that it rests on, for the log.

    Attributes:
        at: The instant.
        value: The value, 50 significant digits.
        interpolation: How it was found.
        used: The known points it comes from.
    """

    at: datetime
    value: Decimal
    interpolation: Interpolation
    used: tuple[KnownPoint, ...]


def interpolate(
    points: Sequence[KnownPoint], *, at: datetime, interpolation: Interpolation
) -> InterpolatedPoint:
    """The value at an instant from the points around it.

    Raises:
        MissingDataError: There is no point within two days: before and after for a line, on either
            side for the nearest.
    """
    before = [point for point in points if at - WINDOW <= point.at < at]
    after = [point for point in points if at < point.at <= at + WINDOW]
    least = max(before, key=lambda point: point.at, default=None)
    most = min(after, key=lambda point: point.at, default=None)
    known: tuple[KnownPoint, ...] = tuple(point for point in (least, most) if point is not None)
    if not known or (interpolation is Interpolation.LINEAR and len(known) == 1):
        raise MissingDataError(
            "{field}: nothing is known within two days of {at} to interpolate from",
            field="points",
            at=at.isoformat(),
            remedy="use the conservative value of the method",
        )
    if interpolation is Interpolation.LINEAR:
        first, last = known
        value = _on_line(first, last, at)
    else:
        known = (min(known, key=lambda point: abs(point.at - at)),)
        value = known[0].value
    return InterpolatedPoint(at=at, value=value, interpolation=interpolation, used=known)


def _on_line(before: KnownPoint, after: KnownPoint, at: datetime) -> Decimal:
    step = timedelta(microseconds=1)
    share = Fraction((at - before.at) // step, (after.at - before.at) // step)
    start = Fraction(before.value)
    return to_decimal(start + (Fraction(after.value) - start) * share)
