"""An emission bundle in the hands of a stranger: the same digits, and what was altered is named."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from support.accounts import accounts, deliver_hours, hourly_meter, log_boundary, request
from support.builders import NOW, Run
from support.json_mutations import at, others, places
from support.provable import provable, provable_trust_root

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.canonical_json import decode_object
from trace_node.errors import InputError
from trace_node.services.prove_emission import Figures
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
        (done,) = accounts(here).account(request())
        world.settle()
        figures = Figures(store=here.store, factors=packaged_factors(), methods=packaged_methods())
        return figures.prove(done.index)


def verified(raw: bytes) -> EmissionReport:
    against = Against(trust_root=provable_trust_root().raw, now=NOW)
    report = verify_file(raw, against=against)
    assert isinstance(report, EmissionReport)
    return report


def outcome(report: EmissionReport, name: str) -> tuple[Status, str]:
    (check,) = (each for each in report.verdict.checks if each.kind.name == name)
    return check.status, str(check.params.get("field", ""))


def altered(raw: bytes, change: Callable[[Any], None]) -> bytes:
    """The same bundle after a change, with a digest that fits again."""
    members = json.loads(raw)
    del members["digest"]
    change(members)
    return write_bundle_file(members)


def test_a_stranger_computes_the_same_digits(bundle: bytes) -> None:
    """[S0-7.2.1-b4] [S2-9.2-4]"""
    report = verified(bundle)
    assert report.verdict.signed is Status.PASSED
    assert report.recomputed is not None
    (figure,) = report.recomputed.emission.figures
    assert str(figure.value) == "0.493458"
    shown = report.own_json()
    assert isinstance(shown, dict)
    assert shown["figures"] == [figure.write()]
    assert len(bundle) < 65_536


def _double_factor(members: Any) -> None:
    members["factors"][0]["value"] = "1.0612"


def _change_method(members: Any) -> None:
    members["method"]["title_en"] = "another method"


def _change_reading(members: Any) -> None:
    last = [each for each in members["leaves"] if each["record"]["type"].startswith("reading")][-1]
    last["record"]["value"] = "931.00"


def _change_result(members: Any) -> None:
    members["result"]["totals"][0]["value"] = "0.1"


def _leave_out_a_leaf(members: Any) -> None:
    members["leaves"] = [
        each for each in members["leaves"] if not each["record"]["type"].startswith("boundary")
    ]


@pytest.mark.parametrize(
    ("change", "named", "in_tree"),
    [
        (_double_factor, "factors.EF_grid", Status.PASSED),
        (_change_method, "method", Status.PASSED),
        (_change_reading, "activity.grid.in.raw", Status.FAILED),
        (_change_result, "totals.total.value", Status.PASSED),
        (_leave_out_a_leaf, "leaf", Status.FAILED),
    ],
)
def test_what_was_altered_is_named(
    bundle: bytes, change: Callable[[Any], None], named: str, in_tree: Status
) -> None:
    report = verified(altered(bundle, change))
    status, field = outcome(report, "emission.recomputed")
    assert status is Status.FAILED
    assert field.startswith(named)
    assert outcome(report, "inclusion")[0] is in_tree
    assert report.verdict.signed is Status.FAILED
    assert report.verdict.exit_code == 1


def test_a_figure_that_was_altered_fails_by_its_signature_too(bundle: bytes) -> None:
    def change(members: Any) -> None:
        (record,) = (
            each["record"] for each in members["leaves"] if each["index"] == members["emission"]
        )
        record["figures"][0]["value"] = "0.1"

    report = verified(altered(bundle, change))
    assert outcome(report, "emission.recomputed") == (Status.FAILED, "figures.total.value")
    assert outcome(report, "emission.signatures")[0] is Status.FAILED
    assert outcome(report, "inclusion")[0] is Status.FAILED


def test_the_file_has_one_form(bundle: bytes) -> None:
    members = decode_object(bundle, max_bytes=len(bundle))
    more = {**members, "more": 1}
    del more["digest"]
    report = verified(write_bundle_file(more))
    assert outcome(report, "file.form")[0] is Status.FAILED


def test_a_kept_result_of_another_case_is_named(bundle: bytes) -> None:
    """It may be right in itself: what it says of sources that do not occur is not the record's."""
    members = json.loads(bundle)
    del members["digest"]
    reasons = members["result"]["case"]["not_occurring"]
    name = next(iter(reasons))
    reasons[name] = reasons[name].upper()
    report = verified(write_bundle_file(members))
    assert outcome(report, "emission.recomputed")[0] is Status.FAILED


def test_no_change_of_any_member_passes_or_breaks_the_check(bundle: bytes) -> None:
    """A thousandth part of all changes each time: every one is found, and told in a verdict."""
    members = json.loads(bundle)
    del members["digest"]
    dice = random.Random(random.getrandbits(64))  # by the seed of the run, which is shown
    chosen = [path for path in places(members) if path != ("type",)]
    for path in dice.sample(chosen, 60):
        other = dice.choice(list(others(at(members, path))))
        if other == at(members, path):
            continue
        changed = json.loads(json.dumps(members))
        at(changed, path[:-1])[path[-1]] = other
        try:
            raw = write_bundle_file(changed)
        except InputError:
            continue  # not even canonical
        report = verified(raw)
        assert report.verdict.exit_code == 1 or path[0] == "anchor", (path, other)
