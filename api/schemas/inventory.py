"""Wire models: inventories."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import DecimalText, Index, Name, WireModel


class InventoryQuery(WireModel):
    """Which inventory of this node's organisation.

    Attributes:
        boundary: Name of the boundary.
        period: A month, quarter, year or day, or two of them with a stroke between.
        unit: Of one accounting unit; of all if left out.
    """

    boundary: Name
    period: Annotated[str, Field(max_length=40, examples=["2026-10", "2026-Q4", "2026-10/2027-03"])]
    unit: Name | None = None


class FigureRow(WireModel):
    """A figure of one purpose, which enters no other.

    Attributes:
        purpose: What it is for.
        value: The figure.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
    """

    purpose: str
    value: DecimalText
    unit: str
    gwp_set: str


class MassRow(WireModel):
    """Tonnes of one gas of one group; what it is not grouped by is null.

    Attributes:
        gas: The gas.
        value: Tonnes.
        scope: 1, 2 or 3.
        category: Source category.
        iso14064: Category of ISO 14064-1.
        unit: Accounting unit.
        source: Emission source.
        period: Name of the period.
    """

    gas: str
    value: DecimalText
    scope: str | None = None
    category: str | None = None
    iso14064: str | None = None
    unit: str | None = None
    source: str | None = None
    period: str | None = None


class NetRow(WireModel):
    """Gross, sinks and net of one gas in tonnes, side by side."""

    gas: str
    gross: DecimalText
    sinks: DecimalText
    net: DecimalText


class GapRow(WireModel):
    """A span that no record covers."""

    unit: str
    method: str
    begin: str = Field(alias="from")
    end: str = Field(alias="to")


class ErrorRow(WireModel):
    """What one error adds to the uncertainty of a figure.

    Attributes:
        error: What errs, and of which type: A or B.
        contribution: Its size in the unit of the figure, with sign.
        share: Part of the variance.
    """

    error: str
    contribution: DecimalText
    share: DecimalText


class UncertaintyRow(WireModel):
    """What a figure is worth; null where nothing was evaluated, which is not 0.

    Attributes:
        purpose: What the figure is for.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        u_a: Standard uncertainty of type A, in that unit.
        u_b: Of type B.
        u: Combined.
        k: Coverage factor.
        expanded: U = k u.
        relative: U over the figure.
        largest: The largest contributions.
        unevaluated: Leaves of records that U does not hold.
        unstated: Sources of error of which nothing is known.
    """

    purpose: str
    unit: str
    gwp_set: str
    u_a: DecimalText | None
    u_b: DecimalText | None
    u: DecimalText | None
    k: DecimalText | None
    expanded: DecimalText | None
    relative: DecimalText | None
    largest: tuple[ErrorRow, ...]
    unevaluated: tuple[Index, ...]
    unstated: tuple[str, ...]


class Inventory(WireModel):
    """An inventory; masses are per gas, figures per purpose.

    Attributes:
        begin: First instant.
        end: First instant after it.
        standing: ``final``, ``provisional``, or ``missing`` where there are gaps.
        demonstrations: Why parts of it are a demonstration only.
        figures: Figures by purpose.
        by_scope: Masses by scope.
        by_category: Masses by scope and source category.
        by_iso14064: Masses by category of ISO 14064-1.
        by_source: Masses by unit and source.
        by_period: Masses by period.
        sinks: Sinks by source.
        net: Gross, sinks and net.
        gaps: What no record covers.
        leaves: Leaf indexes of the records it is made of.
        uncertainty: What the figures are worth; errors of one cause are taken together.
    """

    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    standing: str
    demonstrations: tuple[str, ...]
    figures: tuple[FigureRow, ...]
    by_scope: tuple[MassRow, ...]
    by_category: tuple[MassRow, ...]
    by_iso14064: tuple[MassRow, ...]
    by_source: tuple[MassRow, ...]
    by_period: tuple[MassRow, ...]
    sinks: tuple[MassRow, ...]
    net: tuple[NetRow, ...]
    gaps: tuple[GapRow, ...]
    leaves: tuple[Index, ...]
    uncertainty: tuple[UncertaintyRow, ...]
