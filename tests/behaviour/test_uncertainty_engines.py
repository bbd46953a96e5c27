"""What a figure is worth: from what is stated of a meter to U beside the emission, on both engines."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import accounts, deliver_hours, hourly_meter, log_boundary, log_content
from support.accounts import request as of_works
from support.assessments import CLASS_HALF, accuracy
from support.builders import ORGANISATION, Run, key
from support.plant import Plant, plant
from support.sealed_log import SIGNER
from support.stores import ENGINES, new_store

from trace_node.accounting.errors import RecomputeError
from trace_node.accounting.inventory.accuracy import FigureAccuracy
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.accounting.report.compose import compose
from trace_node.accounting.report_kind import ReportKind
from trace_node.accounting.uncertainty.parts import Kind
from trace_node.services.fsck import Fsck
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.inventory_accuracy import accuracy_of
from trace_node.services.inventory_view import inventory_view
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.report import ReportRequest, facts_of
from trace_node.services.seal import Seal
from trace_node.services.uncertainties import (
    beside,
    of_inventory,
    recompute_uncertainty,
    uncertainty_at,
)
from trace_node.store.archive_file import FileArchive

METHOD = packaged_methods().get("cn.purchased_energy@1")


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def here(engine: str, tmp_path: Path) -> Iterator[Plant]:
    with new_store(engine, tmp_path) as store, plant(store) as here:
        hourly_meter(here)
        log_boundary(here)
        yield here


def test_completeness_and_uncertainty_give_the_accuracy_of_a_figure(here: Plant) -> None:
    """[S1-4.4-1]: 99 % is told as met only of a whole month whose every error is stated."""
    deliver_hours(here, Run())
    (row,) = [each.row for each in accounts(here).account(of_works())[0].emission.factors]

    def state(meter: str, factor: str) -> FigureAccuracy:
        log_content(
            here, accuracy("meter-1/energy", {"by": "certificate", "limit": meter, "k": "2"})
        )
        limits = {"by": "certificate", "limit": factor, "k": "2"}
        log_content(here, accuracy(row, limits, subject=SubjectKind.FACTOR))
        accounts(here).account(of_works())
        return told("2026-10")

    def told(span: str) -> FigureAccuracy:
        asked = InventoryRequest(organisation=ORGANISATION, boundary="plant", span=Span.parse(span))
        view = inventory_view(asked, store=here.store)
        (found,) = accuracy_of(view, of_inventory(view.inventory, store=here.store))
        return found

    assert (told("2026-10").accuracy, told("2026-10").is_met) == (None, None)
    log_content(here, accuracy("meter-1/energy", {"by": "certificate", "limit": "0.003", "k": "2"}))
    accounts(here).account(of_works())
    bound = told("2026-10")  # the factor is not stated: a bound from above that meets nothing
    assert bound.accuracy is not None
    assert abs(bound.accuracy - Decimal("0.997")) < Decimal("1e-11")
    assert (bound.is_whole, bound.is_met) == (False, None)
    good = state("0.003", "0.004")
    assert (good.settled, good.categories, good.is_whole, good.is_met) == (1, 1, True, True)
    assert good.relative is not None
    assert abs(good.relative - Decimal("0.005")) < Decimal("1e-11")
    assert good.accuracy == good.completeness * (1 - good.relative)
    assert state("0.03", "0.04").is_met is False
    state("0.003", "0.004")
    two = told("2026-10/2026-11")  # November lacks: half the time and a day less
    assert abs(two.settled - Decimal(31) / 61) < Decimal("1e-25")
    assert two.is_met is False


@pytest.mark.parametrize("engine", ENGINES)
def test_a_class_and_a_factor_give_u_of_the_month(here: Plant) -> None:
    """[S3-7.4.3-1] [S3-4.2-5]: u^2 = (0.005/sqrt 3)^2 + 0.01^2, relative; U = 2 u."""
    deliver_hours(here, Run())
    meter = log_content(here, accuracy("meter-1/energy", CLASS_HALF))
    (row,) = [each.row for each in accounts(here).account(of_works())[0].emission.factors]
    log_content(
        here,
        accuracy(
            row,
            {"by": "certificate", "limit": "0.02", "k": "2"},
            subject=SubjectKind.FACTOR,
        ),
    )
    (done,) = accounts(here).account(of_works())
    assert done.uncertainty is not None
    record = done.uncertainty.record
    (budget,) = record.budgets
    value = done.emission.figures[0].value
    relative = (Decimal("0.005") ** 2 / 3 + Decimal("0.01") ** 2).sqrt()
    assert abs(budget.u / value - relative) < Decimal("1e-11")
    assert abs(budget.expanded / value - 2 * relative) < Decimal("1e-11")
    assert (budget.u_a, record.unstated) == (0, ())
    assert [each.source for each in budget.contributions] == [
        f"factor:{row}",
        "meter:meter-1/energy",
    ]
    assert meter.index in record.leaves
    assert Fsck(store=here.store, authorities=[key("authority").public]).run().is_sound


def test_the_report_states_u_k_and_the_largest_contributions(here: Plant, tmp_path: Path) -> None:
    """[S3-7.4.3-3]: U of 930 kWh within 0.5 %: 0.0028490 t, of 0.493458 t."""
    deliver_hours(here, Run())
    log_content(here, accuracy("meter-1/energy", CLASS_HALF))
    accounts(here).account(of_works())
    archive = FileArchive(tmp_path / "archive")
    try:
        Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
    finally:
        archive.close()
    asked = ReportRequest(
        organisation=ORGANISATION,
        boundary="plant",
        period="2026-10",
        kind=ReportKind.INTERNAL,
        prepared_on=date(2026, 11, 20),
        attach=False,
    )
    facts = facts_of(asked, figures=figures_of_log(here.store))
    (budget,) = facts.results[0].budgets.values()
    assert abs(budget.expanded - Decimal("0.002848981")) < Decimal("1e-9")
    assert (budget.k, budget.rows[0].name) == (2, "meter:meter-1/energy")
    section = next(each for each in compose(facts).sections if each.heading == "6 不确定度")
    text = str(section)
    assert "meter:meter-1/energy" in text
    assert "0.0028489" in text


def test_nothing_stated_is_no_uncertainty_of_zero(here: Plant) -> None:
    deliver_hours(here, Run())
    (done,) = accounts(here).account(of_works())
    assert done.uncertainty is None
    assert beside(done.emission, done.index, store=here.store) is None


def test_what_is_not_stated_is_listed(here: Plant) -> None:
    """[S3-7.4.3-2]: type A of repeated readings and type B of the class stand apart."""
    deliver_hours(here, Run())
    repeats = {"by": "repeats", "repeats": ["100.1", "99.9", "100.0"]}
    log_content(here, accuracy("meter-1/energy", CLASS_HALF, repeats))
    (done,) = accounts(here).account(of_works())
    assert done.uncertainty is not None
    record = done.uncertainty.record
    assert [name.split(":")[0] for name in record.unstated] == ["factor"]
    (budget,) = record.budgets
    assert {each.kind for each in budget.contributions} == {Kind.A, Kind.B}
    value = done.emission.figures[0].value
    # s = 0.1, n = 3, mean 100
    expected = Decimal("0.1") / Decimal(3).sqrt() / 100
    assert abs(budget.u_a / value - expected) < Decimal("1e-11")


def test_a_certificate_that_has_run_out_says_nothing(here: Plant) -> None:
    deliver_hours(here, Run())
    log_content(here, accuracy("meter-1/energy", CLASS_HALF, valid_to=date(2026, 10, 30)))
    (done,) = accounts(here).account(of_works())
    assert done.uncertainty is None


def test_months_of_one_meter_err_together(here: Plant) -> None:
    """U of two months is the sum of theirs, not their root of squares."""
    run = Run()
    deliver_hours(here, run, count=24 * 50)
    log_content(here, accuracy("meter-1/energy", CLASS_HALF))
    months = [accounts(here).account(of_works(name))[0] for name in ("2026-10", "2026-11")]
    asked = InventoryRequest(
        organisation="plant-a", boundary="plant", span=Span.parse("2026-10/2026-11")
    )
    (whole,) = of_inventory(inventory_of(asked, store=here.store), store=here.store)
    assert whole.budget is not None
    parts = [each.uncertainty.record.budgets[0].expanded for each in months if each.uncertainty]
    assert abs(whole.budget.expanded / sum(parts) - 1) < Decimal("1e-10")
    assert whole.unevaluated == ()


def test_a_month_that_was_not_evaluated_is_named(here: Plant) -> None:
    run = Run()
    deliver_hours(here, run, count=24 * 50)
    (first,) = accounts(here).account(of_works("2026-10"))
    log_content(here, accuracy("meter-1/energy", CLASS_HALF))
    accounts(here).account(of_works("2026-11"))
    asked = InventoryRequest(
        organisation="plant-a", boundary="plant", span=Span.parse("2026-10/2026-11")
    )
    (whole,) = of_inventory(inventory_of(asked, store=here.store), store=here.store)
    assert whole.unevaluated == (first.index,)


def test_it_is_evaluated_again_to_the_same_digits_or_named(here: Plant) -> None:
    deliver_hours(here, Run())
    stated = log_content(here, accuracy("meter-1/energy", CLASS_HALF))
    other = log_content(
        here,
        accuracy("meter-1/energy", {"by": "class", "limit": "0.01"}, valid_to=date(2026, 9, 1)),
    )
    (done,) = accounts(here).account(of_works())
    assert done.uncertainty is not None
    record = uncertainty_at(done.uncertainty.index, store=here.store)
    reader = here.store.reader()
    named = {*record.leaves, *done.emission.leaves}
    bodies = {index: reader.entry(index).body for index in named}
    again = recompute_uncertainty(record, done.emission, done.result, method=METHOD, bodies=bodies)
    assert again == record
    bodies[stated.index] = reader.entry(other.index).body
    with pytest.raises(RecomputeError) as refused:
        recompute_uncertainty(record, done.emission, done.result, method=METHOD, bodies=bodies)
    assert refused.value.params["field"] == "budgets"
