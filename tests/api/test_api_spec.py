"""docs/spec/http.md: every example is asked again, and the tables are those of the code."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from support.builders import NOW, Run
from support.node_app import make_app, node_app
from support.served import Api
from support.servers import serving

from api.return_codes import KINDS, REASONS, STATUSES, answer_to
from api.tokens import Role
from trace_node import errors

PAGE = Path(__file__).parents[2] / "docs" / "spec" / "http.md"
TEXT = PAGE.read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(http|json) ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `(\d{6})` \| (\d{3}|—) \| (.+) \|$", re.MULTILINE)
QUESTIONS = {name: text for kind, name, text in _BLOCK.findall(TEXT) if kind == "http"}
ANSWERS = {name: text for kind, name, text in _BLOCK.findall(TEXT) if kind == "json"}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A node with five readings, anchored; the examples are about it."""
    with (
        node_app(tmp_path_factory.mktemp("spec")) as node,
        serving(make_app(node)) as url,
        httpx.Client(trust_env=False, timeout=30) as client,
    ):
        run = Run()
        times = [NOW - timedelta(minutes=at) for at in range(5, 0, -1)]
        records = [run.reading(f"{place}.50", at=at) for place, at in enumerate(times, 10)]
        node.plant.deliver(run.deliver(records))
        node.settle()
        anchor = node.anchor(transaction_hash=b"\6" * 32)
        assert anchor.head.size == 11
        yield Api(node=node, url=url, client=client)


def ask(api: Api, question: str) -> httpx.Response:
    """Send what a block shows, with a real token in the place of the word."""
    head, _, body = question.partition("\n\n")
    line, *lines = head.splitlines()
    method, path = line.split()
    headers = dict(each.split(": ", 1) for each in lines)
    if "Authorization" in headers:
        headers["Authorization"] = f"Bearer {api.token(Role.OPERATOR)}"
    if body.strip():
        headers.setdefault("Content-Type", "application/json")
    return api.client.request(method, api.url + path, content=body.strip(), headers=headers)


def shown(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_example_is_answered_as_the_page_says(example: Api, name: str) -> None:
    answer = ask(example, QUESTIONS[name]).json()
    if name == "state":
        answer["data"]["final"]["root"] = "1nrmaRupSXIyWB9yYAwPllmSg3jN5DtLOTTgHCEnmGg"  # salted
    assert answer == json.loads(ANSWERS[name])
    assert ANSWERS[name] == shown(json.loads(ANSWERS[name]))


def test_every_question_has_its_answer() -> None:
    assert set(QUESTIONS) == set(ANSWERS)
    assert len(QUESTIONS) >= 7


def rows() -> list[tuple[str, str, str]]:
    """The table of return codes as the code has it."""
    found = [("000000", "—", "success")]
    for kind, answer in KINDS:
        name = f"`{kind.code}`" if kind is not errors.TraceNodeError else "any other error"
        found.append((answer.code, str(int(answer.status)), f"{name}, the kind"))
    for reason, code in REASONS.items():
        found.append((code, _status(reason), f"`{reason}`"))
    return sorted(found)


def _status(reason: str) -> str:
    """The status of a reason, where its kind does not say it alone."""
    given = STATUSES.get(reason)
    if given is not None:
        return str(int(given))
    return "—"


def test_the_table_of_return_codes_is_that_of_the_code() -> None:
    assert _ROW.findall(TEXT) == rows()
    assert answer_to(errors.TraceNodeError("text", code="unexpected")).code == "100000"


def test_every_path_is_in_the_page(example: Api) -> None:
    described = example.get("/openapi.json").json()["paths"]
    for path in described:
        if path.startswith("/api/v1/"):
            assert f"**{path.rpartition('/')[2]}**" in TEXT
            continue
        start = path.split("{", maxsplit=1)[0]
        assert start in TEXT, path


def test_every_figure_is_in_the_page(example: Api) -> None:
    text = example.get("/metrics").text
    for name in set(re.findall(r"^# TYPE (tracenode_\w+) (?:gauge|histogram)", text, re.MULTILINE)):
        if name.endswith("_created"):
            continue
        assert name in TEXT or name.startswith("tracenode_link_"), name
