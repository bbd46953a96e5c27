"""Random formulas and cases: units follow an algebra of exponents, values a slow reference."""

import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction

from hypothesis import given as each
from hypothesis import strategies as st
from support.accounting import case_for, given, line, method

from trace_node.accounting.dimension import TypedUnit, combine, ratio, typed_unit
from trace_node.accounting.dimension_check import unit_of
from trace_node.accounting.errors import DimensionError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.recompute import recompute
from trace_node.accounting.methods.result import Result
from trace_node.formula import parse

UNITS = ("tCO2", "tC", "tCH4", "tCO2e", "GJ", "MWh", "t[fuel]", "t[clinker]", "1e4Nm3[CH4]", "1")
SYMBOLS = {f"s{at}": typed_unit(unit) for at, unit in enumerate(UNITS)}
names = st.sampled_from(sorted(SYMBOLS))


@st.composite
def products(draw: st.DrawFn) -> tuple[str, Counter[str]]:
    """A product of symbols, and the exponents a child would count."""
    first = draw(names)
    text, exponents = first, Counter(dict(SYMBOLS[first].dimension))
    for name in draw(st.lists(names, max_size=5)):
        sign = draw(st.sampled_from("*/"))
        text += f" {sign} {name}"
        for dimension, power in SYMBOLS[name].dimension:
            exponents[dimension] += power if sign == "*" else -power
    return text, exponents


def kept(exponents: Counter[str]) -> dict[str, int]:
    return {name: power for name, power in exponents.items() if power}


@each(products())
def test_the_unit_of_a_product_counts_exponents(product: tuple[str, Counter[str]]) -> None:
    text, exponents = product
    assert dict(unit_of(parse(text), SYMBOLS).dimension) == kept(exponents)


@each(products(), products())
def test_a_sum_is_accepted_exactly_when_both_sides_are_alike(
    left: tuple[str, Counter[str]], right: tuple[str, Counter[str]]
) -> None:
    alike = kept(left[1]) == kept(right[1])
    try:
        found = unit_of(parse(f"{left[0]} + {right[0]}"), SYMBOLS)
    except DimensionError:
        assert not alike
    else:
        assert alike
        assert dict(found.dimension) == kept(left[1])


@each(names, names)
def test_combining_and_taking_apart_cancel(one: str, other: str) -> None:
    left, right = SYMBOLS[one], SYMBOLS[other]
    assert combine(combine(left, right, power=1), right, power=-1).alike(left)


@each(st.sampled_from(["tCO2", "kgCO2", "gCO2", "mgCO2"]), st.sampled_from(["tCO2", "kgCO2"]))
def test_ratios_are_inverse(one: str, other: str) -> None:
    left, right = typed_unit(one), typed_unit(other)
    assert ratio(left, right) * ratio(right, left) == 1


quantities = st.decimals(
    min_value=0, max_value=10**7, places=3, allow_nan=False, allow_infinity=False
)
fuels = st.sampled_from(["coke", "anthracite", "bituminous", "diesel", "lpg", "coal_tar"])
works = st.lists(st.tuples(fuels, quantities), min_size=1, max_size=6)
STEEL = method("cn.ets.steel.2024.enterprise")


def steel(lines: list[tuple[str, Decimal]]) -> Result:
    case = case_for(
        STEEL,
        present=("combustion",),
        lines={
            "fuels": tuple(
                line(str(at), {"fuel": fuel}, FC=given(mass, "t"))
                for at, (fuel, mass) in enumerate(lines)
            )
        },
    )
    return evaluate(STEEL, case, packaged_factors())


def half_up(value: Fraction, places: int) -> Fraction:
    scaled = value * 10**places
    return Fraction((2 * scaled + 1) // 2, 10**places)


@each(works)
def test_evaluation_equals_exact_fractions(lines: list[tuple[str, Decimal]]) -> None:
    library = packaged_factors()
    exact = Fraction(0)
    for fuel, mass in lines:
        rows = [library.row(f"cn.ets.steel.2024.{kind}.{fuel}") for kind in ("ncv", "cc")]
        heat, carbon = (Fraction(row.value) for row in rows)
        exact += half_up(Fraction(mass), 2) * half_up(heat, 3) * half_up(carbon, 5) * 44 / 12
    result = steel(lines)
    assert abs(Fraction(result.totals["ets"].masses["CO2"]) - exact) < Fraction(1, 10**30)
    assert Fraction(result.totals["ets"].value) == half_up(exact, 0)


@each(works)
def test_digests_are_stable_and_recomputed(lines: list[tuple[str, Decimal]]) -> None:
    result = steel(lines)
    assert steel(lines).digest == result.digest
    assert recompute(result.canonical, STEEL, packaged_factors()).digest == result.digest
    known: set[str] = set()
    for node in json.loads(result.canonical)["nodes"]:
        assert known.issuperset(node["inputs"])  # each value stands after what it was made of
        known.add(node["id"])


def test_a_typed_unit_is_a_value() -> None:
    assert typed_unit("tCO2") == TypedUnit("tCO2", (("CO2", 1),), Fraction(1))
