"""Each method of the library with a case whose arithmetic is written out beside it."""

from decimal import Decimal

import pytest
from support.accounting import given, line, method, run

from trace_node.accounting.methods.result import CheckOutcome, Result
from trace_node.accounting.methods.words import Choice, Purpose

GRID = {"grid_region": "CN", "grid_year": "2022"}
DIESEL = line(
    "diesel",
    {"fuel": "diesel", "state": "liquid"},
    FC=given(500, "t"),
    NCV=given("42.652", "GJ/t", choice=Choice.SUPPLIER, basis="as received"),
    CC=given("0.0202", "tC/GJ", choice=Choice.SUPPLIER),
)
BOUGHT = {
    "EL_bought": given(30000, "MWh"),
    "EL_sold": given(1000, "MWh"),
    "EL_nonfossil": given(500, "MWh"),
    "H_bought": given(20000, "GJ"),
    "H_sold": given(500, "GJ"),
}
E_FUEL = Decimal(500) * Decimal("42.652") * Decimal("0.0202") * Decimal("0.98") * 44 / 12
E_EL = (30000 - 1000 - 500) * Decimal("0.5703")
E_HEAT = (20000 - 500) * Decimal("0.11")


def near(found: Decimal, expected: Decimal | int | str) -> bool:
    return abs(found - Decimal(expected)) < Decimal("1e-20")


def underground(**changed: object) -> Result:
    values = {
        "Q_vent": given(1200, "1e4Nm3[CH4]"),
        "Q_drain": given(800, "1e4Nm3[CH4]"),
        "Q_flared": given(35, "1e4Nm3[CH4]"),
        "Q_used": given(500, "1e4Nm3[CH4]"),
        "Q_vent_co2": given(300, "1e4Nm3[CO2]"),
        "Q_drain_co2": given(40, "1e4Nm3[CO2]"),
        "Q_used_co2": given(0, "1e4Nm3[CO2]"),
        "Q_flare_methane": given(100, "1e4Nm3[gas]"),
        "V_flare_methane": given("0.35", "1"),
        "raw_coal": given(3000000, "t"),
        **BOUGHT,
        **changed,
    }
    absent = {"combustion_gas"}
    return run(
        "cn.ndrc.coal.2014.underground",
        words={"mine": "low", **GRID},
        present=tuple(
            one for one in method("cn.ndrc.coal.2014.underground").categories if one not in absent
        ),
        lines={
            "fuels": (DIESEL,),
            "flare_components": (
                line(
                    "CH4",
                    Q_flare=given(100, "1e4Nm3[gas]"),
                    V_component=given("0.35", "1"),
                    CN=given(1, "1"),
                ),
            ),
            "fires": (
                line(
                    "gob 3",
                    M_burnt=given(1200, "t"),
                    C_fire=given("0.55", "tC/t", basis="as received"),
                    OF_fire=given("0.9", "1"),
                ),
            ),
        },
        **values,
    )


def test_underground_mine() -> None:
    """S0-5.2.2-a, S0-5.1.3-a, S0-5.2.1-d, S2-9.4-a, S2-9.4-b: all terms, methane beside CO2."""
    result = underground()
    flare = 100 * Decimal("0.35") * Decimal("0.98") * 44 * 10 / Decimal("22.4")
    fire = 1200 * Decimal("0.55") * Decimal("0.9") * 44 / 12
    ch4 = (1200 + 800 - 35 - 500) * Decimal("7.17") + 3000000 * Decimal("0.60") / 1000
    co2 = (300 + 40) * Decimal("19.7")
    direct = E_FUEL + flare + fire + co2
    assert near(result.value("E_flare"), flare)
    assert near(result.value("E_spont"), fire)
    assert near(result.totals["total"].value, direct + E_EL + E_HEAT + 21 * ch4)
    assert near(result.totals["iso14064"].value, direct + E_EL + E_HEAT + Decimal("29.8") * ch4)
    assert result.totals["total"].masses.keys() == {"CO2", "CH4"}
    assert not result.non_conformities


