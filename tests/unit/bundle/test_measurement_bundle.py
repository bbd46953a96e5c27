"""A comparison in the hands of a stranger: E_n and figures again, and what was altered is named."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from support.accounts import log_boundary, log_content
from support.assessments import CLASS_HALF, accuracy
from support.builders import NOW
from support.cement import (
    BOUNDARY,
    DAY,
    MODEL,
    TRAINING,
    deliver_flue_gas,
    enter,
    measured,
    plan,
    register_cems,
)
from support.json_mutations import at, others, places
from support.provable import provable, provable_trust_root

from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.errors import InputError
from trace_node.services.measure_proof import MeasuredAgain, prove_measurement
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_emission import EmissionReport
from trace_node.tlog.bundle_file import write_bundle_file
from trace_node.tlog.verdict import Status

CHANGES = 12


@dataclass(frozen=True)
class Bundles:
    honest: bytes
    forged: bytes


@pytest.fixture(scope="module")
def bundle(bundles: Bundles) -> bytes:
    return bundles.honest


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    """All four approaches of a day, trained by four days before; and a lie that the node signed."""
    with provable(tmp_path_factory.mktemp("log")) as world:
        here = world.plant
        register_cems(here)
        log_boundary(here, BOUNDARY)
        log_content(here, plan(model=MODEL))
        for name in ("meal", "meal.carbon", "Q_clinker"):
            log_content(here, accuracy(name, CLASS_HALF, subject=SubjectKind.POINT))
        log_content(here, accuracy("cems-1/co2", {"by": "class", "limit": "0.02"}))
        for day, (meal, clinker, lime) in list(TRAINING.items())[:4]:
            enter(here, day, meal=(meal, "t"), Q_clinker=(clinker, "t"), FR1=(lime, "1"))
            measured(here, day)
        enter(here)
        deliver_flue_gas(here, hours=22)
        done = measured(here, DAY)
        (chosen,) = done.record.figures
        lie = replace(done.record, figures=(replace(chosen, value=chosen.value / 2),))
        lied = log_content(here, lie)
        world.settle()
        honest = prove_measurement(done.index, store=here.store, clock=here.clock)
        figures = figures_of_log(here.store)
        forged = figures.bundle(
            lied.index,
            [each["index"] for each in json.loads(honest)["leaves"] if each["index"] != done.index],
            figures.recompute(done.record.emission.index),
            vouched=None,
        )
        return Bundles(honest=honest, forged=forged)


def verified(raw: bytes) -> EmissionReport:
    report = verify_file(raw, against=Against(trust_root=provable_trust_root().raw, now=NOW))
    assert isinstance(report, EmissionReport)
    return report


def records(members: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["record"] for each in members["leaves"] if each["record"]["type"].startswith(kind)]


def test_a_stranger_makes_the_comparison_again(bundle: bytes) -> None:
    report = verified(bundle)
    assert report.verdict.signed is Status.PASSED
    assert isinstance(report.recomputed, MeasuredAgain)
    shown = report.own_json()
    assert isinstance(shown, dict)
    approaches: Any = shown["measurements"]
    assert [each["approach"] for each in approaches] == [
        *("calculation", "cems", "mass_balance", "model")
    ]
    pairs: Any = shown["differences"]
    assert len(pairs) == 6
    assert sum(each["en"] is not None for each in pairs) == 3  # two hours of flue gas are missing
    assert shown["figure"] == "mass_balance"
    assert len(shown["training"]) == 4  # type: ignore[arg-type]


def test_a_lie_that_the_node_itself_signed_and_logged_is_named(bundles: Bundles) -> None:
    """Every signature and every proof holds; the figure does not."""
    report = verified(bundles.forged)
    found = {each.kind.name: each for each in report.verdict.checks}
    assert found["inclusion"].status is Status.PASSED
    assert found["emission.signatures"].status is Status.PASSED
    assert found["emission.recomputed"].status is Status.FAILED
    assert found["emission.recomputed"].params["field"] == "figures.total.value"


def reading_of_a_stack(members: dict[str, Any]) -> None:
    found = [each for each in records(members, "reading") if each["meter_register"] == "velocity"]
    found[3]["value"] = "11.00"


def left_out_reading(members: dict[str, Any]) -> None:
    at = next(
        at
        for at, each in enumerate(members["leaves"])
        if each["record"]["type"] == "reading@1" and each["record"]["meter_register"] == "co2"
    )
    del members["leaves"][at]


def entry_of_the_balance(members: dict[str, Any]) -> None:
    entry = next(
        each
        for each in records(members, "activity-entry")
        if (each["activity"], each["period"]) == ("meal", DAY)
    )
    entry["quantity"] = "1400"


def class_of_an_analyser(members: dict[str, Any]) -> None:
    records(members, "accuracy")[-1]["parts"][0]["limit"] = "0.1"


def figure(members: dict[str, Any]) -> None:
    records(members, "measurement@1")[-1]["figures"][0]["value"] = "1"


def day_of_the_training(members: dict[str, Any]) -> None:
    records(members, "measurement@1")[0]["measurements"][0]["co2"] = "1"


def hidden_training(members: dict[str, Any]) -> None:
    records(members, "measurement@1")[-1]["training"].pop()


def rule(members: dict[str, Any]) -> None:
    records(members, "measurement-plan")[0]["rule"] = "calculated_during_trial"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (reading_of_a_stack, "stacks.tail.co2"),
        (left_out_reading, "stacks.tail.co2"),
        (entry_of_the_balance, "activity.1.items.meal.raw"),
        (class_of_an_analyser, "measurements.cems.expanded"),
        (figure, "figures.total.value"),
        (day_of_the_training, "model.coefficients.0"),
        (hidden_training, "model"),
        (rule, "leaf"),
    ],
)
def test_what_was_altered_is_named(
    bundle: bytes, change: Callable[[dict[str, Any]], None], field: str
) -> None:
    members = json.loads(bundle)
    del members["digest"]
    change(members)
    report = verified(write_bundle_file(members))
    found = {each.kind.name: each for each in report.verdict.checks}
    assert found["emission.recomputed"].status is Status.FAILED
    named = str(found["emission.recomputed"].params["field"])
    assert named.split(maxsplit=1)[0] == field
    assert found["inclusion"].status is Status.FAILED


def test_no_change_of_plan_comparison_or_statement_passes_or_breaks_the_check(
    bundle: bytes,
) -> None:
    """A few of all changes each time: every one is found, and told in a verdict."""
    members = json.loads(bundle)
    del members["digest"]
    kinds = ("measurement", "accuracy", "boundary", "device-registration", "emission@1")
    of_kind = [
        at for at, each in enumerate(members["leaves"]) if each["record"]["type"].startswith(kinds)
    ]
    chosen = [
        ("leaves", place, "record", *path)
        for place in of_kind
        for path in places(members["leaves"][place]["record"])
        if path[0] not in {"type", "signature", "salt"}
    ]
    dice = random.Random(random.getrandbits(64))  # by the seed of the run, which is shown
    for path in dice.sample(chosen, CHANGES):
        other = dice.choice(list(others(at(members, path))))
        if other == at(members, path):
            continue
        changed = json.loads(json.dumps(members))
        at(changed, path[:-1])[path[-1]] = other
        try:
            raw = write_bundle_file(changed)
        except InputError:
            continue  # not even canonical
        found = {each.kind.name: each for each in verified(raw).verdict.checks}
        assert found["inclusion"].status is Status.FAILED, (path, other)
