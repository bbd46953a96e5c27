"""Inventories from the records of the log, on both engines."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete
from support.accounts import (
    GRID,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    request,
)
from support.builders import ORGANISATION, Run
from support.outlook_samples import CONTENTS
from support.plant import Plant, plant
from support.stores import ENGINES, new_store

from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.inventory.compare import compare, intensity
from trace_node.accounting.inventory.cross_check import Agreement
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.result import FlagKind
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.records.clean_energy import CleanEnergyEntry, CleanKind
from trace_node.accounting.standing import Standing
from trace_node.errors import InputError
from trace_node.period import parse_period
from trace_node.services.clean_energy import clean_energy_of
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.inventory_measures import check_activities, check_levels, intensities_of
from trace_node.services.inventory_view import inventory_view
from trace_node.services.span_activity import SpanActivities
from trace_node.store.tables import ACCOUNTED_RESULTS
from trace_node.units import Quantity, unit

HOURS = {"2026-10": 744, "2026-11": 456}  # the meter is read until the 19th of November
KG_PER_KWH = Decimal("0.5306")


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    with new_store(request.param, tmp_path) as store, plant(store) as here:
        hourly_meter(here)
        log_boundary(here)
        deliver_hours(here, Run(), count=sum(HOURS.values()) + 1)
        yield here


def inventory(here: Plant, span: str, *, boundary: str = "plant") -> Inventory:
    request = InventoryRequest(organisation=ORGANISATION, boundary=boundary, span=Span.parse(span))
    return inventory_of(request, store=here.store)


def tonnes(hours: int) -> Decimal:
    return Decimal("1.25") * hours * KG_PER_KWH / 1000


def test_months_add_up_by_scope_category_gas_source_and_unit(here: Plant) -> None:
    """[S2-9.4-1] [S2-9.4-b] [S0-5.1.1-a]: each by its masses, the quarter by its months."""
    service = accounts(here)
    for month in HOURS:
        service.account(request(month))
    quarter = inventory(here, "2026-10/2026-11")
    whole = tonnes(1200)
    assert quarter.figures() == {(Purpose.ENTERPRISE, "tCO2", ""): whole}
    assert quarter.masses("scope", "category") == {("enterprise", "2", "electricity", "CO2"): whole}
    assert quarter.masses("iso14064") == {("enterprise", "2", "CO2"): whole}
    assert quarter.masses("unit", "source") == {("enterprise", "works", "grid", "CO2"): whole}
    assert quarter.net() == {("enterprise", "CO2"): (whole, Decimal(0), whole)}
    assert quarter.by_period() == {
        ("enterprise", month, "CO2"): tonnes(hours) for month, hours in HOURS.items()
    }
    assert quarter.gaps == ()
    assert quarter.standing is Standing.PROVISIONAL  # November still runs
    assert inventory(here, "2026-10").standing is Standing.FINAL


def test_what_no_record_covers_is_a_gap_and_never_nothing(here: Plant) -> None:
    """[S0-5.1.1-b2]"""
    accounts(here).account(request("2026-11"))
    found = inventory(here, "2026-Q4")
    assert [(each.unit, each.begin.month, each.end.month) for each in found.gaps] == [
        ("works", 10, 11),
        ("works", 12, 1),
    ]
    assert found.standing is Standing.MISSING


def test_a_day_inside_a_month_is_not_counted_beside_it(here: Plant) -> None:
    service = accounts(here)
    service.account(request("2026-10-05"))
    assert inventory(here, "2026-10").figures() == {(Purpose.ENTERPRISE, "tCO2", ""): tonnes(24)}
    service.account(request("2026-10"))
    assert inventory(here, "2026-10").figures() == {(Purpose.ENTERPRISE, "tCO2", ""): tonnes(744)}


def test_spans_are_compared_and_set_against_output(here: Plant) -> None:
    """[S1-4.4-2]: intensity is computed with the total."""
    service = accounts(here)
    for month in HOURS:
        service.account(request(month))
    (change,) = compare(inventory(here, "2026-10"), inventory(here, "2026-11"))
    assert (change.before, change.after) == (tonnes(744), tonnes(456))
    assert change.ratio is not None
    assert abs(change.ratio - (Decimal(456) / 744 - 1)) < Decimal("1e-25")
    assert intensity(tonnes(744), Decimal(100)) == tonnes(744) / 100
    with pytest.raises(InputError) as refused:
        intensity(tonnes(744), Decimal(0))
    assert refused.value.reason == "inventory.intensity"


OUTPUT = """
[[entries]]
name = "steel.output"
source = "grid"

