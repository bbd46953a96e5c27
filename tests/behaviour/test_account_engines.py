"""From a meter to an emission leaf and back, on both engines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update
from support.accounts import (
    BEGIN,
    DIESEL,
    GRID,
    HOUR,
    HOURS_OF_OCTOBER,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    log_diesel,
    project,
    request,
)
from support.builders import Run, key
from support.plant import Plant, plant
from support.stores import ENGINES, new_store

from trace_node.accounting.errors import CaseError, FactorUnusableError, RecomputeError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.words import Use
from trace_node.accounting.records.approvals import FactorApproval
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.standing import Standing
from trace_node.errors import StateError
from trace_node.services.fsck import Fsck
from trace_node.services.prove_emission import Figures
from trace_node.services.recompute_emission import recompute_emission
from trace_node.services.restore import Restore
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive
from trace_node.store.tables import ACCOUNTED_TOTALS
from trace_node.tlog.note_keys import Sm2NoteSigner

GRID_2022 = GRID.replace('grid_year = "2023"', 'grid_year = "2022"').replace(
    "version = 1", "version = 2"
)
METHOD = packaged_methods().get("cn.purchased_energy@1")


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    with new_store(request.param, tmp_path) as store, plant(store) as here:
        hourly_meter(here)
        yield here


def bodies_of(here: Plant, emission: Emission) -> dict[int, bytes]:
    reader = here.store.reader()
    return {index: reader.entry(index).body for index in emission.leaves}


def test_a_month_of_grid_electricity_from_the_meter_to_the_leaf_and_back(here: Plant) -> None:
    """[S2-9.3-3] [S0-5.2.1-b] [S0-5.2.1-c]: 744 h x 1.25 kWh x 0.5306 kg/kWh = 0.493458 tCO2."""
    boundary = log_boundary(here)
    deliver_hours(here, Run())
    (done,) = accounts(here).account(request())
    emission = done.emission
    (figure,) = emission.figures
    assert figure.value == Decimal("930.00") * Decimal("0.5306") / 1000
    assert (figure.purpose, figure.unit, figure.gwp_set) == ("enterprise", "tCO2", "")
    assert emission.standing is Standing.FINAL
    assert emission.boundary_leaf.index == boundary.index
    (item,) = (each for each in emission.items if each.mass)
    assert (item.source, item.scope, item.iso14064, item.gas) == ("grid", 2, 2, "CO2")
    (activity,) = emission.activity
    assert (activity.raw, activity.raw_unit) == (Decimal("930.00"), "kWh")
    assert (activity.value, activity.standing) == (Decimal("930.00"), Standing.FINAL)
    again = recompute_emission(
        emission,
        bodies_of(here, emission),
        METHOD,
        packaged_factors(),
        stored=done.result.canonical,
    )
    assert again.result.digest == emission.result == done.result.digest
    with here.store.view() as view:
        assert view.accounting.result(emission.result) == done.result.canonical
        found = view.accounting.at(done.index)
    assert found is not None
    assert found.totals[0].value == figure.value
    assert Fsck(store=here.store, authorities=[key("authority").public]).run().is_sound


def test_the_same_figure_is_logged_once(here: Plant) -> None:
    log_boundary(here)
    deliver_hours(here, Run())
    (first,) = accounts(here).account(request())
    size = here.writer.snapshot.size
    (second,) = accounts(here).account(request())
    assert (first.is_new, second.is_new, first.index) == (True, False, second.index)
    assert here.writer.snapshot.size == size


def test_a_running_month_is_provisional_and_settled_again(here: Plant) -> None:
    log_boundary(here)
    run = Run()
    deliver_hours(here, run, count=300)
    (first,) = accounts(here).account(request())
    assert first.emission.standing is Standing.PROVISIONAL
    deliver_hours(here, run, first=300, count=445)
    (second,) = accounts(here).account(request())
    assert second.emission.standing is Standing.FINAL
    assert second.emission.replaces is not None
    assert second.emission.replaces.index == first.index
    with here.store.view() as view:
        found = view.accounting.current(
            organisation="plant-a",
            boundary="plant",
            begin=request().period.start,
            end=request().period.end,
        )
    assert [each.index for each in found] == [second.index]


def test_a_month_without_readings_is_missing_and_not_nothing(here: Plant) -> None:
    log_boundary(here)
    with pytest.raises(CaseError) as refused:
        accounts(here).account(request("2026-08"))
    assert refused.value.reason == "account.missing"


def test_a_closed_month_changes_by_an_adjustment_alone(here: Plant) -> None:
    log_boundary(here)
    deliver_hours(here, Run())
    accounts(here).account(request())
    log_boundary(here, GRID_2022)
    with pytest.raises(StateError) as refused:
        accounts(here).account(request())
    assert refused.value.reason == "account.closed"
    (second,) = accounts(here).account(request(reason="the verifier names the year 2022"))
    assert second.emission.reason == "the verifier names the year 2022"
    assert second.emission.figures[0].value == Decimal("930.00") * Decimal("0.5366") / 1000


def test_what_was_altered_is_named(here: Plant) -> None:
    """[S0-7.2.1-b4]: a leaf, a row, the method, a stated figure."""
    log_boundary(here)
    deliver_hours(here, Run())
    (done,) = accounts(here).account(request())
    emission, bodies = done.emission, bodies_of(here, done.emission)
    last = max(emission.activity[0].leaves)
    wrong = bodies[last].replace(b'"930.00"', b'"931.00"')
    assert wrong != bodies[last]
    assert _named(emission, bodies | {last: wrong}) == "activity.grid.in.raw"
    less = {index: body for index, body in bodies.items() if index != last}
    assert _named(emission, less) == f"leaf {last}"
    rows = [
        replace(row, value=row.value * 2) if row.id == "cn.grid.avg.national.2023" else row
        for row in packaged_factors()
    ]
    assert _named(emission, bodies, factors=FactorLibrary(rows)) == "factors.EF_grid"
    method = replace(METHOD, definition={**METHOD.definition, "title_en": "another"})
    assert _named(emission, bodies, method=method) == "method"
    figure = replace(emission.figures[0], value=emission.figures[0].value + 1)
    assert _named(replace(emission, figures=(figure,)), bodies) == "figures.total.value"


def _named(emission: Emission, bodies: dict[int, bytes], **changes: object) -> object:
    parts = {"method": METHOD, "factors": packaged_factors()} | changes
    with pytest.raises(RecomputeError) as refused:
        recompute_emission(emission, bodies, **parts)
    return refused.value.params["field"]


STEEL = packaged_methods().get("cn.ets.steel.2024.enterprise@1")


def test_fuel_from_invoices_by_source_and_its_correction(here: Plant) -> None:
    """[S2-11.6-2]: what people enter is computed with; a corrected entry is an adjustment."""
    log_boundary(here, DIESEL)
    log_diesel(here, "trucks", "10")
    with pytest.raises(CaseError) as refused:
        accounts(here).account(request())
    assert refused.value.reason == "account.missing"
    entry = log_diesel(here, "loaders", "2.5")
    (first,) = accounts(here).account(request())
    masses = {each.source: each.mass for each in first.emission.items}
    assert masses["loaders"] > 7
    assert abs(masses["trucks"] - 4 * masses["loaders"]) < Decimal("1e-20")
    assert {each.scope for each in first.emission.items} == {1}
    (figure,) = first.emission.figures
    assert figure.purpose == "ets"
    assert abs(figure.value - sum(masses.values())) < Decimal("0.5")
    items = {each.name: each for each in first.emission.activity}
    assert items["diesel.loaders"].leaves == (entry.index,)
    assert items["diesel.loaders"].provenance == "document"
    bodies = bodies_of(here, first.emission)
    again = recompute_emission(first.emission, bodies, STEEL, packaged_factors())
    assert again.result.digest == first.emission.result
    assert entry.index in again.emission.leaves
    log_diesel(here, "loaders", "3", replaces=entry)
    with pytest.raises(StateError):
        accounts(here).account(request())
    (second,) = accounts(here).account(request(reason="the invoice was read wrongly"))
    assert second.emission.replaces is not None


def test_a_draft_factor_needs_an_approval_for_compliance(here: Plant) -> None:
    """The approval is a leaf of the figure, and recomputing reads it there."""
    log_boundary(here, GRID.replace('grid_year = "2023"', 'grid_year = "2021"'))
    deliver_hours(here, Run())
    compliance = request(use=Use.COMPLIANCE)
    with pytest.raises(FactorUnusableError) as refused:
        accounts(here).account(compliance)
    assert refused.value.reason == "accounting.factor.unapproved"
    row = packaged_factors().row("cn.grid.avg.national.2021")
    approval = FactorApproval(
        row=row.id,
        digest=row.digest,
        proposed_by="王芳",
        approved_by="李明",
        organisation=compliance.organisation,
        evidence=bytes(32),
        reason="the notice was read in print",
    )
    act = log_content(here, approval)
    (done,) = accounts(here).account(compliance)
    assert done.emission.approvals == (act.index,)
    bodies = bodies_of(here, done.emission)
    recompute_emission(done.emission, bodies, METHOD, packaged_factors())
    less = {index: body for index, body in bodies.items() if index != act.index}
    with pytest.raises(RecomputeError):
        recompute_emission(done.emission, less, METHOD, packaged_factors())


def test_rows_that_were_altered_are_found_and_made_again(here: Plant, tmp_path: Path) -> None:
    log_boundary(here)
    deliver_hours(here, Run())
    (done,) = accounts(here).account(request())
    archive = FileArchive(tmp_path / "archive")
    seal = Seal(
        store=here.store,
        archive=archive,
        signers=[Sm2NoteSigner(name=here.store.identity.origin, signer=key("log"))],
        clock=here.clock,
    )
    seal.seal_once()
    with here.store.view() as view:
        rows = view.accounting.at(done.index)
    with new_store("sqlite", tmp_path / "again") as again:
        Restore(store=again, archive=archive).run()
        with again.view() as view:
            assert view.accounting.at(done.index) == rows
            assert view.accounting.result(done.emission.result) is None
        figures = Figures(store=again, factors=packaged_factors(), methods=packaged_methods())
        assert figures.recompute(done.index).result.digest == done.emission.result
    with here.store.database.writing() as connection:
        connection.execute(update(ACCOUNTED_TOTALS).values(value="0.1"))
        connection.commit()
    report = Fsck(store=here.store, authorities=[key("authority").public]).run()
    assert [(each.code, each.index) for each in report.problems] == [("fsck.index_row", done.index)]


def test_a_counter_that_goes_round_and_a_replaced_meter(here: Plant) -> None:
    """The leaves of the total hold both sides of each, and give it again."""
    log_boundary(here)
    run, shown = Run(), Decimal("999900.00")
    readings = []
    for hour in range(HOURS_OF_OCTOBER + 1):
        readings.append(run.reading(f"{shown:.2f}", at=BEGIN + hour * HOUR))
        shown = (shown + 1) % 1_000_000
        if hour == 400:
            detail = {"end": f"{shown - 1:.2f}", "start": "7000.00"}
            readings.append(
                run.event(
                    "replacement",
                    at=BEGIN + hour * HOUR + timedelta(minutes=1),
                    meter_register="energy",
                    detail=detail,
                )
            )
            shown = Decimal(7001)
    here.deliver(run.deliver(readings))
    project(here)
    (done,) = accounts(here).account(request())
    (activity,) = done.emission.activity
    assert activity.raw == HOURS_OF_OCTOBER
    assert len(activity.leaves) < 100
    bodies = bodies_of(here, done.emission)
    recompute_emission(done.emission, bodies, METHOD, packaged_factors())
    event = next(at for at, body in bodies.items() if b'"replacement"' in body)
    less = replace(activity, leaves=tuple(at for at in activity.leaves if at != event))
    altered = replace(done.emission, activity=(less,))
    assert _named(altered, bodies) == "activity.grid.in.raw"