def test_a_negative_balance_of_methane_is_a_fault_and_no_silent_zero() -> None:
    result = underground(Q_used=given(5000, "1e4Nm3[CH4]"))
    assert [one.id for one in result.non_conformities] == ["coal.negative_ch4"]
    assert result.value("CH4_ug") == (1200 + 800 - 35 - 5000) * Decimal("7.17") < 0


def test_flared_methane_that_the_flare_does_not_show_is_a_fault() -> None:
    result = underground(Q_flared=given(150, "1e4Nm3[CH4]"))
    assert [one.id for one in result.non_conformities] == ["coal.flare_consistency"]


SLOW = {
    "Q_slow": given(20, "MJ/kg"),
    "C_slow": given("0.0258", "kgC/MJ"),
    "m_slow": given("0.0205", "1"),
}


@pytest.mark.parametrize(
    ("method_id", "coal"),
    [
        ("cn.ndrc.coal.2014.open_pit", {"G_left": given(100000, "t")}),
        ("cn.ndrc.coal.2014.open_pit.recovery", {"G_place": given(500000, "t")}),
    ],
)
def test_open_pit_in_both_readings_of_slow_oxidation(method_id: str, coal: dict) -> None:
    """S0-5.2.3: every term, and the sinks beside the gross emission."""
    result = run(
        method_id,
        words=GRID,
        present=tuple(one for one in method(method_id).categories if one != "combustion_gas"),
        lines={
            "fuels": (DIESEL,),
            "faces": (line("north", **coal, **SLOW, k_recovery=given("0.8", "1")),),
            "charges": (
                line("anfo", M_explosive=given(800, "t"), EF_explosive=given("0.17", "tCO2/t")),
            ),
            "fires": (
                line(
                    "dump",
                    M_burnt=given(100, "t"),
                    C_fire=given("0.5", "tC/t", basis="as received"),
                    OF_fire=given(1, "1"),
                ),
            ),
            "soils": (line("a", A_soil=given(50, "ha"), dSOC=given("0.3", "tC/(ha*yr)")),),
            "stands": (
                line(
                    "pines",
                    A_plants=given(40, "ha"),
                    dB=given(6, "t/(ha*yr)"),
                    CF=given("0.47", "tC/t"),
                ),
            ),
        },
        raw_coal=given(2000000, "t"),
        sink_days=given(365, "d"),
        **BOUGHT,
    )
    # G is 100,000 t either way: given, or (1 - 0.8) of 500,000 t in place.
    slow = 100000 * 1000 * 20 * Decimal("0.0258") * Decimal("0.0205") * 44 / 12 / 1000
    ch4 = 2000000 * (Decimal("1.34") + Decimal("0.34")) / 1000
    gross = E_FUEL + slow + 800 * Decimal("0.17") + 50 * Decimal(44) / 12 + E_EL + E_HEAT + 21 * ch4
    sinks = (50 * Decimal("0.3") + 40 * 6 * Decimal("0.47")) * 44 / 12
    assert slow == Decimal("3878.6")
    assert near(result.totals["gross"].value, gross)
    assert near(result.totals["sinks"].value, sinks)
    assert near(result.totals["net"].value, gross - sinks)
    # ISO 14064-1 by AR6 with fossil methane; removals stand beside it, never inside.
    iso = result.totals["iso14064"]
    assert near(iso.value, gross + (Decimal("29.8") - 21) * ch4)
    assert (iso.purpose, iso.gwp_set, iso.masses["CH4"]) == (Purpose.ISO14064, "AR6", ch4)


def test_washing_plant() -> None:
    result = run(
        "cn.ndrc.coal.2014.washing",
        words=GRID,
        present=("combustion", "electricity", "heat"),
        lines={"fuels": (DIESEL,)},
        **BOUGHT,
    )
    assert near(result.totals["total"].value, E_FUEL + E_EL + E_HEAT)
    assert result.totals["iso14064"].value == result.totals["total"].value
    assert result.totals["iso14064"].unit == "tCO2e"


