"""Wire models: forecasts and boards of emission."""

from typing import Literal

from api.schemas.base import DecimalText, Index, WireModel


class KnownMonth(WireModel):
    """A month that is known, with its leaves."""

    month: str
    value: DecimalText
    leaves: tuple[Index, ...]


class MonthAhead(WireModel):
    """A month ahead; low and high are two spreads of the back-test away."""

    month: str
    value: DecimalText
    low: DecimalText | None
    high: DecimalText | None


class ForetoldMonth(WireModel):
    """A month that was foretold from an origin and has come."""

    origin: str
    month: str
    forecast: DecimalText
    actual: DecimalText
    right: bool | None


class BackTest(WireModel):
    """How well a method did before, beside the targets.

    Attributes:
        error: Forecast error, a fraction.
        error_target: At most this.
        error_met: Whether it is.
        trend: Share of months whose direction was foretold.
        trend_target: At least this.
        trend_met: Whether it is.
        spread: Root of the mean square of the relative differences.
        months: Every month of every origin.
    """

    error: DecimalText | None
    error_target: DecimalText
    error_met: bool | None
    trend: DecimalText | None
    trend_target: DecimalText
    trend_met: bool | None
    spread: DecimalText | None
    months: tuple[ForetoldMonth, ...]


class MethodForecast(WireModel):
    """What one method says; ``refusal`` tells why it cannot."""

    method: str
    months: tuple[MonthAhead, ...]
    total: DecimalText | None
    back_test: BackTest | None
    refusal: str | None


class _Series(WireModel):
    purpose: str
    unit: str
    gwp_set: str
    known: tuple[KnownMonth, ...]
    provisional: tuple[str, ...]
    partial: tuple[str, ...]


class Trend(WireModel):
    """Whether emission rises or falls over the years, by the seasonal Kendall test.

    Attributes:
        direction: ``rising``, ``falling`` or ``not_shown``.
        confidence: How sure that is, a fraction.
        confidence_target: From which on a rise or a fall is stated.
        slope: Change of a calendar month from year to year, tonnes.
        score: Pairs of years that rose less pairs that fell.
        pairs: Number of pairs.
        months: Number of months in them.
        stated_before: How often a trend was stated before one of the last twelve months.
        borne_out: How often what came was as stated.
    """

    direction: Literal["rising", "falling", "not_shown"]
    confidence: DecimalText
    confidence_target: DecimalText
    slope: DecimalText
    score: int
    pairs: int
    months: int
    stated_before: int
    borne_out: int


class Forecast(_Series):
    """What each method says of the months ahead.

    Attributes:
        trend: The trend of the months before; null where no two years have a month in common.
        forecasts: Each method.
        best: The one with the smallest error before; null where none can say.
        per_energy: Tonnes for each unit of the energy; null where none was named.
    """

    trend: Trend | None
    forecasts: tuple[MethodForecast, ...]
    best: str | None
    per_energy: DecimalText | None


class ReferenceRow(WireModel):
    """Emission against one reference.

    Attributes:
        reference: ``history``, ``plan``, ``sector`` or ``advanced``.
        value: Tonnes; null where it cannot be formed.
        citation: Where it comes from.
        lacks: What it lacks; empty where it has a value.
        draft: Whether it rests on a row of one source that nobody approved.
        ratio: Emission over reference.
        level: The colour.
    """

    reference: str
    value: DecimalText | None
    citation: str
    lacks: str
    draft: bool
    ratio: DecimalText | None
    level: str | None


class Rating(WireModel):
    """Emission of some months against every reference."""

    months: tuple[str, ...]
    emission: DecimalText
    references: tuple[ReferenceRow, ...]
    decided_by: str | None


class Thresholds(WireModel):
    """Emission over reference above which the board changes colour."""

    yellow: DecimalText
    orange: DecimalText
    red: DecimalText


class EmissionBoard(_Series):
    """The board of emission of a year.

    Attributes:
        level: ``green``, ``yellow``, ``orange`` or ``red``; null where nothing can be rated.
        used: Reference that decided what is known of the year.
        order: In which order references decide.
        thresholds: Where colours change.
        levels_leaf: Leaf of the levels; null where those of the product are used.
        to_date: The months that are known.
        expected: The whole year; null where it cannot be foretold.
        forecast: What the months ahead were foretold by.
    """

    level: str | None
    used: str | None
    order: tuple[str, ...]
    thresholds: Thresholds
    levels_leaf: Index | None
    to_date: Rating
    expected: Rating | None
    forecast: MethodForecast | None
