"""Greenhouse gases with a mass of their own; masses of two of them are never added."""

from typing import Final

GASES: Final = (
    *("CO2", "CH4", "N2O", "SF6", "NF3", "CF4", "C2F6", "C3F8", "C4F8", "CHF3"),
    *("HCFC22", "HFC23", "HFC32", "HFC125", "HFC134a", "HFC143a", "HFC152a"),
    *("HFC227ea", "HFC236fa", "HFC245fa"),
)
