"""Processes of steel, petrochemicals, and the guidelines of which only a list of terms is known."""

from decimal import Decimal

import pytest
from support.accounting import case_for, given, line, method, run

from trace_node.accounting.errors import CaseError, FactorUnusableError, IncompleteError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.case import Given, Line
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.result import CheckOutcome, FlagKind, Result
from trace_node.accounting.methods.words import Choice, Purpose, Use

D = Decimal
GRID = {"grid_region": "CN", "grid_year": "2023"}
RATIO = D(44) / 12


def near(found: Decimal, expected: Decimal) -> bool:
    return abs(found - expected) < D("1e-18")


def test_one_process_of_a_steel_works() -> None:
    result = run(
        "cn.ets.steel.2024.process",
        words={"process": "coking"},
        present=("combustion", "output_fuels", "output_gases"),
        lines={
            "fuels": (line("a", {"fuel": "washed_coking_coal"}, FC=given(1300, "t")),),
            "output_fuels": (
                line("a", {"fuel": "coke"}, FC_out=given(1000, "t")),
                line("b", {"fuel": "coal_tar"}, FC_out=given(40, "t")),
            ),
            "output_gases": (
                line("a", {"fuel": "coke_oven_gas"}, FG_out=given(20, "1e4Nm3[gas]")),
            ),
        },
    )
    coal = 1300 * D("26.344") * D("0.02541")
    coke = 1000 * D("28.435") * D("0.02942")
    tar = 40 * D("33.453") * D("0.022")
    gas = 20 * D("173.854") * D("0.0121")
    assert near(result.totals["total"].value, (coal - coke - tar - gas) * 44 / 12)


def test_a_power_unit_of_a_steel_works_has_an_oxidation_factor() -> None:
    result = run(
        "cn.ets.steel.2024.power_unit",
        present=("combustion_gas",),
        lines={"gases": (line("a", {"fuel": "blast_furnace_gas"}, FG=given(100, "1e4Nm3[gas]")),)},
    )
    expected = 100 * 33 * D("0.0708") * D("0.99") * 44 / 12
    assert near(result.totals["total"].value, expected)


def test_what_is_outside_the_processes_of_a_steel_works_is_the_rest() -> None:
    """Formula (4): figures of the other three formulas, each named by its leaf."""
    result = rest_of_steel("1000.006")
    assert result.value("E_other") == D("1000.01") - 700 - 200
    assert not result.totals
    assert not result.non_conformities


def test_processes_that_emit_more_than_the_enterprise_are_a_fault() -> None:
    result = rest_of_steel("899")
    assert [one.id for one in result.non_conformities] == ["steel.negative_rest"]


def rest_of_steel(enterprise: str) -> Result:
    return run(
        "cn.ets.steel.2024.other",
        lines={
            "processes": (
                line("a", {"process": "coking"}, E_process=given(300, "tCO2")),
                line("b", {"process": "sintering"}, E_process=given(400, "tCO2")),
            ),
            "power_units": (line("1", E_unit=given(200, "tCO2")),),
        },
        E_enterprise=given(enterprise, "tCO2"),
    )


@pytest.mark.parametrize("purpose", ["process", "power_unit"])
def test_a_part_of_the_steel_works_is_no_figure_of_the_market_of_its_own(purpose: str) -> None:
    totals = method(f"cn.ets.steel.2024.{purpose}").totals.values()
    assert [total.purpose for total in totals] == [Purpose.AUXILIARY]


def test_a_process_that_gives_out_more_carbon_than_it_takes_in_is_a_fault() -> None:
    result = run(
        "cn.ets.steel.2024.process",
        words={"process": "coking"},
        present=("combustion", "output_fuels"),
        lines={
            "fuels": (line("a", {"fuel": "washed_coking_coal"}, FC=given(1000, "t")),),
            "output_fuels": (line("a", {"fuel": "coke"}, FC_out=given(1000, "t")),),
        },
    )
    assert [one.id for one in result.non_conformities] == ["steel.negative_process"]


