"""Units: what is not alike is never added, and what is wrong is named."""

from fractions import Fraction

import pytest

from trace_node.accounting.dimension import ratio, typed_unit
from trace_node.accounting.dimension_check import require_unit, unit_of
from trace_node.accounting.errors import DimensionError
from trace_node.formula import parse

UNITS = {
    name: typed_unit(unit)
    for name, unit in {
        "FC": "t[fuel]",
        "NCV": "GJ/t[fuel]",
        "CC": "tC/GJ",
        "M_CO2": "kgCO2/kmol",
        "M_C": "kgC/kmol",
        "E": "tCO2e",
        "CH4": "tCH4",
        "CO2": "tCO2",
        "V0": "1e4Nm3[CH4]",
        "V20": "m3[20degC]",
        "mix": "1e4Nm3[gas]",
        "clinker": "t[clinker]",
        "W": "MWh",
        "Q": "GJ",
        "kilo": "kgCO2",
        "share": "1",
    }.items()
}


def test_carbon_becomes_carbon_dioxide_by_molar_masses() -> None:
    found = unit_of(parse("FC * NCV * CC * M_CO2 / M_C"), UNITS)
    assert found.alike(typed_unit("tCO2"))


@pytest.mark.parametrize(
    "text",
    [
        "FC * NCV * CC + E",
        "CH4 + E",
        "CO2 + E",
        "V0 + V20",
        "V0 + mix",
        "FC + clinker",
        "W + Q",
        "CO2 + kilo",
        "CO2 + 1",
        "max(CO2, CH4)",
        "CO2 if FC > clinker else CO2",
        "CO2 if FC > 0 else CH4",
    ],
)
def test_what_is_not_alike_is_refused_by_its_term(text: str) -> None:
    with pytest.raises(DimensionError) as caught:
        unit_of(parse(text), UNITS)
    assert caught.value.params["part"] in text


@pytest.mark.parametrize(
    "text", ["exp(FC)", "FC ** 0.5", "FC ** share", "half_up(FC, FC)", "nobody * 2"]
)
def test_exponents_and_places_are_numbers(text: str) -> None:
    with pytest.raises(DimensionError):
        unit_of(parse(text), UNITS)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("max(CO2, 0)", "tCO2"),
        ("-CO2 + 2 * CO2", "tCO2"),
        ("half_up(FC, 2) if FC >= 0 else 0", "t[fuel]"),
        ("clinker ** 2 / clinker", "t[clinker]"),
        ("1.5 ** (2 - share)", "1"),
        ("exp(share)", "1"),
    ],
)
def test_zero_and_rounding_keep_the_unit(text: str, unit: str) -> None:
    assert unit_of(parse(text), UNITS).alike(typed_unit(unit))


def test_a_declared_unit_has_the_scale_of_the_formula_too() -> None:
    require_unit(parse("CO2"), "tCO2", UNITS, place="here")
    with pytest.raises(DimensionError, match="here"):
        require_unit(parse("CO2"), "kgCO2", UNITS, place="here")


@pytest.mark.parametrize(
    "text", ["%", "percent", "tCO2[fuel]", "t[", "m**2", "2*t", "", "t/t/", "t " * 50, "__import__"]
)
def test_an_unknown_unit_is_refused(text: str) -> None:
    with pytest.raises(DimensionError) as caught:
        typed_unit(text)
    assert caught.value.reason == "accounting.dimension.unit"


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("kgCO2/kWh", "tCO2/MWh", Fraction(1)),
        ("Nm3[CH4]", "1e4Nm3[CH4]", Fraction(1, 10000)),
        ("kgCH4/t", "tCH4/t", Fraction(1, 1000)),
        ("kJ/(kg*K)", "GJ/(t*K)", Fraction(1, 1000)),
        ("mgN2O/km", "tN2O/km", Fraction(1, 10**9)),
    ],
)
def test_ratios_are_exact(source: str, target: str, factor: Fraction) -> None:
    assert ratio(typed_unit(source), typed_unit(target)) == factor


def test_a_factor_table_does_not_say_of_what() -> None:
    assert typed_unit("tCO2/t[clinker]").flat() == typed_unit("tCO2/t")
    assert typed_unit("tCO2e/tCH4").flat(gas="CH4").alike(typed_unit("kgCO2e/kg"))
