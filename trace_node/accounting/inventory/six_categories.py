"""The six categories of ISO 14064-1:2018, all of them, whether the boundary has sources or not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.words import Role

TITLES: Final = MappingProxyType(
    {
        1: ("直接温室气体排放和清除", "direct emissions and removals"),
        2: ("输入能源的间接排放", "indirect emissions from imported energy"),
        3: ("运输的间接排放", "indirect emissions from transportation"),
        4: ("组织使用的产品的间接排放", "indirect emissions from products the organisation uses"),
        5: ("使用组织的产品的间接排放", "indirect emissions from the use of its products"),
        6: ("其他来源的间接排放", "indirect emissions from other sources"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryOfIso:
    """One of the six categories (ISO 14064-1 六大类别).

    Attributes:
        number: 1 to 6.
        title_zh: Its Chinese name.
        title_en: Its English name.
        sources: Emission sources that the boundary puts into it; none: it was not looked at, which
            is not 0.
        masses: Tonnes of each gas.
        sinks: Tonnes of each gas that sinks took up, beside and never netted.
    """

    number: int
    title_zh: str
    title_en: str
    sources: tuple[str, ...]
    masses: Mapping[str, Decimal]
    sinks: Mapping[str, Decimal]


def six_categories(
    found: Inventory, boundaries: Iterable[Boundary], *, unit: str | None = None
) -> tuple[CategoryOfIso, ...]:
    """The categories 1 to 6 of an inventory, those without sources too.

    Args:
        found: The inventory.
        boundaries: The versions of the boundary that its records were made by.
        unit: Of one accounting unit; None for all.
    """
    sources: dict[int, dict[str, None]] = {number: {} for number in TITLES}
    for boundary in boundaries:
        for source in boundary.sources:
            if unit in {None, source.unit}:
                sources[source.iso14064][source.id] = None
    masses, sinks = found.masses("iso14064"), found.masses("iso14064", role=Role.SINK)
    return tuple(
        CategoryOfIso(
            number=number,
            title_zh=title_zh,
            title_en=title_en,
            sources=tuple(sources[number]),
            masses={gas: mass for (of, gas), mass in masses.items() if of == str(number)},
            sinks={gas: mass for (of, gas), mass in sinks.items() if of == str(number)},
        )
        for number, (title_zh, title_en) in TITLES.items()
    )