def test_steel_by_its_list_of_terms() -> None:
    tables = {
        "fluxes": ("M_flux", "EF_flux", "flux"),
        "electrodes": ("M_electrode", "EF_electrode", "electrode"),
        "materials": ("M_material", "EF_material", "material"),
        "products": ("M_product", "EF_product", "product"),
    }
    result = run(
        "cn.ndrc.steel.2013",
        words=GRID,
        present=("flux", "electrode", "purchased_carbon", "fixed_carbon"),
        lines={
            table: (line("a", **{mass: given(100, "t"), ef: given(f"0.{at}", f"tCO2/t[{what}]")}),)
            for at, (table, (mass, ef, what)) in enumerate(tables.items(), 1)
        },
    )
    assert result.totals["total"].value == 10 + 20 + 30 - 40
    unconfirmed = {flag.subject for flag in result.flags if flag.kind is FlagKind.UNCONFIRMED_TERM}
    assert unconfirmed >= {"E_flux", "E_electrode", "E_material", "R_product"}


CEMENT_LINE = {
    "Q_clinker": given(1000, "t"),
    "Q_kiln_dust": given(10, "t"),
    "Q_bypass": given(5, "t"),
    "FR1": given("0.65", "1"),
    "FR10": given("0.02", "1"),
    "FR2": given("0.02", "1"),
    "FR20": given("0.001", "1"),
    "Q_rm": given(1500, "t"),
    "FR0": given("0.002", "tC/t"),
}


def test_cement_enterprise_by_its_list_of_terms() -> None:
    result = run(
        "cn.ndrc.cement.2013",
        words=GRID,
        present=("alternative_fuels", "calcination", "raw_meal_carbon"),
        lines={
            "alternative_fuels": (
                line(
                    "waste",
                    {"fuel": "domestic_waste"},
                    Q_alt=given(100, "t"),
                    HV_alt=given(10, "GJ/t"),
                    EF_alt=given("0.09", "tCO2/GJ"),
                    alpha=given("0.4", "1"),
                ),
            ),
            "lines": (line("1", **CEMENT_LINE),),
        },
    )
    oxides = (D("0.65") - D("0.02")) * 44 / 56 + (D("0.02") - D("0.001")) * 44 / 40
    expected = 100 * 10 * D("0.09") * D("0.4") + 1015 * oxides + 1500 * D("0.002") * RATIO
    assert near(result.totals["total"].value, expected)


def test_more_oxide_without_carbonate_than_the_clinker_holds_is_a_fault() -> None:
    oxides = {name: value for name, value in CEMENT_LINE.items() if name not in {"Q_rm", "FR0"}}
    result = run(
        "cn.ndrc.cement.2013",
        words=GRID,
        present=("calcination",),
        lines={"lines": (line("1", **(oxides | {"FR10": given("0.7", "1")})),)},
    )
    assert [one.id for one in result.non_conformities] == ["lines[1].cement.oxides"]


def test_aluminium_by_an_unconfirmed_guideline() -> None:
    result = run(
        "cn.ndrc.aluminium.2013",
        words=GRID,
        present=("anode", "anode_effect"),
        P_Al=given(1000, "t"),
        EF_anode=given("1.5", "tCO2/t[aluminium]"),
    )
    effect = 1000 * (D("0.034") * 6500 + D("0.0034") * 9200) / 1000
    assert near(result.totals["total"].value, 1000 * D("1.5") + effect)


def test_an_unconfirmed_guideline_is_refused_for_compliance() -> None:
    smelter = method("cn.ndrc.aluminium.2013")
    case = case_for(
        smelter,
        words=GRID,
        present=("anode",),
        P_Al=given(1000, "t"),
        EF_anode=given("1.5", "tCO2/t[aluminium]"),
    )
    with pytest.raises(FactorUnusableError, match="E_anode"):
        evaluate(smelter, case, packaged_factors(), use=Use.COMPLIANCE)


