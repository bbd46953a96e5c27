"""Allocation, carry-over and obligation: the worked cases, and further ones with their arithmetic."""

import json
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.quota.errors import QuotaInputError, RuleExpiredError, RuleNotFoundError
from trace_node.services.allocation import RuleLibrary, allocate_power

LIBRARY = RuleLibrary.packaged()
ON = date(2026, 6, 1)
UNIT = {
    "class": "i",
    "electricity": "3000000",
    "heat": "500000",
    "load_factor": "0.6",
    "verified": "2600000",
    "special_case": "0",
}


def run(method: str, given: dict[str, str], *, year: int, on: date = ON) -> Any:
    return LIBRARY.calculate(method, given, year=year, on=on)


@pytest.fixture(scope="module")
def worked(data_dir: Path) -> dict[str, Any]:
    cases = json.loads((data_dir / "worked_examples.json").read_text(encoding="utf-8"))
    return {case["id"][:3]: case for case in cases}


@pytest.mark.vectors
def test_worked_case_of_a_generating_unit(worked: dict[str, Any]) -> None:
    case = worked["D06"]
    inputs, expected = case["inputs"], case["expected"]
    sheet = run(
        "cn.ets.allocation.power",
        UNIT
        | {
            "class": inputs["class_"].lower(),
            "electricity": str(inputs["MWh"]),
            "heat": str(inputs["heat_GJ"]),
            "load_factor": inputs["F"],
        },
        year=2023,
    )
    tolerance = Decimal(case["tolerance"]["abs"])
    for symbol in ("Ff", "Ae_unrounded", "Ah_unrounded"):
        assert abs(sheet.value(symbol) - Decimal(expected[symbol])) <= tolerance, symbol
    assert sheet.result == expected["A"]


@pytest.mark.vectors
def test_worked_case_of_carry_over(worked: dict[str, Any]) -> None:
    given, expected = worked["D07"]["inputs"], worked["D07"]["expected"]
    sheet = run(
        "cn.ets.carry_over",
        carry_over(
            sold=given["sold"], bought=given["bought"], trade_available=given["holding_end_2025"]
        ),
        year=2025,
    )
    assert {name: sheet.value(name) for name in expected} == expected


@pytest.mark.vectors
def test_worked_case_of_rounding_down(worked: dict[str, Any]) -> None:
    case = worked["P13"]
    # Pre-allocation of half the unit's figure: 1789.7 = 0.5 x 3579.4.
    given = {"verified_before": str(Decimal(case["inputs"]["value"]) * 2)}
    sheet = run("cn.ets.pre_allocation.power", given, year=2026)
    assert sheet.result == case["expected"]["allowances"]


def carry_over(**values: int) -> dict[str, str]:
    names = ["sold", "bought", "trade_available", "registry_available", "judicially_frozen"]
    names += ["pending", "missed_surrender"]
    return {name: str(values.get(name, 0)) for name in names}


def test_a_rounded_load_factor_would_give_another_tonne() -> None:
    # 2385000 x 1.061364 = 2531353.14, one tonne more than with the unrounded factor.
    assert run("cn.ets.allocation.power", UNIT, year=2023).result == 2531352 + 51900


@pytest.mark.parametrize("factor", ["0.65", "0.650000000001", "1"])
def test_no_correction_from_65_percent_on(factor: str) -> None:
    # 3000000 x 0.795 = 2385000; 500000 x 0.1038 = 51900.
    sheet = run("cn.ets.allocation.power", UNIT | {"load_factor": factor}, year=2023)
    assert (sheet.value("Ff"), sheet.result) == (1, 2436900)


def test_the_exponent_at_three_quarters_would_be_one() -> None:
    # The printed form at F = 0.75 is 1.015^(16 - 15): the reason why F is a fraction. Below 65 %:
    # F = 0.5 gives 1.015^6 = 1.093443264...; 2385000 x 1.0934432640 = 2607862.18.
    sheet = run("cn.ets.allocation.power", UNIT | {"load_factor": "0.5"}, year=2023)
    assert sheet.value("Ff") == Decimal("1.015") ** 6
    assert sheet.value("Ae") == 2607862


