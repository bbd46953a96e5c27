"""Boards over HTTP: who sees what, every figure with its sources, each refusal with its code."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest
from support.boards import Told, held, position
from support.builders import ORGANISATION
from support.node_app import LOG, NodeApp, make_app, node_app
from support.plant import statement_log
from support.served import Api, bearer
from support.servers import serving
from support.stating import basis, emission, other

from api.services import BoardServices
from api.tokens import Role
from trace_node.services.board import QuotaBoards
from trace_node.services.board_alerts import BoardAlerts
from trace_node.services.board_rules import BoardLibrary
from trace_node.services.usage_plans import PlanDesk

LINE = {"month": "2026-05", "act": "sell", "tonnes": 100}


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """plant-a inside the ETS with ten months of emission; plant-b outside, with a budget."""
    with node_app(tmp_path_factory.mktemp("board")) as node, ExitStack() as stack:
        told = Told()
        told.found = position(held(1, 2025, 18_000), held(2, 2026, 60_000))
        node.services = replace(node.services, board=with_positions(node, told))
        url = stack.enter_context(serving(make_app(node)))
        client = stack.enter_context(httpx.Client(trust_env=False, timeout=30))
        take = statement_log(node.plant).take
        take(basis(2025))
        take(emission("2025", 118_000, kind="verified"))
        b = other("plant-b")
        take(basis(2026, organisation=b, sector=None, ledger=None, budget=90, signer="authority"))
        for month in range(1, 11):
            take(emission(f"2026-{month:02}", 10_000 + month))
            take(emission(f"2026-{month:02}", 10, organisation=b, sector=None, signer="authority"))
        assert node.services.board is not None
        node.services.board.alerts.raise_due()
        yield Api(node=node, url=url, client=client)


def with_positions(node: NodeApp, told: Told) -> BoardServices:
    """The boards of a node over positions that a test sets."""
    common: dict[str, Any] = {"store": node.plant.store, "clock": node.clock}
    library = BoardLibrary.packaged()
    boards = QuotaBoards(positions=told, library=library, **common)
    return BoardServices(
        boards=boards,
        alerts=BoardAlerts(boards=boards, library=library, **common),
        plans=PlanDesk(positions=told, **common),
    )


def token(api: Api, role: Role, organisation: str | None) -> str:
    return api.node.token(role, organisation)


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    envelope = answer.json()
    return answer.status_code, envelope["data"]["reason"], envelope["code"]


def test_an_enterprise_sees_its_own_board_with_every_source(board: Api) -> None:
    mine = token(board, Role.ENTERPRISE, ORGANISATION)
    answer = board.ask("QuotaBoardQuery", token=mine, organisation="plant-a", allowance_price="80")
    data = answer.json()["data"]
    earlier, current = data["years"]
    assert (earlier["year"], earlier["kind"]) == (2025, "obligation")
    assert earlier["debt"]["obligation"]["value"] == "118000"
    assert earlier["debt"]["obligation"]["standing"] == "unconfirmed"
    assert (current["year"], current["kind"]) == (2026, "provisional")
    assert current["expected"]["standing"] == "estimate"
    assert {each["kind"] for each in current["expected"]["sources"]} == {"leaf", "method"}
    assert all(each["digest"] for each in current["expected"]["sources"])
    assert current["forecast"]["formulas"][-1]["formula"].startswith("half_up(")
    assert earlier["advice"]["penalty_from"]["value"] == str(5 * 80 * 100_000)
    assert "legal record" in data["legal_record"]


def test_a_figure_leads_to_the_leaf_in_the_log(board: Api) -> None:
    data = board.data("QuotaBoardQuery", organisation="plant-a")
    (source,) = data["years"][0]["emitted"]["sources"]
    entry = board.node.services.reader.entry(int(source["ref"]))
    assert b'"tonnes":"118000"' in entry.body


def test_nobody_sees_the_board_of_another(board: Api) -> None:
    mine = token(board, Role.ENTERPRISE, ORGANISATION)
    for name, query in (
        ("QuotaBoardQuery", {"organisation": "plant-b"}),
        ("QuotaAlertQuery", {"organisation": "plant-b"}),
        ("UsagePlanQuery", {"organisation": "plant-b", "year": 2026}),
        ("UsagePlanSubmit", {"organisation": "plant-b", "year": 2026, "lines": []}),
    ):
        assert refused(board.ask(name, token=mine, **query)) == (403, "access.scope", "302005")
    seen = board.ask("QuotaAlertQuery", token=mine).json()["data"]["alerts"]
    assert {each["organisation"] for each in seen} == {"plant-a"}
    assert refused(board.ask("QuotaOverviewQuery", token=mine))[1] == "access.role"
    scoped = token(board, Role.REGULATOR, "plant-b")
    assert refused(board.ask("QuotaOverviewQuery", token=scoped))[1] == "access.scope"
    assert refused(board.ask("QuotaBoardQuery", token="", organisation="plant-a"))[0] == 401


def test_the_regulator_sees_all(board: Api) -> None:
    everywhere = token(board, Role.REGULATOR, None)
    data = board.ask("QuotaOverviewQuery", token=everywhere).json()["data"]
    rows = {each["organisation"]: each for each in data["enterprises"]}
    assert set(rows) == {"plant-a", "plant-b"}
    assert rows["plant-a"]["shortfall"]["value"] == "100000"
    assert rows["plant-a"]["overdue"]["value"] == "0"
    assert (rows["plant-b"]["kind"], rows["plant-b"]["obligation"]) == ("budget", None)
    alerts = board.ask("QuotaAlertQuery", token=everywhere).json()["data"]["alerts"]
    assert {each["organisation"] for each in alerts} == {"plant-a", "plant-b"}


def test_an_alert_is_acknowledged_by_the_name_of_the_token(board: Api) -> None:
    everywhere = token(board, Role.REGULATOR, None)
    theirs = token(board, Role.ENTERPRISE, "plant-b")
    mine = token(board, Role.ENTERPRISE, ORGANISATION)
    (alert, *_) = board.ask("QuotaAlertQuery", token=theirs).json()["data"]["alerts"]
    number = alert["number"]
    ask = board.ask
    assert (
        refused(ask("QuotaAlertAcknowledge", token=everywhere, number=number))[1] == "access.role"
    )
    assert refused(ask("QuotaAlertAcknowledge", token=mine, number=number))[1] == "access.scope"
    assert refused(ask("QuotaAlertAcknowledge", token=mine, number=10**6)) == (
        404,
        "board.unknown.alert",
        "303203",
    )
    done = ask("QuotaAlertAcknowledge", token=theirs, number=number, note="seen").json()["data"]
    assert done["acknowledgement"]["by"] == "enterprise-plant-b"
    assert done["acknowledgement"]["note"] == "seen"
    again = ask("QuotaAlertAcknowledge", token=theirs, number=number)
    assert refused(again) == (409, "board.conflict.acknowledged", "303211")


def test_a_plan_is_kept_and_shown(board: Api) -> None:
    mine = token(board, Role.ENTERPRISE, ORGANISATION)
    plan = {"organisation": "plant-a", "year": 2026}
    made = board.ask("UsagePlanSubmit", token=mine, **plan, lines=[LINE], after=0).json()["data"]
    assert (made["version"], made["made_by"]) == (1, "enterprise-plant-a")
    stale = board.ask("UsagePlanSubmit", token=mine, **plan, lines=[LINE], after=0)
    assert refused(stale) == (409, "board.conflict.plan", "303212")
    data = board.ask("UsagePlanQuery", token=mine, **plan).json()["data"]
    assert data["plan"]["lines"] == [LINE]
    assert data["rows"] == [
        {
            "act": "sell",
            "actual": 0,
            "difference": -100,
            "is_over": False,
            "month": "2026-05",
            "planned": 100,
            "unconfirmed": 0,
        }
    ]
    assert data["mirror"]["height"] == 1000


REFUSED: dict[str, tuple[str, dict[str, Any], int, str, str]] = {
    "unknown enterprise": ("QuotaBoardQuery", {"organisation": "plant-z"}, 404, "board.unknown.organisation", "303202"),
    "negative price": ("QuotaBoardQuery", {"organisation": "plant-a", "allowance_price": "-1"}, 400, "input.field", "200007"),
    "price with an exponent": ("QuotaBoardQuery", {"organisation": "plant-a", "ccer_price": "1e9"}, 400, "input.field", "200007"),
    "price as a number": ("QuotaBoardQuery", {"organisation": "plant-a", "ccer_price": 80}, 400, "input.field", "200007"),
    "member of no board": ("QuotaOverviewQuery", {"year": 2026}, 400, "input.unknown_field", "200006"),
    "no such plan": ("UsagePlanQuery", {"organisation": "plant-b", "year": 2027}, 404, "board.unknown.plan", "303204"),
    "negative tonnes": ("UsagePlanSubmit", {"organisation": "plant-a", "year": 2026, "lines": [LINE | {"tonnes": -1}]}, 400, "input.field", "200007"),
    "part of a tonne": ("UsagePlanSubmit", {"organisation": "plant-a", "year": 2026, "lines": [LINE | {"tonnes": 1.5}]}, 400, "input.field", "200007"),
    "too many tonnes": ("UsagePlanSubmit", {"organisation": "plant-a", "year": 2026, "lines": [LINE | {"tonnes": 10**12 + 1}]}, 400, "input.field", "200007"),
    "month 13": ("UsagePlanSubmit", {"organisation": "plant-a", "year": 2026, "lines": [LINE | {"month": "2026-13"}]}, 400, "period.name", "200001"),
    "month of another year": ("UsagePlanSubmit", {"organisation": "plant-a", "year": 2026, "lines": [LINE | {"month": "2030-01"}]}, 400, "board.plan.month", "203223"),
    "planned twice": ("UsagePlanSubmit", {"organisation": "plant-a", "year": 2026, "lines": [LINE, LINE]}, 400, "board.plan.twice", "203225"),
    "unknown act": ("UsagePlanSubmit", {"organisation": "plant-a", "year": 2026, "lines": [LINE | {"act": "gift"}]}, 400, "input.field", "200007"),
    "note of two lines": ("QuotaAlertAcknowledge", {"number": 1, "note": "a\nb"}, 400, "board.input.text", "203211"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_question_is_refused_for_its_own_reason(board: Api, name: str) -> None:
    interface, query, *expected = REFUSED[name]
    answer = board.ask(interface, token=token(board, Role.OPERATOR, None), **query)
    assert refused(answer) == tuple(expected)


def test_statements_are_taken_by_their_signature_alone(board: Api) -> None:
    url = f"{board.url}/ingest/v1/{LOG}/statements"
    raw = emission("2024", 100_000, kind="verified")
    first = board.client.post(url, content=raw)
    assert (first.status_code, first.json()) == (
        201,
        board.client.post(url, content=raw).json(),
    )
    strange = board.client.post(url, content=emission("2024", 1, signer="nobody"))
    assert refused(strange) == (403, "statement.key", "302040")
    negative = board.client.post(url, content=raw.replace(b'"100000"', b'"-10000"'))
    assert refused(negative) == (400, "record.tonnes", "203206")
    altered = board.client.post(url, content=raw.replace(b'"100000"', b'"100001"'))
    assert refused(altered)[1].startswith("integrity.signature")
    other_log = f"{board.url}/ingest/v1/other/statements"
    assert refused(board.client.post(other_log, content=raw))[1] == "not_found.log"
    large = board.client.post(url, content=b"x" * 70_000)
    assert large.status_code == 413


def test_a_log_of_opaque_entries_keeps_no_boards(tmp_path: Any) -> None:
    with (
        node_app(tmp_path, board=None) as node,
        serving(make_app(node)) as url,
        httpx.Client(trust_env=False, timeout=30) as client,
    ):
        answer = client.post(
            f"{url}/api/v1/QuotaBoardQuery",
            json={"organisation": "plant-a"},
            headers=bearer(node.token(Role.OPERATOR)),
        )
        assert refused(answer) == (404, "not_found.board", "303200")
