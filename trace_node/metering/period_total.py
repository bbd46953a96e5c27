"""The total of a period, and the rule that says whether enough of it was measured.

Coverage (rule Q5): an hour is valid with 75 % of its samples, a day with 20 valid hours, a month
with 25 valid days (February 23), a year with its 12 months. Where a meter register is read more
seldom than the smaller period lasts, the samples of the period itself are counted, 75 % again; a
period shorter than the interval is not judged.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.metering.increment import Flag
from trace_node.metering.meter import MeterRegister
from trace_node.period import LENGTH_MS, Period, PeriodKind, end_ms

RULE: Final = "rollup@1"
GAP: Final = "gap"
INTERPOLATED: Final = "interpolated"
CONFLICT: Final = "conflict"
UNKNOWN_RESTART: Final = "restart_unknown"
FLAGS: Final = frozenset({GAP, INTERPOLATED, CONFLICT, UNKNOWN_RESTART, *(flag for flag in Flag)})

_HOURS_OF_A_DAY: Final = 20
_DAYS_OF_A_MONTH: Final = 25
_DAYS_OF_FEBRUARY: Final = 23
_MONTHS_OF_A_YEAR: Final = 12
_FEBRUARY_MS: Final = 29 * 86_400_000
_SHARE_NUMERATOR, _SHARE_DENOMINATOR = 3, 4  # 75 %

# What a period is judged by: its parts of this kind, unless samples come more seldom.
PART: Final = {
    PeriodKind.DAY: PeriodKind.HOUR,
    PeriodKind.MONTH: PeriodKind.DAY,
    PeriodKind.YEAR: PeriodKind.MONTH,
}
_LONGEST_MS: Final = {
    **LENGTH_MS,
    PeriodKind.MONTH: 31 * 86_400_000,
    PeriodKind.YEAR: 366 * 86_400_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a period was measured (覆盖率).

    Attributes:
        valid: Number of valid parts, or of intervals with a valid sample.
        expected: How many there are.
        required: How many a valid period needs.
        by: Kind of the parts; None where samples are counted.
    """

    valid: int
    expected: int
    required: int
    by: PeriodKind | None

    @property
    def is_enough(self) -> bool:
        """Whether the period is valid."""
        return self.valid >= self.required


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodTotal:
    """The total of one meter register in one period (时段合计; of a day: 日结数据).

    Attributes:
        period: The half-open period.
        total: Increment over the period, in the meter register's unit; None for a gauge, and where
            it is not certain: then ``flags`` say why.
        minimum: Least value shown by a sample inside; None without samples.
        maximum: Greatest value shown by a sample inside.
        least_step: Least increment between two values that ends inside; None for a gauge.
        greatest_step: Greatest such increment.
        sample_sum: Sum of the samples inside; divided by ``samples`` it is their mean.
        samples: Number of valid samples inside.
        coverage: How much was measured; None where the interval is longer than the period.
        flags: What happened, of ``FLAGS``.
        is_complete: Whether a sample at or after its end has come; what is not complete can change.
        rule: Name and version of the rule.
    """

    period: Period
    total: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    least_step: Decimal | None
    greatest_step: Decimal | None
    sample_sum: Decimal
    samples: int
    coverage: Coverage | None
    flags: frozenset[str]
    is_complete: bool
    rule: str = RULE

    @property
    def is_valid(self) -> bool | None:
        """Whether enough was measured; None where that is not judged."""
        return None if self.coverage is None else self.coverage.is_enough


def judged_by_parts(kind: PeriodKind, meter_register: MeterRegister) -> bool:
    """Whether a period of this kind is judged by its parts rather than by its samples."""
    part = PART.get(kind)
    return part is not None and meter_register.interval_s * 1000 <= _LONGEST_MS[part]


def coverage_of(
    *, kind: PeriodKind, begin_ms: int, slots: int, parts: int, meter_register: MeterRegister
) -> Coverage | None:
    """Judge a period.

    Args:
        kind: Its kind.
        begin_ms: Its start, milliseconds since the epoch.
        slots: In how many intervals since its start there is a valid sample.
        parts: How many of its parts are valid.
        meter_register: Says how often it is read.
    """
    length = end_ms(begin_ms, kind) - begin_ms
    if judged_by_parts(kind, meter_register):
        expected, required = _parts_of(kind, length)
        return Coverage(valid=parts, expected=expected, required=required, by=PART[kind])
    expected = length // (meter_register.interval_s * 1000)
    if expected == 0:
        return None
    required = -(-expected * _SHARE_NUMERATOR // _SHARE_DENOMINATOR)
    return Coverage(valid=min(slots, expected), expected=expected, required=required, by=None)


def _parts_of(kind: PeriodKind, length: int) -> tuple[int, int]:
    if kind is PeriodKind.DAY:
        return 24, _HOURS_OF_A_DAY
    if kind is PeriodKind.YEAR:
        return _MONTHS_OF_A_YEAR, _MONTHS_OF_A_YEAR
    required = _DAYS_OF_FEBRUARY if length <= _FEBRUARY_MS else _DAYS_OF_A_MONTH
    return length // LENGTH_MS[PeriodKind.DAY], required
