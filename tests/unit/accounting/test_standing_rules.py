"""The rules that stand over every method: each has a test that fails without it."""

import copy
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from support.accounting import case_for, given, line, method, run

from trace_node.accounting.errors import (
    CaseError,
    DimensionError,
    FactorUnusableError,
    LibraryFileError,
    PrecedenceError,
)
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.factors.library import FactorLibrary, merged
from trace_node.accounting.methods.case import Case, Given, Line
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method_form import read_method
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.result import FlagKind, Result
from trace_node.accounting.methods.words import Choice, Mark, Purpose, Role, SymbolSource

D = Decimal
GRID = {"grid_region": "CN", "grid_year": "2022"}
POWER = "cn.ets.power.2024"
MINE = "cn.ndrc.coal.2014.underground"
CARBON = given("0.55", "tC/t", basis="as received")


def power(
    *, on: date = date(2025, 12, 31), factors: FactorLibrary | None = None, **coal: Given
) -> Result:
    found = method(POWER)
    fed = {"FC_coal": given(1000, "t"), "C_ar": CARBON} | coal
    case = case_for(
        found,
        words=GRID,
        present=("tested_coal",),
        lines={"coals": (line("a", **fed),)},
        on=on,
    )
    return evaluate(found, case, factors or packaged_factors())


# One figure, one purpose.


def test_a_total_is_no_symbol_that_another_figure_could_use() -> None:
    """No CO2e of one purpose feeds another: a formula knows symbols and steps only."""
    whole = copy.deepcopy(dict(method(POWER).definition))
    step = next(one for one in whole["steps"] if one["id"] == "E_coal")
    step["formula"] = "ets"
    with pytest.raises(DimensionError, match="ets"):
        read_method(whole, place="own")


def test_a_mass_of_gas_is_never_a_weighted_one() -> None:
    with pytest.raises(CaseError) as caught:
        run(
            "iso.14064_1.2018",
            present=("direct",),
            lines={"direct": (line("a", {"gas": "N2O"}, m_1=given(1, "tCO2e")),)},
        )
    assert caught.value.reason == "accounting.case.unit"


def test_each_weighted_total_names_the_set_of_its_own_method() -> None:
    sets = {
        (one.id, total.id): (total.gwp_set, total.gwp_scheme)
        for one in packaged_methods()
        for total in one.totals.values()
        if total.unit_text == "tCO2e"
    }
    assert sets[MINE, "total"] == ("SAR", "cn.ndrc.2013")
    assert sets[MINE, "iso14064"][0] == "AR6"
    assert sets["cn.ets.aluminium.2024", "ets"] == ("AR5", "ipcc.ar5")
    weights = {row.gwp_set: row.value for row in packaged_factors() if row.substance == "CH4"
               and row.gwp_set and row.scheme.startswith("ipcc.")}  # fmt: skip
    assert weights["SAR"] == 21
    for (method_id, _), (gwp_set, _) in sets.items():
        if method_id.startswith("cn.ndrc."):
            assert gwp_set in {"SAR", "AR4", "AR6"}, method_id


def test_a_gas_without_a_mass_of_its_own_is_refused_by_its_line() -> None:
    with pytest.raises(CaseError) as caught:
        run(
            "iso.14064_1.2018",
            present=("direct",),
            lines={"direct": (line("a", {"gas": "R410A"}, m_1=given(1, "tR410A")),)},
        )
    assert caught.value.reason == "accounting.case.unknown"
    assert "direct[a]" in caught.value.message
    assert "SF6" in caught.value.remedy
    with pytest.raises(CaseError) as caught:
        run(
            "cn.ndrc.machinery.2015",
            words=GRID,
            present=("filling",),
            lines={"fillings": (line("a", {"gas": "R410A"}, n_filling=given(1, "unit")),)},
        )
    assert caught.value.reason == "accounting.case.gas"
    assert "SF6" in caught.value.remedy


# Precedence belongs to the method, per parameter.


def test_oxidation_of_coal_is_the_national_value_whatever_a_supplier_says() -> None:
    assert power().nodes["OF_coal"].value == D("0.99")
    found = method(POWER)
    case = case_for(
        found,
        words=GRID,
        present=("tested_coal",),
        lines={"coals": (line("a", FC_coal=given(1000, "t"), C_ar=CARBON),)},
        OF_coal=given("0.97", "1", choice=Choice.SUPPLIER),
    )
    with pytest.raises(PrecedenceError) as caught:
        evaluate(found, case, packaged_factors())
    assert caught.value.reason == "accounting.precedence"


