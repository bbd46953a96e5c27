"""Methods of the NDRC guidelines, each with a case whose arithmetic is written out beside it."""

from decimal import Decimal
from pathlib import Path

import pytest
from support.accounting import given, line, method, run

from trace_node.accounting.methods.case import Line
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Choice

D = Decimal
GRID = {"grid_region": "CN", "grid_year": "2023"}
FUEL = line(
    "diesel",
    {"fuel": "diesel", "state": "liquid"},
    FC=given(10, "t"),
    carbon=given("0.86", "tC/t", basis="as received"),
    OF=given("0.98", "1", choice=Choice.SUPPLIER),
)
BOUGHT = {
    "EL_bought": given(1000, "MWh"),
    "EL_sold": given(0, "MWh"),
    "EL_nonfossil": given(0, "MWh"),
    "H_bought": given(500, "GJ"),
    "H_sold": given(0, "GJ"),
}
# 10 t of fuel, 1,000 MWh at the national mean of 2023 and 500 GJ: in every case below, but heat in
# the two guidelines that do not name it.
COMMON = D(10) * D("0.86") * D("0.98") * 44 / 12 + 1000 * D("0.5306")
E_HEAT = 500 * D("0.11")
WITHOUT_HEAT = {"cn.ndrc.power.2013", "cn.ndrc.ceramics.2013"}
CH4, N2O, SF6 = 21, 310, 23900

Case = tuple[dict[str, tuple[Line, ...]], dict, dict[str, str], D]


def gas(**words: str) -> dict[str, str]:
    return words


def carbonates(name: str = "CaCO3") -> dict[str, tuple[Line, ...]]:
    return {
        "carbonates": (
            line(
                "a",
                {"carbonate": name},
                AD_carbonate=given(100, "t"),
                PUR_carbonate=given("0.9", "1"),
            ),
        )
    }


CARBONATE = 100 * D("0.9") * D("0.4397")
WATER = {
    "wastewaters": (
        line(
            "a",
            W_water=given(50000, "m3[water]"),
            COD_in=given(4, "kgCOD/m3[water]"),
            COD_out=given(1, "kgCOD/m3[water]"),
            S_sludge=given(10000, "kgCOD"),
            R_CH4=given(1000, "kgCH4"),
        ),
    )
}


def water(factor: str) -> D:
    return ((50000 * (D(4) - 1) - 10000) * D("0.25") * D(factor) - 1000) / 1000 * CH4


RECOVERED = {
    "recoveries": (
        line("a", Q_recovered=given(2, "1e4Nm3[gas]"), PUR_recovered=given("0.95", "1")),
    )
}
BALANCE = {
    "inputs": (
        line("a", {"material": "coal"}, M_in=given(1000, "t"), C_in=given("0.7", "tC/t[material]")),
    ),
    "outputs": (
        line(
            "a", {"material": "coke"}, M_out=given(700, "t"), C_out=given("0.85", "tC/t[material]")
        ),
        line("b", {"material": "tar"}, M_out=given(30, "t"), C_out=given("0.9", "tC/t[material]")),
    ),
}
E_BALANCE = (1000 * D("0.7") - 700 * D("0.85") - 30 * D("0.9")) * 44 / 12

