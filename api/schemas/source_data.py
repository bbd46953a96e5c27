"""Wire models: the data of emission sources."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import DecimalText, Index, Name, WireModel
from api.schemas.reports import Span
from trace_node.services.source_data import SortBy

MOST: int = 10_000


class SourceDataQuery(WireModel):
    """Which data of sources; what is left out is not asked for.

    Attributes:
        boundary: Name of the boundary.
        period: A month, quarter, year or day, or two of them with a stroke between.
        source: Of this source.
        unit: Of this accounting unit.
        scope: Of this scope.
        category: Of this source category.
        gas: Of this gas.
        sort: By which column.
        descending: Whether the largest comes first.
        limit: At most so many rows.
    """

    boundary: Name
    period: Span
    source: Annotated[str, Field(max_length=64)] | None = None
    unit: Name | None = None
    scope: Literal[1, 2, 3] | None = None
    category: Annotated[str, Field(max_length=64)] | None = None
    gas: Annotated[str, Field(max_length=32)] | None = None
    sort: Annotated[SortBy, Field(strict=False)] = SortBy.SOURCE
    descending: bool = False
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST


class SourceRow(WireModel):
    """What one gas of one source came to in one period.

    Attributes:
        source: The source.
        title: Its title.
        unit: Accounting unit.
        method: The method.
        category: Source category.
        scope: 1, 2 or 3.
        iso14064: Category 1 to 6 of ISO 14064-1.
        gas: The gas.
        role: Emission or sink.
        period: Name of the period.
        mass: Tonnes of the gas.
        standing: How far it stands.
        leaf: Leaf of the emission record.
    """

    source: str
    title: str
    unit: str
    method: str
    category: str
    scope: int
    iso14064: int
    gas: str
    role: str
    period: str
    mass: DecimalText
    standing: str
    leaf: Index


class ActivityRow(WireModel):
    """An activity value of a source in a period.

    Attributes:
        source: The source.
        period: Name of the period.
        activity: Name of the activity data.
        provenance: Where it is from.
        raw: As it was obtained.
        raw_unit: Its unit.
        value: As it was used.
        unit: Its unit.
        standing: How far it stands.
        leaf: Leaf of the emission record.
        leaves: Leaves it rests on.
    """

    source: str
    period: str
    activity: str
    provenance: str
    raw: DecimalText
    raw_unit: str
    value: DecimalText
    unit: str
    standing: str
    leaf: Index
    leaves: tuple[Index, ...]


class SourceDataAnswer(WireModel):
    """The data of sources.

    Attributes:
        rows: Masses, sorted.
        activity: Activity data of those sources.
        left_out: Rows beyond the limit.
    """

    rows: tuple[SourceRow, ...]
    activity: tuple[ActivityRow, ...]
    left_out: int
