"""An inventory with its source categories, the six of ISO 14064-1, and clean energy."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.compared import Compared
from trace_node.accounting.inventory.completeness import CategoryState, Occurrence, categories_of
from trace_node.accounting.inventory.inventory import Inventory, Part
from trace_node.accounting.inventory.six_categories import CategoryOfIso, six_categories
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.ports.store import Store
from trace_node.services.clean_energy import CleanEnergy, clean_energy_of
from trace_node.services.clean_energy_records import (
    CleanStatistic,
    clean_records,
    clean_statistic,
)
from trace_node.services.comparisons import comparisons_of
from trace_node.services.inventory import InventoryRequest, boundary_versions, inventory_of
from trace_node.services.inventory_flags import InventoryFlag, flags_of
from trace_node.services.library import known_methods


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryView:
    """An inventory and its statistics (盘查清单与统计).

    Attributes:
        inventory: Masses and figures.
        categories: Every source category of every method, present, declared absent or missing.
        iso14064: The six categories of ISO 14064-1.
        clean_energy: What figures took off as non-fossil energy, by the items of their methods.
        clean: Clean energy on record: a statistic of its own, never netted.
        flags: Why to look twice, such as draft factors.
        comparisons: What was measured beside the records, and whether it says another figure.
    """

    inventory: Inventory
    categories: tuple[CategoryState, ...]
    iso14064: tuple[CategoryOfIso, ...]
    clean_energy: tuple[CleanEnergy, ...]
    clean: CleanStatistic
    flags: tuple[InventoryFlag, ...]
    comparisons: tuple[Compared, ...]

    @property
    def missing(self) -> tuple[CategoryState, ...]:
        """The categories that are neither present nor declared not occurring."""
        return tuple(one for one in self.categories if one.occurrence is Occurrence.MISSING)

    @property
    def is_complete(self) -> bool:
        """Whether every category is there or declared absent, and no span is without a record."""
        return not self.inventory.gaps and not self.missing


def inventory_view(request: InventoryRequest, *, store: Store) -> InventoryView:
    """The inventory of a span with its statistics.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        MethodNotFoundError: A method of it is not in the library.
    """
    found = inventory_of(request, store=store)
    with store.view() as view:
        versions = boundary_versions(request.organisation, request.boundary, view=view)
        methods = MethodLibrary(known.method for known in known_methods(view))
    used = [versions[leaf] for leaf in dict.fromkeys(part.boundary_leaf for part in found.parts)]
    deducted = clean_energy_of(found, store=store, methods=methods)
    records = clean_records(request.organisation, request.span, store=store)
    if request.unit is not None:
        mine = {each.id for one in used for each in one.sources if each.unit == request.unit}
        records = tuple(each for each in records if each.entry.source in mine)
    return InventoryView(
        inventory=found,
        categories=_categories(found, versions, methods),
        iso14064=six_categories(found, used, unit=request.unit),
        clean_energy=deducted,
        clean=clean_statistic(records, deducted),
        flags=flags_of(found, store=store),
        comparisons=comparisons_of(found, request, store=store),
    )


def _categories(
    found: Inventory, versions: Mapping[int, Boundary], methods: MethodLibrary
) -> tuple[CategoryState, ...]:
    records: dict[tuple[str, str], list[tuple[Part, Boundary]]] = defaultdict(list)
    for part in found.parts:
        records[part.unit, part.method].append((part, versions[part.boundary_leaf]))
    states: Sequence[CategoryState] = [
        state
        for unit, method in dict.fromkeys(
            [*records, *((gap.unit, gap.method) for gap in found.gaps)]
        )
        for state in categories_of(unit, methods.get(method), records[unit, method])
    ]
    return tuple(states)
