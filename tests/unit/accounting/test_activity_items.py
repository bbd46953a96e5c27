"""Table 1 of standard 002: what is collected, industry by industry, is published by a method."""

import pytest
from support.accounting import method

FUEL = {"fuel_quantity", "fuel_ncv"}
POWER_AND_HEAT = {"electricity_bought", "electricity_sold", "heat_bought", "heat_sold"}
ENERGY = FUEL | POWER_AND_HEAT

TABLE_1 = [
    (
        "S2-5.2-1",
        "cn.ndrc.power.2013",
        FUEL | {"electricity_bought", "electricity_sold", "desulphurisation_agent"},
    ),
    (
        "S2-5.2-2",
        "cn.ndrc.grid.2013",
        {"sf6_recovered", "electricity_fed_in", "electricity_sold"},
    ),
    (
        "S2-5.2-4",
        "cn.ndrc.chemical.2013",
        ENERGY
        | {"m_in", "m_out", "carbonate_quantity", "nitric_acid_output", "adipic_acid_output"},
    ),
    ("S2-5.2-5", "cn.ndrc.aluminium.2013", ENERGY | {"aluminium_output", "carbonate_quantity"}),
    (
        "S2-5.2-6",
        "cn.ndrc.flat_glass.2013",
        ENERGY | {"carbon_powder_quantity", "carbonate_quantity"},
    ),
    (
        "S2-5.2-7",
        "cn.ndrc.cement.2013",
        ENERGY | {"q_clinker", "q_kiln_dust", "q_bypass", "raw_meal_quantity", "fr0"},
    ),
    ("S2-5.2-8", "cn.ndrc.aviation.2013", ENERGY | {"aviation_fuel_quantity"}),
    (
        "S2-5.2-9",
        "cn.ndrc.petrochemical.2014",
        ENERGY
        | {"flare_quantity", "coke_burnt", "m_in", "green_coke"}
        | {"oxidised_asphalt_output", "ethylene_quantity"},
    ),
    (
        "S2-5.2-10",
        "cn.ndrc.paper.2015",
        ENERGY | {"carbonate_quantity", "w_water", "cod_in", "cod_out", "r_ch4"},
    ),
    (
        "S2-5.2-11",
        "cn.ndrc.nonferrous.2015",
        ENERGY
        | {"reductant_quantity", "reductant_gas_quantity"}
        | {"carbonate_quantity", "oxalic_acid_quantity"},
    ),
]


@pytest.mark.parametrize(
    ("clause", "method_id", "items"), TABLE_1, ids=[f"{row[0]} {row[1]}" for row in TABLE_1]
)
def test_a_method_publishes_the_items_of_its_industry(
    clause: str, method_id: str, items: set[str]
) -> None:
    published = {symbol.item for symbol in method(method_id).activity_items}
    assert items <= published, clause


def test_steel_publishes_its_items() -> None:
    """S2-5.2-3: the words of its tables name the materials and products."""
    works = method("cn.ets.steel.2024.enterprise")
    published = {symbol.item for symbol in works.activity_items}
    assert FUEL | {"flux_quantity", "electrode_quantity"} <= published
    assert {"material_quantity", "product_quantity"} <= published
    materials = set(works.tables["materials"].words["material"])
    assert {"pig_iron", "dri", "ferronickel", "fecr_hc", "ferromolybdenum"} <= materials
    assert {"limestone", "dolomite"} <= set(works.tables["fluxes"].words["material"])
    assert {"pig_iron", "crude_steel"} <= set(works.tables["products"].words["material"])
    listed = {symbol.item for symbol in method("cn.ndrc.steel.2013").activity_items}
    assert listed >= POWER_AND_HEAT
