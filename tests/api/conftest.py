"""One node with something in its log, served over real HTTP for every test of a module."""

from collections.abc import Iterator

import httpx
import pytest
from support.builders import GAUGE, Run
from support.node_app import make_app, node_app
from support.served import BEGIN, MINUTE, Api, Story
from support.servers import serving


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("node")
    with (
        node_app(folder) as node,
        serving(make_app(node)) as url,
        httpx.Client(trust_env=False, timeout=30) as client,
    ):
        yield Api(node=node, url=url, client=client)


@pytest.fixture(scope="module")
def story(api: Api) -> Story:
    """Two hours and a half of a counter, each minute, and what went wrong on the way."""
    run = Run()
    first = _deliver(api, run, range(60))
    _deliver_gauge(api, run)
    api.node.settle()
    anchored = api.node.anchor().head.size
    failed = run.reading(None, at=BEGIN + 60 * MINUTE)
    second = api.deliver(run.deliver([failed])).json()["data"]["first_index"]
    run.next_seq["meter-1"] += 2  # two records never come
    gap_seq = run.next_seq["meter-1"]
    _deliver(api, run, range(61, 120))
    late = api.deliver(run.deliver([run.reading("7.00", at=BEGIN - 40 * 24 * 60 * MINUTE)]))
    api.node.settle()
    sealed = api.node.settle().size  # the finding about the gap was logged in between
    third = _deliver(api, run, range(120, 150))
    conflict = _conflict(api, run)
    while api.node.projector.project_once():
        pass
    return Story(
        first=first,
        second=second,
        third=third,
        anchored=anchored,
        sealed=sealed,
        late_index=late.json()["data"]["first_index"],
        gap_seq=gap_seq,
        conflict=conflict,
        boot=run.boot,
    )


def _deliver(api: Api, run: Run, minutes: range) -> int:
    """Deliver a reading a minute: 10 kWh at first and one more each minute."""
    records = [run.reading(f"{10 + at}.00", at=BEGIN + at * MINUTE) for at in minutes]
    answer = api.deliver(run.deliver(records))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["first_index"]


def _deliver_gauge(api: Api, run: Run) -> None:
    records = [
        run.reading(value, meter_register=GAUGE, unit="kW", at=BEGIN + at * MINUTE)
        for at, value in enumerate(["5.5", "6.5", "9999.9"])
    ]
    assert api.deliver(run.deliver(records)).status_code == 201


def _conflict(api: Api, run: Run) -> bytes:
    """Hand in another record for a number that is taken, and return it."""
    contradicting = run.reading("999.00", seq=3, prev=None, at=BEGIN + 3 * MINUTE)
    answer = api.deliver(run.deliver([contradicting]))
    assert answer.status_code == 409, answer.text
    return contradicting
