"""The market over HTTP: who may hand in and see what."""

import json

import httpx
import pytest
from support import statement_samples as samples
from support.builders import key
from support.registry_files import HOLDING, csv_file, xlsx_file
from support.served import Api, bearer

from api.tokens import Role
from trace_node.quota.commitment import make_opening
from trace_node.services.log_statement import signed_statement

LOG = "plant-a"
OPENING = make_opening(
    order_id=b"\6" * 32, salt=bytes(range(16)), content={"price": "92.50", "buyer": "plant-a"}
)


def state(api: Api, raw: bytes, log: str = LOG) -> httpx.Response:
    return api.client.post(f"{api.url}/ingest/v1/{log}/statements", content=raw)


def send(api: Api, path: str, raw: bytes, *, role: Role | None = Role.OPERATOR) -> httpx.Response:
    token = "" if role is None else api.token(role)
    return api.client.post(f"{api.url}/registry/v1/{path}", content=raw, headers=bearer(token))


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["data"]["reason"]


def test_a_signed_statement_becomes_a_leaf_and_is_found(api: Api) -> None:
    """[S0-8-b3]: the project behind CCER lots, with its verdicts, is a leaf of the log."""
    clock = api.node.clock
    content = samples.CONTENTS["ccer project"]
    raw = signed_statement(content, signer=key("node"), clock=clock)
    answer = state(api, raw)
    assert answer.status_code == 201
    again = state(api, signed_statement(content, signer=key("node"), clock=clock))
    assert again.json()["data"] == answer.json()["data"]
    found = api.data("Statements", kind="ccer-project@1", topic=content.topic)
    (row,) = found["statements"]
    assert row["record"] == json.loads(raw)
    assert row["index"] == answer.json()["data"]["index"]
    assert api.data("Statements", kind="ccer-project@1", after=row["index"])["statements"] == []


def test_statements_of_strangers_and_of_other_logs_are_refused(api: Api) -> None:
    content = samples.CONTENTS["rule change"]
    stranger = signed_statement(content, signer=key("stranger"), clock=api.node.clock)
    assert reason(state(api, stranger)) == (403, "statement.key")
    assert reason(state(api, stranger, log="another")) == (404, "not_found.log")
    assert reason(state(api, b"{}"))[0] == 400
    assert reason(api.ask("Statements", kind="rule-change@1", token=""))[0] == 401


def test_a_registry_file_is_taken_by_those_who_keep_the_books(api: Api) -> None:
    raw = csv_file([HOLDING], number="API-1")
    assert reason(send(api, "files?form=csv", raw, role=None)) == (401, "access.no_token")
    assert reason(send(api, "files?form=csv", raw, role=Role.VERIFIER)) == (403, "access.role")
    first = send(api, "files?form=csv", raw)
    assert (first.status_code, first.json()["data"]["fresh"]) == (201, True)
    assert send(api, "files?form=csv", raw).json()["data"]["fresh"] is False
    book = send(api, "files?form=xlsx", xlsx_file([HOLDING], number="API-1"))
    assert book.json()["data"]["version"] == 2
    listed = api.data("RegistryFiles", token=api.token(Role.ENTERPRISE))["files"]
    assert {"API-1"} == {row["number"] for row in listed}


@pytest.mark.parametrize(
    ("path", "raw", "told"),
    [
        ("files?form=csv", csv_file([(*HOLDING[:4], "1000.5")]), (400, "registry.cell")),
        ("files?form=xlsx", csv_file(), (400, "registry.file.form")),
        ("files?form=csv", b"x" * (8 * 1024 * 1024 + 1), (413, "input.too_large")),
        ("files?form=pdf", b"", (400, "input.field")),
        ("files", b"", (400, "input.missing_field")),
        ("openings?party=plant-a", b"{}", (400, "opening")),
    ],
)
def test_bad_input_has_its_own_code(api: Api, path: str, raw: bytes, told: tuple[int, str]) -> None:
    answer = send(api, path, raw)
    assert reason(answer) == told
    if told[1] == "registry.cell":
        assert "csv!E10" in answer.json()["message"]


def test_every_bad_cell_of_a_statement_is_answered_in_the_readers_language_with_a_remedy(
    api: Api,
) -> None:
    lines = [("CEA24", "registry", "1", "10", "x") for _ in range(25)]
    token = bearer(api.token(Role.OPERATOR))
    answer = api.client.post(
        f"{api.url}/registry/v1/files?form=csv",
        content=csv_file(lines),
        headers={**token, "Accept-Language": "zh-CN"},
    )
    faults = answer.json()["data"]["faults"]
    assert {f"csv!E{row}" for row in range(10, 35)} <= {each["field"] for each in faults}
    assert all("不是" in each["message"] and each["remedy"] for each in faults)
    assert "is not a number" not in answer.text
    other = send(api, "files?form=pdf", b"")
    assert "faults" not in other.json()["data"]


def test_price_and_counterparties_are_for_the_parties_and_the_regulator(api: Api) -> None:
    """[S0-8-c1]: in clear for the parties and the regulator alone."""
    commitment = "0x" + OPENING.commitment.hex()
    kept = send(api, "openings?party=plant-a&party=plant-b", OPENING.to_bytes())
    assert kept.json()["data"] == {"commitment": commitment, "parties": ["plant-a", "plant-b"]}
    tokens = api.node.services.tokens
    party, rival = (
        tokens.issue(name=name, role=Role.ENTERPRISE, organisation=name, days=1)
        for name in ("plant-b", "plant-z")
    )
    for token in (party, api.token(Role.REGULATOR)):
        data = api.data("Opening", token=token, commitment=commitment)
        assert data["content"] == {"price": "92.50", "buyer": "plant-a"}
    for token in (rival, api.token(Role.OPERATOR), api.token(Role.VERIFIER)):
        answer = api.ask("Opening", token=token, commitment=commitment)
        assert reason(answer) == (403, "access.opening")
        assert "92.50" not in answer.text
    assert reason(api.ask("Opening", token="", commitment=commitment))[0] == 401
    unknown = api.ask("Opening", token=party, commitment="0x" + "00" * 32)
    assert reason(unknown) == (404, "not_found.opening")


def test_the_disclosure_needs_no_token_and_says_what_it_leaves_out(api: Api) -> None:
    """[S0-8-c1] [S0-8-c2]"""
    answer = api.get("/disclosure/v1/trades")
    data = answer.json()["data"]
    assert (answer.status_code, data["least_trades"], data["least_parties"]) == (200, 3, 3)
    assert "not shown" in data["note"]
    chinese = api.client.get(
        f"{api.url}/disclosure/v1/trades", headers={"Accept-Language": "zh-CN"}
    )
    assert "不" in chinese.json()["data"]["note"]
    assert reason(api.get("/disclosure/v1/products"))[0] == 404  # no ledger was joined


def test_without_a_ledger_there_is_nothing_to_compare(api: Api) -> None:
    answer = api.ask("RegistryComparison", token=api.token(Role.OPERATOR), registry="allowance")
    assert answer.status_code == 404
    wrong = api.ask("RegistryComparison", token=api.token(Role.OPERATOR), registry="world")
    assert wrong.status_code == 400
