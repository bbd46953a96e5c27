"""Units of meters as methods take them: exact, told beside the raw value, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.accounting.activity.data import ActivityData, Provenance, obtained
from trace_node.accounting.activity.for_methods import for_methods, unit_for_methods
from trace_node.accounting.boundary.single_point import possible_items
from trace_node.accounting.dimension import of_what, ratio, typed_unit
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.period import parse_period
from trace_node.units import UNITS, InexactError, Quantity, convert

ENERGY = sorted(name for name, each in UNITS.items() if each.dimension == UNITS["J"].dimension)
PURCHASED = packaged_methods().newest("cn.purchased_energy")


def metered(value: str, unit: str) -> ActivityData:
    return obtained(
        Quantity(Decimal(value), UNITS[unit]),
        name="heat.in",
        source="heat",
        provenance=Provenance.METER,
        reference="HM-1/heat",
        period=parse_period("2026-10"),
        links=(),
    )


@pytest.mark.parametrize(
    ("value", "unit", "quantity", "given_value", "given_unit"),
    [
        ("4500", "MJ", "active_energy", "1250", "kWh"),
        ("1250", "Wh", "active_energy", "1.25", "kWh"),
        ("9", "GJ", "active_energy", "2500", "kWh"),
        ("1250", "kWh", "active_energy", "1250", "kWh"),
        ("1250", "kWh", "heat", "4500", "MJ"),
        ("2", "MWh", "thermal_energy", "7200", "MJ"),
        ("12.5", "GJ", "heat", "12.5", "GJ"),
        ("1250", "kWh", "", "1250", "kWh"),
        ("1250", "kWh", "preheater_active_energy", "1250", "kWh"),
        ("4500", "MJ", "energy.active.import", "1250", "kWh"),
        ("36.5", "MJ", "gas_energy", "36.5", "MJ"),
        ("1250", "Wh", "energy", "1.25", "kWh"),
        ("1.5", "kt", "mass", "1500000", "kg"),
        ("250", "L", "fuel_volume", "0.25", "m3"),
        ("1.5", "t", "mass", "1.5", "t"),
    ],
)
def test_the_quantity_decides_what_energy_is(
    value: str, unit: str, quantity: str, given_value: str, given_unit: str
) -> None:
    """[S2-8.3.1-1]: a heat meter that counts kilowatt-hours counts heat, and no electricity."""
    data = metered(value, unit)
    found = for_methods(data, quantity=quantity)
    assert found.converted == Quantity(Decimal(given_value), UNITS[given_unit])
    assert found.raw == data.raw
    changed = f"unit: {unit} to {given_unit}" if unit != given_unit else ""
    assert found.conversion == changed
    assert for_methods(found, quantity=quantity) == found


def test_a_value_without_end_is_refused_and_not_rounded() -> None:
    with pytest.raises(InexactError) as caught:
        for_methods(metered("1", "GJ"), quantity="active_energy")
    assert caught.value.remedy


@given(
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(["", "active_energy", "heat", "mass"]),
    st.integers(0, 10**12),
)
def test_a_unit_of_methods_measures_the_same(symbol: str, quantity: str, whole: int) -> None:
    """Converted there and back nothing is lost; where the methods have none it stays as it is."""
    unit = UNITS[symbol]
    target = unit_for_methods(unit, quantity=quantity)
    assert target.dimension == unit.dimension
    assert unit_for_methods(target, quantity=quantity) == target
    try:
        there = convert(Decimal(whole), source=unit, target=target)
    except InexactError:
        assert symbol in ENERGY
        return
    assert convert(there, source=target, target=unit) == whole


@pytest.mark.parametrize("symbol", ENERGY)
def test_energy_of_every_unit_fits_electricity_and_heat(symbol: str) -> None:
    for quantity, wanted in (("active_energy", "MWh"), ("heat", "GJ")):
        target = unit_for_methods(UNITS[symbol], quantity=quantity)
        assert ratio(typed_unit(of_what(target.symbol, None)), typed_unit(wanted)) > 0


def test_items_are_found_for_units_that_only_meters_have() -> None:
    by_hour = {each.symbol.id for each in possible_items(PURCHASED, "kWh")}
    assert {each.symbol.id for each in possible_items(PURCHASED, "Wh")} == by_hour
    assert "EL_bought" in by_hour
