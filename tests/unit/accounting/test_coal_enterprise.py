"""What standard 000, chapters 3 and 5, asks of the methods of a coal enterprise."""

from decimal import Decimal

import pytest
from support.accounting import case_for, given, line, method, run

from trace_node.accounting.errors import CaseError, IncompleteError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.result import CheckOutcome, Result
from trace_node.accounting.methods.words import Choice, Role

D = Decimal
GRID = {"grid_region": "CN", "grid_year": "2022"}
UNDERGROUND = "cn.ndrc.coal.2014.underground"
PIT = "cn.ndrc.coal.2014.open_pit"
WASHING = "cn.ndrc.coal.2014.washing"
MINES = (UNDERGROUND, PIT, "cn.ndrc.coal.2014.open_pit.recovery", WASHING)


def near(found: Decimal, expected: Decimal) -> bool:
    return abs(found - expected) < D("1e-20")


@pytest.mark.parametrize("mine", MINES)
def test_coal_oil_natural_gas_and_own_coalbed_gas_are_fuels(mine: str) -> None:
    """S0-3.5: each of the four kinds is burnt in a line of its own."""
    solid_and_liquid = (
        line(
            "coal",
            {"fuel": "raw_coal", "state": "solid"},
            FC=given(1000, "t"),
            carbon=given("0.55", "tC/t", basis="as received"),
            OF=given("0.98", "1", choice=Choice.SUPPLIER),
        ),
        line(
            "oil",
            {"fuel": "diesel", "state": "liquid"},
            FC=given(100, "t"),
            carbon=given("0.86", "tC/t", basis="as received"),
        ),
    )
    gases = (
        line(
            "natural gas",
            {"fuel": "natural_gas"},
            FG=given(20, "1e4Nm3[gas]"),
            carbon_gas=given("5.9", "tC/1e4Nm3[gas]"),
        ),
        line(
            "coalbed gas",
            {"fuel": "coal_mine_gas"},
            FG=given(50, "1e4Nm3[gas]"),
            carbon_gas=given("2.1", "tC/1e4Nm3[gas]"),
        ),
    )
    words = {**GRID, "mine": "low"} if mine == UNDERGROUND else GRID
    result = run(
        mine,
        words=words,
        present=("combustion", "combustion_gas"),
        lines={"fuels": solid_and_liquid, "gases": gases},
    )
    burnt = 1000 * D("0.55") * D("0.98") + 100 * D("0.86") * D("0.98")
    burnt += (20 * D("5.9") + 50 * D("2.1")) * D("0.99")
    assert near(next(iter(result.totals.values())).masses["CO2"], burnt * 44 / 12)


def test_the_library_covers_mines_washing_and_the_sinks_of_the_mining_area() -> None:
    """S0-5.1.2-b, S0-5.1.3-b: direct sources, power and heat; sinks of soil and vegetation."""
    groups = {mine: {one.group for one in method(mine).categories.values()} for mine in MINES}
    for mine in MINES:
        assert {"combustion", "electricity", "heat"} <= groups[mine], mine
    assert "specific" in groups[UNDERGROUND]
    assert {"specific", "sink"} <= groups[PIT]
    sinks = {term.id for term in method(PIT).terms if term.role is Role.SINK}
    assert sinks == {"S_soil", "S_veg"}
    scopes = {one.scope for mine in MINES for one in method(mine).categories.values()}
    assert scopes == {1, 2}


def test_no_source_category_is_left_out_in_silence() -> None:
    """S0-5.2.1-a: each is given, or declared not occurring with a reason."""
    for mine in MINES:
        found = method(mine)
        words = {**GRID, "mine": "high"} if mine == UNDERGROUND else GRID
        with pytest.raises(IncompleteError):
            evaluate(found, case_for(found, words=words), packaged_factors())
        for missing in found.categories:
            others = tuple(one for one in found.categories if one == missing)
            case = case_for(found, words=words, present=others)
            with pytest.raises(IncompleteError) as caught:
                evaluate(found, case, packaged_factors())
            assert "not occurring" in caught.value.remedy or "evidence" in caught.value.remedy


