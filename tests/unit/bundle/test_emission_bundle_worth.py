"""The uncertainty in a bundle: a stranger evaluates it again, and an altered statement is named."""

import json
from typing import Any

import pytest
from support.accounts import (
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    request,
)
from support.assessments import CLASS_HALF, accuracy
from support.builders import NOW, Run
from support.provable import provable, provable_trust_root

from trace_node.services.prove_emission import figures_of_log
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_emission import EmissionReport
from trace_node.tlog.bundle_file import write_bundle_file
from trace_node.tlog.verdict import Status


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    with provable(tmp_path_factory.mktemp("log")) as world:
        here = world.plant
        hourly_meter(here)
        log_boundary(here)
        deliver_hours(here, Run())
        log_content(here, accuracy("meter-1/energy", CLASS_HALF))
        (done,) = accounts(here).account(request())
        world.settle()
        return figures_of_log(here.store).prove(done.index)


def verified(raw: bytes) -> EmissionReport:
    report = verify_file(raw, against=Against(trust_root=provable_trust_root().raw, now=NOW))
    assert isinstance(report, EmissionReport)
    return report


def test_a_stranger_evaluates_u_again(bundle: bytes) -> None:
    """930 kWh within 0.5 %, times 0.5306 kg: U = 0.00284898 t."""
    report = verified(bundle)
    assert report.verdict.signed is Status.PASSED
    shown = report.own_json()
    assert isinstance(shown, dict)
    worth: Any = shown["uncertainty"]
    assert worth["budgets"][0]["expanded"] == "0.00284898109134"
    assert worth["unstated"] == ["factor:cn.grid.avg.national.2023"]


def test_an_altered_class_is_named(bundle: bytes) -> None:
    members = json.loads(bundle)
    del members["digest"]
    for leaf in members["leaves"]:
        if leaf["record"]["type"] == "accuracy@1":
            leaf["record"]["parts"][0]["limit"] = "0.001"
    report = verified(write_bundle_file(members))
    found = {each.kind.name: each for each in report.verdict.checks}
    assert found["emission.recomputed"].status is Status.FAILED
    assert found["emission.recomputed"].params["field"] == "budgets"
    assert found["inclusion"].status is Status.FAILED
