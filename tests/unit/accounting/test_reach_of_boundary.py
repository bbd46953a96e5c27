"""[S2-9.2-3] [S2-5.2-0] [S0-5.1.2-c]: what a method asks for is handed to it from meter or entry."""

from decimal import Decimal
from fractions import Fraction

import pytest
from support.accounting import method

from trace_node.accounting.boundary.sources import BASES, EntryPoint
from trace_node.accounting.dimension import of_what, typed_unit
from trace_node.accounting.errors import CaseError, DimensionError
from trace_node.accounting.methods.case import Given
from trace_node.accounting.methods.given_value import read_given
from trace_node.accounting.methods.method import ANY_GAS, Method
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.symbol import Symbol
from trace_node.accounting.methods.words import Choice, SymbolSource
from trace_node.gases import GASES
from trace_node.record.errors import RecordError
from trace_node.units import UNITS

GIVEN = {SymbolSource.ACTIVITY, SymbolSource.REQUIRED}


def handed_in(method_: Method) -> list[Symbol]:
    return [
        symbol
        for symbol in method_.symbols.values()
        if symbol.source in GIVEN
        or {Choice.MEASURED, Choice.SUPPLIER}
        & {*symbol.precedence, *(one for few in symbol.precedence_for.values() for one in few)}
    ]


def substances(unit: str) -> list[str | None]:
    """What a feed may say the value is of."""
    return [None, *(part.partition("]")[0] for part in unit.split("[")[1:])]


@pytest.mark.parametrize("ref", [one.ref for one in packaged_methods()])
def test_each_value_a_method_asks_for_has_a_unit_of_the_log(ref: str) -> None:
    asked = packaged_methods().get(ref)
    for symbol in handed_in(asked):
        wanted = symbol.unit_text.replace(ANY_GAS, "SF6")
        assert any(
            fits(symbol, of_what(unit, what)) for unit in UNITS for what in substances(wanted)
        ), symbol.id


def fits(symbol: Symbol, unit: str) -> bool:
    words = {"gas": "SF6"}
    least = symbol.least if symbol.least is not None else Decimal(0)
    value = least if symbol.most is None else (least + symbol.most) / 2
    choices = symbol.choices(words)
    given = Given(
        value=value,
        unit=unit,
        choice=Choice.SUPPLIER if choices and Choice.MEASURED not in choices else Choice.MEASURED,
        basis=symbol.basis,
        evidence=("leaf 1",),
    )
    try:
        read_given(given, symbol, place=symbol.id, words=words, earlier=None)
    except CaseError as error:
        if error.reason not in {"accounting.case.unit", "accounting.case.value"}:
            raise
        return False
    return True


@pytest.mark.parametrize(
    ("unit", "what", "written"),
    [
        ("t", "clinker", "t[clinker]"),
        ("t", None, "t"),
        ("10^4Nm3", "CH4", "1e4Nm3[CH4]"),
        ("GJ/10^4Nm3", "gas", "GJ/1e4Nm3[gas]"),
        ("Nm3/h", "gas", "Nm3[gas]/h"),
        ("Nm3/min", "CH4", "Nm3[CH4]/min"),
        ("kgCOD/m3", "water", "kgCOD/m3[water]"),
        ("GJ/t", "fuel", "GJ/t[fuel]"),
        ("km/unit", "vehicle", "km/unit[vehicle]"),
        ("tCH4/10^8t", "crude", "tCH4/1e8t[crude]"),
        ("kWh", "fuel", "kWh[fuel]"),
    ],
)
def test_what_a_unit_is_of_stands_at_its_mass_volume_or_piece(
    unit: str, what: str | None, written: str
) -> None:
    assert of_what(unit, what) == written


def test_electricity_is_of_nothing() -> None:
    with pytest.raises(DimensionError):
        typed_unit(of_what("kWh", "fuel"))


def test_units_of_both_tables_are_of_one_size() -> None:
    """A value of the log is the same number in a method, whatever table its unit is read from."""
    both = 0
    for symbol, unit in UNITS.items():
        for other_symbol, other in UNITS.items():
            if unit.dimension != other.dimension or symbol == other_symbol or unit.zero:
                continue
            try:
                one, two = (typed_unit(of_what(name, None)) for name in (symbol, other_symbol))
            except DimensionError:
                continue
            if one.dimension != two.dimension:
                # To a method a kWh is electricity and a GJ heat; a degC has another zero.
                assert unit.dimension in {"energy", "temperature"}, (symbol, other_symbol)
                continue
            assert Fraction(one.scale / two.scale) == unit.factor / other.factor
            both += 1
    assert both > 2 * len(GASES)


def test_an_entry_says_whose_value_it_is_and_for_which_basis() -> None:
    fields = {"name": "coal.carbon", "source": "coal", "choice": "supplier", "basis": "air dry"}
    entry = EntryPoint.read(dict(fields))
    assert (entry.choice, entry.basis) == (Choice.SUPPLIER, "air dry")
    assert entry.write() == fields
    for wrong in ({"choice": "default"}, {"basis": "wet"}):
        with pytest.raises(RecordError):
            EntryPoint.read(fields | wrong)
    bases = {symbol.basis for one in packaged_methods() for symbol in one.symbols.values()}
    assert bases - {""} <= BASES


def test_a_factor_of_a_supplier_is_taken_where_the_method_takes_one() -> None:
    oxidation = method("cn.ndrc.coal.2014.washing").symbols["OF"]
    assert oxidation.choices({}) == (Choice.SUPPLIER, Choice.DEFAULT)
