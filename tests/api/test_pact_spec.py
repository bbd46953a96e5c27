"""docs/spec/pact.md: its example is one that is taken, and its tables are those of the code."""

import json
import re
from http import HTTPStatus
from pathlib import Path

from api.pact.answers import STATUSES
from api.pact.app import ROUTES
from trace_node.accounting.pact.criteria import SETS, STATUS, TIMES
from trace_node.accounting.pact.draft import parse_draft
from trace_node.accounting.pact.event import EventType

TEXT = (Path(__file__).parents[2] / "docs" / "spec" / "pact.md").read_text(encoding="utf-8")


def test_the_example_is_taken() -> None:
    found = re.search(r"^```json footprint\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert found
    assert parse_draft(json.loads(found[1])).proof


def test_every_address_and_error_is_told() -> None:
    addresses = re.findall(r"^\| `(GET|POST) (/\S+)` \|", TEXT, re.MULTILINE)
    assert set(addresses) == {
        (method, route.path)
        for route in ROUTES
        for method in (route.methods or ())
        if method != "HEAD"
    }
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", TEXT, re.MULTILINE)
    assert {code: HTTPStatus(int(status)) for code, status in rows} == dict(STATUSES)


def test_every_filter_and_event_is_told() -> None:
    for name in (*SETS, *TIMES, STATUS):
        assert f"`{name}`" in TEXT
    for each in EventType:
        name, _, version = each.value.removeprefix("org.wbcsd.pact.ProductFootprint.").partition(
            "."
        )
        assert f"`{name}`" in TEXT
        assert version == "3"
