"""From a meter to an emission leaf and back, on both engines."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import (
    GRID,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    request,
)
from support.builders import Run, key
from support.plant import Plant, plant
from support.stores import ENGINES, new_store

from trace_node.accounting.errors import CaseError, RecomputeError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.standing import Standing
from trace_node.errors import StateError
from trace_node.services.fsck import Fsck
from trace_node.services.recompute_emission import recompute_emission

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
