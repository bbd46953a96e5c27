"""Every emission source of a boundary with its energy use and its amount (排放源识别)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import total
from trace_node.accounting.boundary.behind import points_behind
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.sources import Source
from trace_node.accounting.inventory.inventory import Inventory, Mass, Part
from trace_node.accounting.methods.words import Role
from trace_node.accounting.records.emission import Emission


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a source used in a span, such as a fuel or power (活动水平).

    Attributes:
        name: Activity data of the boundary.
        value: The sum over the records; None of a share, such as a carbon content, that has none.
        unit: Its unit.
        provenance: ``meter``, ``document``, ``laboratory`` or ``derived``.
    """

    name: str
    value: Decimal | None
    unit: str
    provenance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source, identified and accounted for (排放源).

    Attributes:
        source: Its id.
        title: Its title.
        unit: Accounting unit.
        method: ``id@version``.
        category: Source category.
        scope: 1, 2 or 3; None where no record has a mass of it.
        iso14064: Category of ISO 14064-1.
        points: Names of the data behind it: meters, documents, laboratories and rules.
        used: What it used.
        masses: Tonnes by purpose and gas.
        sinks: Tonnes taken up by purpose and gas.
        leaves: Emission records that account for it.
    """

    source: str
    title: str
    unit: str
    method: str
    category: str
    scope: int | None
    iso14064: int
    points: tuple[str, ...]
    used: tuple[Used, ...]
    masses: Mapping[tuple[str, str], Decimal]
    sinks: Mapping[tuple[str, str], Decimal]
    leaves: tuple[int, ...]

    @property
    def is_accounted(self) -> bool:
        """Whether a record states its amount; it may be 0."""
        return bool(self.leaves)


def source_rows(
    found: Inventory, boundaries: Iterable[Boundary], emissions: Mapping[int, Emission]
) -> tuple[SourceRow, ...]:
    """Every source of some versions of a boundary, whether a record accounts for it or not.

    Args:
        found: The inventory.
        boundaries: The versions that held in its span; of a source in several the last counts.
        emissions: The records of the inventory, by their leaves.
    """
    known: dict[str, tuple[Source, Boundary]] = {}
    for boundary in boundaries:
        known |= {each.id: (each, boundary) for each in boundary.sources}
    stated = _by_source(found)
    return tuple(
        _row(source, boundary, stated[source.unit, source.method, source.id], emissions)
        for source, boundary in known.values()
    )


def _by_source(found: Inventory) -> Mapping[tuple[str, str, str], list[tuple[Part, Mass]]]:
    """The masses of each unit, method and source; one that a term joins is under each of its."""
    stated: dict[tuple[str, str, str], list[tuple[Part, Mass]]] = defaultdict(list)
    for part in found.parts:
        for mass in part.masses:
            for source in mass.source.split("+"):
                stated[part.unit, part.method, source].append((part, mass))
    return stated


def _row(
    source: Source,
    boundary: Boundary,
    stated: Sequence[tuple[Part, Mass]],
    emissions: Mapping[int, Emission],
) -> SourceRow:
    fed = [each.point for each in boundary.feeds if each.source == source.id and each.point]
    points = points_behind(boundary, fed)
    leaves = tuple(sorted({part.index for part, _mass in stated}))
    own = [mass for _part, mass in stated if mass.source == source.id]
    return SourceRow(
        source=source.id,
        title=source.title,
        unit=source.unit,
        method=source.method,
        category=source.category,
        scope=min((mass.scope for _part, mass in stated), default=None),
        iso14064=source.iso14064,
        points=tuple(sorted(points)),
        used=_used(points, [emissions[index] for index in leaves]),
        masses=_masses(own, Role.EMISSION),
        sinks=_masses(own, Role.SINK),
        leaves=leaves,
    )


def _masses(own: Iterable[Mass], role: Role) -> dict[tuple[str, str], Decimal]:
    """Tonnes by purpose and gas; a mass that a term joins with other sources is none of its own."""
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for mass in own:
        if mass.role is role:
            for purpose in mass.purposes:
                found[purpose.value, mass.gas].append(mass.tonnes)
    return {key: total(found[key]) for key in sorted(found)}


def _used(points: Iterable[str], emissions: Sequence[Emission]) -> tuple[Used, ...]:
    wanted = set(points)
    values: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for emission in emissions:
        for item in emission.activity:
            if item.name in wanted:
                values[item.name, item.unit, item.provenance].append(item.value)
    return tuple(
        Used(
            name=name,
            value=None if "/" in unit or unit == "1" else total(found),
            unit=unit,
            provenance=provenance,
        )
        for (name, unit, provenance), found in sorted(values.items())
    )
