"""A node's key that ends while the node runs: said ahead, and nothing is signed or lost afterwards."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.builders import NOW, key
from support.cheap_keys import make_cheap_keys
from support.command import command
from support.wired import Up, load, started_home, up, wait_for

from api import metrics
from api.cli.enrolling import registrar_of
from api.home import Home
from trace_node.clock import SystemClock
from trace_node.crypto import keys
from trace_node.ids import OrganisationId
from trace_node.ports.registry import EnrolledKey
from trace_node.services.node_key_term import (
    MARGIN,
    WARN_BEFORE,
    KeyState,
    NodeKeyEndedError,
    term_of,
)


class MovedClock(SystemClock):
    """The machine's clock, put forward by the test."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[MovedClock]]:
    make_cheap_keys(monkeypatch)
    for place in ("support.wired", "trace_node.clock"):
        monkeypatch.setattr(f"{place}.SystemClock", MovedClock)
    yield MovedClock
    MovedClock.ahead = timedelta()


def registration(home: Path, *, until: timedelta) -> bytes:
    """Another registration of the node's own key, which ends soon."""
    settings, files = load(home)
    made = registrar_of(settings, files)
    public = keys.load(files.node_key, settings.secret()).public
    begin = made.now + until - timedelta(days=366 * 5)
    return type(made)(
        origin=made.origin, organisation=made.organisation, authority=made.authority, now=begin
    ).key(public, usage="node", subject="local-node")


def facts(home: Path) -> dict:
    return json.loads(command("status", "--home", home, "-o", "json").out)


def diagnosis(home: Path) -> dict:
    found = json.loads(command("doctor", "--home", home, "-o", "json").out)
    return next(each for each in found if each["about"] == "node key")


def seconds_left(it: Up) -> float:
    text = metrics.exposition(it.node.services)[0].decode()
    (line,) = (each for each in text.splitlines() if each.startswith("tracenode_node_key_seconds"))
    return float(line.split()[1])


def test_the_end_is_said_ahead_and_stops_the_signing_until_it_is_renewed(
    tmp_path: Path, clock: type[MovedClock]
) -> None:
    home = started_home(tmp_path / "home")
    with up(home) as it:
        services = it.node.services
        assert (services.node_key().state, diagnosis(home)["state"]) == (KeyState.GOOD, "good")
        services.enrol(registration(home, until=WARN_BEFORE - timedelta(days=1)))
        assert services.node_key().state is KeyState.ENDS_SOON
        assert (facts(home)["node_key"], diagnosis(home)["state"]) == ("ends_soon", "warning")
        assert 28 < seconds_left(it) / 86_400 < 29.1
        it.deliver()
        clock.ahead = WARN_BEFORE - timedelta(days=1) - MARGIN / 2
        with pytest.raises(NodeKeyEndedError) as refusal:
            it.deliver()
        assert refusal.value.reason == "unavailable.node_key"
        assert "keys enrol" in refusal.value.remedy
        assert "signs no longer" in services.intake_note()
        services.wake()
        wait_for(lambda: "seal" in services.chain_note())
        wait_for(lambda: "project" in services.chain_note())
        size = services.reader.state().size
        assert (facts(home)["node_key"], diagnosis(home)["state"]) == ("ended", "bad")
        services.enrol(registration(home, until=timedelta(days=400)))  # no restart
        assert services.intake_note() == ""
        it.deliver()
        services.wake()
        wait_for(lambda: it.final() > size + 1, services.chain_note)
    assert command("fsck", "--home", home).code == 0


def test_a_renewal_that_begins_before_the_end_is_no_warning(
    tmp_path: Path, clock: type[MovedClock]
) -> None:
    home = started_home(tmp_path / "home")
    settings, files = load(home)
    with up(home) as it:
        it.node.services.enrol(registration(home, until=timedelta(days=10)))
        assert it.node.services.node_key().state is KeyState.ENDS_SOON
        made = registrar_of(settings, files)
        later = type(made)(
            origin=made.origin,
            organisation=made.organisation,
            authority=made.authority,
            now=made.now + timedelta(days=5),
        ).key(
            keys.load(Home(home).node_key, settings.secret()).public,
            usage="node",
            subject="local-node",
        )
        it.node.services.enrol(later)
        assert it.node.services.node_key().state is KeyState.GOOD
        clock.ahead = timedelta(days=11)
        assert it.node.services.node_key().state is KeyState.GOOD
        it.deliver()


@pytest.mark.parametrize(
    ("next_begins", "state"),
    [(5, KeyState.GOOD), (6, KeyState.ENDS_SOON)],
    ids=["where the other ends", "a day later"],
)
def test_a_gap_between_two_registrations_is_said_ahead(next_begins: int, state: KeyState) -> None:
    spans = ((-100, 5), (next_begins, 400))
    known = [
        EnrolledKey(
            index=index,
            digest=bytes(32),
            key_id=key("node").public.key_id,
            usage="node",
            point=key("node").public.point,
            subject="node",
            organisation=OrganisationId("plant-a"),
            valid_from=NOW + timedelta(days=begin),
            valid_to=NOW + timedelta(days=end),
            address=None,
        )
        for index, (begin, end) in enumerate(spans)
    ]
    found = term_of(known, key_id=known[0].key_id, at=NOW)
    assert found is not None
    assert found.state is state
