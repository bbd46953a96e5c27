"""Wire models: inventories compared, measured and checked; stages and emitters."""

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
