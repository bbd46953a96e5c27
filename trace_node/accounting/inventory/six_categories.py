"""The six categories of ISO 14064-1:2018, all of them, whether the boundary has sources or not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from trace_node.accounting.arithmetic import total
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.words import Purpose, Role

_PREFERRED: Final = (Purpose.ISO14064, Purpose.ENTERPRISE, Purpose.ETS, Purpose.FOOTPRINT)

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

    A unit that serves several purposes counts once: by its masses for ISO 14064-1, else for the
    enterprise, else for the carbon market.

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
    masses, sinks = _once(found, Role.EMISSION), _once(found, Role.SINK)
    return tuple(
        CategoryOfIso(
            number=number,
            title_zh=title_zh,
            title_en=title_en,
            sources=tuple(sources[number]),
            masses={gas: mass for (of, gas), mass in masses.items() if of == number},
            sinks={gas: mass for (of, gas), mass in sinks.items() if of == number},
        )
        for number, (title_zh, title_en) in TITLES.items()
    )


def _once(found: Inventory, role: Role) -> dict[tuple[int, str], Decimal]:
    """Tonnes by category and gas, of each unit by its masses for one purpose."""
    served: dict[str, set[Purpose]] = defaultdict(set)
    for part in found.parts:
        for mass in part.masses:
            served[part.unit].update(mass.purposes)
    masses: dict[tuple[int, str], list[Decimal]] = defaultdict(list)
    for part in found.parts:
        purpose = next((one for one in _PREFERRED if one in served[part.unit]), Purpose.AUXILIARY)
        for mass in part.masses:
            if mass.role is role and purpose in mass.purposes:
                masses[mass.iso14064, mass.gas].append(mass.tonnes)
    return {key: total(masses[key]) for key in sorted(masses)}
