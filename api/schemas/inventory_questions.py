"""Wire models: what is asked of inventories, forecasts and boards of emission."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import DecimalText, Name, WireModel

Span = Annotated[str, Field(max_length=40, examples=["2026-10", "2026-Q4", "2026-10/2027-03"])]
Year = Annotated[str, Field(pattern=r"^\d{4}$", max_length=4, examples=["2026"])]
Month = Annotated[str, Field(pattern=r"^\d{4}-\d\d$", max_length=7, examples=["2026-11"])]
Purpose = Annotated[
    str, Field(pattern=r"^(ets|enterprise|iso14064|footprint|auxiliary)$", examples=["enterprise"])
]
Activities = Annotated[list[Name], Field(max_length=16)]


class InventoryCompareQuery(WireModel):
    """Two spans side by side.

    Attributes:
        boundary: Name of the boundary.
        before: The earlier span.
        after: The later span.
        unit: Of one accounting unit; of all if left out.
    """

    boundary: Name
    before: Span
    after: Span
    unit: Name | None = None


class IntensityQuery(WireModel):
    """Figures of a span by activities of the boundary.

    Attributes:
        boundary: Name of the boundary.
        period: The span.
        per: Outputs, output values or energy uses of the boundary.
        unit: Of one accounting unit; of all if left out.
    """

    boundary: Name
    period: Span
    per: Annotated[Activities, Field(min_length=1)]
    unit: Name | None = None


class CrossCheckQuery(WireModel):
    """Sources of one quantity against each other.

    Attributes:
        boundary: Name of the boundary.
        period: The span.
        activities: Activities of the boundary, the reference first; none: records of longer periods
            against the shorter ones in them.
        tolerance: Largest relative difference, a fraction.
        unit: Of one accounting unit; of all if left out.
    """

    boundary: Name
    period: Span
    activities: Activities = Field(default_factory=list)
    tolerance: Annotated[DecimalText, Field(pattern=r"^[01](\.\d{1,9})?$", max_length=11)] = "0.02"
    unit: Name | None = None


class StageQuery(WireModel):
    """The emission of every stage in a span.

    Attributes:
        boundary: Name of the boundary.
        period: The span.
        unit: Of one accounting unit; of all if left out.
    """

    boundary: Name
    period: Span
    unit: Name | None = None


class ForecastQuery(WireModel):
    """Months ahead.

    Attributes:
        boundary: Name of the boundary.
        first: The first month ahead.
        months: How many.
        purpose: Which figure.
        gwp_set: Its GWP set, where there are several.
        energy: Energy use of the boundary whose growth is foretold in its place.
        unit: Of one accounting unit; of all if left out.
    """

    boundary: Name
    first: Month
    months: Annotated[int, Field(ge=1, le=12)] = 12
    purpose: Purpose = "enterprise"
    gwp_set: Name | None = None
    energy: Name | None = None
    unit: Name | None = None


class EmissionBoardQuery(WireModel):
    """The board of emission of a year.

    Attributes:
        boundary: Name of the boundary.
        year: The year.
        purpose: Which figure; that of the levels on record if left out.
        gwp_set: Its GWP set, where there are several.
    """

    boundary: Name
    year: Year
    purpose: Purpose | None = None
    gwp_set: Name | None = None


class EmitterQuery(WireModel):
    """Key or general emitter, and the figures of a year beside the threshold.

    Attributes:
        boundary: Name of the boundary.
        year: The year.
    """

    boundary: Name
    year: Year
