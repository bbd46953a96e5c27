"""Units convert exactly or not at all (shows a part of S2-8.3.1-1)."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.units import UNITS, InexactError, Quantity, UnitError, convert, unit

DECIMALS = st.decimals(
    min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False
)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("1", "kWh", "MJ", "3.6"),
        ("1", "MWh", "GJ", "3.6"),
        ("3.6", "GJ", "MWh", "1"),
        ("1", "MWh", "kWh", "1000"),
        ("0.001", "t", "kg", "1"),
        ("1234.5", "kg", "t", "1.2345"),
        ("1.5", "10^4Nm3", "Nm3", "15000"),
        ("3600", "Nm3/h", "Nm3/s", "1"),
        ("36", "t/h", "kg/s", "10"),
        ("250", "mg/m3", "g/m3", "0.25"),
        ("12.5", "%", "1", "0.125"),
        ("100", "ppm", "%", "0.01"),
        ("-40.5", "degC", "K", "232.65"),
        ("273.15", "K", "degC", "0"),
        ("101.325", "kPa", "Pa", "101325"),
        ("1", "bar", "kPa", "100"),
        ("29.3", "GJ/t", "MJ/kg", "29.3"),
        ("389.31", "GJ/10^4Nm3", "MJ/Nm3", "38.931"),
        ("5", "kvarh", "varh", "5000"),
    ],
)
def test_exact_conversions(value: str, source: str, target: str, expected: str) -> None:
    assert convert(Decimal(value), source=unit(source), target=unit(target)) == Decimal(expected)


@pytest.mark.parametrize(("source", "target"), [("GJ", "kWh"), ("m3/h", "m3/s"), ("s", "h")])
def test_a_result_without_finite_decimals_is_refused(source: str, target: str) -> None:
    with pytest.raises(InexactError) as caught:
        convert(Decimal(1), source=unit(source), target=unit(target))
    assert caught.value.reason == "unit.inexact"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("source", "target"),
    [("kWh", "kW"), ("m3", "Nm3"), ("kWh", "kvarh"), ("mg/m3", "mg/Nm3"), ("%", "mg/m3")],
)
def test_another_dimension_is_refused(source: str, target: str) -> None:
    with pytest.raises(UnitError) as caught:
        Quantity(Decimal(1), unit(source)).to(unit(target))
    assert caught.value.reason == "unit.dimension"


@pytest.mark.parametrize("value", [1.5, 1, "1.5", Decimal("NaN"), Decimal("Infinity"), None])
def test_only_finite_decimals_are_quantities(value: object) -> None:
    with pytest.raises(UnitError) as caught:
        Quantity(value, unit("kWh"))  # type: ignore[arg-type]
    assert caught.value.reason == "unit.value"


def test_an_unknown_unit_is_refused_by_name() -> None:
    with pytest.raises(UnitError, match="KWH") as caught:
        unit("KWH", field="points[3].unit")
    assert caught.value.field == "points[3].unit"


def test_sums_keep_the_unit_of_the_left_side_and_every_digit() -> None:
    total = Quantity(Decimal("0.1"), unit("MWh")) + Quantity(Decimal("0.001"), unit("kWh"))
    assert total == Quantity(Decimal("0.100001"), unit("MWh"))
    assert total - Quantity(Decimal("0.001"), unit("kWh")) == Quantity(Decimal("0.1"), unit("MWh"))


def test_the_precision_of_the_caller_does_not_matter() -> None:
    with localcontext() as context:
        context.prec = 3
        large = convert(Decimal("123456789012345678.9"), source=unit("kWh"), target=unit("MWh"))
    assert large == Decimal("123456789012345.6789")


def test_symbols_are_ascii_and_short_enough_for_a_record() -> None:
    for symbol, item in UNITS.items():
        assert symbol == item.symbol
        assert symbol.isascii()
        assert 1 <= len(symbol) <= 16
        assert item.factor > 0
    for dimension in {item.dimension for item in UNITS.values()}:
        assert (
            sum(item.factor == 1 and item.dimension == dimension for item in UNITS.values()) >= 1
        ), dimension


@given(DECIMALS, st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)))
def test_a_conversion_is_exact_and_comes_back(value: Decimal, left: str, right: str) -> None:
    source, target = unit(left), unit(right)
    if source.dimension != target.dimension:
        with pytest.raises(UnitError):
            convert(value, source=source, target=target)
        return
    try:
        there = convert(value, source=source, target=target)
    except InexactError:
        return
    base = Fraction(value) * source.factor + source.zero
    assert Fraction(there) * target.factor + target.zero == base
    assert convert(there, source=target, target=source) == value
