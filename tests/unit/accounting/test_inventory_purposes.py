"""One figure, one purpose: what two methods say of one unit is never added."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from support.accounting import method
from support.accounts import GRID
from support.builders import counter, meter

from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.inventory.figures import Figure
from trace_node.accounting.inventory.inventory import Gap, Inventory, Mass, Part
from trace_node.accounting.inventory.purposes import mass_purposes
from trace_node.accounting.inventory.six_categories import six_categories
from trace_node.accounting.inventory.stages import stages_of
from trace_node.accounting.inventory.tiling import chosen_parts, expected_in
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.standing import Standing
from trace_node.errors import InputError
from trace_node.services.boundary_check import require_fitting_meters

BEGIN, END = datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)
METERS = ("meter-1", "meter-2")
ETS, NDRC = "cn.ets.power.2024", "cn.ndrc.power.2013"


def record(index: int, of: str, category: str, tonnes: str, *, unit: str = "works") -> Part:
    """October of a unit by one method: CO2 of one source."""
    made, mass = method(of), Decimal(tonnes)
    (first, *_) = [one for one in made.totals.values() if one.purpose is not Purpose.AUXILIARY]
    purposes = mass_purposes(made).of(category, Role.EMISSION)
    figure = Figure(
        unit=unit, method=made.ref, total=first.id, purpose=first.purpose, value=mass,
        unit_of="tCO2", gwp_set="",
    )  # fmt: skip
    whole = Mass(
        unit=unit, method=made.ref, source="boiler", category=category, scope=1, iso14064=1,
        gas="CO2", role=Role.EMISSION, tonnes=mass, purposes=purposes,
    )  # fmt: skip
    return Part(
        index=index, boundary_leaf=3, unit=unit, method=made.ref, period="2026-10", begin=BEGIN,
        end=END, standing=Standing.FINAL, demonstration=None, masses=(whole,), figures=(figure,),
    )  # fmt: skip


def inventory(*parts: Part) -> Inventory:
    return Inventory(begin=BEGIN, end=END, parts=parts, gaps=())


def test_masses_of_the_carbon_market_and_of_the_enterprise_stand_side_by_side() -> None:
    found = inventory(record(7, ETS, "combustion", "100"), record(8, NDRC, "combustion", "103"))
    both = {"ets": Decimal(100), "enterprise": Decimal(103)}
    assert found.masses() == {(name, "CO2"): mass for name, mass in sorted(both.items())}
    assert found.masses("scope") == {(name, "1", "CO2"): mass for name, mass in both.items()}
    assert found.by_period() == {(name, "2026-10", "CO2"): mass for name, mass in both.items()}
    assert found.net() == {(name, "CO2"): (mass, 0, mass) for name, mass in both.items()}
    assert {key[0].value: value for key, value in found.figures().items()} == both


def test_the_six_categories_count_a_unit_once() -> None:
    """[S2-11.7]"""
    coal = record(9, "cn.ndrc.coal.2014.underground", "combustion", "5", unit="mine")
    assert coal.masses[0].purposes == (Purpose.ENTERPRISE, Purpose.ISO14064)
    found = inventory(
        record(7, ETS, "combustion", "100"), record(8, NDRC, "combustion", "103"), coal
    )
    boundary = read_boundary_file(GRID.encode(), file="boundary.toml")
    assert six_categories(found, [boundary])[0].masses == {"CO2": Decimal(108)}


def test_a_stage_shows_the_masses_of_the_figure() -> None:
    """[S0-7.1.2-a1]"""
    found = inventory(record(7, ETS, "combustion", "100"), record(8, NDRC, "combustion", "103"))
    stages = {one.purpose: one.masses for one in stages_of(found, inventory(), inventory())}
    assert stages == {
        Purpose.ETS: {("combustion", "CO2"): Decimal(100)},
        Purpose.ENTERPRISE: {("combustion", "CO2"): Decimal(103)},
    }


def test_what_no_figure_adds_is_auxiliary() -> None:
    """Bought power is reported by the power method of 2024, and is in no carbon-market figure."""
    power = mass_purposes(method(ETS))
    assert power.of("electricity", Role.EMISSION) == (Purpose.AUXILIARY,)
    assert power.of("combustion", Role.EMISSION) == (Purpose.ETS,)


@pytest.mark.parametrize("made", tuple(packaged_methods()), ids=lambda one: one.ref)
def test_masses_of_a_purpose_are_those_its_totals_add(made: object) -> None:
    """By category is exact: no category has a term inside a figure and another outside."""
    purposes = mass_purposes(made)  # type: ignore[arg-type]
    for term in made.terms:  # type: ignore[attr-defined]
        if term.role is Role.EMISSION:
            adding = {
                total.purpose
                for total in made.totals.values()  # type: ignore[attr-defined]
                if term.id in total.add and total.purpose is not Purpose.AUXILIARY
            }
            assert set(purposes.of(term.category, term.role)) == (adding or {Purpose.AUXILIARY})


def test_a_record_by_a_method_that_a_later_version_replaced_does_not_count() -> None:
    """The same sources by the method before and the method after would be counted twice."""
    old = read_boundary_file(GRID.encode(), file="boundary.toml")
    new = replace(
        old,
        version=2,
        industries=tuple(replace(one, method="cn.ndrc.power.2013@1") for one in old.industries),
    )
    before = replace(record(7, NDRC, "combustion", "100"), method=old.industries[0].method)
    after = record(8, NDRC, "combustion", "103")
    taken, gaps = chosen_parts([before, after], expected_in([old, new], BEGIN, END))
    assert (taken, gaps) == ((after,), ())
    taken, (gap,) = chosen_parts([before], expected_in([old, new], BEGIN, END))
    assert (taken, gap.method, gap.end - gap.begin) == ((), after.method, timedelta(days=31))


def second_method(purchased: str) -> str:
    """The works by a second method as well, which takes a meter as bought power."""
    declared = {
        name: "does not occur"
        for name in method("cn.ndrc.power.2013").categories
        if name != "electricity"
    }
    reasons = ", ".join(f'{name} = "{why}"' for name, why in declared.items())
    return GRID + (
        f'\n[[industries]]\nunit = "works"\nmethod = "cn.ndrc.power.2013@1"\n'
        'words = { grid_region = "CN", grid_year = "2023" }\n'
        f"not_occurring = {{ {reasons} }}\n"
        '\n[[sources]]\nid = "again"\nunit = "works"\nmethod = "cn.ndrc.power.2013@1"\n'
        'category = "electricity"\ntitle = "外购电力"\niso14064 = 2\n'
        '\n[[meters]]\nname = "other"\nsource = "again"\ndevice = "meter-2"\n'
        'meter_register = "energy"\n'
        f'\n[[feeds]]\nsource = "again"\nsymbol = "EL_bought"\npoint = "{purchased}"\n'
    )


def test_two_methods_of_one_purpose_do_not_count_one_meter_twice() -> None:
    meters = [meter(name, meter_registers=[counter(name="energy")]) for name in METERS]
    for point, is_refused in (("grid.in", True), ("other", False)):
        content = read_boundary_file(second_method(point).encode(), file="boundary.toml")
        with pytest.raises(BoundaryError) if is_refused else nullcontext() as refused:
            require_fitting_meters(content, meters=meters, methods=packaged_methods())
        if refused is not None:
            assert refused.value.reason == "boundary.double_counted"


def test_a_figure_is_whole_where_another_purpose_has_a_gap() -> None:
    """Accounted for the carbon market each month, for the enterprise at the end of the year."""
    gap = Gap(unit="works", method="m@1", begin=BEGIN, end=END, purposes=(Purpose.ENTERPRISE,))
    found = replace(inventory(record(7, ETS, "combustion", "100")), gaps=(gap,))
    assert found.of_purpose(Purpose.ETS).gaps == ()
    assert found.of_purpose(Purpose.ENTERPRISE).gaps == (gap,)
    assert found.of_purpose(Purpose.ENTERPRISE).parts == ()
    (stage,) = stages_of(found, inventory(record(6, ETS, "combustion", "80")), found)
    assert (stage.is_whole, stage.before, stage.year_before) == (True, 80, 100)
    assert found.standing is Standing.MISSING


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ('{ grid_series = "cn.grid.average", grid_region = "CN" }', "accounting.case.word"),
        (
            '{ grid_series = "x", grid_region = "CN", grid_year = "2023", more = "1" }',
            "accounting.case.unknown",
        ),
    ],
)
def test_a_boundary_without_the_words_of_its_method_is_refused_before_it_is_logged(
    words: str, code: str
) -> None:
    """No period could ever be accounted for by it."""
    whole = '{ grid_series = "cn.grid.average", grid_region = "CN", grid_year = "2023" }'
    assert whole in GRID
    content = read_boundary_file(GRID.replace(whole, words).encode(), file="boundary.toml")
    meters = [meter(meter_registers=[counter(name="energy")])]
    with pytest.raises(InputError) as refused:
        require_fitting_meters(content, meters=meters, methods=packaged_methods())
    assert refused.value.reason == code
