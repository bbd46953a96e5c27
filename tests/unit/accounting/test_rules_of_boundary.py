"""From the points of a boundary to the case of its method: rules, units, whose value, basis."""

from decimal import Decimal

import pytest
from support.accounts import GRID

from trace_node.accounting.activity.data import ActivityData, EvidenceLink, Provenance, obtained
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.errors import CaseError, PrecedenceError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.inventory.assemble import assemble
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.result import Result
from trace_node.period import parse_period
from trace_node.units import Quantity, unit

D = Decimal
OCTOBER = parse_period("2026-10")
Values = dict[str, tuple[str, str]]


def figures(text: str, values: Values) -> dict[str, Result]:
    """The result of each unit of a boundary, from the values of its points."""
    boundary: Boundary = read_boundary_file(text.encode(), file="boundary.toml")
    sources = {one.name: one.source for one in (*boundary.meters, *boundary.entries)}
    data: list[ActivityData] = [
        obtained(
            Quantity(D(value), unit(symbol)),
            name=name,
            source=sources[name],
            provenance=Provenance.METER,
            reference="meter",
            period=OCTOBER,
            links=(EvidenceLink(index=7, digest=bytes(32)),),
        )
        for name, (value, symbol) in values.items()
    ]
    found = {}
    for industry in boundary.industries:
        method = packaged_methods().get(industry.method)
        case = assemble(boundary, industry, method, OCTOBER, data, boundary_leaf=1).case
        found[industry.unit] = evaluate(method, case, packaged_factors())
    return found


SECOND = """
[[meters]]
name = "second"
source = "grid"
device = "meter-2"
meter_register = "energy"
"""
BY_RULE = GRID.replace('point = "grid.in"', 'point = "x"') + SECOND
RULE = '\n[[rules]]\nname = "x"\nsource = "grid"\nrule = "{}"\ninputs = [{}]\n'
BOTH = '"grid.in", "second"'


@pytest.mark.parametrize(
    ("rule", "bought"),
    [
        (RULE.format("add", BOTH), 100 + 40),  # S2-8.3.2-a
        (RULE.format("subtract", BOTH), 100 - 40),  # S2-8.3.2-b
        (RULE.format("multiply", '"grid.in"') + 'factor = "1.5"\nunit = "MWh"\n', 150),
    ],
)
def test_a_source_follows_from_its_points_by_a_rule(rule: str, bought: int) -> None:
    """[S2-8.3.2-a] [S2-8.3.2-b] [S2-8.3.2-c]: the rule, then the method."""
    values = {"grid.in": ("100", "MWh"), "second": ("40000", "kWh")}
    result = figures(BY_RULE + rule, values)["works"]
    assert result.value("EL_bought") == bought
    assert result.value("E_el") == bought * D("0.5306")


def test_one_meter_is_shared_among_sources() -> None:
    """[S2-8.3.2-d]: the shares give the whole, unit by unit."""
    share = 'rule = "apportion"\ninputs = ["grid.in"]\nshares = { grid = "0.3", office = "0.7" }\n'
    office = GRID[GRID.index("[[industries]]") : GRID.index("[[sources]]")]
    own = GRID[GRID.index("[[sources]]") : GRID.index("[[meters]]")]
    feeds = GRID[GRID.index("[[feeds]]") :]
    text = GRID.replace('point = "grid.in"', 'point = "a"')
    text += '\n[[units]]\nid = "office"\ntitle = "办公"\nplace = "works"\n'
    text += office.replace('"works"', '"office"')
    text += own.replace('"works"', '"office"').replace('"grid"', '"office"', 1)
    text += feeds.replace('source = "grid"', 'source = "office"').replace('"grid.in"', '"b"')
    text += f'\n[[rules]]\nname = "a"\nsource = "grid"\n{share}'
    text += f'\n[[rules]]\nname = "b"\nsource = "office"\n{share}'
    found = figures(text, {"grid.in": ("100", "MWh")})
    assert found["works"].value("EL_bought") == 30
    assert found["office"].value("EL_bought") == 70


WASHING = (
    GRID[: GRID.index("[[industries]]")]
    + """
[[industries]]
unit = "works"
method = "cn.ndrc.coal.2014.washing@1"
words = { grid_region = "CN", grid_year = "2022" }
not_occurring = { electricity = "none", heat = "none" }

[[sources]]
id = "boiler"
unit = "works"
method = "cn.ndrc.coal.2014.washing@1"
category = "combustion"
title = "锅炉"
iso14064 = 1
words = { fuel = "raw_coal", state = "solid" }

[[sources]]
id = "oven"
unit = "works"
method = "cn.ndrc.coal.2014.washing@1"
category = "combustion_gas"
title = "煤气炉"
iso14064 = 1
words = { fuel = "coal_mine_gas" }
"""
)
ENTRIES = {
    "FC": ("boiler", "coal", 'of = "fuel"'),
    "carbon": ("boiler", "carbon", 'of = "fuel"'),
    "OF": ("boiler", "oxidation", ""),
    "FG": ("oven", "gas", 'of = "gas"'),
    "NCV_gas": ("oven", "heat", 'of = "gas"'),
    "CC_gas": ("oven", "content", ""),
}
PLANT_VALUES = {
    "coal": ("1200", "t"),
    "carbon": ("0.55", "tC/t"),
    "oxidation": ("0.98", "1"),
    "gas": ("30", "10^4Nm3"),
    "heat": ("16", "MJ/Nm3"),
    "content": ("0.0153", "tC/GJ"),
}


def washing(**said: str) -> str:
    """A washing plant whose values are all entered; what an entry says of itself, by its name."""
    text = WASHING
    for symbol, (source, name, of) in ENTRIES.items():
        text += f'\n[[entries]]\nname = "{name}"\nsource = "{source}"\n{said.get(name, "")}\n'
        text += f'\n[[feeds]]\nsource = "{source}"\nsymbol = "{symbol}"\npoint = "{name}"\n{of}\n'
    return text


def test_values_of_a_supplier_and_of_a_basis_reach_the_method() -> None:
    """[S2-9.2-3]: entries state the units of emissions, whose value it is, and for which basis."""
    text = washing(carbon='basis = "as received"', oxidation='choice = "supplier"')
    result = figures(text, PLANT_VALUES)["works"]
    coal = 1200 * D("0.55") * D("0.98")
    gas = 30 * 160 * D("0.0153") * D("0.99")  # 16 MJ/Nm3 are 160 GJ/1e4Nm3
    assert abs(result.totals["total"].value - (coal + gas) * 44 / 12) < D("1e-20")
    assert result.nodes["fuels[boiler].OF"].choice == "supplier"


@pytest.mark.parametrize(
    ("said", "error", "code"),
    [
        (
            {"carbon": 'basis = "as received"'},
            PrecedenceError,
            "accounting.precedence",  # an oxidation factor that is measured is not taken
        ),
        (
            {"carbon": 'basis = "air dry"', "oxidation": 'choice = "supplier"'},
            CaseError,
            "accounting.case.basis",
        ),
        ({"oxidation": 'choice = "supplier"'}, CaseError, "accounting.case.basis"),
    ],
)
def test_what_the_method_does_not_take_is_refused(
    said: dict[str, str], error: type[CaseError], code: str
) -> None:
    with pytest.raises(error) as caught:
        figures(washing(**said), PLANT_VALUES)
    assert caught.value.reason == code
    assert caught.value.remedy