CASES: dict[str, Case] = {
    "cn.ndrc.chemical.2013": (
        {
            **BALANCE,
            **carbonates(),
            **RECOVERED,
            "acid_lines": (
                line(
                    "1",
                    {"process": "dual_pressure"},
                    P_HNO3=given(1000, "t"),
                    eta_HNO3=given("0.85", "1"),
                    mu_HNO3=given("0.9", "1"),
                ),
            ),
            "adipic_lines": (
                line(
                    "1",
                    P_adipic=given(10, "t"),
                    eta_adipic=given("0.9", "1"),
                    mu_adipic=given("0.9", "1"),
                ),
            ),
        },
        {},
        {},
        E_BALANCE
        + CARBONATE
        - 2 * D("0.95") * D("19.77")
        + 1000 * D("0.008") * (1 - D("0.85") * D("0.9")) * N2O
        + 10 * D("0.3") * (1 - D("0.9") * D("0.9")) * N2O,
    ),
    "cn.ndrc.magnesium.2013": (
        {},
        {
            "P_FeSi": given(20, "t"),
            "M_dolomite": given(100, "t"),
            "EF_dolomite": given("0.478", "tCO2/t"),
        },
        {},
        20 * D("2.79") + 100 * D("0.478"),
    ),
    "cn.ndrc.flat_glass.2013": (
        {
            "powders": (line("a", M_powder=given(5, "t"), C_powder=given("0.95", "tC/t[powder]")),),
            "carbonates": (line("soda", {"carbonate": "Na2CO3"}, M_raw=given(200, "t")),),
        },
        {},
        {},
        5 * D("0.95") * 44 / 12 + 200 * D("0.4149"),
    ),
    "cn.ndrc.ceramics.2013": (
        {
            "clays": (
                line(
                    "a",
                    M_clay=given(1000, "t"),
                    eta_clay=given("0.9", "1"),
                    C_CaCO3=given("0.05", "1"),
                    C_MgCO3=given("0.021", "1"),
                ),
            )
        },
        {},
        {},
        1000 * D("0.9") * (D("0.05") * 44 / 100 + D("0.021") * 44 / 84),
    ),
    "cn.ndrc.aviation.2013": (
        {
            "flights": (
                line(
                    "a",
                    {"fuel": "jet_kerosene", "route": "domestic"},
                    FC_flight=given(100, "t"),
                    BF=given("0.1", "1"),
                    NCV_flight=given(44, "GJ/t"),
                    CC_flight=given("0.0195", "tC/GJ"),
                ),
            )
        },
        {},
        {},
        100 * D("0.9") * 44 * D("0.0195") * 44 / 12,
    ),
    "cn.ndrc.paper.2015": ({**carbonates(), **WATER}, {}, {}, CARBONATE + water("0.5")),
    "cn.ndrc.nonferrous.2015": (
        {
            **carbonates(),
            "reductants": (line("a", {"material": "coke"}, M_reductant=given(10, "t")),),
        },
        {"Q_reductant": given(3, "1e4Nm3[gas]"), "M_oxalic": given(50, "t")},
        {},
        CARBONATE + 10 * D("2.862") + 3 * D("21.622") + 50 * D("0.349") * D("0.996"),
    ),
    "cn.ndrc.public_building.2015": ({}, {}, {}, D(0)),
    "cn.ndrc.food.2015": (
        {**carbonates(), **WATER},
        {"M_bought_CO2": given(40, "tCO2"), "loss_CO2": given("0.3", "1")},
        gas(branch="food_incl_liquor"),
        CARBONATE + 40 * D("0.3") + water("0.7"),
    ),
    "cn.ndrc.other_industry.2015": (
        {
            **carbonates(),
            **WATER,
            **RECOVERED,
            "methane_uses": (
                line(
                    "a",
                    Q_methane=given(3, "1e4Nm3[gas]"),
                    V_methane=given("0.6", "1"),
                    OX_methane=given("0.99", "1"),
                ),
            ),
            "methane_flares": (
                line(
                    "a",
                    F_flare=given(100, "Nm3[gas]/h"),
                    h_flare=given(50, "h"),
                    V_flared=given("0.6", "1"),
                    eta_flare=given("0.98", "1"),
                ),
            ),
        },
        {},
        gas(branch="tobacco"),
        CARBONATE
        + water("0.3")
        - 2 * D("0.95") * D("19.77")
        - 3 * D("0.6") * D("0.99") * D("7.17") * CH4
        - D("0.98") * 100 * 50 * D("0.6") * 16 / D("22.4") / 1000 * CH4,
    ),
    "cn.ndrc.coking.2014": (
        {**BALANCE, **RECOVERED},
        {},
        {},
        E_BALANCE - 2 * D("0.95") * D("19.7"),
    ),
    "cn.ndrc.mining.2015": (
        {
            "ores": (
                line(
                    "a",
                    {"carbonate": "MgCO3"},
                    AD_ore=given(100, "t"),
                    eta_ore=given("0.98", "1"),
                    w_ore=given("0.9", "1"),
                ),
            ),
            "uptakes": (
                line(
                    "a",
                    {"carbonate": "CaCO3"},
                    M_uptake=given(10, "t"),
                    w_uptake=given("0.5", "1"),
                ),
            ),
        },
        {},
        {},
        100 * D("0.98") * D("0.9") * D("0.522") - 10 * D("0.5") * D("0.4397"),
    ),
    "cn.ndrc.transport.2015": (
        {
            "vehicles": (
                line(
                    "cars",
                    {"vehicle": "car_gasoline.cn1"},
                    N_vehicle=given(100, "unit"),
                    km_vehicle=given(20000, "km/unit"),
                ),
            )
        },
        {"M_ureaused": given(3000, "kg"), "PUR_urea": given("0.325", "1")},
        {},
        100 * 20000 * (45 * CH4 + 38 * N2O) / D(10) ** 9 + 3000 * D("0.325") * 44 / 60 / 1000,
    ),
    "cn.ndrc.fluorine.2015": (
        {
            "products": (
                line(
                    "a",
                    {"gas": "SF6", "family": "SF6", "escape": "sf6_escape"},
                    P_gas=given(100, "tSF6"),
                ),
            )
        },
        {
            "P_HCFC22": given(1000, "t"),
            "R_HFC23": given(2, "tHFC23"),
            "D_HFC23": given(7, "tHFC23"),
        },
        {},
        (1000 * D("0.015") - 2 - 7) * 11700 + 7 * D(44) / 70 + 100 * D("0.002") * SF6,
    ),
    "cn.ndrc.machinery.2015": (
        {
            "fgases": (
                line(
                    "a",
                    {"gas": "SF6"},
                    opening=given(50, "kgSF6"),
                    bought=given(30, "kgSF6"),
                    closing=given(40, "kgSF6"),
                    sold=given(35, "kgSF6"),
                ),
            ),
            "fillings": (
                line(
                    "a",
                    {"gas": "HFC134a"},
                    n_filling=given(1000, "unit"),
                    M_gas=given(102, "gHFC134a/mol"),
                ),
            ),
            "welding_gases": (
                line(
                    "a",
                    W_gas=given(10, "t"),
                    V_CO2=given("0.2", "1"),
                    M_mix=given("40.8", "kg/kmol"),
                ),
            ),
        },
        {},
        {},
        5 * D(SF6) / 1000 + 1000 * D("0.342") * 102 / 10**6 * 1300 + 10 * D("0.2") * 44 / D("40.8"),
    ),
    "cn.ndrc.oilgas.2014": (
        {
            "flare_components": (
                line(
                    "C2H6",
                    Q_flare=given(10, "1e4Nm3[gas]"),
                    V_component=given("0.3", "1"),
                    CN=given(2, "1"),
                ),
            ),
            "flare_gases": (
                line("a", Q_flare_co2=given(10, "1e4Nm3[gas]"), V_flare_co2=given("0.1", "1")),
            ),
            "flare_methane": (
                line("a", Q_slip=given(10, "1e4Nm3[gas]"), V_slip=given("0.6", "1")),
            ),
            **RECOVERED,
            "methane_uses": (
                line(
                    "a",
                    Q_methane=given(1, "1e4Nm3[gas]"),
                    V_methane=given("0.9", "1"),
                    OX_methane=given(1, "1"),
                ),
            ),
            "methane_flares": (
                line(
                    "a",
                    F_flare=given(100, "Nm3[gas]/h"),
                    h_flare=given(10, "h"),
                    V_flared=given("0.9", "1"),
                    eta_flare=given("0.98", "1"),
                ),
            ),
            "well_tests": (
                line(
                    "a",
                    F_well=given(2000, "Nm3[gas]/h"),
                    h_well=given(12, "h"),
                    V_well=given("0.9", "1"),
                ),
            ),
            "devices": (
                line(
                    "a",
                    {"device": "leak.gas.wellhead"},
                    N_device=given(40, "unit"),
                    d_device=given(73, "d"),
                ),
            ),
            "acid_units": (
                line(
                    "a",
                    Q_in=given(50, "1e4Nm3[gas]"),
                    V_in=given("0.08", "1"),
                    Q_out=given(46, "1e4Nm3[gas]"),
                    V_out=given("0.01", "1"),
                ),
            ),
        },
        {"Q_processed": given(2, "1e8Nm3[gas]"), "M_piped": given("0.01", "1e8t[crude]")},
        {},
        10 * D("0.3") * 2 * D("0.98") * 44 / D("22.4") * 10
        + 10 * D("0.1") * D("19.7")
        + 10 * D("0.6") * D("0.02") * D("7.17") * CH4
        + 2000 * 12 * D("0.9") * D("7.17") / 10000 * CH4
        + 40 * D("2.5") * 73 / 365 * CH4
        + 2 * (D("13.83") + D("40.34")) * CH4
        + (50 * D("0.08") - 46 * D("0.01")) * 44 / D("22.4") * 10
        + D("0.01") * D("753.29") * CH4
        - 2 * D("0.95") * D("19.7")
        - D("0.9") * D("7.17") * CH4
        - D("0.98") * 100 * 10 * D("0.9") * 16 / D("22.4") / 1000 * CH4,
    ),
    "cn.ndrc.power.2013": (
        {"absorbents": (line("a", B_agent=given(100, "t")),)},
        {},
        {},
        100 * D("0.9") * D("0.44"),
    ),
}