def test_from_2027_the_value_frozen_on_31_october_is_a_row_of_that_year() -> None:
    with pytest.raises(FactorUnusableError) as caught:
        power(on=date(2027, 1, 31))
    assert caught.value.reason == "accounting.factor.expired"
    old = packaged_factors().row("cn.ets.power.2022.of.coal")
    frozen = replace(
        old,
        id="own.national_database.of.coal.2027",
        value=D("0.985"),
        valid_from=date(2027, 1, 1),
        valid_to=date(2027, 12, 31),
    )
    library = merged(packaged_factors(), [frozen])
    assert power(on=date(2027, 12, 31), factors=library).nodes["OF_coal"].value == D("0.985")
    assert power(on=date(2026, 12, 31), factors=library).nodes["OF_coal"].value == D("0.99")
    with pytest.raises(FactorUnusableError):
        power(on=date(2028, 1, 1), factors=library)


def test_coal_as_fired_goes_before_coal_as_received() -> None:
    both = power(FC_received=given(1200, "t"))
    assert both.nodes["coals[a].FC_coal"].choice == "measured"
    assert both.nodes["coals[a].FC_coal"].value == 1000
    found = method(POWER)
    received = case_for(
        found,
        words=GRID,
        present=("tested_coal",),
        lines={"coals": (line("a", FC_received=given(1200, "t"), C_ar=CARBON),)},
    )
    node = evaluate(found, received, packaged_factors()).nodes["coals[a].FC_coal"]
    assert (node.choice, node.value) == ("formula", 1200)


def test_every_parameter_of_a_method_has_a_precedence_and_no_two_are_one() -> None:
    for one in packaged_methods():
        for symbol in one.symbols.values():
            if symbol.source is SymbolSource.FACTOR:
                assert len(set(symbol.precedence)) == len(symbol.precedence) > 0, symbol.id
    steel = method("cn.ets.steel.2024.enterprise").symbols
    assert steel["CC"].precedence == (Choice.DEFAULT,)
    assert steel["NCV"].choices({"fuel": "coke"}) == (Choice.DEFAULT,)
    assert steel["NCV"].choices({"fuel": "anthracite"}) == (Choice.MEASURED, Choice.DEFAULT)
    assert steel["NCV"].sticky


# Gas volumes carry state and gas.


@pytest.mark.parametrize(
    ("unit", "told"),
    [("m3[20degC]", "state"), ("m3[gas]", "state"), ("1e4Nm3", "gas"), ("1e4m3", "unit")],
)
def test_a_volume_of_another_or_unknown_state_is_refused(unit: str, told: str) -> None:
    gas = line("a", {"fuel": "natural_gas"}, FG=given(1, unit))
    with pytest.raises(CaseError) as caught:
        run("cn.ndrc.coal.2014.washing", words=GRID, present=("combustion_gas",),
            lines={"gases": (gas,)})  # fmt: skip
    assert caught.value.reason == "accounting.case.unit"
    assert "gases[a].FG" in caught.value.message
    assert "state" in caught.value.remedy, told


# Sinks beside, never inside.


def test_no_figure_of_the_market_or_the_enterprise_takes_off_a_sink() -> None:
    for one in packaged_methods():
        for total in one.totals.values():
            sinks = [
                name for name in (*total.add, *total.subtract) if one.steps[name].role is Role.SINK
            ]
            assert not sinks or total.purpose is Purpose.AUXILIARY, (one.id, total.id)


# Electricity: the series belongs to the method.


def test_a_method_names_the_series_of_its_electricity_and_the_case_only_region_and_year() -> None:
    for one in packaged_methods():
        factor = one.symbols.get("EF_grid")
        if factor is None or one.id == "cn.purchased_energy":
            continue
        assert factor.query is not None
        assert factor.query.scheme in {"cn.grid.ets", "cn.grid.average"}, one.id
        assert (factor.query.region, factor.query.year) == ("{grid_region}", "{grid_year}")


def test_electricity_without_fossil_fuel_needs_its_certificate() -> None:
    bought = {
        "EL_bought": given(100, "MWh"),
        "EL_sold": given(0, "MWh"),
    }
    words = GRID
    with pytest.raises(CaseError) as caught:
        run("cn.ndrc.coal.2014.washing", words=words, present=("electricity",),
            EL_nonfossil=given(10, "MWh", evidence=""), **bought)  # fmt: skip
    assert caught.value.reason == "accounting.case.evidence"


# Provisional and missing.


def test_an_estimated_value_enters_no_figure_unless_the_method_says_so() -> None:
    with pytest.raises(CaseError) as caught:
        power(FC_coal=given(1000, "t", estimated=True))
    assert caught.value.reason == "accounting.case.estimated"
    assert not [
        symbol.id
        for one in packaged_methods()
        for symbol in one.symbols.values()
        if symbol.estimates and "interpolat" not in one.missing_data
    ]