@pytest.mark.parametrize("kind", ["iii", "iv"])
def test_no_correction_for_other_classes(kind: str) -> None:
    sheet = run("cn.ets.allocation.power", UNIT | {"class": kind, "load_factor": "0.3"}, year=2024)
    assert sheet.value("Ff") == 1


def test_a_gas_unit_below_its_emission_gets_the_emission() -> None:
    # 1000000 x 0.3305 = 330500; 100000 x 0.0536 = 5360; together 335860 < 340000.7.
    gas = UNIT | {"class": "iv", "electricity": "1000000", "heat": "100000"}
    sheet = run("cn.ets.allocation.power", gas | {"verified": "340000.7"}, year=2023)
    assert (sheet.value("computed"), sheet.result) == (335860, 340000)
    enough = run("cn.ets.allocation.power", gas | {"verified": "335860"}, year=2023)
    assert enough.result == 335860


def test_a_coal_unit_below_its_emission_gets_what_was_computed() -> None:
    sheet = run("cn.ets.allocation.power", UNIT | {"verified": "9000000"}, year=2023)
    assert sheet.result == 2583252


def test_a_listed_special_case_gets_its_emission() -> None:
    sheet = run(
        "cn.ets.allocation.power", UNIT | {"special_case": "1", "verified": "123456.9"}, year=2023
    )
    assert sheet.result == 123456


def test_the_draft_correction_takes_percent_and_six_places() -> None:
    # F = 40: 7.254 - 0.633 (1 - e^-1.341292) - 5.643 (1 - e^-5.821569)
    #       = 7.254 - 0.633 x 0.738493 - 5.643 x 0.997037 = 1.160253 (digits of a pocket calculator)
    unit = {name: text for name, text in UNIT.items() if name != "load_factor"}
    sheet = run("cn.ets.allocation.power", unit | {"load_percent": "40"}, year=2025)
    assert abs(sheet.value("Ff") - Decimal("1.16025")) < Decimal("0.00005")
    assert sheet.value("Ff").as_tuple().exponent == -6
    assert sheet.method == "cn.ets.allocation.power@2"
    assert run("cn.ets.allocation.power", unit | {"load_percent": "50"}, year=2025).value("Ff") == 1


@pytest.mark.parametrize(
    ("intensity", "alpha", "tonnes"),
    [
        # BP = 2, E = 1000001: X = (2 - I) / 2.
        ("2", "0", 1000001),
        ("1.8", "0.015", 1015001),  # X = 0.1: 1000001 x 1.015 = 1015001.015
        ("2.3", "-0.0225", 977500),  # X = -0.15: 1000001 x 0.9775 = 977500.9775
        ("1.6", "0.03", 1030001),  # X = 0.2: 1000001 x 1.03 = 1030001.03
        ("0.1", "0.03", 1030001),
        ("2.4", "-0.03", 970000),  # X = -0.2: 1000001 x 0.97 = 970000.97
        ("9", "-0.03", 970000),
    ],
)
def test_industry(intensity: str, alpha: str, tonnes: int) -> None:
    given = {"verified": "1000001", "balance": "2", "clinker_output": "1000000"}
    given["line_emission"] = str(Decimal(intensity) * 1000000)
    sheet = run("cn.ets.allocation.cement", given, year=2026)
    assert (sheet.value("alpha"), sheet.result) == (Decimal(alpha), tonnes)


def test_a_quotient_just_below_a_whole_number_loses_no_tonne() -> None:
    # BP = 0.84, I = 1632 / 2400 = 0.68: X = 4/21, alpha = 0.15 x 4/21 = 1/35,
    # A = 6027000 x 36/35 = 6199200.
    figures = {"verified": "6027000", "balance": "0.84", "line_emission": "1632"}
    sheet = run("cn.ets.allocation.cement", figures | {"clinker_output": "2400"}, year=2026)
    assert sheet.result == 6199200


