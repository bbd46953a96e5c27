"""Return codes of the market: statements, allocations, registry files, openings."""

from types import MappingProxyType
from typing import Final

MARKET_REASONS: Final = MappingProxyType(
    {
        # 2 03 what is wrong with what was handed in
        "allocation.leaf": "203150",
        "registry.file": "203151",
        "registry.file.form": "203152",
        "registry.file.sheet": "203153",
        "registry.file.active": "203154",
        "registry.cell": "203155",
        "opening": "203156",
        # 3 02 authorisation
        "statement.key": "302040",
        "access.opening": "302041",
        # 3 03 business data
        "allocation.draft": "303301",
        "registry.file.older": "303302",
        "opening.parties": "303303",
        "opening.commitment": "303304",
        "not_found.opening": "303305",
    }
)
