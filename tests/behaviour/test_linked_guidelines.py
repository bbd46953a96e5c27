"""Collected data are linked to every guideline of the library, and each gives a figure of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from support.accounting_samples import CONTENTS
from support.accounts import (
    BEGIN,
    GRID,
    HOUR,
    accounts,
    deliver_hours,
    log_boundary,
    log_content,
    project,
    request,
)
from support.builders import Run, counter, device_registration, meter
from support.plant import Plant, plant
from support.stores import new_store
from support.usual_engine import USUAL

from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.boundary.single_point import matched_points
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.standing import Standing
from trace_node.period import parse_period
from trace_node.services.boundary_check import require_fitting

D = Decimal
PERIOD = "2026-10-01T00"
METHODS = packaged_methods()
MWH, TONNES = D("0.00125"), D("0.100")  # what the two meters count in the hour
BURNT = TONNES * D("0.86") * D("0.98") * 44 / 12

# The 24 guidelines of the NDRC (batches of 2013, 2014 and 2015), by the industries they are for.
NDRC = {
    "发电": ["cn.ndrc.power.2013"],
    "电网": ["cn.ndrc.grid.2013"],
    "钢铁生产": ["cn.ndrc.steel.2013"],
    "化工生产": ["cn.ndrc.chemical.2013"],
    "电解铝生产": ["cn.ndrc.aluminium.2013"],
    "镁冶炼": ["cn.ndrc.magnesium.2013"],
    "平板玻璃生产": ["cn.ndrc.flat_glass.2013"],
    "水泥生产": ["cn.ndrc.cement.2013"],
    "陶瓷生产": ["cn.ndrc.ceramics.2013"],
    "民航": ["cn.ndrc.aviation.2013"],
    "石油和天然气生产": ["cn.ndrc.oilgas.2014"],
    "石油化工": ["cn.ndrc.petrochemical.2014"],
    "独立焦化": ["cn.ndrc.coking.2014"],
    "煤炭生产": [
        *("cn.ndrc.coal.2014.underground", "cn.ndrc.coal.2014.washing"),
        *("cn.ndrc.coal.2014.open_pit", "cn.ndrc.coal.2014.open_pit.recovery"),
    ],
    "造纸和纸制品生产": ["cn.ndrc.paper.2015"],
    "其他有色金属冶炼和压延加工": ["cn.ndrc.nonferrous.2015"],
    "电子设备制造": ["cn.ndrc.electronics.2015"],
    "机械设备制造": ["cn.ndrc.machinery.2015"],
    "矿山": ["cn.ndrc.mining.2015"],
    "食品、烟草及酒、饮料和精制茶": ["cn.ndrc.food.2015"],
    "公共建筑运营": ["cn.ndrc.public_building.2015"],
    "陆上交通运输": ["cn.ndrc.transport.2015"],
    "氟化工": ["cn.ndrc.fluorine.2015"],
    "工业其他行业": ["cn.ndrc.other_industry.2015"],
}
MEE = {
    "发电设施": ["cn.ets.power.2024"],
    "铝冶炼": ["cn.ets.aluminium.2024"],
    "水泥熟料": ["cn.ets.cement.2024.line"],
    "钢铁": [
        *("cn.ets.steel.2024.enterprise", "cn.ets.steel.2024.process"),
        "cn.ets.steel.2024.power_unit",
    ],
}
ISO = {"ISO 14064-1": ["iso.14064_1.2018"], "ISO 16745-1": ["iso.16745_1.2017"]}
SHARED = {"net electricity and heat of every guideline": ["cn.purchased_energy"]}
# What the steel guideline leaves over between enterprise and processes: made of figures, of no data.
OF_FIGURES = {"cn.ets.steel.2024.other"}
ALL = sorted(one for group in (NDRC, MEE, ISO, SHARED) for ids in group.values() for one in ids)


@dataclass(frozen=True, kw_only=True)
class Link:
    """How data are linked to a method: one source of one category.

    Attributes:
        category: Source category.
        feeds: Which point each symbol gets; a symbol that is stated as 0 has its unit instead.
        zeros: Symbols that are stated as 0, with their units.
        words: Words of the case.
        source: Words of the source.
        mass: Expected tonnes; None where the factors of the library decide.
        rules: Rules between meter and symbol.
    """

    category: str
    feeds: dict[str, str]
    zeros: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    mass: Decimal | None = None
    rules: str = ""


BOUGHT = Link(
    category="electricity",
    feeds={"EL_bought": "grid.in"},
    zeros={"EL_sold": "MWh", "EL_nonfossil": "MWh"},
    words={"grid_region": "CN", "grid_year": "2023"},
    mass=MWH * D("0.5306"),
)
FUEL = Link(
    category="combustion",
    feeds={"FC": "fuel.in", "carbon": "fuel.carbon", "OF": "fuel.oxidised"},
    source={"fuel": "diesel", "state": "liquid"},
    mass=BURNT,
)
OF_THE_MARKET = replace(BOUGHT, words={**BOUGHT.words, "grid_year": "2022"}, mass=MWH * D("0.5703"))
BY_DEFAULTS = Link(category="combustion", feeds={"FC": "fuel.in"}, source={"fuel": "diesel"})
LINKS = {
    "cn.ndrc.grid.2013": Link(
        category="losses",
        feeds={"EL_gen": "grid.in"},
        zeros={"EL_in": "MWh", "EL_out": "MWh", "EL_sold": "MWh"},
        words=OF_THE_MARKET.words,
        mass=OF_THE_MARKET.mass,
    ),
    "cn.ndrc.coal.2014.open_pit": OF_THE_MARKET,
    "cn.ndrc.coal.2014.open_pit.recovery": OF_THE_MARKET,
    "cn.ndrc.coal.2014.washing": OF_THE_MARKET,
    "cn.ndrc.coal.2014.underground": replace(
        OF_THE_MARKET, words={**OF_THE_MARKET.words, "mine": "high"}
    ),
    "cn.ets.power.2024": OF_THE_MARKET,
    "cn.ndrc.food.2015": replace(BOUGHT, words={**BOUGHT.words, "branch": "tobacco"}),
    "cn.ndrc.other_industry.2015": replace(BOUGHT, words={**BOUGHT.words, "branch": "paper"}),
    "cn.purchased_energy": replace(
        BOUGHT, words={**BOUGHT.words, "grid_series": "cn.grid.average"}
    ),
    "cn.ets.aluminium.2024": FUEL,
    "cn.ets.cement.2024.line": Link(
        category="calcination",
        feeds={"AD_clinker": "fuel.in"},
        source={"clinker": "portland"},
    ),
    "cn.ets.steel.2024.power_unit": FUEL,
    "cn.ets.steel.2024.enterprise": BY_DEFAULTS,
    "cn.ets.steel.2024.process": replace(BY_DEFAULTS, words={"process": "sintering"}),
    "iso.14064_1.2018": Link(
        category="imported_energy",
        feeds={"m_2": "grid.mass"},
        source={"gas": "CO2"},
        mass=MWH * D("0.5306"),
        rules='[[rules]]\nname = "grid.mass"\nsource = "linked"\nrule = "multiply"\n'
        'inputs = ["grid.in"]\nfactor = "0.5306"\nunit = "kgCO2"\n',
    ),
    "iso.16745_1.2017": Link(
        category="building_electricity",
        feeds={"W_supply": "grid.in", "EF_supply": "grid.factor"},
        source={"supply": "grid"},
        mass=MWH * D("0.5306"),
    ),
}
ENTERED = {
    "fuel.carbon": ("0.86", "tC/t", 'basis = "as received"'),
    "fuel.oxidised": ("0.98", "1", 'choice = "supplier"'),
    "grid.factor": ("0.5306", "tCO2/MWh", ""),
}
METERED = {"grid.in": ("meter-1", "energy"), "fuel.in": ("scale-1", "mass")}


def boundary_of(method: Method, link: Link) -> str:
    """A boundary that accounts for one source by one method."""

    def inline(words: dict[str, str]) -> str:
        return "{ " + ", ".join(f'{name} = "{word}"' for name, word in words.items()) + " }"

    absent = dict.fromkeys(sorted(set(method.categories) - {link.category}), "none at this site")
    parts = [
        GRID[: GRID.index("[[industries]]")].replace(
            'name = "plant"', f'name = "{name_of(method)}"', 1
        ),
        (
            f'[[industries]]\nunit = "works"\nmethod = "{method.ref}"\n'
            f"words = {inline(link.words)}\nnot_occurring = {inline(absent)}\n"
        ),
        (
            f'[[sources]]\nid = "linked"\nunit = "works"\nmethod = "{method.ref}"\n'
            f'category = "{link.category}"\ntitle = "linked"\niso14064 = 2\n'
            f"words = {inline(link.source)}\n"
        ),
        link.rules,
    ]
    used = {*link.feeds.values(), *(["grid.in"] if link.rules else [])}
    for point in sorted(used):
        if point in METERED:
            device, register = METERED[point]
            parts.append(
                f'[[meters]]\nname = "{point}"\nsource = "linked"\ndevice = "{device}"\n'
                f'meter_register = "{register}"\n'
            )
        elif point in ENTERED:
            more = ENTERED[point][2]
            parts.append(f'[[entries]]\nname = "{point}"\nsource = "linked"\n{more}\n')
    parts += [
        f'[[feeds]]\nsource = "linked"\nsymbol = "{symbol}"\npoint = "{point}"\n'
        for symbol, point in link.feeds.items()
    ]
    parts += [
        f'[[feeds]]\nsource = "linked"\nsymbol = "{symbol}"\nzero = "none"\nunit = "{unit}"\n'
        for symbol, unit in link.zeros.items()
    ]
    return "\n".join(parts)


def name_of(method: Method) -> str:
    """A name that a boundary may have: 32 characters at most."""
    return method.id.removeprefix("cn.")[:32]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """An hour of two meters, and what people entered for it."""
    with new_store(USUAL, tmp_path_factory.mktemp("log")) as store, plant(store) as here:
        mass = counter(name="mass", quantity="mass", unit="kg", interval_s=3600)
        here.enrolment.enrol(device_registration(meter(meter_registers=[counter(interval_s=3600)])))
        here.enrolment.enrol(device_registration(meter("scale-1", meter_registers=[mass])))
        run = Run()
        here.deliver(
            run.deliver(
                [
                    run.reading(
                        f"{100 * hour}.00",
                        device="scale-1",
                        meter_register="mass",
                        unit="kg",
                        at=BEGIN + hour * HOUR,
                    )
                    for hour in range(3)
                ]
            )
        )
        deliver_hours(here, Run(), count=3)
        for name, (value, unit, _more) in ENTERED.items():
            entry = replace(
                CONTENTS["activity entry"],  # type: ignore[type-var]
                activity=name,
                source="linked",
                period=parse_period(PERIOD),
                quantity=D(value),
                unit=unit,
                standing=Standing.FINAL,
                replaces=None,
            )
            log_content(here, entry)
        project(here)
        yield here


def test_the_library_has_all_guidelines_and_each_is_linked_below() -> None:
    """[S2-11.4-1]: 24 of the NDRC, those of the MEE, ISO 14064 and ISO 16745."""
    assert len(NDRC) == 24
    assert {"发电设施"} < MEE.keys()
    assert sorted([*ALL, *OF_FIGURES]) == sorted(one.id for one in METHODS)
    assert not any(list(METHODS.newest(one).terms) for one in OF_FIGURES)


@pytest.mark.parametrize("method_id", ALL)
def test_activity_data_are_linked_and_give_a_figure(here: Plant, method_id: str) -> None:
    """[S2-11.4-1]: category, source, gas, formula and item of each guideline, down to a figure."""
    method = METHODS.newest(method_id)
    link = LINKS.get(method_id, BOUGHT)
    text = boundary_of(method, link)
    boundary = read_boundary_file(text.encode(), file="boundary.toml")
    require_fitting(boundary, reader=here.store.reader(), methods=METHODS)
    matched = {(each.symbol.id, each.point): each for each in matched_points(boundary, METHODS)}
    for symbol, point in link.feeds.items():
        behind = "grid.in" if point == "grid.mass" else point
        found = matched[symbol, behind]
        assert (found.method, found.category, found.source) == (
            method.ref,
            link.category,
            "linked",
        )
        assert all(term.formula.text for term in found.terms)
    log_boundary(here, text)
    (done,) = accounts(here).account(request(PERIOD, boundary=boundary.name))
    masses = [each.mass for each in done.emission.items if each.source in {"linked", "-"}]
    assert sum(masses) > 0
    if link.mass is not None:
        assert abs(sum(masses) - link.mass) < D("1e-15")
    meters = {each.reference: each for each in done.emission.activity if "/" in each.reference}
    assert meters.keys() == {
        "/".join(METERED[point]) for point in (*link.feeds.values(), "grid.in") if point in METERED
    } & {"/".join(METERED[each.name]) for each in boundary.meters}
    assert all(each.leaves for each in meters.values())
