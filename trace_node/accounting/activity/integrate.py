"""Quantity from a series of rates (积分): W to J, t/h to t, Nm3/h to Nm3, exact in fractions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from trace_node.accounting.activity.errors import ActivityError
from trace_node.accounting.arithmetic import to_decimal
from trace_node.period import Period, to_ms
from trace_node.units import Quantity, Unit

_INTEGRALS: Final = MappingProxyType(
    {
        "power": "energy",
        "mass_flow": "mass",
        "volume_flow": "volume",
        "normal_volume_flow": "normal_volume",
    }
)
_MS: Final = 1000


class Between(StrEnum):
    """What a rate does between two samples (积分方式); the rule of the point says which.

    Attributes:
        HOLD: It keeps the value of the sample before (阶梯).
        LINEAR: It goes straight from one to the other (梯形).
    """

    HOLD = "hold"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class RateSample:
    """A rate at an instant.

    Attributes:
        at: The instant, aware, in whole milliseconds.
        rate: The rate; None where it is not valid.
    """

    at: datetime
    rate: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Integral:
    """A rate integrated over a period (积分值).

    Attributes:
        covered: Quantity over what the samples cover.
        gaps: Begin and end, in milliseconds since the epoch, of what they do not.
    """

    covered: Quantity
    gaps: tuple[tuple[int, int], ...]

    @property
    def quantity(self) -> Quantity | None:
        """The quantity of the period; None where there is a gap: it is not taken as 0."""
        return None if self.gaps else self.covered


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The time between two samples, cut to the period; rates at its ends, or None in a gap."""

    begin: int
    end: int
    rates: tuple[Fraction, Fraction] | None


def integrate(
    samples: Sequence[RateSample],
    *,
    rate: Unit,
    target: Unit,
    period: Period,
    between: Between,
    longest_gap: timedelta,
) -> Integral:
    """Integrate a rate over a period.

    Args:
        samples: In order of time; those around the period's ends are used, too.
        rate: Unit of the samples.
        target: Unit of the quantity.
        period: The period.
        between: How to go from sample to sample.
        longest_gap: Samples farther apart than this leave a gap between them.

    Raises:
        ActivityError: The units do not belong together, or the samples are not in order.
    """
    require_integral(rate, target)
    if any(sample.at.tzinfo is None for sample in samples) or any(
        first.at >= second.at for first, second in pairwise(samples)
    ):
        raise ActivityError(
            "{field}: the samples are not in order of time, each with its zone",
            field="samples",
            remedy="sort them, keep one of each instant, and attach the zone where it is read",
            code="activity.order",
        )
    area = Fraction(0)
    gaps: list[tuple[int, int]] = []
    for stretch in _stretches(samples, period, between, longest_gap // timedelta(milliseconds=1)):
        if stretch.rates is not None:
            left, right = stretch.rates
            area += (left + right) / 2 * (stretch.end - stretch.begin) / _MS
        elif gaps and gaps[-1][1] == stretch.begin:
            gaps[-1] = (gaps[-1][0], stretch.end)
        else:
            gaps.append((stretch.begin, stretch.end))
    value = to_decimal(area * rate.factor / target.factor)
    return Integral(covered=Quantity(value, target), gaps=tuple(gaps))


def require_integral(rate: Unit, target: Unit) -> None:
    """Require a rate over time to give this unit.

    Raises:
        ActivityError: It does not.
    """
    if _INTEGRALS.get(rate.dimension) != target.dimension:
        raise ActivityError(
            "{field}: {rate} over time gives no {target}",
            field="target",
            rate=rate.symbol,
            target=target.symbol,
            remedy="integrate W to J, t/h to t, m3/h to m3, Nm3/h to Nm3",
            code="activity.integral",
        )


def _stretches(
    samples: Sequence[RateSample], period: Period, between: Between, longest: int
) -> Iterator[_Stretch]:
    """The period in pieces without a hole, each between two samples or before and after all."""
    begin, end = to_ms(period.start), to_ms(period.end)
    at = begin
    for first, second in pairwise(samples):
        left, right = to_ms(first.at), to_ms(second.at)
        if right <= begin or left >= end:
            continue
        if left > at:
            yield _Stretch(at, left, None)
        at, upto = max(left, begin), min(right, end)
        usable = right - left <= longest
        yield _Stretch(at, upto, _rates(first, second, (at, upto), between) if usable else None)
        at = upto
    if at < end:
        yield _Stretch(at, end, None)


def _rates(
    first: RateSample, second: RateSample, ends: tuple[int, int], between: Between
) -> tuple[Fraction, Fraction] | None:
    if first.rate is None:
        return None
    start = Fraction(first.rate)
    if between is Between.HOLD:
        return start, start
    if second.rate is None:
        return None
    left, right = to_ms(first.at), to_ms(second.at)
    slope = (Fraction(second.rate) - start) / (right - left)
    return start + slope * (ends[0] - left), start + slope * (ends[1] - left)