def power(**changed: object) -> Result:
    return run(
        "cn.ets.power.2024",
        words=GRID,
        present=("tested_coal", "combustion", "electricity"),
        lines={
            "coals": (
                line(
                    "march",
                    FC_coal=given(100000, "t"),
                    C_ar=given("0.55", "tC/t", basis="as received"),
                    NCV_coal=given(20, "GJ/t"),
                ),
            ),
            "fuels": (
                line("untested", {"fuel": "bituminous", "state": "coal"}, FC=given(2000, "t")),
            ),
        },
        EL_bought=given(100, "MWh"),
        EL_sold=given(0, "MWh"),
        EL_nonfossil=given(0, "MWh"),
        heat_out=given(0, "GJ"),
        **{"generated": given(230000, "MWh"), **changed},
    )


def test_power_unit_with_tested_and_untested_coal() -> None:
    result = power()
    tested = 100000 * Decimal("0.55") * Decimal("0.99") * 44 / 12
    default = 2000 * Decimal("23.076") * Decimal("0.02618") * Decimal("0.99") * 44 / 12
    assert near(result.totals["ets"].value, tested + default)
    assert result.totals["purchased_electricity"].value == 100 * Decimal("0.5703")
    assert result.totals["purchased_electricity"].purpose is Purpose.AUXILIARY


@pytest.mark.parametrize(
    ("generated", "outcome"),
    [(230000, CheckOutcome.PASSED), (256000, CheckOutcome.FAILED)],
)
def test_an_efficiency_beyond_experience_is_a_non_conformity(
    generated: int, outcome: CheckOutcome
) -> None:
    # 100,000 t of 20 GJ/t are 2,000,000 GJ; 0.46 of them are 255,555.6 MWh of 3.6 GJ.
    result = power(generated=given(generated, "MWh"))
    assert {one.id: one.outcome for one in result.checks}["power.efficiency"] is outcome


def test_steel_works() -> None:
    result = run(
        "cn.ets.steel.2024.enterprise",
        present=("combustion", "combustion_gas", "flux", "electrode", "fixed_carbon"),
        lines={
            "fuels": (
                line(
                    "coking coal",
                    {"fuel": "washed_coking_coal"},
                    FC=given("1000.005", "t"),
                    NCV=given("26.1234", "GJ/t", basis="as received"),
                ),
            ),
            "gases": (line("gas", {"fuel": "natural_gas"}, FG=given(10, "1e4Nm3[gas]")),),
            "fluxes": (line("a", {"material": "limestone"}, P_flux=given(100, "t")),),
            "products": (line("a", {"material": "crude_steel"}, AD_product=given(500, "t")),),
        },
        P_electrode=given(2, "t"),
    )
    # FC to 2 decimals, NCV to 3, both half up: 1000.01 t and 26.123 GJ/t.
    coal = Decimal("1000.01") * Decimal("26.123") * Decimal("0.02541") * 44 / 12
    gas = 10 * Decimal("389.31") * Decimal("0.01532") * 44 / 12
    other = 100 * Decimal("0.44") + 2 * Decimal("3.663") - 500 * Decimal("0.037")
    assert near(result.totals["ets"].masses["CO2"], coal + gas + other)
    assert result.totals["ets"].value == (coal + gas + other).quantize(Decimal(1))


def test_clinker_line() -> None:
    result = run(
        "cn.ets.cement.2024.line",
        present=("combustion", "calcination", "substitutes"),
        lines={
            "fuels": (line("coal", {"fuel": "bituminous", "state": "coal"}, FC=given(180, "t")),),
            "clinkers": (
                line("1", {"clinker": "portland"}, AD_clinker=given(1500, "t")),
                line("2", {"clinker": "white_portland"}, AD_clinker=given(500, "t")),
            ),
            "substitutes": (line("a", {"material": "steel_slag"}, m_alt=given(20, "t")),),
        },
    )
    fuel = 180 * Decimal("23.076") * Decimal("0.02618") * Decimal("0.99") * 44 / 12
    process = 1500 * Decimal("0.535") + 500 * Decimal("0.550") - 20 * Decimal("0.215")
    assert near(result.totals["ets"].value, fuel + process)
    assert near(result.value("intensity"), (fuel + process) / 2000)


