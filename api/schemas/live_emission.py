"""Wire models: the emission of a span up to now."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import DecimalText, Index, Name, WireModel
from api.schemas.flags import FlagRow
from api.schemas.inventory import FigureRow


class LiveEmissionQuery(WireModel):
    """Which emission of this node's organisation.

    Attributes:
        boundary: Name of the boundary.
        unit: The accounting unit.
        period: A year, quarter, month, day or hour, or two of them with a stroke between.
    """

    boundary: Name
    unit: Name
    period: Annotated[str, Field(max_length=40, examples=["2026-10", "2026-Q4", "2026-10-05"])]


class SourceRow(WireModel):
    """Tonnes of one gas of one source for one purpose; purposes are not added."""

    purpose: str
    source: str
    gas: str
    value: DecimalText


class PartRow(WireModel):
    """A piece of the span.

    Attributes:
        period: Name of the period.
        method: The method.
        standing: ``final`` or ``provisional``.
        leaf: Its record; null where it is not on record as it stands.
        findings: Codes of what speaks against its activity data.
        flags: Why to look twice at its result.
    """

    period: str
    method: str
    standing: str
    leaf: Index | None
    findings: tuple[str, ...]
    flags: tuple[FlagRow, ...]


class LiveGapRow(WireModel):
    """A piece that could not be computed, and the code of the reason."""

    period: str
    code: str


class LiveEmission(WireModel):
    """The emission of a span up to now.

    Attributes:
        begin: First instant.
        end: First instant after it.
        until: Now, or the end of a span that is over.
        standing: ``final``, ``provisional``, or ``missing`` where there are gaps.
        demonstrations: Why parts of it are a demonstration only.
        figures: Figures by purpose.
        sources: Masses by source and gas, emissions only.
        parts: Its pieces.
        gaps: Pieces without a figure.
    """

    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    until: str
    standing: str
    demonstrations: tuple[str, ...]
    figures: tuple[FigureRow, ...]
    sources: tuple[SourceRow, ...]
    parts: tuple[PartRow, ...]
    gaps: tuple[LiveGapRow, ...]