[[entries]]
name = "grid.bill"
source = "grid"
"""


def enter(here: Plant, activity: str, quantity: str, measure: str, period: str) -> None:
    log_content(
        here,
        ActivityEntry(
            organisation=ORGANISATION,
            activity=activity,
            source="grid",
            period=parse_period(period),
            quantity=Decimal(quantity),
            unit=measure,
            standing=Standing.FINAL,
            document="ledger of the works",
            evidence=bytes(32),
            entered_by="王芳",
            replaces=None,
        ),
    )


def view_request(span: str) -> InventoryRequest:
    return InventoryRequest(organisation=ORGANISATION, boundary="plant", span=Span.parse(span))


def test_output_and_bills_of_the_log_measure_a_figure(here: Plant) -> None:
    """[S1-4.4-2] [S0-7.1.2-c3]: intensity by logged output; the meter against the bill."""
    log_boundary(here, GRID.replace("version = 1", "version = 2") + OUTPUT)
    service = accounts(here)
    for month, output in (("2026-10", "40"), ("2026-11", "20")):
        service.account(request(month))
        enter(here, "steel.output", output, "t", month)
    enter(here, "grid.bill", "0.95", "MWh", "2026-10")  # the meter says 0.93
    now, asked = here.clock.now(), view_request("2026-10/2026-11")
    activities = SpanActivities(here.store, asked, now=now)
    (done,) = intensities_of(inventory(here, "2026-10/2026-11"), ["steel.output"], activities)
    assert (done.unit, done.value) == ("tCO2/t", tonnes(1200) / 60)
    (none,) = intensities_of(inventory(here, "2026-Q4"), ["steel.output"], activities)
    assert none.value is None  # an inventory with gaps has no intensity
    checks = check_activities(asked, ["grid.in", "grid.bill"], store=here.store, now=now)
    assert [each.agreement for each in checks] == [
        Agreement.DIFFERS,  # October: 2.2 %
        Agreement.NOT_DONE,  # November: no bill yet
        Agreement.NOT_DONE,
    ]
    wide = check_activities(
        asked, ["grid.in", "grid.bill"], store=here.store, now=now, tolerance=Decimal("0.03")
    )
    assert wide[0].agreement is Agreement.AGREES
    for names in (["grid.in"], ["grid.in", "grid.in"]):
        with pytest.raises(InputError):
            check_activities(asked, names, store=here.store, now=now)
    with pytest.raises(BoundaryNotFoundError):
        check_activities(asked, ["grid.in", "other"], store=here.store, now=now)


def test_a_month_is_set_against_its_days(here: Plant) -> None:
    """Standard 001, 6.4.1 (2): a longer record against the shorter ones that tile it."""
    service = accounts(here)
    service.account(request("2026-10"))
    assert check_levels(view_request("2026-10"), store=here.store) == ()  # nothing to compare
    for day in range(1, 32):
        service.account(request(f"2026-10-{day:02}"))
    (check,) = check_levels(view_request("2026-10"), store=here.store)
    assert (check.agreement, check.second) == (Agreement.AGREES, "31 records")
    assert check.ratio == 0


def test_an_inventory_says_that_it_uses_drafts_also_without_the_kept_results(here: Plant) -> None:
    """A row of one source is flagged wherever its result is shown."""
    log_boundary(here, GRID.replace("version = 1", "version = 2").replace('"2023"', '"2021"'))
    done = [accounts(here).account(request(month))[0] for month in HOURS]
    drafts = {flag.subject for flag in done[0].result.flags if flag.kind is FlagKind.DRAFT_FACTOR}
    assert drafts
    asked = view_request("2026-10/2026-11")
    found = inventory_view(asked, store=here.store).flags
    shown = {each.flag.subject: each.leaves for each in found}
    assert {shown[subject] for subject in drafts} == {tuple(each.index for each in done)}
    with here.store.database.writing() as connection:
        connection.execute(delete(ACCOUNTED_RESULTS))
        connection.commit()
    assert inventory_view(asked, store=here.store).flags == found


def test_a_whole_month_is_complete_and_a_quarter_with_gaps_is_not(here: Plant) -> None:
    """[S0-5.1.1-b2]"""
    accounts(here).account(request("2026-10"))
    month = inventory_view(view_request("2026-10"), store=here.store)
    assert month.is_complete
    assert {each.category for each in month.categories} == {
        *("electricity", "heat", "steam", "hot_water"),
    }
    assert not inventory_view(view_request("2026-Q4"), store=here.store).is_complete


def test_clean_energy_is_a_statistic_of_its_own(here: Plant) -> None:
    """[S2-8.3.1-2]: it lowers what was bought, once, and is shown beside; nothing is netted."""
    green = GRID.replace(
        'zero = "no direct supply, no certificates"\nunit = "MWh"', 'point = "grid.green"'
    ).replace("version = 1", "version = 2")
    log_boundary(here, green + '\n[[entries]]\nname = "grid.green"\nsource = "grid"\n')
    entry = ActivityEntry(
        organisation=ORGANISATION,
        activity="grid.green",
        source="grid",
        period=parse_period("2026-10"),
        quantity=Decimal("0.1"),
        unit="MWh",
        standing=Standing.FINAL,
        document="绿证 GEC-2026-0001",
        evidence=bytes(32),
        entered_by="王芳",
        replaces=None,
    )
    log_content(here, entry)
    (done,) = accounts(here).account(request("2026-10"))
    found = inventory(here, "2026-10")
    (clean,) = clean_energy_of(found, store=here.store, methods=packaged_methods())
    assert (clean.value, clean.unit) == (Decimal("0.1"), "MWh")
    assert (clean.item, clean.index) == ("electricity_nonfossil", done.index)
    assert found.masses() == {("enterprise", "CO2"): tonnes(744) - Decimal(100) * KG_PER_KWH / 1000}
    shown = inventory_view(view_request("2026-10"), store=here.store).clean
    assert (shown.deducted, shown.uncovered) == (Decimal("0.1"), Decimal("0.1"))
    fields = CONTENTS["clean energy"].to_fields() | {"period": "2026-10", "quantity": "60"}
    for number, changes in (("GEC-1", {"unit": "kWh"}), ("GEC-2", {"unit": "kWh"}), ("PV", {})):
        kind = "own_power" if number == "PV" else "certificate"
        changed = fields | changes | {"number": number, "kind": kind}
        log_content(here, CleanEnergyEntry.from_fields(changed))
    certificates = inventory_view(view_request("2026-10"), store=here.store).clean
    assert certificates.totals == {
        CleanKind.CERTIFICATE: Quantity(Decimal(120), unit("kWh")),
        CleanKind.OWN_POWER: Quantity(Decimal(60), unit("MWh")),
    }
    assert (certificates.uncovered, len(certificates.records)) == (0, 3)
    moved = fields | {"number": "GEC-1", "period": "2026-11", "unit": "kWh"}
    log_content(here, CleanEnergyEntry.from_fields(moved))  # a number counts once
    left = inventory_view(view_request("2026-10"), store=here.store).clean
    assert left.uncovered == Decimal("0.04")
    assert inventory(here, "2026-10").masses() == found.masses()  # nothing is netted


def test_requests_that_name_nothing(here: Plant) -> None:
    with pytest.raises(BoundaryNotFoundError):
        inventory(here, "2026", boundary="other")
    for span in ("2026-Q5", "2026-11/2026-10", "soon"):
        with pytest.raises(InputError):
            inventory(here, span)
    with pytest.raises(BoundaryNotFoundError) as refused:
        accounts(here).account(request("2025-12"))
    assert refused.value.reason == "boundary.period"
