"""A gauge with more readings than a record names: the lists of its days stand for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import accounts, log_boundary, log_content, project, request
from support.builders import Run, key
from support.kiln import kiln_boundary, kiln_meter, kiln_method, release, sample
from support.plant import Plant, plant
from support.sealed_log import SIGNER
from support.stores import new_store
from support.usual_engine import USUAL

from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.errors import RecomputeError
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.records.gauge_readings import GAUGE_READINGS, GaugeReadings
from trace_node.clock import FixedClock
from trace_node.period import parse_period
from trace_node.services import account_integral, gauge_lists
from trace_node.services.account import Accounted
from trace_node.services.footprint_forward import ForwardWalk
from trace_node.services.fsck import Fsck
from trace_node.services.log_statement import signed_statement
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.recompute_emission import recompute_emission
from trace_node.services.seal import Seal
from trace_node.services.statement_leaves import leaves
from trace_node.services.statement_types import parse_statement
from trace_node.services.verify_emission import open_emission, recompute_bundle
from trace_node.store.archive_file import FileArchive

BEGIN, OVER = parse_period("2026-10").start, FixedClock(parse_period("2026-11-15").start)
TIMES = 31 * 12


@contextmanager
def kiln(folder: Path) -> Iterator[Plant]:
    """A kiln that burns gas by a flow meter; a record names 50 leaves of a gauge, a day has 12."""
    with (
        pytest.MonkeyPatch.context() as patch,
        new_store(USUAL, folder) as store,
        plant(store) as here,
    ):
        for module in (account_integral, gauge_lists):
            patch.setattr(module, "MOST_READINGS", 50)
        kiln_meter(here)
        release(here, kiln_method(), by="authority")
        log_boundary(here, kiln_boundary(coal=False, gas=True))
        carbon = sample(
            "2026-10-01", "5.9", parameter=Parameter.CARBON_GAS, substance="natural_gas"
        )
        log_content(here, carbon)
        yield here


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with kiln(tmp_path) as here:
        yield here


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Plant, Accounted]]:
    """October, read every two hours and accounted for."""
    with kiln(tmp_path_factory.mktemp("kiln")) as here:
        flow(here, Run(), range(TIMES + 1))
        yield here, october(here)


def flow(here: Plant, run: Run, times: range, *, step: timedelta = timedelta(hours=2)) -> None:
    """Readings of 0 to 239 Nm3/h, over and over."""
    for at in range(times.start, times.stop, 900):
        here.deliver(
            run.deliver(
                [
                    run.reading(
                        f"{each % 240}.0",
                        meter_register="flow",
                        unit="Nm3/h",
                        at=BEGIN + each * step,
                    )
                    for each in range(at, min(at + 900, times.stop))
                ]
            )
        )
    project(here)


def october(here: Plant, **changes: object) -> Accounted:
    (done,) = accounts(here, clock=OVER).account(request(**changes))
    return done


def lists(here: Plant) -> list[GaugeReadings]:
    with here.store.view() as view:
        return [leaf.content for leaf in leaves(view, GAUGE_READINGS)]  # type: ignore[misc]


def volume(done: Accounted) -> Decimal:
    (item,) = (each for each in done.emission.activity if each.name == "gas.flow")
    return item.value


def test_a_month_of_more_readings_than_a_record_names_is_accounted_for(
    whole: tuple[Plant, Accounted],
) -> None:
    """[S2-8.3.2-1]: the same digits as when each was named, from the list of each day."""
    here, done = whole
    # Trapezes of two hours; the last one ends at the first reading of November.
    rates = [each % 240 for each in range(TIMES + 1)]
    assert volume(done) == 2 * sum(rates) - (rates[0] + rates[-1])
    days = lists(here)
    assert len(days) == 31
    assert sum(len(each.readings) for each in days) == TIMES
    (item,) = (each for each in done.emission.activity if each.name == "gas.flow")
    assert len(item.leaves) == 1 + 31 + 1  # meter, days, and the first reading behind the month
    assert figures_of_log(here.store).recompute(done.index).result == done.result
    again = october(here)
    assert (again.is_new, len(lists(here))) == (False, 31)  # nothing is listed twice
    assert Fsck(store=here.store, authorities=[key("authority").public]).run().is_sound


def test_a_stranger_gets_the_readings_with_the_lists(
    whole: tuple[Plant, Accounted], tmp_path: Path
) -> None:
    here, done = whole
    archive = FileArchive(tmp_path / "archive")
    try:
        Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
    finally:
        archive.close()
    raw = figures_of_log(here.store).prove(done.index)
    _file, bundle, _note = open_emission(raw)
    assert len(bundle.leaves) > TIMES
    assert recompute_bundle(bundle).result.digest == done.result.digest
    missing = next(each for each in reversed(bundle.leaves) if b'"reading@1"' in each.body)
    part = replace(bundle, leaves=tuple(each for each in bundle.leaves if each is not missing))
    with pytest.raises(RecomputeError) as refused:
        recompute_bundle(part)
    assert str(missing.index) in str(refused.value)


def test_a_reading_leads_forward_through_the_list_of_its_day(
    whole: tuple[Plant, Accounted],
) -> None:
    here, done = whole
    first = lists(here)[7].readings[3]
    found = ForwardWalk(here.store).of_leaf(first)
    assert done.index in {each.index for each in found.statements}


def test_a_reading_that_came_late_makes_a_new_list_of_its_day_alone(here: Plant) -> None:
    run = Run()
    flow(here, run, range(TIMES + 1))
    before = october(here)
    assert len(lists(here)) == 31
    flow(here, run, range(301, 302), step=timedelta(hours=1))  # the 13th at 13:00
    after = october(here, reason="a reading came late")
    assert len(lists(here)) == 32
    assert lists(here)[-1].period == parse_period("2026-10-13")
    assert after.emission.replaces is not None
    assert after.emission.replaces.index == before.index
    assert figures_of_log(here.store).recompute(before.index).result == before.result


def test_a_list_of_another_gauge_is_named_when_the_figure_is_computed_again(
    whole: tuple[Plant, Accounted],
) -> None:
    here, done = whole
    figures = figures_of_log(here.store)
    bodies = figures._read_whole(done.emission.leaves)
    index = next(at for at, body in bodies.items() if b"gauge-readings@1" in body)
    listed = parse_statement(bodies[index]).content
    assert isinstance(listed, GaugeReadings)
    other = replace(listed, meter_register="other")
    body = signed_statement(other, signer=key("node"), clock=here.clock)
    method = figures.methods.get(done.emission.method)
    with pytest.raises(RecomputeError) as refused:
        recompute_emission(done.emission, {**bodies, index: body}, method, figures.factors)
    assert refused.value.params["field"] == "activity.gas.flow.leaves"


def test_what_is_only_looked_at_needs_lists_that_are_there(here: Plant) -> None:
    """Nothing is logged for a look; the refusal says what lists the days."""
    flow(here, Run(), range(TIMES + 1))
    computation = accounts(here, clock=OVER)._computation
    with pytest.raises(BoundaryError) as refused:
        computation.compute(request())
    assert refused.value.reason == "account.readings"
    assert "lists the readings" in refused.value.remedy
    assert lists(here) == []
    october(here)
    assert computation.compute(request())


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_month_of_minutes(here: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """44,640 readings, each named, and computed again."""
    for module in (account_integral, gauge_lists):
        monkeypatch.setattr(module, "MOST_READINGS", 3_900)
    minutes = 31 * 24 * 60
    flow(here, Run(), range(minutes + 1), step=timedelta(minutes=1))
    done = october(here)
    rates = [each % 240 for each in range(minutes + 1)]
    expected = (Decimal(sum(rates)) - Decimal(rates[0] + rates[-1]) / 2) / 60
    assert abs(volume(done) - expected) < Decimal("1e-20")
    assert sum(len(each.readings) for each in lists(here)) == minutes
    assert figures_of_log(here.store).recompute(done.index).result == done.result
