"""Meters whose description changes, and spans up to now over records of months."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import (
    DIESEL,
    GRID,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    log_diesel,
    request,
)
from support.builders import ORGANISATION, Run, counter, device_registration, key, meter
from support.kiln import sample
from support.plant import Plant, plant
from support.stores import new_store

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.arithmetic import half_up, total
from trace_node.accounting.boundary.errors import BoundaryError, BoundaryNotFoundError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.standing import Standing
from trace_node.errors import InputError
from trace_node.period import parse_period
from trace_node.services import statement_job, statement_leaves
from trace_node.services.fsck import Fsck
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.live_figures import LiveRequest, live_figures
from trace_node.services.recompute_emission import recompute_emission
from trace_node.services.span_activity import SpanActivities
from trace_node.services.uncertainties import basis_for

METHOD = packaged_methods().get("cn.purchased_energy@1")
KG_PER_KWH = Decimal("0.5306")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        yield here


def transformer(here: Plant, multiplier: str, since: datetime) -> None:
    """Another current transformer: the readings mean more from then on."""
    register = counter(interval_s=3600, multiplier=Decimal(multiplier))
    here.enrolment.enrol(device_registration(meter(meter_registers=[register], valid_from=since)))


def test_a_later_multiplier_leaves_what_was_before_it(here: Plant) -> None:
    """October was measured through the old transformer, whenever it is accounted for."""
    hourly_meter(here)
    log_boundary(here)
    deliver_hours(here, Run(), count=24 * 50)
    transformer(here, "40", datetime(2026, 11, 4, 16, tzinfo=UTC))  # 5 November in China
    service = accounts(here)
    (october,) = service.account(request("2026-10"))
    assert october.emission.figures[0].value == Decimal("1.25") * 744 * KG_PER_KWH / 1000
    (day,) = service.account(request("2026-11-06"))
    assert day.emission.figures[0].value == Decimal("1.25") * 24 * 40 * KG_PER_KWH / 1000
    reader = here.store.reader()
    bodies = {index: reader.entry(index).body for index in october.emission.leaves}
    again = recompute_emission(october.emission, bodies, METHOD, packaged_factors())
    assert again.result == october.result
    with pytest.raises(BoundaryError) as refused:
        service.account(request("2026-11"))
    assert refused.value.reason == "account.multiplier"
    assert refused.value.remedy
    asked = InventoryRequest(
        organisation=ORGANISATION, boundary="plant", span=Span.parse("2026-10/2026-10")
    )
    activities = SpanActivities(here.store, asked, now=here.clock.now())
    assert activities.over_span("grid.in").number == Decimal("1.25") * 744
    year = SpanActivities(here.store, replace(asked, span=Span.parse("2026")), now=here.clock.now())
    with pytest.raises(BoundaryError):  # month by month, and in November it changed
        year.over_span("grid.in")


def test_a_corrected_description_of_the_same_day_counts_for_all_of_it(here: Plant) -> None:
    hourly_meter(here)
    hourly_meter(here, multiplier=Decimal(40))  # the same valid_from: the later one holds
    log_boundary(here)
    deliver_hours(here, Run(), count=24 * 40)
    (october,) = accounts(here).account(request("2026-10"))
    assert october.emission.figures[0].value == Decimal("1.25") * 744 * 40 * KG_PER_KWH / 1000


def test_a_year_up_to_now_is_made_of_the_months_that_invoices_speak_of(here: Plant) -> None:
    """[S2-8.2.1-3]: there is no entry of the year, and the months have theirs."""
    log_boundary(here, DIESEL)
    for source in ("trucks", "loaders"):
        log_diesel(here, source, "10", period="2026-09")
        log_diesel(here, source, "20", period="2026-10")
    done = [accounts(here).account(request(month))[0] for month in ("2026-09", "2026-10")]
    asked = LiveRequest(
        organisation=ORGANISATION, boundary="plant", unit="works", span=Span.parse("2026")
    )
    found = live_figures(asked, store=here.store, clock=here.clock)
    assert [each.index for each in found.parts] == [each.index for each in done]
    (figure,) = found.span_figures().values()
    assert figure.of_records == sum(each.emission.figures[0].value for each in done)
    whole = total(each.emission.figures[0].masses["CO2"] for each in done)
    assert (figure.unrounded, figure.value) == (whole, half_up(whole, 0))
    assert {(key[0], key[2]) for key in found.masses()} == {("ets", "CO2")}
    assert [each.period.name for each in found.gaps] == [
        *(f"2026-{month:02}" for month in range(1, 9)),
        "2026-11",
    ]


def test_a_year_in_which_the_boundary_begins_has_the_months_before_as_gaps(here: Plant) -> None:
    hourly_meter(here)
    log_boundary(here, GRID.replace("2026-01-01", "2026-10-01"))
    deliver_hours(here, Run(), count=24 * 40)
    asked = LiveRequest(
        organisation=ORGANISATION, boundary="plant", unit="works", span=Span.parse("2026")
    )
    found = live_figures(asked, store=here.store, clock=here.clock)
    assert [each.emission.period.name for each in found.parts] == ["2026-10", "2026-11"]
    assert {each.error.reason for each in found.gaps} == {"boundary.period"}
    assert len(found.gaps) == 9
    with pytest.raises(BoundaryNotFoundError):
        live_figures(replace(asked, span=Span.parse("2025")), store=here.store, clock=here.clock)


def test_a_span_of_thousands_of_years_is_refused() -> None:
    assert Span.parse("2000/2026").begin.year == 2000
    with pytest.raises(InputError) as refused:
        Span.parse("1970/9998")
    assert refused.value.reason == "inventory.span"


def test_the_scatter_of_a_laboratory_counts_a_corrected_sample_once(
    here: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[S3-7.4.3-2]: the record that was taken back is no second pair of determinations."""
    monkeypatch.setattr(statement_leaves, "_PAGE", 2)  # and no page is the last one
    log_content(here, sample("2026-10-01", "0.60"))
    last = log_content(here, sample("2026-10-01", "0.61"))
    others = [log_content(here, sample(f"2026-10-{day:02}", "0.62")) for day in (2, 3, 4)]
    found = basis_for(parse_period("2026-10"), organisation=ORGANISATION, store=here.store)
    assert sorted(found.samples) == [last.index, *(each.index for each in others)]
    until = others[-1].index
    before = basis_for(
        parse_period("2026-10"), organisation=ORGANISATION, store=here.store, before=until
    )
    assert len(before.samples) == 3


def test_the_check_of_the_log_finds_a_closed_month_that_was_changed_without_a_reason(
    here: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[S0-7.2.1-b4]: logged by a writer that skips the rule, and as soon as it is there."""
    log_boundary(here, DIESEL)
    for source in ("trucks", "loaders"):
        log_diesel(here, source, "20")
    (closed,) = accounts(here).account(request("2026-10"))
    assert closed.emission.standing is Standing.FINAL
    link = EvidenceLink(closed.index, here.store.reader().entry(closed.index).leaf_hash)
    monkeypatch.setattr(statement_job, "require_successor", lambda *_parts: None)
    changed = log_content(here, replace(closed.emission, replaces=link, earlier=("x",)))
    report = Fsck(store=here.store, authorities=[key("authority").public]).run()
    assert [each.index for each in report.problems] == [changed.index]
