"""The data of each emission source: chosen, sorted, from the records that hold in a span."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Part
from trace_node.canonical_json import JsonObject
from trace_node.services.boundaries import newest_boundary
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.prove_emission import Figures


class SortBy(StrEnum):
    """By which column rows are sorted; equal ones by source, period and gas."""

    SOURCE = "source"
    PERIOD = "period"
    SCOPE = "scope"
    CATEGORY = "category"
    GAS = "gas"
    UNIT = "unit"
    MASS = "mass"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """What one gas of one source came to in one period.

    Attributes:
        source: The source.
        title: Its title in the boundary; empty where the boundary has it no more.
        unit: Accounting unit.
        method: ``id@version``.
        category: Source category of the method.
        scope: 1, 2 or 3.
        iso14064: Category 1 to 6 of ISO 14064-1.
        gas: The gas.
        role: ``emission`` or ``sink``.
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
    mass: Decimal
    standing: str
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """An activity value of a source in a period.

    Attributes:
        source: The source.
        period: Name of the period.
        name: Name of the activity data.
        provenance: Where it is from: meter, document, derived.
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
    name: str
    provenance: str
    raw: Decimal
    raw_unit: str
    value: Decimal
    unit: str
    standing: str
    leaf: int
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceQuery:
    """Which data; what is None is not asked for.

    Attributes:
        organisation: Whose.
        boundary: Name of the boundary.
        period: The span, as ``Span.parse`` reads it.
        source: Of this source.
        unit: Of this accounting unit.
        scope: Of this scope.
        category: Of this source category.
        gas: Of this gas.
        sort: By which column.
        descending: Whether the largest comes first.
    """

    organisation: str
    boundary: str
    period: str
    source: str | None = None
    unit: str | None = None
    scope: int | None = None
    category: str | None = None
    gas: str | None = None
    sort: SortBy = SortBy.SOURCE
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceData:
    """The data of sources.

    Attributes:
        rows: Masses, sorted.
        activity: Activity data of the sources in ``rows``, by source, period and name.
    """

    rows: Sequence[SourceRow]
    activity: Sequence[ActivityRow]


_KEYS: Final[Mapping[SortBy, Callable[[SourceRow], Any]]] = {  # each of one kind that sorts
    SortBy.SOURCE: lambda row: row.source,
    SortBy.PERIOD: lambda row: row.period,
    SortBy.SCOPE: lambda row: row.scope,
    SortBy.CATEGORY: lambda row: row.category,
    SortBy.GAS: lambda row: row.gas,
    SortBy.UNIT: lambda row: row.unit,
    SortBy.MASS: lambda row: row.mass,
}


def source_data(query: SourceQuery, *, figures: Figures) -> SourceData:
    """The data of the sources that are asked for.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        InputError: The span has no meaning.
    """
    request = InventoryRequest(
        organisation=query.organisation,
        boundary=query.boundary,
        span=Span.parse(query.period),
        unit=query.unit,
    )
    inventory = inventory_of(request, store=figures.store)
    boundary = newest_boundary(query.organisation, query.boundary, store=figures.store)
    rows = [row for part in inventory.parts for row in _rows(part, boundary) if _asked(row, query)]
    rows.sort(key=lambda row: (row.source, row.period, row.gas, row.leaf))
    rows.sort(key=_KEYS[query.sort], reverse=query.descending)
    shown = {(row.leaf, row.source) for row in rows}
    activity = [
        each
        for leaf in sorted({row.leaf for row in rows})
        for each in _activity(leaf, figures)
        if (leaf, each.source) in shown
    ]
    activity.sort(key=lambda row: (row.source, row.period, row.name, row.leaf))
    return SourceData(rows=rows, activity=activity)


def _rows(part: Part, boundary: Boundary) -> Iterator[SourceRow]:
    titles = {each.id: each.title for each in boundary.sources}
    for mass in part.masses:
        yield SourceRow(
            source=mass.source,
            title=titles.get(mass.source, ""),
            unit=mass.unit,
            method=mass.method,
            category=mass.category,
            scope=mass.scope,
            iso14064=mass.iso14064,
            gas=mass.gas,
            role=mass.role.value,
            period=part.period,
            mass=mass.tonnes,
            standing=part.standing.value,
            leaf=part.index,
        )


def _asked(row: SourceRow, query: SourceQuery) -> bool:
    wanted = (
        (query.source, row.source),
        (query.scope, row.scope),
        (query.category, row.category),
        (query.gas, row.gas),
    )
    return all(asked is None or asked == found for asked, found in wanted)


def _activity(leaf: int, figures: Figures) -> Iterator[ActivityRow]:
    emission = figures.emission(leaf)
    for item in emission.activity:
        yield ActivityRow(
            source=item.code.split("/")[-2],  # method/category/source/point
            period=emission.period.name,
            name=item.name,
            provenance=item.provenance,
            raw=item.raw,
            raw_unit=item.raw_unit,
            value=item.value,
            unit=item.unit,
            standing=item.standing.value,
            leaf=leaf,
            leaves=item.leaves,
        )


def source_json(found: SourceData) -> JsonObject:
    """The two tables, for programs."""
    return {
        "activity": [
            {
                "activity": row.name,
                "leaf": row.leaf,
                "leaves": list(row.leaves),
                "period": row.period,
                "provenance": row.provenance,
                "raw": f"{row.raw:f}",
                "raw_unit": row.raw_unit,
                "source": row.source,
                "standing": row.standing,
                "unit": row.unit,
                "value": f"{row.value:f}",
            }
            for row in found.activity
        ],
        "rows": [
            {
                "category": row.category,
                "gas": row.gas,
                "iso14064": row.iso14064,
                "leaf": row.leaf,
                "mass": f"{row.mass:f}",
                "method": row.method,
                "period": row.period,
                "role": row.role,
                "scope": row.scope,
                "source": row.source,
                "standing": row.standing,
                "title": row.title,
                "unit": row.unit,
            }
            for row in found.rows
        ],
    }