def worked(method_id: str) -> Result:
    lines, values, words, _ = CASES[method_id]
    without = {"H_bought", "H_sold"} if method_id in WITHOUT_HEAT else set()
    bought = {name: value for name, value in BOUGHT.items() if name not in without}
    return run(
        method_id,
        words={**GRID, **words},
        present=tuple(one for one in method(method_id).categories if one != "combustion_gas"),
        lines={"fuels": (FUEL,), **lines},
        **bought,
        **values,
    )


@pytest.mark.parametrize("method_id", CASES)
def test_a_method_gives_what_its_arithmetic_gives(method_id: str) -> None:
    result = worked(method_id)
    common = COMMON + (0 if method_id in WITHOUT_HEAT else E_HEAT)
    assert abs(result.totals["total"].value - common - CASES[method_id][-1]) < D("1e-18")
    assert not result.non_conformities


ANNEX_A = {
    "ISO 14064-1:2018": ["iso.14064_1.2018"],
    "ISO 16745-1:2017": ["iso.16745_1.2017"],
    "发电设施": ["cn.ets.power.2024"],
    "铝冶炼": ["cn.ets.aluminium.2024"],
    "水泥熟料": ["cn.ets.cement.2024.line"],
    "发电": ["cn.ndrc.power.2013"],
    "电网": ["cn.ndrc.grid.2013"],
    "钢铁": ["cn.ndrc.steel.2013"],
    "化工": ["cn.ndrc.chemical.2013"],
    "电解铝": ["cn.ndrc.aluminium.2013"],
    "镁冶炼": ["cn.ndrc.magnesium.2013"],
    "平板玻璃": ["cn.ndrc.flat_glass.2013"],
    "水泥": ["cn.ndrc.cement.2013"],
    "陶瓷": ["cn.ndrc.ceramics.2013"],
    "民航": ["cn.ndrc.aviation.2013"],
    "石油和天然气": ["cn.ndrc.oilgas.2014"],
    "石油化工": ["cn.ndrc.petrochemical.2014"],
    "独立焦化": ["cn.ndrc.coking.2014"],
    "煤炭": [
        *("cn.ndrc.coal.2014.underground", "cn.ndrc.coal.2014.washing"),
        *("cn.ndrc.coal.2014.open_pit", "cn.ndrc.coal.2014.open_pit.recovery"),
    ],
    "造纸": ["cn.ndrc.paper.2015"],
    "其他有色金属": ["cn.ndrc.nonferrous.2015"],
    "电子设备": ["cn.ndrc.electronics.2015"],
    "机械设备": ["cn.ndrc.machinery.2015"],
    "矿山": ["cn.ndrc.mining.2015"],
    "食品、烟草及酒、饮料和精制茶": ["cn.ndrc.food.2015"],
    "公共建筑": ["cn.ndrc.public_building.2015"],
    "陆上交通": ["cn.ndrc.transport.2015"],
    "氟化工": ["cn.ndrc.fluorine.2015"],
    "工业其他行业": ["cn.ndrc.other_industry.2015"],
}
BESIDE = {
    *("cn.ets.steel.2024.enterprise", "cn.ets.steel.2024.process"),
    *("cn.ets.steel.2024.power_unit", "cn.ets.steel.2024.other", "cn.purchased_energy"),
}


def test_the_library_covers_the_29_entries_of_annex_a() -> None:
    """S2-9.2-1, S2-A."""
    assert len(ANNEX_A) == 29
    listed = [method_id for ids in ANNEX_A.values() for method_id in ids]
    assert sorted([*listed, *BESIDE]) == sorted(one.id for one in packaged_methods())


def test_every_method_is_worked() -> None:
    """Each has a case with its arithmetic here or in one of the two files beside this one."""
    beside = "".join(
        (Path(__file__).parent / name).read_text(encoding="utf-8")
        for name in ("test_method_cases.py", "test_method_cases_more.py")
    )
    for one in packaged_methods():
        assert one.id in CASES or f'"{one.id}"' in beside, one.id
