"""Clean energy of a span (清洁能源): a statistic of its own, never netted into an inventory.

It is read from the activity data of the emission records: what was handed to the non-fossil items
of their methods, with the leaf it stands in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.records.emission import Emission
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.statement_types import parse_statement

ITEMS: Final = frozenset({"electricity_nonfossil"})  # activity items of method files


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanEnergy:
    """An amount of clean energy.

    Attributes:
        index: Leaf of the emission record it stands in.
        source: Emission source it is used at.
        period: Name of the period.
        item: Activity item of the method, such as ``electricity_nonfossil``.
        value: How much.
        unit: Its unit.
    """

    index: int
    source: str
    period: str
    item: str
    value: Decimal
    unit: str


def clean_energy_of(
    inventory: Inventory, *, store: Store, methods: MethodLibrary
) -> tuple[CleanEnergy, ...]:
    """The clean energy in the records that an inventory is made of, in their order.

    Raises:
        MethodNotFoundError: A method of a record is not in the library.
    """
    found: list[CleanEnergy] = []
    boundaries: dict[int, object] = {}
    with store.view() as view:
        for part in inventory.parts:
            emission = _content(view, part.index)
            if isinstance(emission, Emission):
                at = emission.boundary_leaf.index
                boundary = boundaries[at] = boundaries.get(at) or _content(view, at)
                if isinstance(boundary, Boundary):
                    items = _clean_symbols(methods, emission.method)
                    found += _amounts(part.index, emission, boundary, items)
    return tuple(found)


def _content(view: UnitOfWork, index: int) -> object:
    return parse_statement(view.entries.bodies(index, index + 1)[0]).content


def _clean_symbols(methods: MethodLibrary, ref: str) -> Mapping[str, str]:
    symbols = methods.get(ref).activity_items
    return {each.id: each.item for each in symbols if each.item in ITEMS}


def _amounts(
    index: int, emission: Emission, boundary: Boundary, items: Mapping[str, str]
) -> list[CleanEnergy]:
    activity = {each.name: each for each in emission.activity}
    sources = {
        each.id
        for each in boundary.sources
        if (each.unit, each.method) == (emission.unit, emission.method)
    }
    return [
        CleanEnergy(
            index=index,
            source=feed.source,
            period=emission.period.name,
            item=items[feed.symbol],
            value=activity[feed.point].value,
            unit=activity[feed.point].unit,
        )
        for feed in boundary.feeds
        if feed.source in sources and feed.symbol in items and feed.point in activity
    ]
