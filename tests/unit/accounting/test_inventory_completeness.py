"""An inventory is complete when every source category is there or declared not occurring."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from support.accounting import method
from support.accounts import GRID

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.inventory.completeness import Occurrence, categories_of
from trace_node.accounting.inventory.cross_check import Agreement, cross_check
from trace_node.accounting.inventory.inventory import Inventory, Mass, Part
from trace_node.accounting.inventory.six_categories import six_categories
from trace_node.accounting.inventory.tiling import Expected, chosen_parts, expected_in
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.standing import Standing
from trace_node.errors import InputError
from trace_node.units import Quantity, UnitError, unit

METHOD = method("cn.purchased_energy")
BEGIN, END = datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)


def boundary(text: str = GRID) -> Boundary:
    return read_boundary_file(text.encode(), file="boundary.toml")


def mass(category: str, *, iso14064: int = 2, role: Role = Role.EMISSION) -> Mass:
    return Mass(
        unit="works",
        method=METHOD.ref,
        source="grid",
        category=category,
        scope=2,
        iso14064=iso14064,
        gas="CO2",
        role=role,
        tonnes=Decimal("1.5"),
        purposes=(Purpose.ENTERPRISE,),
    )


def part(*masses: Mass, index: int = 7) -> Part:
    return Part(
        index=index,
        boundary_leaf=3,
        unit="works",
        method=METHOD.ref,
        period="2026-10",
        begin=BEGIN,
        end=END,
        standing=Standing.FINAL,
        demonstration=None,
        masses=masses,
        figures=(),
    )


def states(*records: tuple[Part, Boundary]) -> dict[str, Occurrence]:
    found = categories_of("works", METHOD, records)
    return {each.category: each.occurrence for each in found}


def test_present_or_declared_with_its_reason() -> None:
    """[S0-5.1.1-b2]"""
    found = categories_of("works", METHOD, [(part(mass("electricity")), boundary())])
    assert {each.category: each.occurrence for each in found} == {
        "electricity": Occurrence.PRESENT,
        "heat": Occurrence.DECLARED,
        "steam": Occurrence.DECLARED,
        "hot_water": Occurrence.DECLARED,
    }
    told = {each.category: (each.sources, each.reasons) for each in found}
    assert told["electricity"] == (("grid",), ())
    assert told["heat"] == ((), ("no heat is bought",))


def test_a_category_without_masses_or_reason_is_missing_and_names_the_leaf() -> None:
    silent = boundary(GRID.replace('heat = "no heat is bought", ', ""))
    records = [(part(mass("electricity")), boundary()), (part(index=9), silent)]
    found = {each.category: each for each in categories_of("works", METHOD, records)}
    assert (found["heat"].occurrence, found["heat"].leaves) == (Occurrence.MISSING, (9,))
    assert (found["electricity"].occurrence, found["electricity"].leaves) == (
        Occurrence.MISSING,
        (9,),
    )
    assert found["steam"].occurrence is Occurrence.DECLARED


def test_without_a_record_nothing_is_declared() -> None:
    assert set(states().values()) == {Occurrence.MISSING}


def test_what_occurs_in_one_month_only_is_present_and_its_reasons_stay() -> None:
    later = boundary(GRID.replace('heat = "no heat is bought", ', ""))
    records = [
        (part(mass("electricity")), boundary()),
        (
            part(mass("electricity"), mass("heat"), index=9),
            replace(later, sources=_with_heat(later)),
        ),
    ]
    (heat,) = [one for one in categories_of("works", METHOD, records) if one.category == "heat"]
    assert (heat.occurrence, heat.sources) == (Occurrence.PRESENT, ("boiler",))
    assert heat.reasons == ("no heat is bought",)


def later_version() -> Boundary:
    """The same boundary with a second unit from 16 October on."""
    text = GRID.replace("version = 1", "version = 2").replace("2026-01-01", "2026-10-16")
    text += (
        GRID[GRID.index("[[units]]") : GRID.index("[[sources]]")]
        .replace('"works"', '"mill"')
        .replace('place = "mill"', 'place = "works"')
    )
    return boundary(text)


def asked(*versions: Boundary, unit: str | None = None) -> list[tuple[str, int, int]]:
    found = expected_in(versions, BEGIN, END, unit=unit)
    return [(each.unit, (each.begin - BEGIN).days, (each.end - BEGIN).days) for each in found]


def test_a_unit_is_asked_for_from_the_version_on_that_brings_it() -> None:
    """[S0-5.1.1-b2]: without a record of it the inventory has a gap from then on, and only then."""
    assert asked(boundary()) == [("works", 0, 31)]
    assert asked(boundary(), later_version()) == [("works", 0, 31), ("mill", 15, 31)]
    assert asked(boundary(), later_version(), unit="mill") == [("mill", 15, 31)]
    assert asked(later_version()) == [("works", 0, 31), ("mill", 0, 31)]  # none holds before
    assert asked(later_version(), boundary()) == [("works", 0, 31)]  # the last one counts
    expected = expected_in([boundary(), later_version()], BEGIN, END)
    taken, gaps = chosen_parts([part(mass("electricity"))], expected)
    assert len(taken) == 1
    assert [(each.unit, each.begin - BEGIN) for each in gaps] == [("mill", timedelta(days=15))]


def days(first: int, last: int) -> Part:
    """A record of the works over some days of October."""
    return replace(part(), begin=BEGIN + timedelta(first), end=BEGIN + timedelta(last))


@pytest.mark.parametrize(
    ("records", "gaps"),
    [
        ([], [(10, 20)]),
        ([(0, 31)], []),
        ([(12, 15)], [(10, 12), (15, 20)]),
        ([(0, 12), (18, 31)], [(12, 18)]),
        ([(0, 10), (20, 31)], [(10, 20)]),
        ([(20, 31)], [(10, 20)]),
        ([(10, 15), (12, 14), (15, 20)], []),
    ],
)
def test_what_is_expected_and_not_covered_is_a_gap(
    records: list[tuple[int, int]], gaps: list[tuple[int, int]]
) -> None:
    of_days = Expected(
        unit="works",
        method=METHOD.ref,
        begin=BEGIN + timedelta(10),
        end=BEGIN + timedelta(20),
    )
    _taken, found = chosen_parts([days(*each) for each in records], [of_days])
    assert [((each.begin - BEGIN).days, (each.end - BEGIN).days) for each in found] == gaps


def _with_heat(of: Boundary) -> tuple:
    return (*of.sources, replace(of.sources[0], id="boiler", category="heat"))


def test_all_six_categories_are_told_and_what_was_not_looked_at_is_no_0() -> None:
    """[S2-11.7]: ISO 14064-1; sinks stand beside."""
    masses = (mass("electricity"), mass("electricity", role=Role.SINK))
    found = Inventory(begin=BEGIN, end=END, parts=(part(*masses),), gaps=())
    six = six_categories(found, [boundary()])
    assert [each.number for each in six] == [1, 2, 3, 4, 5, 6]
    assert six[1].masses == six[1].sinks == {"CO2": Decimal("1.5")}
    assert six[1].sources == ("grid",)
    assert [(each.sources, each.masses) for each in six if each.number != 2] == [((), {})] * 5
    assert six_categories(found, [boundary()], unit="other")[1].sources == ()


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("100", "102", Agreement.AGREES),
        ("100", "98", Agreement.AGREES),
        ("100", "102.01", Agreement.DIFFERS),
        ("100", None, Agreement.NOT_DONE),
        (None, "100", Agreement.NOT_DONE),
        ("0", "0", Agreement.AGREES),
        ("0", "1", Agreement.DIFFERS),
        ("-100", "-101", Agreement.AGREES),
    ],
)
def test_two_sources_of_one_quantity(
    one: str | None, other: str | None, agreement: Agreement
) -> None:
    """[S0-7.1.2-c3]: a missing one is told, and is never 0."""
    values = [text and Quantity(Decimal(text), unit("MWh")) for text in (one, other)]
    found = cross_check("2026-10", "meter", "bill", *values)
    assert found.agreement is agreement


def test_sources_are_compared_in_the_unit_of_the_first() -> None:
    meter, bill = Quantity(Decimal(1), unit("MWh")), Quantity(Decimal(1010), unit("kWh"))
    found = cross_check("2026-10", "meter", "bill", meter, bill)
    assert (found.ratio, found.agreement) == (Decimal("0.01"), Agreement.AGREES)
    with pytest.raises(UnitError):
        cross_check("2026-10", "meter", "bill", meter, Quantity(Decimal(1), unit("t")))
    for tolerance in ("-0.1", "1.1", "NaN"):
        with pytest.raises(InputError) as refused:
            cross_check("2026-10", "a", "b", meter, bill, tolerance=Decimal(tolerance))
        assert refused.value.reason == "inventory.tolerance"
