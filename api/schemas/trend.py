"""Wire models: the trend of emission."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import DecimalText, Index, Name, WireModel
from api.schemas.inventory_questions import Purpose, Span


class ReferenceOf(WireModel):
    """A row of the library that a line is measured by.

    Attributes:
        line: Source category, or ``total``.
        row: Id of the row.
    """

    line: Name
    row: Annotated[str, Field(max_length=200)]


class TrendQuery(WireModel):
    """Emission over time.

    Attributes:
        boundary: Name of the boundary.
        period: The span.
        per: Output of the boundary; the emission by itself if left out.
        by: ``month`` or ``day``.
        purpose: Which figure.
        references: What lines are measured by.
        unit: Of one accounting unit; of all if left out.
    """

    boundary: Name
    period: Span
    per: Name | None = None
    by: Annotated[str, Field(pattern=r"^(day|month)$")] = "month"
    purpose: Purpose = "enterprise"
    references: Annotated[tuple[ReferenceOf, ...], Field(max_length=16)] = ()
    unit: Name | None = None


class TrendPeriod(WireModel):
    """A period with a figure.

    Attributes:
        period: Its name.
        output: Its output; null without one.
        unit: Unit of that.
        leaves: Leaves of its records.
    """

    period: str
    output: DecimalText | None
    unit: str | None
    leaves: tuple[Index, ...]


class TrendValue(WireModel):
    """The value of a period."""

    period: str
    value: DecimalText


class TrendOf(WireModel):
    """Where a line goes.

    Attributes:
        count: Number of values.
        median: Their median.
        slope: Change from one period to the next, by Theil and Sen.
        direction: ``rising`` or ``falling`` beyond chance (Mann and Kendall, 95 %); else
            ``not_shown``.
    """

    count: int
    median: DecimalText
    slope: DecimalText
    direction: str


class TrendReference(WireModel):
    """What a line is measured by.

    Attributes:
        row: Id of the row.
        value: Its value in the unit of the line.
        source: Where it stands.
        draft: Whether it is a draft that nobody approved.
        ratio: The line over the whole span, divided by it.
    """

    row: str
    value: DecimalText
    source: str
    draft: bool
    ratio: DecimalText | None


class TrendLine(WireModel):
    """A line.

    Attributes:
        name: ``total``, or the source category.
        unit: Such as ``tCO2/t``.
        values: Value by period.
        over_span: All of the emission, over all of the output.
        trend: Where it goes; null of fewer than four values.
        odd: Periods that fall out of the line.
        reference: What it is measured by.
    """

    name: str
    unit: str
    values: tuple[TrendValue, ...]
    over_span: DecimalText
    trend: TrendOf | None
    odd: tuple[str, ...]
    reference: TrendReference | None


class Trend(WireModel):
    """The trend of emission.

    Attributes:
        periods: The periods with a figure.
        lines: The figure first, then source categories.
        lacking: Periods without a figure or an output; they are no 0.
    """

    periods: tuple[TrendPeriod, ...]
    lines: tuple[TrendLine, ...]
    lacking: tuple[str, ...]