def test_petrochemical_works() -> None:
    carbon = "tC/t[feed]"
    result = run(
        "cn.ndrc.petrochemical.2014",
        words=GRID,
        present=(
            *("flare", "burnt_coke", "reforming", "hydrogen", "calcining", "asphalt"),
            *("decoking", "ethylene_oxide"),
        ),
        lines={
            "flare_components": (
                line(
                    "C3H8",
                    Q_flare=given(2, "1e4Nm3[gas]"),
                    V_component=given("0.5", "1"),
                    CN=given(3, "1"),
                ),
            ),
            "burnt_coke": (line("FCC", MC_coke=given(100, "t")),),
            "reforming": (
                line(
                    "a",
                    MC_catalyst=given(50, "t"),
                    CF_before=given("0.06", "1"),
                    CF_after=given("0.01", "1"),
                ),
            ),
            "hydrogen": (
                line(
                    "a",
                    M_H2_feed=given(100, "t"),
                    C_H2_feed=given("0.75", carbon),
                    M_H2_out=given(20, "t"),
                    C_H2_out=given("0.1", carbon),
                ),
            ),
            "calcining": (
                line(
                    "a",
                    M_green=given(100, "t"),
                    C_green=given("0.9", "tC/t"),
                    M_calcined=given(80, "t"),
                    M_dust=given(2, "t"),
                    C_calcined=given("0.98", "tC/t"),
                    OF_calcining=given("0.98", "1"),
                ),
            ),
            "decoking": (
                line(
                    "a",
                    Q_decoke=given(5000, "Nm3[gas]/h"),
                    T_decoke=given(20, "h"),
                    V_decoke_CO2=given("0.1", "1"),
                    V_decoke_CO=given("0.02", "1"),
                ),
            ),
            "ethylene_oxide": (
                line(
                    "a",
                    M_ethylene=given(100, "t"),
                    C_ethylene=given("0.856", "tC/t"),
                    M_EO=given(120, "t"),
                    C_EO=given("0.545", "tC/t"),
                ),
            ),
        },
        M_asphalt=given(200, "t"),
    )
    shares = D("0.06") / D("0.94") - D("0.01") / D("0.99")
    expected = (
        2 * D("0.5") * 3 * D("0.98") * 44 / D("22.4") * 10
        + 100 * D("0.98") * RATIO
        + 50 * D("0.94") * shares * RATIO
        + (100 * D("0.75") - 20 * D("0.1")) * RATIO
        + (100 * D("0.9") - 82 * D("0.98")) * D("0.98") * RATIO
        + 200 * D("0.05")
        + 5000 * 20 * D("0.12") * D("19.7") / 10000
        + (100 * D("0.856") - 120 * D("0.545")) * RATIO
    )
    assert near(result.totals["total"].value, expected)
    assert result.nodes["burnt_coke[FCC].OF_coke"].choice == Choice.CONSERVATIVE.value


def test_electronics_with_by_products_of_a_gas() -> None:
    result = run(
        "cn.ndrc.electronics.2015",
        words=GRID,
        present=("etching", "byproducts"),
        lines={
            "etchants": (
                line("a", {"gas": "NF3", "agent": "nf3"}, FC_etch=given(500, "kgNF3")),
                line("b", {"gas": "C2F6", "agent": "c2f6"}, FC_etch=given(200, "kgC2F6")),
            ),
            "byproducts": (
                line(
                    "b",
                    {"gas": "CF4", "from_gas": "C2F6", "row": "c2f6.cf4", "agent": "cf4"},
                    FC_by=given(200, "kg"),
                ),
            ),
        },
    )
    factor = packaged_factors().row
    kept = D("0.9")  # a tenth stays in the container
    rates = {
        name: factor(f"cn.ndrc.electronics.{name}").value
        for name in (
            *("utilisation.nf3", "collection.nf3", "removal.nf3"),
            *("collection.cf4", "removal.cf4"),
        )
    }
    nf3 = kept * 500 * (1 - rates["utilisation.nf3"])
    nf3 *= 1 - rates["collection.nf3"] * rates["removal.nf3"]
    c2f6 = kept * 200 * (1 - D("0.4")) * (1 - D("0.9") * D("0.9"))
    cf4 = kept * 200 * D("0.2") * (1 - rates["collection.cf4"] * rates["removal.cf4"])
    masses = result.totals["total"].masses
    assert masses == {"NF3": nf3 / 1000, "C2F6": c2f6 / 1000, "CF4": cf4 / 1000, "CO2": 0}
    expected = (nf3 * 17200 + c2f6 * 12200 + cf4 * 7390) / 1000
    assert near(result.totals["total"].value, expected)