def fugitive(**values: object) -> Result:
    present = ("underground_ch4", "underground_co2")
    if "shafts" in values:
        lines = {"shafts": values.pop("shafts")}
    else:
        lines = {}
        metered = {
            "Q_vent": given(100, "1e4Nm3[CH4]"),
            "Q_vent_co2": given(30, "1e4Nm3[CO2]"),
        }
        values = metered | values
    drained = {
        "Q_drain": given(40, "1e4Nm3[CH4]"),
        "Q_flared": given(0, "1e4Nm3[CH4]"),
        "Q_used": given(30, "1e4Nm3[CH4]"),
        "Q_drain_co2": given(2, "1e4Nm3[CO2]"),
        "Q_used_co2": given(1, "1e4Nm3[CO2]"),
    }
    words = {**GRID, "mine": "high"}
    return run(UNDERGROUND, words=words, present=present, lines=lines, **(drained | values))


def test_a_shaft_that_is_not_measured_without_a_break_counts_by_flow_and_days() -> None:
    def shaft(name: str, ch4: int, co2: int, days: int) -> object:
        return line(
            name,
            q_shaft=given(ch4, "Nm3[CH4]/min"),
            q_shaft_co2=given(co2, "Nm3[CO2]/min"),
            days=given(days, "d"),
        )

    result = fugitive(shafts=(shaft("north", 12, 4, 31), shaft("south", 3, 1, 20)))
    vent = (12 * 31 + 3 * 20) * 1440 / D(10_000)
    vent_co2 = (4 * 31 + 20) * 1440 / D(10_000)
    assert vent == D("62.208")
    assert near(result.value("CH4_ug"), (vent + 40 - 30) * D("7.17"))
    assert near(result.value("CO2_ug"), (vent_co2 + 2 - 1) * D("19.7"))
    assert result.nodes["Q_vent"].choice == Choice.FORMULA.value
    assert fugitive().nodes["Q_vent"].choice == Choice.MEASURED.value
    assert near(fugitive().value("CH4_ug"), 110 * D("7.17"))


def test_without_flow_and_without_a_metered_volume_the_lines_are_asked_for() -> None:
    with pytest.raises(IncompleteError) as caught:
        fugitive(shafts=())
    assert caught.value.field == "shafts"


@pytest.mark.parametrize(
    ("gas", "outcome"),
    [
        ("60.004", CheckOutcome.PASSED),  # 30.002 of methane: the same at two decimals
        ("60.02", CheckOutcome.FAILED),
        (None, CheckOutcome.NOT_DONE),
    ],
)
def test_gas_of_own_use_holds_the_methane_that_was_taken_off(
    gas: str | None, outcome: CheckOutcome
) -> None:
    """S0-3.5: the coalbed gas that is burnt is the one the fugitive balance loses."""
    beside = {"V_use_methane": given("0.5", "1")}
    if gas is not None:
        beside["Q_use_gas"] = given(gas, "1e4Nm3[gas]")
    result = fugitive(**beside)
    assert {one.id: one.outcome for one in result.checks}["coal.use_consistency"] is outcome


def test_a_sink_of_a_month_is_the_share_of_its_days() -> None:
    def sinks(days: int) -> Decimal:
        return run(
            PIT,
            words=GRID,
            present=("soil_sink",),
            lines={"soils": (line("a", A_soil=given(50, "ha"), dSOC=given(1, "tC/(ha*yr)")),)},
            sink_days=given(days, "d"),
        ).value("S_soil")

    months = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    assert near(sum(map(sinks, months), D(0)), sinks(365))
    assert near(sinks(365), 50 * D(44) / 12)


def test_fuel_below_nothing_is_refused() -> None:
    with pytest.raises(CaseError) as caught:
        run(
            WASHING,
            words=GRID,
            present=("combustion",),
            lines={
                "fuels": (
                    line(
                        "a",
                        {"fuel": "diesel", "state": "liquid"},
                        FC=given(-1, "t"),
                        carbon=given("0.86", "tC/t", basis="as received"),
                    ),
                )
            },
        )
    assert caught.value.reason == "accounting.case.value"


def test_more_heat_sold_than_bought_is_a_non_conformity() -> None:
    result = run(
        WASHING,
        words=GRID,
        present=("heat",),
        H_bought=given(10, "GJ"),
        H_sold=given(11, "GJ"),
    )
    assert [one.id for one in result.non_conformities] == ["heat.negative_net"]
    assert result.value("E_heat") == D("-0.11")
