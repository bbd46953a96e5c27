"""POST /api/v1/InventoryQuery: masses per gas, figures per purpose, gaps and leaves."""

from collections.abc import Iterator

import httpx
import pytest
from support.accounts import (
    GRID,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    request,
)
from support.builders import Run
from support.node_app import make_app, node_app
from support.served import Api
from support.servers import serving

from api.tokens import Role
from trace_node.accounting.boundary.boundary_file import read_boundary_file


@pytest.fixture(scope="module")
def accounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A node with a month of grid electricity accounted for."""
    with (
        node_app(tmp_path_factory.mktemp("inventory")) as node,
        serving(make_app(node)) as url,
        httpx.Client(trust_env=False, timeout=30) as client,
    ):
        hourly_meter(node.plant)
        log_boundary(node.plant)
        deliver_hours(node.plant, Run())
        accounts(node.plant).account(request())
        yield Api(node=node, url=url, client=client)


def test_every_source_with_its_energy_its_amount_and_its_accuracy(accounted: Api) -> None:
    """[S0-5.1.1-a] [S2-8.3.1-2] [S1-4.4-1]: identified, counted, and how sure the figure is."""
    asked = {"boundary": "plant", "period": "2026-10"}
    (source,) = accounted.data("SourceRegister", **asked)["sources"]
    assert (source["source"], source["scope"], source["accounted"]) == ("grid", 2, True)
    (used,) = source["used"]
    assert (used["name"], used["value"], used["unit"]) == ("grid.in", "930.00", "kWh")
    assert source["masses"] == [{"purpose": "enterprise", "gas": "CO2", "value": "0.493458"}]
    (later,) = accounted.data("SourceRegister", boundary="plant", period="2026-11")["sources"]
    assert (later["accounted"], later["scope"], later["masses"]) == (False, None, [])
    found = accounted.data("AccountingStatistics", **asked)
    counts = {each["name"]: each["count"] for each in found["boundary"]["counts"]}
    assert (counts["sources"], counts["meters"], found["records"]) == (1, 1, 1)
    (method,) = found["methods"]
    assert (method["method"], method["final"]) == ("cn.purchased_energy@1", 1)
    (accuracy,) = accounted.data("InventoryQuery", **asked)["accuracy"]
    assert (accuracy["settled"], accuracy["categories"]) == ("1", "1")
    assert (accuracy["accuracy"], accuracy["met"]) == (None, None)  # of no error is anything stated


def test_a_month_by_scope_source_and_purpose(accounted: Api) -> None:
    """[S2-11.7]: scope 2, no sinks, and the leaf it comes from."""
    found = accounted.data("InventoryQuery", boundary="plant", period="2026-10")
    assert found["standing"] == "final"
    assert found["figures"] == [
        {
            "purpose": "enterprise",
            "value": "0.493458",
            "unit": "tCO2",
            "gwp_set": "",
            "unrounded": "0.493458",
            "rounding": "0",
            "of_records": "0.493458",
            "rounding_of_records": "0",
        }
    ]
    (scope,) = found["by_scope"]
    assert [scope[each] for each in ("purpose", "scope", "gas", "value")] == [
        *("enterprise", "2", "CO2", "0.493458")
    ]
    (source,) = found["by_source"]
    assert (source["unit"], source["source"]) == ("works", "grid")
    assert (found["gaps"], found["sinks"], found["demonstrations"]) == ([], [], [])
    assert found["complete"] is True
    assert {each["category"]: each["occurrence"] for each in found["categories"]} == {
        "electricity": "present",
        "heat": "not_occurring",
        "hot_water": "not_occurring",
        "steam": "not_occurring",
    }
    six = {each["number"]: each["sources"] for each in found["iso14064"]}
    assert six == {1: [], 2: ["grid"], 3: [], 4: [], 5: [], 6: []}
    assert found["clean_energy"]["totals"] == []
    assert found["clean_energy"]["uncovered_mwh"] == "0"
    (worth,) = found["uncertainty"]
    assert (worth["expanded"], worth["unevaluated"]) == (None, found["leaves"])  # and not 0
    records = accounted.data("Statements", kind="emission@1")["statements"]
    assert [each["index"] for each in records] == found["leaves"]


def test_what_another_enterprise_says_of_itself_is_for_the_regulator_and_the_operator(
    accounted: Api,
) -> None:
    other = GRID.replace('organisation = "plant-a"', 'organisation = "plant-b"')
    content = read_boundary_file(other.encode(), file="boundary.toml")
    theirs = log_content(accounted.node.plant, content, by="authority").index

    def seen(role: Role, organisation: str | None) -> set[int]:
        token = accounted.node.token(role, organisation)
        rows = accounted.data("Statements", token=token, kind="boundary@1")["statements"]
        return {each["index"] for each in rows}

    for role in (Role.REGULATOR, Role.OPERATOR):
        assert theirs in seen(role, None)
    for role in Role:
        assert theirs not in seen(role, "plant-a")
        assert len(seen(role, "plant-a")) == 1
    assert theirs not in seen(Role.VERIFIER, None)
    assert seen(Role.ENTERPRISE, "plant-b") == {theirs}
    token = accounted.node.token(Role.ENTERPRISE, "plant-b")
    assert accounted.ask("Statements", token=token, kind="rule-change@1").status_code == 403


def test_leaves_of_another_enterprise_are_read_by_the_regulator_and_the_operator_alone(
    accounted: Api,
) -> None:
    """Entry tiles show no more than ``Statements`` do."""
    node = accounted.node
    other = GRID.replace('organisation = "plant-a"', 'organisation = "plant-b"')
    content = read_boundary_file(other.encode(), file="boundary.toml")
    theirs = log_content(node.plant, content, by="authority").index
    size = node.settle().size
    own = "/log/plant-a/tile/entries/000"
    wider = f"/log/plant-a/tile/entries/{size // 256:03}.p/{size % 256}"
    for role in (Role.REGULATOR, Role.OPERATOR):
        answer = accounted.get(wider, token=node.token(role, None))
        assert b'"plant-b"' in answer.content
    for token in (node.token(Role.VERIFIER, None), node.token(Role.OPERATOR)):
        answer = accounted.get(wider, token=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "302007")
        assert f"leaf {theirs} " in answer.json()["message"]
        assert accounted.get(own, token=token).status_code == 200


def test_a_quarter_has_gaps(accounted: Api) -> None:
    found = accounted.data("InventoryQuery", boundary="plant", period="2026-Q4", unit="works")
    assert found["standing"] == "missing"
    assert [each["method"] for each in found["gaps"]] == ["cn.purchased_energy@1"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"boundary": "other", "period": "2026"}, 404),
        ({"boundary": "plant", "period": "soon"}, 400),
        ({"boundary": "plant"}, 400),
        ({"boundary": "plant", "period": "2026", "more": 1}, 400),
    ],
)
def test_what_is_refused(accounted: Api, query: dict, status: int) -> None:
    assert accounted.ask("InventoryQuery", **query).status_code == status


def test_another_organisation_sees_nothing(accounted: Api) -> None:
    token = accounted.node.token(Role.VERIFIER, "plant-b")
    answer = accounted.ask("InventoryQuery", token=token, boundary="plant", period="2026")
    assert answer.status_code == 403


def test_what_an_inventory_is_measured_and_checked_by(accounted: Api) -> None:
    """[S1-4.4-2] [S0-7.1.2-a1] [S0-7.1.2-b2] [S2-5.1]: the same over HTTP."""
    plant = {"boundary": "plant"}
    changes = accounted.data("InventoryCompare", **plant, before="2026-09", after="2026-10")
    assert (changes["gaps_before"], changes["gaps_after"]) == (1, 0)
    assert changes["changes"][0]["after"] == "0.493458"
    (by_power,) = accounted.data("EmissionIntensity", **plant, period="2026-10", per=["grid.in"])[
        "intensities"
    ]
    assert (by_power["unit"], by_power["quantity"]) == ("tCO2/kWh", "930.00")
    assert by_power["value"].startswith("0.0005306")
    assert accounted.data("InventoryCheck", **plant, period="2026-10")["checks"] == []
    (stage,) = accounted.data("StageAnalysis", **plant, period="2026-10")["stages"]
    assert (stage["stage"], stage["share"], stage["before"]) == ("works", "1", None)
    board = accounted.data("EmissionBoard", **plant, year="2026")
    assert (board["level"], board["used"]) == (None, None)  # nothing to measure it by
    assert {each["reference"] for each in board["to_date"]["references"]} == {
        *("history", "plan", "sector", "advanced"),
    }
    forecast = accounted.data("EmissionForecast", **plant, first="2026-11", months=2)
    assert forecast["best"] is None
    assert all(each["refusal"] for each in forecast["forecasts"])
    trend = accounted.data("EmissionTrend", **plant, period="2026-Q4", per="grid.in")
    assert trend["lines"][0]["values"][0]["period"] == "2026-10"
    assert (trend["lines"][0]["unit"], trend["lines"][0]["trend"]) == ("tCO2/kWh", None)
    assert trend["periods"][0]["leaves"]
    emitter = accounted.data("EmitterStatus", **plant, year="2026")
    assert (emitter["years"], emitter["threshold"]) == ([], "26000 tCO2e/yr")


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("InventoryCheck", {"period": "2026-10", "activities": ["grid.in"]}),
        ("InventoryCheck", {"period": "2026-10", "tolerance": "2"}),
        ("EmissionForecast", {"first": "2026"}),
        ("EmissionForecast", {"first": "2026-11", "months": 13}),
        ("EmissionForecast", {"first": "2026-11", "purpose": "weather"}),
        ("EmissionTrend", {"period": "2026", "by": "hour"}),
        ("EmissionTrend", {"period": "2025/2026", "by": "day"}),
        ("EmissionTrend", {"period": "2026", "references": [{"line": "steam", "row": "x"}]}),
        ("EmissionBoard", {"year": "2026-01"}),
        ("EmissionBoard", {"year": "2026", "purpose": "footprint"}),
        ("EmissionIntensity", {"period": "2026-10", "per": []}),
        ("InventoryCompare", {"before": "2026", "after": "soon"}),
    ],
)
def test_what_is_refused_of_the_outlook(accounted: Api, question: str, query: dict) -> None:
    status = 400
    assert accounted.ask(question, boundary="plant", **query).status_code == status


def test_a_quarter_up_to_now_says_what_is_on_record_and_what_is_not(accounted: Api) -> None:
    """[S2-8.2.1-3]: October is final in its leaf, November runs; December has not begun."""
    found = accounted.data("LiveEmissionQuery", boundary="plant", unit="works", period="2026-Q4")
    assert (found["standing"], found["gaps"]) == ("provisional", [])
    october, november = found["parts"]
    assert (october["period"], october["standing"]) == ("2026-10", "final")
    assert isinstance(october["leaf"], int)
    assert (november["period"], november["standing"]) == ("2026-11", "provisional")
    assert november["leaf"] is None
    assert found["figures"][0]["value"] == "0.493458"
    earlier = accounted.data("LiveEmissionQuery", boundary="plant", unit="works", period="2026-08")
    assert (earlier["standing"], earlier["figures"]) == ("missing", [])
    assert earlier["gaps"] == [{"period": "2026-08", "code": "account.missing"}]


def test_a_day_up_to_now_is_computed_and_not_logged(accounted: Api) -> None:
    """[S2-8.2.1-3]"""
    before = accounted.data("Statements", kind="emission@1")["statements"]
    found = accounted.data(
        "LiveEmissionQuery", boundary="plant", unit="works", period="2026-10-05/2026-10-06"
    )
    assert found["standing"] == "final"
    assert [each["leaf"] for each in found["parts"]] == [None, None]
    assert found["figures"][0]["value"] == "0.031836"
    assert accounted.data("Statements", kind="emission@1")["statements"] == before


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"boundary": "other", "unit": "works", "period": "2026"}, 404),
        ({"boundary": "plant", "unit": "other", "period": "2026"}, 404),
        ({"boundary": "plant", "unit": "works", "period": "2026-10-05T10:15"}, 400),
    ],
)
def test_a_live_query_that_cannot_be_answered_is_told(
    accounted: Api, query: dict[str, str], status: int
) -> None:
    assert accounted.ask("LiveEmissionQuery", **query).status_code == status
