"""Probes, figures and documentation of a running node, over real HTTP."""

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.builders import Run
from support.node_app import make_app, node_app
from support.served import Api
from support.servers import serving

from api.services import LinkState
from trace_node.errors import ConfigError, UnavailableError


def figures(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_process_lives(api: Api) -> None:
    answer = api.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_node_is_ready_or_degraded(api: Api) -> None:
    size = api.node.services.reader.state().size
    ready = api.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        *(200,),
        {"status": "ready", "size": size, "detail": ""},
    )
    api.node.chain_note.append("anchor: the endpoint does not answer")
    try:
        degraded = api.get("/readyz")
    finally:
        api.node.chain_note.clear()
    assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
    assert degraded.json()["detail"] == "anchor: the endpoint does not answer"


def test_a_node_whose_writer_stopped_is_not_ready(tmp_path: Path) -> None:
    with (
        node_app(tmp_path, intake_note=lambda: "the log was rolled back") as node,
        serving(make_app(node)) as url,
    ):
        answer = httpx.get(f"{url}/readyz", trust_env=False)
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert answer.json()["detail"] == "the log was rolled back"


@dataclass
class Unreadable:
    """A reader whose database does not answer."""

    identity: object = None

    def state(self) -> NoReturn:
        raise UnavailableError("the database does not answer", code="store.io")

    progress = lags = state


def test_a_node_without_its_database_lives_but_is_not_ready(tmp_path: Path) -> None:
    with node_app(tmp_path, reader=Unreadable()) as node, serving(make_app(node)) as url:
        lives = httpx.get(f"{url}/healthz", trust_env=False)
        ready = httpx.get(f"{url}/readyz", trust_env=False)
        shown = httpx.get(f"{url}/metrics", trust_env=False)
        state = httpx.get(f"{url}/ingest/v1/plant-a/state", trust_env=False)
    assert lives.status_code == 200
    assert (ready.status_code, ready.json()) == (
        *(503,),
        {"status": "unready", "size": None, "detail": "the database does not answer"},
    )
    assert shown.status_code == 200
    found = figures(shown.text)
    assert found["tracenode_log_readable", ()] == 0
    assert ("tracenode_unanchored_entries", ()) not in found
    assert (state.status_code, state.json()["code"]) == (503, "100013")


def test_figures_say_how_far_the_log_is(tmp_path: Path) -> None:
    with node_app(tmp_path) as node, serving(make_app(node)) as url:
        node.plant.deliver_records(Run(), 5)
        sealed = node.settle().size
        node.plant.deliver_records(Run(), 2)
        node.clock.move(seconds=90)
        waiting = figures(httpx.get(f"{url}/metrics", trust_env=False).text)
        node.anchor()
        answer = httpx.get(f"{url}/metrics", trust_env=False)
    found = figures(answer.text)
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    size = sealed + 5  # context, two records, delivery, receipt
    states = {
        dict(labels)["state"]: value
        for (name, labels), value in found.items()
        if name == "tracenode_log_size"
    }
    assert states == {
        **dict.fromkeys(["submitted", "mined", "final", "durable", "checkpointed"], sealed),
        "received": size,
    }
    assert found["tracenode_unanchored_entries", ()] == 5
    assert found["tracenode_anchor_lag_seconds", ()] == 0
    assert waiting["tracenode_anchor_lag_seconds", ()] == 90
    lag = ("tracenode_projection_lag_entries", (("projection", "readings"),))
    assert found[lag] == 5
    assert found["tracenode_queue_depth", ()] == 0
    assert found["tracenode_log_readable", ()] == 1


def test_figures_of_every_link(api: Api) -> None:
    """S0-9.4.3-a: round-trip time, loss and outages of every link are exported as metrics."""
    up = LinkState(
        collector="c1",
        name="line-1",
        round_trip_us=25_400,
        sent=100,
        lost=3,
        outages=1,
        down_since=None,
    )
    down = LinkState(
        collector="c2",
        name="uplink",
        round_trip_us=None,
        sent=7,
        lost=7,
        outages=1,
        down_since="2026-11-21T03:10:00.000Z",
    )
    api.node.links[:] = [up, down]
    try:
        found = figures(api.get("/metrics").text)
    finally:
        api.node.links.clear()
    named = {
        (name.removeprefix("tracenode_link_"), dict(labels)["link"]): value
        for (name, labels), value in found.items()
        if name.startswith("tracenode_link_")
    }
    assert named == {
        ("sent", "line-1"): 100,
        ("sent", "uplink"): 7,
        ("lost", "line-1"): 3,
        ("lost", "uplink"): 7,
        ("outages", "line-1"): 1,
        ("outages", "uplink"): 1,
        ("down", "line-1"): 0,
        ("down", "uplink"): 1,
        ("round_trip_seconds", "line-1"): 0.0254,
    }


def test_a_damaged_file_of_a_collector_hides_only_its_links(tmp_path: Path) -> None:
    def damaged() -> NoReturn:
        raise ConfigError("no status of a collector", code="collector.status")

    with node_app(tmp_path, links=damaged) as node, serving(make_app(node)) as url:
        answer = httpx.get(f"{url}/metrics", trust_env=False)
    assert answer.status_code == 200
    assert figures(answer.text)["tracenode_log_readable", ()] == 1


def test_requests_are_counted_by_route_and_not_by_path(api: Api) -> None:
    for path in ("/log/plant-a/checkpoint/1", "/log/plant-a/checkpoint/2", "/nowhere/1"):
        assert api.get(path).status_code == 404
    found = figures(api.get("/metrics").text)
    route = "/log/{log}/checkpoint/{size}"
    counted = "tracenode_http_requests_total"
    assert found[counted, (("method", "GET"), ("route", route), ("status", "404"))] == 2
    assert found["tracenode_http_seconds_count", (("route", route),)] == 2
    assert not any("nowhere" in str(labels) for _, labels in found)


class Resources(HTMLParser):
    """What a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"src", "href"} and value]


def test_the_documentation_needs_no_other_server(api: Api) -> None:
    page = api.get("/docs")
    assert page.status_code == 200
    resources = Resources()
    resources.feed(page.text)
    assert len(resources.found) >= 3
    for path in resources.found:
        assert path.startswith("/"), path
        assert not path.startswith("//"), path
        assert api.get(path).status_code == 200
    assert not re.search(r"https?://", page.text)
    assert api.get("/redoc").status_code == 404


def test_the_description_is_whole(api: Api) -> None:
    described = api.get("/openapi.json").json()
    assert described["info"]["title"] == "Trace Node"
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["description"], path
            assert operation["tags"], path
            assert "422" not in operation["responses"], path
            assert "default" in operation["responses"], path
            if path.startswith("/api/v1/"):
                assert method == "post"
                assert operation["security"], path
    assert not re.search(r"https?://", json.dumps(described))


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/healthz"])
def test_what_is_shown_to_everybody(api: Api, path: str) -> None:
    assert api.get(path).status_code == 200