def test_a_process_gas_is_given_as_the_gas_of_its_line() -> None:
    with pytest.raises(CaseError, match="kgSF6"):
        run(
            "cn.ndrc.electronics.2015",
            words=GRID,
            present=("etching",),
            lines={
                "etchants": (line("a", {"gas": "NF3", "agent": "nf3"}, FC_etch=given(5, "kgSF6")),)
            },
        )


def test_the_six_categories_of_an_organisation() -> None:
    frame = method("iso.14064_1.2018")
    result = run(
        "iso.14064_1.2018",
        present=("direct", "imported_energy", "transport"),
        lines={
            "direct": (
                line("boilers", {"gas": "CO2"}, m_1=given(100, "tCO2")),
                line("mine", {"gas": "CH4_fossil"}, m_1=given(2, "tCH4")),
                line("digester", {"gas": "CH4_nonfossil"}, m_1=given(3, "tCH4")),
            ),
            "imported_energy": (line("power", {"gas": "CO2"}, m_2=given(50, "tCO2")),),
            "transport": (line("rail", {"gas": "N2O"}, m_3=given("0.1", "tN2O")),),
        },
    )
    found = {name: total.value for name, total in result.totals.items()}
    assert found["category_1"] == 100 + 2 * D("29.8") + 3 * 27
    masses = result.totals["category_1"].masses
    assert masses == {"CO2": 100, "CH4_fossil": 2, "CH4_nonfossil": 3}
    assert found["category_2"] == 50
    assert found["category_3"] == D("0.1") * 273
    assert found["category_4"] == found["category_5"] == found["category_6"] == 0
    assert found["total"] == found["category_1"] + found["category_2"] + found["category_3"]
    assert {category.scope for category in frame.categories.values()} == {1, 2, 3}


def test_methane_without_its_origin_is_refused_where_its_potential_goes_by_it() -> None:
    with pytest.raises(CaseError) as caught:
        run(
            "iso.14064_1.2018",
            present=("direct",),
            lines={"direct": (line("mine", {"gas": "CH4"}, m_1=given(2, "tCH4")),)},
        )
    assert "CH4_fossil" in str(caught.value.params["known"])


SYNTHESIS = {"x_in_CO": "0.6", "x_in_CO2": "0.1", "x_in_CH4": "0.05", "x_in_H2": "0.25"}


def balance(flow: Line) -> Result:
    """What the carbon of a feed gives in the balance of a chemical plant that makes 10 t of tar."""
    tar = line("tar", {"material": "tar"}, M_out=given(10, "t"), C_out=given("0.9", "tC/t"))
    return run(
        "cn.ndrc.chemical.2013",
        words=GRID,
        present=("feedstock",),
        lines={"inputs": (flow,), "outputs": (tar,)},
    )


def fractions(**changed: str) -> dict[str, Given]:
    names = [one.id for one in method("cn.ndrc.chemical.2013").symbols.values()]
    zero = dict.fromkeys((each for each in names if each.startswith("x_in_")), "0")
    return {name: given(value, "1") for name, value in (zero | SYNTHESIS | changed).items()}


def test_a_gas_enters_the_balance_by_volume_and_density() -> None:
    """20 x 10^4 Nm3 of 7.17 t each with 0.75 tC/t are 143.4 t and 107.55 tC."""
    volume = {"V_in": given(200000, "Nm3[gas]"), "C_in": given("0.75", "tC/t")}
    by_volume = balance(
        line("gas", {"material": "methane"}, **volume, rho_in=given("7.17", "t/1e4Nm3[gas]"))
    )
    by_mass = balance(
        line("gas", {"material": "methane"}, M_in=given("143.4", "t"), C_in=volume["C_in"])
    )
    carbon = D("143.4") * D("0.75") - 9
    assert by_volume.totals["total"].value == by_mass.totals["total"].value
    assert near(by_volume.totals["total"].value, carbon * RATIO)
    assert {one.outcome for one in by_volume.checks if "composition" in one.id} == {
        CheckOutcome.NOT_DONE
    }


