"""At every instant a source has one figure, or a gap: overlaps by method, unit and version."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st
from support.accounts import GRID

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.inventory.accuracy import settled_share
from trace_node.accounting.inventory.figures import Figure
from trace_node.accounting.inventory.inventory import Inventory, Part
from trace_node.accounting.inventory.overlaps import Chosen, choose
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.standing import Standing
from trace_node.period import PeriodKind, parse_period, periods_between

OLD, NEW, OTHER = "cn.purchased_energy@1", "cn.ndrc.public_building.2015@1", "cn.ndrc.steel.2013@1"
YEAR = parse_period("2025")
MONTHS = tuple(one.name for one in periods_between(YEAR.start, YEAR.end, PeriodKind.MONTH))


def version(
    number: int, method: str, *sources: str, since: str = "2025-01-01", unit: str = "works"
) -> Boundary:
    """A version of the boundary: its sources are of one unit and method."""
    first = read_boundary_file(GRID.encode(), file="boundary.toml")
    (source,) = first.sources
    return replace(
        first,
        version=number,
        valid_from=date.fromisoformat(since),
        units=(replace(first.units[0], id=unit),),
        industries=tuple(replace(one, method=method, unit=unit) for one in first.industries),
        sources=tuple(
            replace(source, id=name, method=method, unit=unit) for name in sources or ("grid",)
        ),
    )


def record(
    index: int, period: str, made: Boundary, *, value: str = "1", purpose: Purpose | None = None
) -> Part:
    """What a version of the boundary gave for a period."""
    of, (industry,) = parse_period(period), made.industries
    figure = Figure(
        unit=industry.unit, method=industry.method, total="total",
        purpose=purpose or Purpose.ENTERPRISE, value=Decimal(value), unit_of="tCO2", gwp_set="",
    )  # fmt: skip
    return Part(
        index=index, boundary_leaf=made.version, unit=industry.unit, method=industry.method,
        period=period, begin=of.start, end=of.end, standing=Standing.FINAL, demonstration=None,
        masses=(), figures=(figure,), sources=frozenset(one.id for one in made.sources),
    )  # fmt: skip


def chosen(parts: Iterable[Part], *versions: Boundary) -> Chosen:
    return choose(parts, {each.version: each for each in versions}, YEAR.start, YEAR.end)


def taken(found: Chosen) -> list[int]:
    return [part.index for part in found.parts]


OF_OLD = version(1, OLD)
OF_NEW = version(2, NEW, since="2025-07-01")
OF_JULY = parse_period("2025-07").start
WHOLE = record(100, "2025", OF_OLD)
FIRST_HALF = [record(at, month, OF_OLD) for at, month in enumerate(MONTHS[:6], start=1)]
SECOND_HALF = [record(at, month, OF_NEW) for at, month in enumerate(MONTHS[6:], start=7)]


def test_a_year_by_the_old_method_and_months_by_the_new_are_not_both_counted() -> None:
    """[S0-5.1.1-b2]: nobody says how the year splits, so it is a gap that tells both records."""
    found = chosen([WHOLE, *SECOND_HALF], OF_OLD, OF_NEW)
    assert taken(found) == [7, 8, 9, 10, 11, 12]
    (gap,) = found.gaps
    assert (gap.method, gap.begin, gap.end) == (OLD, YEAR.start, OF_JULY)
    (overlap,) = found.overlaps
    assert (overlap.leaf, overlap.others) == (100, (7, 8, 9, 10, 11, 12))
    assert (overlap.begin, overlap.end, overlap.counted) == (OF_JULY, YEAR.end, True)
    assert (overlap.unit, overlap.method) == ("works", OLD)
    assert overlap.purposes == (Purpose.ENTERPRISE,)


def test_months_by_the_old_method_take_the_place_of_its_year() -> None:
    """The boundary tells which method holds when, so nothing is guessed and nothing is told."""
    found = chosen([WHOLE, *FIRST_HALF, *SECOND_HALF], OF_OLD, OF_NEW)
    assert taken(found) == list(range(1, 13))
    assert (found.gaps, found.overlaps) == ((), ())


def test_a_year_and_the_months_it_encloses_by_one_method_are_no_overlap() -> None:
    found = chosen([*FIRST_HALF, WHOLE], OF_OLD)
    assert (taken(found), found.gaps, found.overlaps) == ([100], (), ())


def test_a_year_by_a_method_that_is_asked_for_no_more_does_not_count() -> None:
    found = chosen([WHOLE, *SECOND_HALF], OF_OLD, version(2, NEW))
    assert (taken(found), found.overlaps) == ([7, 8, 9, 10, 11, 12], ())
    assert [gap.method for gap in found.gaps] == [NEW]


def test_a_year_that_no_other_record_overlaps_counts_beside_the_gap_of_the_new_method() -> None:
    found = chosen([WHOLE], OF_OLD, OF_NEW)
    assert (taken(found), found.overlaps) == ([100], ())
    assert [(gap.method, gap.begin) for gap in found.gaps] == [(NEW, OF_JULY)]


def test_two_years_across_a_change_count_neither() -> None:
    """Both made by hand: the boundary asks for neither of them as it stands."""
    other = replace(record(101, "2025", OF_NEW), begin=YEAR.start)
    found = chosen([WHOLE, other], OF_OLD, OF_NEW)
    assert taken(found) == []
    (overlap,) = found.overlaps
    assert (overlap.leaf, overlap.others, overlap.counted) == (100, (101,), False)
    assert {gap.method for gap in found.gaps} == {OLD, NEW}


def test_a_source_that_was_renamed_with_its_method_is_the_same_source() -> None:
    renamed = version(2, NEW, "grid-2", since="2025-07-01")
    found = chosen([WHOLE, record(7, "2025-07", renamed)], OF_OLD, renamed)
    assert taken(found) == [7]
    assert [each.others for each in found.overlaps] == [(7,)]


def test_a_source_that_moved_to_another_unit_is_the_same_source() -> None:
    moved = version(2, OLD, since="2025-07-01", unit="mill")
    found = chosen([WHOLE, record(7, "2025-07", moved)], OF_OLD, moved)
    assert taken(found) == [7]
    assert [(each.unit, each.others) for each in found.overlaps] == [("works", (7,))]


def test_methods_that_are_asked_for_beside_each_other_are_both_counted() -> None:
    """Two methods of one unit with sources of their own."""
    other = version(1, OTHER, "furnace")
    both = replace(
        OF_OLD,
        industries=(*OF_OLD.industries, *other.industries),
        sources=(*OF_OLD.sources, *other.sources),
    )
    found = chosen([WHOLE, record(8, "2025", other)], both)
    assert (taken(found), found.gaps, found.overlaps) == ([8, 100], (), ())


def test_figures_of_two_purposes_do_not_overlap() -> None:
    """The carbon market and the enterprise each count the boiler, for themselves."""
    of_market = [replace(each, figures=(market(each),)) for each in SECOND_HALF]
    found = chosen([WHOLE, *of_market], OF_OLD, OF_NEW)
    assert (taken(found), found.overlaps) == ([100, 7, 8, 9, 10, 11, 12], ())


def market(part: Part) -> Figure:
    return replace(part.figures[0], purpose=Purpose.ETS)


def test_a_year_without_a_source_that_came_later_does_not_stand_for_the_months_with_it() -> None:
    grown = version(2, OLD, "grid", "annex", since="2025-07-01")
    months = [record(at, month, grown) for at, month in enumerate(MONTHS[6:], start=7)]
    found = chosen([WHOLE, *months], OF_OLD, grown)
    assert taken(found) == [7, 8, 9, 10, 11, 12]
    assert [(each.leaf, each.others) for each in found.overlaps] == [(100, (7, 8, 9, 10, 11, 12))]
    assert chosen([WHOLE, *FIRST_HALF, *months], OF_OLD, grown).overlaps == ()


def test_a_source_that_came_after_the_year_was_accounted_for_is_a_gap_of_its_own() -> None:
    """[S0-5.1.1-a]: the year is silent on it, and no month says anything of it either."""
    grown = version(2, OLD, "grid", "annex", since="2025-07-01")
    found = chosen([WHOLE], OF_OLD, grown)
    assert taken(found) == [100]
    (gap,) = found.gaps
    assert (gap.begin, gap.end, gap.sources) == (OF_JULY, YEAR.end, ("annex",))
    assert chosen([record(101, "2025", grown)], version(2, OLD, "grid", "annex")).gaps == ()


def test_a_source_that_took_the_place_of_another_is_not_hidden_by_the_year_before_it() -> None:
    """The year has a source that the months have not, and the other way round."""
    swapped = version(2, OLD, "annex", since="2025-07-01")
    months = [record(at, month, swapped) for at, month in enumerate(MONTHS[6:], start=7)]
    assert [gap.sources for gap in chosen([WHOLE], OF_OLD, swapped).gaps] == [("annex",)]
    found = chosen([WHOLE, *months], OF_OLD, swapped)
    assert taken(found) == [7, 8, 9, 10, 11, 12]
    assert [(each.leaf, each.others) for each in found.overlaps] == [(100, (7, 8, 9, 10, 11, 12))]
    mended = chosen([WHOLE, *FIRST_HALF, *months], OF_OLD, swapped)
    assert (taken(mended), mended.gaps, mended.overlaps) == ([*range(1, 13)], (), ())


def test_an_earlier_version_that_lacked_a_source_does_not_settle_the_year() -> None:
    """Six of twelve months are without it: half of the time is settled, and not the whole."""
    grown = version(2, OLD, "grid", "annex", since="2025-07-01")
    made = chosen([WHOLE], OF_OLD, grown)
    gaps = tuple(replace(gap, purposes=(Purpose.ENTERPRISE,)) for gap in made.gaps)
    found = Inventory(begin=YEAR.start, end=YEAR.end, parts=made.parts, gaps=gaps)
    days = Decimal((OF_JULY - YEAR.start).days)
    assert abs(settled_share(found, Purpose.ENTERPRISE) - days / 365) < Decimal("1e-9")


def test_hours_are_chosen_by_looking_at_each_a_few_times() -> None:
    """An inventory adds hours where readings are too many for a record of the month."""
    looked: list[str] = []

    class Counted(Part):
        def __getattribute__(self, name: str) -> object:
            if name in {"begin", "end"}:
                looked.append(name)
            return object.__getattribute__(self, name)

    hours = islice(periods_between(YEAR.start, OF_JULY, PeriodKind.HOUR), 1000)
    plain = [record(at, hour.name, OF_OLD) for at, hour in enumerate(hours)]
    made = [
        Counted(**{one.name: getattr(part, one.name) for one in fields(part)}) for part in plain
    ]
    found = chosen(made, OF_OLD)
    assert (len(found.parts), found.overlaps) == (len(made), ())
    assert len(looked) < 200 * len(made)


def test_a_change_inside_a_month_needs_its_days() -> None:
    changed = version(2, NEW, since="2025-07-16")
    days = [record(at, f"2025-07-{at}", changed) for at in range(16, 32)]
    whole = record(50, "2025-07", OF_OLD)
    found = chosen([whole, *days], OF_OLD, changed)
    (overlap,) = found.overlaps
    assert (overlap.leaf, overlap.others) == (50, tuple(range(16, 32)))
    before = [record(at, f"2025-07-{at:02}", OF_OLD) for at in range(1, 16)]
    mended = chosen([whole, *before, *days], OF_OLD, changed)
    assert (mended.overlaps, 50 in taken(mended)) == ((), False)


@given(
    change=st.sampled_from(MONTHS),
    made=st.lists(
        st.tuples(st.sampled_from(["2025", *MONTHS]), st.booleans()), unique=True, max_size=20
    ),
)
def test_at_every_instant_a_source_has_one_figure_or_a_gap(
    change: str, made: list[tuple[str, bool]]
) -> None:
    """Whatever was accounted for, by whichever version, before or after the change."""
    versions = (OF_OLD, replace(OF_NEW, valid_from=date.fromisoformat(f"{change}-01")))
    parts = [record(at, period, versions[new]) for at, (period, new) in enumerate(made)]
    found = chosen(parts, *versions)
    for month in MONTHS:
        at = parse_period(month).start
        counted = [part.index for part in found.parts if part.begin <= at < part.end]
        assert len(counted) <= 1
        assert counted or any(gap.begin <= at < gap.end for gap in found.gaps)
    assert not {each.leaf for each in found.overlaps} & set(taken(found))
    assert found.gaps or not found.overlaps