def test_a_conservative_value_is_flagged() -> None:
    result = run(
        "cn.ndrc.petrochemical.2014",
        words=GRID,
        present=("burnt_coke",),
        lines={"burnt_coke": (line("a", MC_coke=given(1, "t")),)},
    )
    flagged = {flag.subject for flag in result.flags if flag.kind is FlagKind.CONSERVATIVE}
    assert flagged == {"burnt_coke[a].CF_coke", "burnt_coke[a].OF_coke"}


# Evidence marks.


def test_each_step_of_a_result_carries_its_mark() -> None:
    result = power()
    assert result.nodes["coals[a].E_coal"].mark == "O"
    assert result.nodes["coals[a].C_used"].mark == "P"
    assert all("mark" in node.to_json() for node in result.nodes.values())
    assert (result.marks["E_coal"], result.marks["C_used"]) == ("O", "P")


def test_what_the_reference_calls_unconfirmed_is_marked_so() -> None:
    for method_id in ("cn.ndrc.steel.2013", "cn.ndrc.cement.2013", "cn.ndrc.aluminium.2013"):
        own = [
            term
            for term in method(method_id).terms
            if method(method_id).categories[term.category].scope == 1
        ]
        assert all(term.mark.needs_approval for term in own), method_id
    for name in ("E_spont", "E_expl", "S_soil", "S_veg", "E_slow"):
        assert method("cn.ndrc.coal.2014.open_pit").steps[name].mark is Mark.PRODUCT


def test_carbon_converted_from_another_basis_is_unconfirmed_and_flagged() -> None:
    found = method(POWER)
    tested = Line(
        name="a",
        values={
            "FC_coal": given(1000, "t"),
            "C_ad": given("0.6", "tC/t", basis="air dry"),
            "M_ar": given("0.1", "1"),
            "M_ad": given("0.02", "1"),
        },
    )
    case: Case = case_for(found, words=GRID, present=("tested_coal",), lines={"coals": (tested,)})
    result = evaluate(found, case, packaged_factors())
    carbon = D("0.6") * D("0.9") / D("0.98")
    assert abs(result.value("E_coal") - 1000 * carbon * D("0.99") * 44 / 12) < D("1e-20")
    unconfirmed = {flag.subject for flag in result.flags if flag.kind is FlagKind.UNCONFIRMED_TERM}
    assert unconfirmed == {"C_converted", "C_used"}


# A deduction is a term of its own, and a method is whole.


def test_a_figure_of_the_market_takes_off_nothing_beside_its_terms() -> None:
    whole = copy.deepcopy(dict(method(POWER).definition))
    total = next(one for one in whole["totals"] if one["id"] == "ets")
    total["subtract"] = [total["add"].pop()]
    with pytest.raises(LibraryFileError, match="negative term"):
        read_method(whole, place="own")


def test_the_groups_of_the_classification_hold_in_their_scopes() -> None:
    """S2-9.4-a, S2-9.4-b: what is burnt, made, decomposed, recovered or special is direct."""
    scopes: dict[str, set[int]] = {}
    for one in packaged_methods():
        for category in one.categories.values():
            scopes.setdefault(category.group, set()).add(category.scope)
    for group in ("combustion", "feedstock", "carbonate", "recovery", "specific", "sink"):
        assert scopes[group] == {1}, group
    assert (scopes["electricity"], scopes["heat"]) == ({2}, {2})


def test_a_default_of_another_guideline_is_never_taken_for_confirmed() -> None:
    """A factor is valid with its method: where a method borrows one, its term says unconfirmed."""
    shared = {"cn.ndrc.2013", "cn.ndrc.2015", "cn.ndrc.other.2015", "cn.heat"}
    borrowed = set()
    for one in packaged_methods():
        family = one.id.rsplit(".", 1)[0]
        for term in one.terms:
            for name in one.needs(term.id) & one.symbols.keys():
                query = one.symbols[name].query
                scheme = query.scheme if query else one.id
                own = one.id.startswith(scheme) or scheme.startswith(family)
                if own or scheme in shared or scheme.startswith(("cn.grid.", "ipcc.", "{")):
                    continue
                if query is not None and query.kind.value in {"ncv", "cc", "carbon_content"}:
                    borrowed.add((one.id, term.id))
                    assert term.mark.needs_approval, (one.id, term.id, scheme)
    assert {method_id for method_id, _ in borrowed} == {
        "cn.ets.cement.2024.line",
        "cn.ets.aluminium.2024",
    }