@given(
    verified=st.integers(0, 10**8),
    balance=st.integers(1, 300),
    emission=st.integers(0, 10**4),
    output=st.integers(1, 10**4),
)
def test_industry_against_exact_fractions(
    verified: int, balance: int, emission: int, output: int
) -> None:
    bound, level = Fraction(balance, 100), Fraction(emission, output)
    x = (bound - level) / bound
    alpha = Fraction(3, 100) if x >= Fraction(1, 5) else Fraction(15, 100) * x
    alpha = Fraction(-3, 100) if x <= Fraction(-1, 5) else alpha
    figures = {
        "verified": str(verified),
        "balance": format(Decimal(balance) / 100, "f"),
        "line_emission": str(emission),
        "clinker_output": str(output),
    }
    sheet = run("cn.ets.allocation.cement", figures, year=2026)
    assert sheet.result == (verified * (1 + alpha)).__floor__()


@pytest.mark.vectors
def test_every_benchmark_is_that_of_the_published_factors(data_dir: Path) -> None:
    listed = json.loads((data_dir / "factors.json").read_text(encoding="utf-8"))
    published = {row["id"].removesuffix(".draft"): row["value"] for row in listed}
    for year in (2023, 2024, 2025, 2026):
        for kind in ("i", "ii", "iii", "iv"):
            power = LIBRARY.rules.find(f"ets.benchmark.power.{kind}", year=year, on=ON)
            assert str(power.value) == published[f"ets.benchmark.power.{kind}.{year}"]
            heat = LIBRARY.rules.find(f"ets.benchmark.heat.{kind}", year=year, on=ON)
            fuel = "gas" if kind == "iv" else "coal"
            assert str(heat.value) == published[f"ets.benchmark.heat.{fuel}.{year}"]


def test_a_bad_input_names_its_unit() -> None:
    units = [("one", UNIT), ("two", UNIT | {"electricity": "x"})]
    with pytest.raises(QuotaInputError, match="two: electricity"):
        allocate_power(units, library=LIBRARY, year=2023, on=ON)


def test_sums_do_not_hang_on_the_context_of_the_thread() -> None:
    units = [("1", UNIT | {"verified": "4000000.9"}), ("2", UNIT | {"verified": "2583252"})]
    with localcontext() as context:
        context.prec = 5
        found = allocate_power(units, library=LIBRARY, year=2023, on=ON)
    assert found.total.inputs == {"initial": "5166504", "verified": "6583252.9"}


def test_zero_has_no_sign() -> None:
    nothing = UNIT | {"electricity": "-0", "heat": "-0.0"}
    assert str(run("cn.ets.allocation.power", nothing, year=2023).result) == "0"


def test_an_obligation_before_the_law_is_not_calculated() -> None:
    figures = {"verified": "1", "ccer": "0", "surrendered": "0", "price": "1"}
    with pytest.raises(RuleNotFoundError):
        run("cn.ets.obligation", figures, year=2022)


def test_intensity_of_steel_and_aluminium() -> None:
    steel = {"verified": "10", "balance": "2", "iron_making": "150", "sintering": "50"}
    assert (
        run("cn.ets.allocation.steel", steel | {"iron_output": "100"}, year=2026).value("intensity")
        == 2
    )
    smelter = {"verified": "10", "balance": "2", "anode": "150", "anode_effect": "25"}
    assert run("cn.ets.allocation.aluminium", smelter | {"liquid_output": "100"}, year=2026).value(
        "intensity"
    ) == Decimal("1.75")


@pytest.mark.parametrize(
    ("values", "granted"),
    [
        ({"trade_available": 5000}, 5000),  # T = 10000 > H
        ({"trade_available": 50000}, 10000),  # nothing sold: T = B
        ({"sold": 100, "bought": 300, "trade_available": 50000}, 10000),  # NS is never negative
        ({"sold": 3, "trade_available": 50000}, 10004),  # floor(10000 + 4.5)
        ({"trade_available": 4, "registry_available": 3, "judicially_frozen": 2, "pending": 1}, 8),
        ({"trade_available": 4, "pending": 9}, 0),
        ({"sold": 99999, "trade_available": 50000, "missed_surrender": 1}, 0),
    ],
)
def test_carry_over(values: dict[str, int], granted: int) -> None:
    assert run("cn.ets.carry_over", carry_over(**values), year=2025).result == granted


