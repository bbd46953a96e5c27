"""Wire models: totals by period."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from api.schemas.base import DecimalText, Instant, Name, Time, WireModel
from trace_node.period import PeriodKind


def _read_kind(value: object) -> object:
    return PeriodKind(value) if isinstance(value, str) and value in set(PeriodKind) else value


class PeriodTotalsQuery(WireModel):
    """Which periods of one meter register.

    Attributes:
        device: Name of the device.
        meter_register: Name of the meter register.
        period: Kind of the periods; all of them are those of the civil time of China.
        begin: An instant in the first period.
        end: First instant after the last period, or one inside it.
    """

    device: Name
    meter_register: Name
    period: Annotated[PeriodKind, BeforeValidator(_read_kind)]
    begin: Annotated[Instant, Field(alias="from")]
    end: Annotated[Instant, Field(alias="to")]


class CoverageRow(WireModel):
    """How much of a period was measured.

    Attributes:
        valid: Valid parts, or intervals with a valid sample.
        expected: How many there are.
        required: How many a valid period needs.
        by: Kind of the parts; null where samples are counted.
        is_enough: Whether the period is valid.
    """

    valid: int
    expected: int
    required: int
    by: PeriodKind | None
    is_enough: bool


class PeriodTotalRow(WireModel):
    """The total of one period.

    Attributes:
        period: Its name in the civil time of China, such as ``2026-11-21T11``.
        begin: First instant.
        end: First instant after it.
        total: Increment over the period; null for a gauge, and where it is not certain.
        unit: Unit of every value of this row.
        minimum: Least value shown inside; null without samples.
        maximum: Greatest value shown inside.
        least_step: Least increment between two values that ends inside.
        greatest_step: Greatest such increment.
        sample_sum: Sum of the samples inside; divided by ``samples`` it is their mean.
        samples: Number of valid samples inside.
        coverage: How much was measured; null where the interval is longer than the period.
        flags: What happened: ``gap``, ``interpolated``, ``conflict`` and others.
        is_complete: Whether nothing can change any more but by late readings.
        rule: Name and version of the rule.
    """

    period: str
    begin: Time = Field(serialization_alias="from")
    end: Time = Field(serialization_alias="to")
    total: DecimalText | None
    unit: str
    minimum: DecimalText | None
    maximum: DecimalText | None
    least_step: DecimalText | None
    greatest_step: DecimalText | None
    sample_sum: DecimalText
    samples: int
    coverage: CoverageRow | None
    flags: tuple[str, ...]
    is_complete: bool
    rule: str


class PeriodTotals(WireModel):
    """Totals in the order of the periods, one for each, also where nothing was measured.

    Attributes:
        device: Name of the device.
        meter_register: Name of the meter register.
        multiplier: Factor from a total to the measured quantity; it is not applied here.
        totals: The totals.
        pending_entries: Entries of the log that this answer does not know of yet.
    """

    device: Name
    meter_register: Name
    multiplier: DecimalText
    totals: tuple[PeriodTotalRow, ...]
    pending_entries: int
