"""The three parts of the emission of a cement enterprise: standard 003, 5.2 to 5.4."""

from decimal import Decimal

from support.accounting import given, line, run

from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Choice

D = Decimal
RATIO = D(44) / 12


def fuel(name: str, tonnes: int, ncv: str, state: str = "solid") -> object:
    """A fossil fuel by the supplier's values: 0.025 tC/GJ, 98 % burnt."""
    return line(
        name,
        {"fuel": name, "state": state},
        FC=given(tonnes, "t"),
        NCV=given(ncv, "GJ/t", choice=Choice.SUPPLIER, basis="as received"),
        CC=given("0.025", "tC/GJ", choice=Choice.SUPPLIER),
        OF=given("0.98", "1", choice=Choice.SUPPLIER),
    )


def waste(name: str, tonnes: int, fossil: str) -> object:
    """An alternative fuel of 10 GJ/t and 0.09 tCO2/GJ, of which a share is fossil."""
    return line(
        name,
        {"fuel": name},
        Q_alt=given(tonnes, "t"),
        HV_alt=given(10, "GJ/t"),
        EF_alt=given("0.09", "tCO2/GJ"),
        alpha=given(fossil, "1"),
    )


def enterprise() -> Result:
    return run(
        "cn.ndrc.cement.2013",
        words={"grid_region": "CN", "grid_year": "2022"},
        present=(
            *("combustion", "alternative_fuels", "calcination", "raw_meal_carbon"),
            "electricity",
        ),
        lines={
            "fuels": (
                fuel("coal", 180, "23"),
                fuel("diesel.ignition", 2, "42.6", "liquid"),
                fuel("diesel.forklifts", 1, "42.6", "liquid"),
            ),
            "alternative_fuels": (
                waste("domestic_waste", 100, "0.4"),
                waste("cloth_strips", 20, "0.8"),
            ),
            "lines": (
                line(
                    "1",
                    Q_clinker=given(1000, "t"),
                    Q_kiln_dust=given(0, "t"),
                    Q_bypass=given(0, "t"),
                    FR1=given("0.65", "1"),
                    FR10=given("0.02", "1"),
                    FR2=given("0.02", "1"),
                    FR20=given("0.001", "1"),
                    Q_rm=given(1500, "t"),
                    FR0=given("0.002", "tC/t"),
                ),
            ),
        },
        EL_bought=given(90, "MWh"),
        EL_sold=given(10, "MWh"),
        EL_nonfossil=given(0, "MWh"),
    )


def near(found: Decimal, expected: Decimal) -> bool:
    return abs(found - expected) < D("1e-18")


def test_combustion_is_fossil_and_alternative_fuel() -> None:
    """[S3-5.2]: coal, diesel to ignite and of forklifts; waste and cloth by their fossil carbon."""
    result = enterprise()
    gigajoules = 180 * D(23) + 3 * D("42.6")
    assert near(result.value("E_fuel"), gigajoules * D("0.025") * D("0.98") * RATIO)
    assert near(result.value("E_alt"), (100 * D("0.4") + 20 * D("0.8")) * 10 * D("0.09"))


def test_process_is_clinker_and_raw_meal() -> None:
    """[S3-5.3]"""
    result = enterprise()
    oxides = D("0.63") * 44 / 56 + D("0.019") * 44 / 40
    assert near(result.value("E_calcination"), 1000 * oxides)
    assert near(result.value("E_raw_meal"), 1500 * D("0.002") * RATIO)


def test_electricity_of_the_enterprise_is_net_of_what_is_sold() -> None:
    """[S3-5.4]: 90 MWh bought, 10 sold; the clinker line's own meter shows 60 of them."""
    result = enterprise()
    assert result.value("EF_grid") == D("0.5366")
    assert near(result.value("E_el"), 80 * D("0.5366"))
    parts = ("E_fuel", "E_alt", "E_calcination", "E_raw_meal", "E_el")
    assert near(result.totals["total"].value, sum(map(result.value, parts), D(0)))
    clinker = run(
        "cn.purchased_energy",
        words={"grid_series": "cn.grid.average", "grid_region": "CN", "grid_year": "2022"},
        present=("electricity",),
        EL_bought=given(60, "MWh"),
        EL_sold=given(0, "MWh"),
        EL_nonfossil=given(0, "MWh"),
    )
    assert near(clinker.totals["total"].value, 60 * D("0.5366"))
