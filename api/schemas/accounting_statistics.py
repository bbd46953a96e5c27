"""Wire models: source registers and statistics of accounting."""

from api.schemas.base import DecimalText, Index, WireModel
from api.schemas.inventory_beside import CleanTotalRow


class UsedRow(WireModel):
    """What a source used in the span; ``value`` is null of a content or share, which has no sum."""

    name: str
    value: DecimalText | None
    unit: str
    provenance: str


class PurposeMassRow(WireModel):
    """Tonnes of one gas for one purpose."""

    purpose: str
    gas: str
    value: DecimalText


class SourceRow(WireModel):
    """An emission source of the boundary.

    Attributes:
        source: Its id.
        title: Its title.
        unit: Accounting unit.
        method: ``id@version``.
        category: Source category.
        scope: 1, 2 or 3; null where no record has a mass of it.
        iso14064: Category of ISO 14064-1.
        accounted: Whether a record states its amount, which may be 0.
        points: Names of the data behind it.
        used: What it used.
        masses: Tonnes emitted.
        sinks: Tonnes taken up, never netted.
        leaves: Records that account for it.
    """

    source: str
    title: str
    unit: str
    method: str
    category: str
    scope: int | None
    iso14064: int
    accounted: bool
    points: tuple[str, ...]
    used: tuple[UsedRow, ...]
    masses: tuple[PurposeMassRow, ...]
    sinks: tuple[PurposeMassRow, ...]
    leaves: tuple[Index, ...]


class SourceRegister(WireModel):
    """Every emission source, accounted for or not."""

    sources: tuple[SourceRow, ...]


class CountRow(WireModel):
    """How many there are of a kind."""

    name: str
    count: int


class CategoryCountRow(WireModel):
    """Sources of a source category."""

    method: str
    category: str
    sources: int


class BoundaryCounts(WireModel):
    """How the boundary is configured.

    Attributes:
        versions: Versions on record.
        counts: Parts of the newest one by kind.
        by_category: Its sources by category.
        absent: Categories declared not occurring.
    """

    versions: int
    counts: tuple[CountRow, ...]
    by_category: tuple[CategoryCountRow, ...]
    absent: int


class MethodCounts(WireModel):
    """How a method was applied.

    Attributes:
        method: ``id@version``.
        records: Records it gave.
        final: Those of them that are final.
        choices: Values by where they come from.
        factors: Rows of the library by status.
        marks: Values by how well the text of their term is known.
    """

    method: str
    records: int
    final: int
    choices: tuple[CountRow, ...]
    factors: tuple[CountRow, ...]
    marks: tuple[CountRow, ...]


class ProductRow(WireModel):
    """Footprints of a product; ``mean`` in kgCO2e/t, weighted by mass."""

    product: str
    batches: int
    complete: int
    mass: DecimalText
    mean: DecimalText | None
    least: DecimalText | None
    most: DecimalText | None


class AccountingStatistics(WireModel):
    """Statistics of a boundary in a span, counted when asked for.

    Attributes:
        boundary: Boundary configuration.
        methods: Methodology.
        records: Emission records of the inventory.
        gaps: Spans that none covers.
        reports: Reports of the boundary on record by kind.
        clean_energy: Clean energy by kind, never netted.
        sinks: Tonnes taken up, never netted.
        products: Product footprints.
    """

    boundary: BoundaryCounts
    methods: tuple[MethodCounts, ...]
    records: int
    gaps: int
    reports: tuple[CountRow, ...]
    clean_energy: tuple[CleanTotalRow, ...]
    sinks: tuple[PurposeMassRow, ...]
    products: tuple[ProductRow, ...]