def test_a_gas_enters_the_balance_by_its_measured_composition() -> None:
    """One carbon atom each of CO, CO2 and CH4: 12 * 0.75 * 10 / 22.4 tC in 10^4 Nm3."""
    result = balance(
        line(
            "gas", {"material": "gas_by_composition"}, V_in=given(20, "1e4Nm3[gas]"), **fractions()
        )
    )
    assert near(result.totals["total"].value, (20 * 12 * D("0.75") * 10 / D("22.4") - 9) * RATIO)
    # 28 * 0.6 + 44 * 0.1 + 16 * 0.05 + 2 * 0.25 = 22.5 kg/kmol
    assert near(result.value("inputs[gas].M_in"), 20 * D("22.5") * 10 / D("22.4"))
    check = next(one for one in result.checks if one.id == "inputs[gas].balance.composition_in")
    assert check.outcome is CheckOutcome.PASSED


def test_a_composition_that_does_not_sum_to_one_is_a_fault() -> None:
    values = fractions(x_in_H2="0.05")
    result = balance(
        line("gas", {"material": "gas_by_composition"}, V_in=given(20, "1e4Nm3[gas]"), **values)
    )
    check = next(one for one in result.checks if one.id == "inputs[gas].balance.composition_in")
    assert check.outcome is CheckOutcome.FAILED


@pytest.mark.parametrize("unit", ["m3", "Nm3", "1e4Nm3[CH4]", "t"])
def test_a_gas_volume_without_gas_or_state_is_refused_in_the_balance(unit: str) -> None:
    volume = {"V_in": given(20, unit), "C_in": given("0.75", "tC/t")}
    with pytest.raises(CaseError) as caught:
        balance(
            line("gas", {"material": "methane"}, **volume, rho_in=given("7.17", "t/1e4Nm3[gas]"))
        )
    assert caught.value.reason == "accounting.case.unit"


def test_a_gas_feed_without_its_density_is_incomplete() -> None:
    flow = line(
        "gas", {"material": "methane"}, V_in=given(20, "1e4Nm3[gas]"), C_in=given("0.75", "tC/t")
    )
    with pytest.raises(IncompleteError) as caught:
        balance(flow)
    assert "rho_in" in str(caught.value)


def test_the_branch_is_asked_for_only_where_there_is_wastewater() -> None:
    """Words that nothing goes by may be left out; where something does, they are required."""
    power = {
        "EL_bought": given(10, "MWh"),
        "EL_sold": given(0, "MWh"),
        "EL_nonfossil": given(0, "MWh"),
    }
    result = run("cn.ndrc.other_industry.2015", words=GRID, present=("electricity",), **power)
    assert near(result.totals["total"].value, 10 * D("0.5306"))
    frame = method("cn.ndrc.other_industry.2015")
    everything_but = frozenset(frame.categories) - {"electricity"}
    assert frame.idle_words(everything_but) == {"branch"}
    assert frame.idle_words(frozenset(frame.categories) - {"wastewater"}) == {
        "grid_region",
        "grid_year",
    }
    with pytest.raises(IncompleteError) as caught:
        run(
            "cn.ndrc.other_industry.2015",
            words=GRID,
            present=("electricity", "wastewater"),
            **power,
        )
    assert caught.value.params["word"] == "branch"
    with pytest.raises(IncompleteError):
        run(
            "cn.ndrc.other_industry.2015",
            words={"branch": "paper"},
            present=("electricity",),
            **power,
        )


def test_the_carbon_metric_of_a_building() -> None:
    result = run(
        "iso.16745_1.2017",
        lines={
            "fuels": (
                line(
                    "gas",
                    {"fuel": "natural_gas"},
                    Q_fuel=given(1000, "GJ"),
                    EF_fuel=given("0.056", "tCO2/GJ"),
                ),
            ),
            "carriers": (
                line(
                    "district heat",
                    {"carrier": "hot_water"},
                    Q_carrier=given(100, "GJ"),
                    EF_carrier=given("0.11", "tCO2/GJ"),
                ),
            ),
            "supplies": (
                line(
                    "grid",
                    {"supply": "grid"},
                    W_supply=given(200, "MWh"),
                    EF_supply=given("0.53", "tCO2/MWh"),
                ),
            ),
        },
        area=given(4000, "m2"),
    )
    assert result.totals["total"].value == 56 + 11 + 106
    assert result.value("intensity") == D(173) / 4000