def test_grid_company_adds_its_two_terms() -> None:
    """S2-5.2-2: SF6 recovered, and losses."""
    result = run(
        "cn.ndrc.grid.2013",
        words=GRID,
        lines={
            "equipment": (line("a", capacity=given(120, "kgSF6"), recovered=given(110, "kgSF6")),)
        },
        EL_gen=given(1000, "MWh"),
        EL_in=given(100, "MWh"),
        EL_out=given(50, "MWh"),
        EL_sold=given(1000, "MWh"),
    )
    assert result.totals["total"].value == 10 * Decimal("23.9") + 50 * Decimal("0.5703")


def test_aluminium_smelter() -> None:
    result = run(
        "cn.ets.aluminium.2024",
        present=("anode", "anode_effect", "carbonate"),
        lines={
            "carbonates": (
                line(
                    "soda",
                    {"carbonate": "Na2CO3"},
                    AD_carbonate=given(100, "t"),
                    PUR_carbonate=given("0.98", "1"),
                ),
            )
        },
        P_Al=given(100000, "t"),
    )
    anode = 100000 * Decimal("0.411") * (1 - Decimal("0.1518"))
    carbon = anode * (1 - Decimal("0.02") - Decimal("0.004")) * 44 / 12
    effect = 100000 * (Decimal("0.02") * 6630 + Decimal("0.0011") * 11100) / 1000
    assert near(
        result.totals["ets"].value, carbon + effect + 100 * Decimal("0.98") * Decimal("0.4149")
    )
    assert near(result.value("intensity"), (carbon + effect) / 100000)
    assert result.totals["ets"].masses["CF4"] == 2


def test_purchased_energy_with_the_series_the_method_names() -> None:
    result = run(
        "cn.purchased_energy",
        words={"grid_series": "cn.grid.average", "grid_region": "CN-SX", "grid_year": "2023"},
        present=("electricity", "heat"),
        **BOUGHT,
    )
    assert result.nodes["EF_grid"].factor is not None
    assert result.nodes["EF_grid"].factor.id.endswith("2023")
    assert near(result.totals["total"].value, 28500 * result.value("EF_grid") + E_HEAT)


@pytest.mark.parametrize(
    ("state", "factor"), [("liquid", Decimal("0.98")), ("gas", Decimal("0.99"))]
)
def test_fuel_of_a_coal_mine(state: str, factor: Decimal) -> None:
    """S0-9.3.1-a2, S0-5.2.2-b, S0-5.2.2-c: default oxidation, carbon and heat in their units."""
    gas = line(
        "drained gas",
        {"fuel": "coal_mine_gas"},
        FG=given(10, "1e4Nm3[gas]"),
        NCV_gas=given("160", "GJ/1e4Nm3[gas]"),
        CC_gas=given("0.0153", "tC/GJ"),
    )
    liquid = line(
        "diesel",
        {"fuel": "diesel", "state": "liquid"},
        FC=given(10, "t"),
        carbon=given("0.86", "tC/t", basis="as received"),
    )
    result = run(
        "cn.ndrc.coal.2014.washing",
        words=GRID,
        present=("combustion",) if state == "liquid" else ("combustion_gas",),
        lines={"fuels": (liquid,)} if state == "liquid" else {"gases": (gas,)},
    )
    carbon = 10 * Decimal("0.86") if state == "liquid" else 10 * 160 * Decimal("0.0153")
    assert near(result.totals["total"].value, carbon * factor * 44 / 12)
