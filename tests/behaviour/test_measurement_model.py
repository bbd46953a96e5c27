"""The third measurement: a model that a plan names, trained by what the plan measured before."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from support.accounts import log_boundary, log_content
from support.assessments import CLASS_HALF, accuracy
from support.builders import ORGANISATION, key
from support.cement import (
    BOUNDARY,
    MODEL,
    TRAINING,
    deliver_flue_gas,
    enter,
    measured,
    plan,
    plan_text,
    register_cems,
)
from support.plant import Plant, plant
from support.stores import new_store

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.assessment.modelled import not_trained
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.comparison.regression import TrainingRow
from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.accounting.records.measured_file import read_plan_file
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.errors import ConflictError
from trace_node.period import parse_period
from trace_node.record.errors import RecordError
from trace_node.services.fsck import Fsck
from trace_node.services.measure import Measured, recompute
from trace_node.services.measure_training import training_of


@contextmanager
def kiln(folder: Path) -> Iterator[Plant]:
    with new_store("sqlite", folder) as store, plant(store) as here:
        register_cems(here)
        log_boundary(here, BOUNDARY)
        log_content(here, plan(model=MODEL))
        yield here


@dataclass(frozen=True)
class World:
    here: Plant
    trained: list[Measured]
    done: Measured


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Six days that train it, one of them entered in kilotonnes, and the day that is asked for."""
    with kiln(tmp_path_factory.mktemp("log")) as here:
        for name in ("meal", "meal.carbon", "Q_clinker"):
            log_content(here, accuracy(name, CLASS_HALF, subject=SubjectKind.POINT))
        log_content(here, accuracy("cems-1/co2", {"by": "class", "limit": "0.02"}))
        trained = train(here)
        enter(here)
        deliver_flue_gas(here)
        yield World(here=here, trained=trained, done=measured(here))


def train(here: Plant, days: int = len(TRAINING)) -> list[Measured]:
    found = []
    for day, (meal, clinker, lime) in list(TRAINING.items())[:days]:
        mass = (str(Decimal(meal) / 1000), "kt") if day == "2026-09-30" else (meal, "t")
        enter(here, day, meal=mass, Q_clinker=(clinker, "t"), FR1=(lime, "1"))
        found.append(measured(here, day))
    return found


def calculation(record: MeasurementRecord) -> Decimal:
    return next(each.co2 for each in record.measurements if each.approach is Approach.CALCULATION)


def rows_of(trained: list[Measured]) -> list[tuple[Decimal, Decimal, Decimal]]:
    return [
        (Decimal(meal), Decimal(clinker), calculation(each.record))
        for (meal, clinker, _lime), each in zip(TRAINING.values(), trained, strict=True)
    ]


def solved(rows: list[tuple[Decimal, Decimal, Decimal]]) -> tuple[list[Fraction], Fraction]:
    """b of (X'X) b = X'y by elimination, and the sum of the squares that are left."""
    lines = [[Fraction(1), Fraction(meal), Fraction(clinker)] for meal, clinker, _ in rows]
    targets = [Fraction(co2) for _, _, co2 in rows]
    size = range(3)
    system = [
        [sum(line[i] * line[j] for line in lines) for j in size]
        + [sum(line[i] * y for line, y in zip(lines, targets, strict=True))]
        for i in size
    ]
    for i in size:
        system[i] = [each / system[i][i] for each in system[i]]
        for j in size:
            if j != i:
                system[j] = [
                    a - system[j][i] * b for a, b in zip(system[j], system[i], strict=True)
                ]
    found = [row[3] for row in system]
    rest = [y - sum(a * b for a, b in zip(found, line, strict=True))
            for line, y in zip(lines, targets, strict=True)]  # fmt: skip
    return found, sum((each**2 for each in rest), Fraction(0))


def test_three_methods_side_by_side_and_the_model_is_not_the_figure(world: World) -> None:
    """[S3-5.1-1] [S3-8.1]: flue gas, balance and a model trained by six days, beside the calculation."""
    trained, record = world.trained, world.done.record
    assert [each.approach for each in record.measurements] == [
        *(Approach.CALCULATION, Approach.CEMS, Approach.MASS_BALANCE, Approach.MODEL)
    ]
    assert record.figure is Approach.CEMS
    assert len(record.differences) == 6
    assert all(each.en is not None for each in record.differences)
    assert record.training == tuple(each.index for each in trained)
    model = record.model
    assert model is not None
    coefficients, squares = solved(rows_of(trained))
    for stated, expected in zip(model.coefficients, coefficients, strict=True):
        assert abs(Fraction(stated) / expected - 1) < Fraction(1, 10**11)
    of_model = record.measurements[-1]
    expected = coefficients[0] + coefficients[1] * 1500 + coefficients[2] * 1000
    assert abs(Fraction(of_model.co2) - expected) < Fraction(1, 10**30)
    assert abs(Fraction(model.rmse) ** 2 / (squares / 6) - 1) < Fraction(1, 10**10)
    assert abs(Fraction(model.scatter) ** 2 / (squares / 3) - 1) < Fraction(1, 10**10)
    assert of_model.expanded is not None
    assert of_model.expanded > 2 * model.scatter
    assert (of_model.u_b, of_model.largest) == (Decimal(0), ("model:residual",))


