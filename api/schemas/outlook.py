"""Wire models: comparisons, intensities, checks, stages, forecasts, boards, emitters."""

from api.schemas.base import DecimalText, Index, WireModel


class ChangeRow(WireModel):
    """A figure in two spans; ``ratio`` is after over before less 1."""

    purpose: str
    unit: str
    gwp_set: str
    before: DecimalText | None
    after: DecimalText | None
    ratio: DecimalText | None


class Changes(WireModel):
    """Two spans side by side; a span with gaps is not whole."""

    changes: tuple[ChangeRow, ...]
    gaps_before: int
    gaps_after: int


class IntensityRow(WireModel):
    """A figure for each unit of an activity.

    Attributes:
        purpose: What the figure is for.
        gwp_set: Its GWP set; empty for CO2.
        activity: Name of the activity.
        quantity: How much of it there was; null where a period has none.
        missing: Periods without a value.
        standing: How far the quantity stands.
        leaves: Leaves it rests on.
        unit: Unit of the value.
        value: The intensity; null where there is none.
    """

    purpose: str
    gwp_set: str
    activity: str
    quantity: DecimalText | None
    missing: tuple[str, ...]
    standing: str
    leaves: tuple[Index, ...]
    unit: str
    value: DecimalText | None


class Intensities(WireModel):
    """Intensities of a span."""

    intensities: tuple[IntensityRow, ...]


class CheckRow(WireModel):
    """Two sources of one quantity.

    Attributes:
        period: The period.
        first: The source the other is measured by.
        first_value: What it says; null where it says nothing.
        second: The other.
        second_value: What it says.
        unit: Unit of both.
        ratio: Second over first less 1.
        tolerance: Largest difference that agrees, a fraction.
        agreement: ``agrees``, ``differs`` or ``not_done``.
    """

    period: str
    first: str
    first_value: DecimalText | None
    second: str
    second_value: DecimalText | None
    unit: str | None
    ratio: DecimalText | None
    tolerance: DecimalText
    agreement: str


class Checks(WireModel):
    """Checks of a span."""

    checks: tuple[CheckRow, ...]


class StageMass(WireModel):
    """Tonnes of a gas of a source category."""

    category: str
    gas: str
    value: DecimalText


class StageRow(WireModel):
    """A figure of a stage.

    Attributes:
        stage: The accounting unit.
        purpose: What the figure is for.
        unit: Its unit.
        gwp_set: Its GWP set; empty for CO2.
        value: The figure.
        share: Its share of all stages.
        before: The figure of the span before.
        change: Value over it, less 1.
        year_before: The figure of the same span a year before.
        change_on_year: Value over it, less 1.
        rises: Whether it is more than in the span before.
        rising_months: How many months running it has risen.
        whole: Whether the stage has no gap.
        by_category: Masses by source category.
    """

    stage: str
    purpose: str
    unit: str
    gwp_set: str
    value: DecimalText
    share: DecimalText | None
    before: DecimalText | None
    change: DecimalText | None
    year_before: DecimalText | None
    change_on_year: DecimalText | None
    rises: bool
    rising_months: int
    whole: bool
    by_category: tuple[StageMass, ...]


class Stages(WireModel):
    """Stages, the largest first within a purpose."""

    stages: tuple[StageRow, ...]


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
        trend: Trend accuracy, a fraction.
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


class Forecast(_Series):
    """What each method says of the months ahead.

    Attributes:
        forecasts: Each method.
        best: The one with the smallest error before; null where none can say.
        per_energy: Tonnes for each unit of the energy; null where none was named.
    """

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


class EmitterYear(WireModel):
    """What the list of a year says: ``key`` or ``general``."""

    year: str
    status: str
    document: str
    entered_by: str
    leaf: Index


class YearFigure(WireModel):
    """A figure of a year; ``reaches`` tells whether it is at least the threshold."""

    purpose: str
    unit: str
    gwp_set: str
    value: DecimalText
    whole: bool
    reaches: bool


class Emitter(WireModel):
    """Key or general emitter by year; the list decides, not the figure."""

    years: tuple[EmitterYear, ...]
    figures: tuple[YearFigure, ...]
    threshold: str
    source: str