def test_obligation_with_ccer_above_the_cap() -> None:
    # O = 1999: cap = floor(99.95) = 99; needed 1900; 1800 surrendered leaves 100;
    # 5 x 80.5 x 100 = 40250 to 10 x 80.5 x 100 = 80500.
    given = {"verified": "1999", "ccer": "100", "surrendered": "1800", "price": "80.5"}
    sheet = run("cn.ets.obligation", given, year=2024)
    found = {step.symbol: step.value for step in sheet.steps}
    assert found == {
        "ccer_cap": 99,
        "ccer_counted": 99,
        "needed": 1900,
        "surplus": 0,
        "fine_from": 40250,
        "fine_to": 80500,
        "shortfall": 100,
    }


def test_an_obligation_of_zero_needs_nothing() -> None:
    given = {"verified": "0", "ccer": "10", "surrendered": "7", "price": "0"}
    sheet = run("cn.ets.obligation", given, year=2024)
    assert (sheet.value("ccer_counted"), sheet.value("surplus"), sheet.result) == (0, 7, 0)


def test_an_entity_below_80_percent_is_topped_up() -> None:
    # 2583252 of 4000000.9 verified: line 3200000.72, top-up floor(616748.72) = 616748;
    # gap (4000000.9 - 2583252) / 4000000.9 = 35.4187... %.
    found = allocate_power(
        [("1", UNIT | {"verified": "4000000.9"})], library=LIBRARY, year=2023, on=ON
    )
    assert found.total.value("top_up") == 616748
    assert found.total.value("gap_percent") == Decimal("35.42")
    assert found.total.result == 3200000


def test_units_are_rounded_one_by_one() -> None:
    # Each: floor(1001 x 0.791) = floor(791.791) = 791; the sum is 1582, not floor(1583.58).
    small = UNIT | {"electricity": "1001", "heat": "0", "load_factor": "1", "verified": "1"}
    found = allocate_power([("1", small), ("2", small)], library=LIBRARY, year=2024, on=ON)
    assert found.total.result == 1582


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("electricity", "-1", "0 or more"),
        ("electricity", "1e6", "a decimal"),
        ("electricity", "\uff11\uff12", "a decimal"),
        ("electricity", "", "a decimal"),
        ("electricity", "9" * 19, "a decimal"),
        ("electricity", "nan", "a decimal"),
        ("load_factor", "60", "1 or less"),
        ("class", "v", "one of i, ii, iii, iv"),
        ("special_case", "0.5", "a whole number"),
    ],
)
def test_bad_inputs_are_named(name: str, text: str, said: str) -> None:
    with pytest.raises(QuotaInputError) as refused:
        run("cn.ets.allocation.power", UNIT | {name: text}, year=2023)
    assert refused.value.params["field"] == name
    assert said in refused.value.message


def test_a_missing_and_an_unknown_input_are_named() -> None:
    missing = {name: text for name, text in UNIT.items() if name != "heat"}
    with pytest.raises(QuotaInputError, match="heat is missing"):
        run("cn.ets.allocation.power", missing, year=2023)
    with pytest.raises(QuotaInputError, match="heat_GJ is not an input"):
        run("cn.ets.allocation.power", UNIT | {"heat_GJ": "1"}, year=2023)


def test_a_rule_that_is_no_longer_or_not_yet_in_force_is_refused() -> None:
    for on in (date(2025, 12, 30), date(2026, 6, 27)):
        with pytest.raises(RuleExpiredError):
            run("cn.ets.carry_over", carry_over(), year=2025, on=on)
    with pytest.raises(RuleNotFoundError):
        run("cn.ets.allocation.power", UNIT, year=2030)


def test_what_rests_on_drafts_says_so() -> None:
    drafts = run("cn.ets.allocation.power", UNIT, year=2023).drafts
    assert "ets.benchmark.power.i" in drafts
    assert "ets.benchmark.power.i" not in run("cn.ets.allocation.power", UNIT, year=2024).drafts
