"""Which purposes the mass of a term serves: those whose figures add it (一数一用).

A unit that is accounted for by two methods, such as one of the national carbon market and one of
the enterprise inventory, has the mass of a boiler in two records. It is one mass for each purpose,
and never the sum of both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.words import Purpose, Role

_BESIDE: Final = (Purpose.AUXILIARY,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MassPurposes:
    """The purposes of the masses of a method, by source category.

    Attributes:
        emissions: Purposes of the emissions of each category.
        every: Each purpose of the method: sinks stand beside all of them.
    """

    emissions: Mapping[str, tuple[Purpose, ...]]
    every: tuple[Purpose, ...]

    def of(self, category: str, role: Role) -> tuple[Purpose, ...]:
        """Purposes of a mass; ``auxiliary`` alone where no figure takes it."""
        return self.every if role is Role.SINK else self.emissions.get(category, _BESIDE)


def mass_purposes(method: Method) -> MassPurposes:
    """The purposes of the masses of a method, from the terms of its totals."""
    terms = {each.id: each for each in method.terms}
    found: dict[str, dict[Purpose, None]] = {}
    every: dict[Purpose, None] = {}
    for total in method.totals.values():
        if total.purpose is Purpose.AUXILIARY:
            continue
        every[total.purpose] = None
        for name in (*total.add, *total.subtract):
            term = terms.get(name)
            if term is not None and term.role is Role.EMISSION:
                found.setdefault(term.category, {})[total.purpose] = None
    return MassPurposes(
        emissions=MappingProxyType({key: tuple(sorted(one)) for key, one in found.items()}),
        every=tuple(sorted(every)) or _BESIDE,
    )
