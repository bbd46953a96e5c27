"""A comparison of belt scales and laboratory samples in the hands of a stranger."""

import json
from datetime import timedelta

import pytest
from support.accounts import accounts, log_content
from support.accounts import request as of_unit
from support.builders import NOW, ORGANISATION
from support.cement_line import LINE, CementLine
from support.provable import provable, provable_trust_root

from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.records.measured_file import read_plan_file
from trace_node.period import parse_period
from trace_node.services.measure import MeasureRequest, measure
from trace_node.services.measure_proof import MeasuredAgain, prove_measurement
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.services.verify_emission import EmissionReport
from trace_node.tlog.bundle_file import write_bundle_file
from trace_node.tlog.verdict import Status

DAY = timedelta(days=1)
OCTOBER = parse_period("2026-10").start
CARBON = ("0.601", "0.612", "0.604", "0.609", "0.606")
PLAN = f"""
boundary = "plant"
unit = "clinker"
method = "{LINE}"
categories = ["combustion"]
rule = "calculated_during_trial"
valid_from = 2026-10-01
confirmed_by = "王芳"

[[balance]]
name = "coal"
side = "in"
quantity = "coal"
carbon = "coal.carbon"

[model]
form = "linear-least-squares@1"
inputs = ["coal", "clinker"]
target = "mass_balance"
trained_by = "day"
trained_from = 2026-10-01
trained_to = 2026-10-04
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Four days that train the model, and the fifth."""
    with provable(tmp_path_factory.mktemp("log")) as world:
        here = world.plant
        line = CementLine(here, interval=DAY)
        line.read([OCTOBER + day * DAY for day in range(len(CARBON) + 1)])
        plan = read_plan_file(PLAN.encode(), file="plan.toml", organisation=ORGANISATION)
        log_content(here, plan)
        service = accounts(here)
        for day, carbon in enumerate(CARBON):
            name = f"2026-10-{day + 1:02}"
            line.analyse(name, carbon)
            service.account(of_unit(name, unit="clinker"))
            request = MeasureRequest(
                organisation=ORGANISATION,
                boundary="plant",
                unit="clinker",
                method=LINE,
                period=parse_period(name),
            )
            done = measure(
                request,
                store=here.store,
                log=lambda content: log_content(here, content),
                clock=here.clock,
            )
        world.settle()
        return prove_measurement(done.index, store=here.store, clock=here.clock)


def verified(raw: bytes) -> EmissionReport:
    report = verify_file(raw, against=Against(trust_root=provable_trust_root().raw, now=NOW))
    assert isinstance(report, EmissionReport)
    return report


def test_meters_and_samples_give_balance_and_model_again(bundle: bytes) -> None:
    """[S3-5.1-1]: the calculated figure is that of the market, and neither stands in its place."""
    report = verified(bundle)
    assert report.verdict.signed is Status.PASSED
    assert isinstance(report.recomputed, MeasuredAgain)
    record = report.recomputed.record
    assert [each.approach for each in record.measurements] == [
        *(Approach.CALCULATION, Approach.MASS_BALANCE, Approach.MODEL)
    ]
    assert record.figure is Approach.CALCULATION
    assert {(each.name, each.provenance) for each in record.activity} == {
        *(("coal", "meter"), ("clinker", "meter"), ("coal.carbon", "laboratory"))
    }
    assert len(record.training) == 4


@pytest.mark.parametrize(
    ("kind", "member", "field"),
    [("reading@1", "value", "activity."), ("laboratory-record@1", "values", "activity.")],
)
def test_an_altered_reading_or_sample_is_named(
    bundle: bytes, kind: str, member: str, field: str
) -> None:
    members = json.loads(bundle)
    del members["digest"]
    record = [each["record"] for each in members["leaves"] if each["record"]["type"] == kind][-1]
    if member == "values":
        record["values"][0]["value"] = "0.7"
    else:
        record["value"] = f"{record['value'][:-1]}{9 - int(record['value'][-1])}"
    found = {each.kind.name: each for each in verified(write_bundle_file(members)).verdict.checks}
    assert found["emission.recomputed"].status is Status.FAILED
    assert str(found["emission.recomputed"].params["field"]).startswith(field)
