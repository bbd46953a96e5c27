"""Wire models: inventories."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import DecimalText, Index, Name, WireModel
from api.schemas.comparison import ComparisonRow
from api.schemas.flags import RecordFlagRow
from api.schemas.inventory_beside import CleanEnergy
from api.schemas.uncertainty import AccuracyRow, UncertaintyRow


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
    """The figure of a span for one purpose, which enters no other.

    Attributes:
        purpose: What it is for.
        value: The figure: the unrounded sum, rounded once as the method says.
        unrounded: The sum before that, which the masses give.
        rounding: ``value`` less ``unrounded``; 0 where the method does not round the total.
        of_records: Sum of the figures as the records state them, each rounded by itself.
        rounding_of_records: ``of_records`` less ``unrounded``.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
    """

    purpose: str
    value: DecimalText
    unrounded: DecimalText
    rounding: DecimalText
    of_records: DecimalText
    rounding_of_records: DecimalText
    unit: str
    gwp_set: str


class MassRow(WireModel):
    """Tonnes of one gas of one group; what it is not grouped by is null.

    Attributes:
        purpose: What it is for; masses of two purposes are not added.
        gas: The gas.
        value: Tonnes.
        scope: 1, 2 or 3.
        category: Source category.
        iso14064: Category of ISO 14064-1.
        unit: Accounting unit.
        source: Emission source.
        period: Name of the period.
    """

    purpose: str
    gas: str
    value: DecimalText
    scope: str | None = None
    category: str | None = None
    iso14064: str | None = None
    unit: str | None = None
    source: str | None = None
    period: str | None = None


class NetRow(WireModel):
    """Gross, sinks and net of one gas in tonnes for one purpose, side by side."""

    purpose: str
    gas: str
    gross: DecimalText
    sinks: DecimalText
    net: DecimalText


class GapRow(WireModel):
    """A span that no record covers, or none with some of its sources.

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        sources: What the record that covers it was made without, or by an earlier definition;
            empty where none does.
        begin: First instant.
        end: First instant after it.
    """

    unit: str
    method: str
    sources: tuple[str, ...]
    begin: str = Field(alias="from")
    end: str = Field(alias="to")


class OverlapRow(WireModel):
    """A record that does not count because others state the same; what it left is a gap.

    Attributes:
        leaf: Its leaf.
        unit: Accounting unit.
        method: ``id@version``.
        others: Leaves of the records that state the same.
        counted: Whether those count; else the boundary changes inside, and none does.
        begin: First instant that both state.
        end: First instant after it.
        purposes: The purposes that both serve.
    """

    leaf: Index
    unit: str
    method: str
    others: tuple[Index, ...]
    counted: bool
    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    purposes: tuple[str, ...]


class CategoryRow(WireModel):
    """A source category of a method.

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        category: Source category.
        title_zh: Its Chinese name.
        title_en: Its English name.
        scope: 1, 2 or 3.
        occurrence: ``present``, ``not_occurring`` as declared, or ``missing``.
        sources: Its emission sources.
        reasons: Why it does not occur.
        leaves: Records that say nothing of it.
    """

    unit: str
    method: str
    category: str
    title_zh: str
    title_en: str
    scope: int
    occurrence: str
    sources: tuple[str, ...]
    reasons: tuple[str, ...]
    leaves: tuple[Index, ...]


class GasRow(WireModel):
    """Tonnes of one gas."""

    gas: str
    value: DecimalText


class IsoRow(WireModel):
    """One of the six categories of ISO 14064-1.

    Attributes:
        number: 1 to 6.
        title_zh: Its Chinese name.
        title_en: Its English name.
        sources: Its emission sources; none: it was not looked at, which is not 0.
        masses: Tonnes of each gas.
        sinks: Tonnes that sinks took up, never netted.
    """

    number: int
    title_zh: str
    title_en: str
    sources: tuple[str, ...]
    masses: tuple[GasRow, ...]
    sinks: tuple[GasRow, ...]


class Inventory(WireModel):
    """An inventory; masses are per gas, figures per purpose.

    Attributes:
        accuracy: How much of the emission each figure holds, and how surely.
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
        overlaps: Records left out because others state the same, where that left a gap.
        leaves: Leaf indexes of the records it is made of.
        complete: Whether every category is there or declared absent, and there is no gap.
        categories: Source categories of the methods.
        flags: Why to look twice; each once.
        iso14064: The six categories of ISO 14064-1.
        clean_energy: Clean energy, never netted.
        uncertainty: What the figures are worth; errors of one cause are taken together.
        comparisons: What was measured beside the records.
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
    overlaps: tuple[OverlapRow, ...]
    leaves: tuple[Index, ...]
    complete: bool
    categories: tuple[CategoryRow, ...]
    flags: tuple[RecordFlagRow, ...]
    iso14064: tuple[IsoRow, ...]
    clean_energy: CleanEnergy
    uncertainty: tuple[UncertaintyRow, ...]
    comparisons: tuple[ComparisonRow, ...]
    accuracy: tuple[AccuracyRow, ...]