def test_a_day_that_trains_it_has_no_model_and_is_made_again(world: World) -> None:
    (index, *_) = (each.index for each in world.trained)
    found = recompute(index, store=world.here.store, clock=world.here.clock)
    assert (found.record.model, found.record.findings[0].code) == (None, "cems.no_hour")
    again = recompute(world.done.index, store=world.here.store, clock=world.here.clock)
    assert again.record == world.done.record
    assert Fsck(store=world.here.store, authorities=[key("authority").public]).run().is_sound


def test_too_few_days_train_no_model_and_that_is_said(tmp_path: Path) -> None:
    with kiln(tmp_path) as here:
        train(here, days=2)
        enter(here)
        record = measured(here).record
    assert record.model is None
    assert len(record.training) == 2
    found = {each.code: dict(each.params) for each in record.findings}
    assert found["model.untrained"] == {"count": "2", "least": "4"}


def test_a_day_it_was_not_trained_for_is_told(world: World) -> None:
    enter(world.here, "2026-10-06", Q_clinker=("3000", "t"))
    record = measured(world.here, "2026-10-06").record
    assert record.model is not None
    assert record.model.beyond == ("Q_clinker",)
    assert [each.code for each in record.measurements[-1].findings] == ["model.beyond"]


def test_what_another_plan_measured_trains_nothing(world: World) -> None:
    """It may be of other categories."""
    planned, record = plan(model=MODEL).model, world.trained[0].record
    assert planned is not None
    units = {"meal": "t", "Q_clinker": "t"}
    other = EvidenceLink(record.plan.index + 1, bytes(32))
    for link, count in ((record.plan, 1), (other, 0)):
        assert len(training_of(planned, link, units, [(7, record)]).rows) == count


def test_inputs_that_hang_together_train_nothing() -> None:
    planned = plan(model=MODEL).model
    assert planned is not None
    rows = [
        TrainingRow(
            period=parse_period(day),
            drivers={"meal": Decimal(meal), "Q_clinker": Decimal(meal) / 2},
            co2=Decimal(meal),
        )
        for day, (meal, _clinker, _lime) in TRAINING.items()
    ]
    found = not_trained(planned, rows)
    assert found is not None
    assert found.code == "model.singular"


@pytest.mark.parametrize("rule", ["model", "model_first"])
def test_a_rule_that_makes_the_model_the_figure_is_refused(rule: str) -> None:
    with pytest.raises(ComparisonError) as refused:
        plan(rule=rule, model=MODEL)
    assert refused.value.reason == "comparison.model"
    assert "S3 5.1" in refused.value.message


def test_a_record_that_calls_the_model_the_figure_is_refused(world: World) -> None:
    with pytest.raises(ComparisonError) as refused:
        MeasurementRecord.from_fields({**world.done.record.to_fields(), "figure": "model"})
    assert refused.value.reason == "comparison.model"


def test_training_that_is_no_comparison_of_the_log_is_refused(world: World) -> None:
    with pytest.raises(ConflictError) as refused:
        log_content(world.here, replace(world.done.record, training=(0,)))
    assert refused.value.reason == "measured.beside"


@pytest.mark.parametrize(
    ("line", "instead", "code"),
    [
        ('target = "calculation"', 'target = "model"', "comparison.model"),
        ('form = "linear-least-squares@1"', 'form = "neural@1"', "record.form"),
        ('inputs = ["meal", "Q_clinker"]', "inputs = []", "record.inputs"),
        ('trained_by = "day"', 'trained_by = "hour"', "record.trained_by"),
        ("trained_to = 2026-10-04", "trained_to = 2026-09-01", "record.trained_to"),
        ("trained_from = 2026-09-28", "trained_from = 2025-12-01", "record.trained_from"),
    ],
)
def test_a_model_that_breaks_a_rule_is_refused(line: str, instead: str, code: str) -> None:
    text = plan_text(model=MODEL.replace(line, instead))
    with pytest.raises((RecordError, ComparisonError)) as refused:
        read_plan_file(text.encode(), file="plan.toml", organisation=ORGANISATION)
    assert refused.value.reason == code
