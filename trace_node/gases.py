"""Greenhouse gases with a mass of their own; masses of two of them are never added."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

GASES: Final = (
    *("CO2", "CH4", "N2O", "SF6", "NF3", "CF4", "C2F6", "C3F8", "C4F8", "CHF3"),
    *("HCFC22", "HFC23", "HFC32", "HFC125", "HFC134a", "HFC143a", "HFC152a"),
    *("HFC227ea", "HFC236fa", "HFC245fa"),
)

BY_ORIGIN: Final[Mapping[str, str]] = MappingProxyType(
    {"CH4_fossil": "CH4", "CH4_nonfossil": "CH4"}
)
"""Gases told apart by their origin, whose potentials differ since the sixth report of the IPCC."""
NON_FOSSIL: Final = frozenset({"CH4_nonfossil"})


def gas_itself(name: str) -> str:
    """The gas that a name says, whatever its origin."""
    return BY_ORIGIN.get(name, name)
