"""The PACT exchange over both engines: versions, grants, events, and the outbox with its retries."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.pact import MovableClock, document
from support.stores import ENGINES, new_store

from trace_node.accounting.pact.criteria import parse_criteria
from trace_node.accounting.pact.draft import parse_draft
from trace_node.accounting.pact.errors import EventError
from trace_node.accounting.pact.event import EventType, parse_event
from trace_node.accounting.pact.footprint import Footprint, Status
from trace_node.errors import UnavailableError
from trace_node.ports.pact import Answer, Partner
from trace_node.services.pact_access import PactAccess
from trace_node.services.pact_errors import (
    ClientRefusedError,
    FootprintNotFoundError,
    NotSharedError,
    PartnerNotFoundError,
    PartnerRefusedError,
    RequestNotFoundError,
    SupersededError,
    TokenEndedError,
    TokenRefusedError,
)
from trace_node.services.pact_exchange import PactExchange
from trace_node.services.pact_footprints import PactFootprints
from trace_node.services.pact_outbox import MOST_REFUSALS, PactOutbox
from trace_node.store.sql_store import SqlStore

BASE = "https://owner.example"
ALL = parse_criteria({})


class Mailbox:
    """A partner's host that a test silences."""

    def __init__(self) -> None:
        self.got: list[Mapping[str, Any]] = []
        self.silent = False
        self.refused: set[str] = set()

    def send(self, partner: Partner, event: Mapping[str, Any]) -> None:
        if self.silent:
            raise UnavailableError("{detail}", detail=f"{partner.name} is away")
        if event["id"] in self.refused:
            raise PartnerRefusedError("{detail}", detail="HTTP 400")
        self.got.append(event)


class World:
    """One host over a store."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.clock, self.mailbox = store, MovableClock(), Mailbox()
        self.access = PactAccess(store, key=b"k" * 32, clock=self.clock)
        self.footprints = PactFootprints(store, base=BASE, clock=self.clock)
        self.exchange = PactExchange(store, base=BASE, clock=self.clock)
        self.outbox = PactOutbox(store, host=self.mailbox, clock=self.clock)

    def admit(self, name: str, **more: Any) -> str:
        return self.access.issue(
            Partner(name=name, secret=bytes(32), created=self.clock.now(), **more)
        )

    def partner(self, name: str) -> Partner:
        with self.store.view() as view:
            found = view.partners.get(name)
        assert found is not None
        return found

    def publish(self, *, supersedes: str | None = None, **changes: Any) -> Footprint:
        draft = parse_draft(document(**changes))
        return self.footprints.publish(draft, by="anna", supersedes=supersedes)

    def ask(self, name: str, data: Mapping[str, Any], *, identifier: str = "q1") -> None:
        event = {
            "type": EventType.REQUEST_CREATED.value,
            "specversion": "1.0",
            "id": identifier,
            "source": "https://mill.example/3/events",
            "time": "2026-11-01T08:00:00Z",
            "data": data,
        }
        self.exchange.receive(parse_event(event), partner=self.partner(name))

    def newest(self) -> Any:
        with self.store.view() as view:
            return view.pact_events.outbox(limit=1)[0]


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with new_store(request.param, tmp_path) as store:
        yield World(store)


def test_a_change_is_a_new_version_that_supersedes(world: World) -> None:
    first = world.publish()
    second = world.publish(supersedes=first.id, footprint__comment="better data")
    third = world.publish(supersedes=second.id)
    assert third.preceding == (first.id, second.id)
    assert third.document(base=BASE)["precedingPfIds"] == [first.id, second.id]
    page = world.footprints.page(ALL, partner=None)
    assert [(each.id, each.status) for each in page.footprints] == [
        (first.id, Status.DEPRECATED),
        (second.id, Status.DEPRECATED),
        (third.id, Status.ACTIVE),
    ]
    assert page.footprints[0].draft == first.draft
    with pytest.raises(SupersededError):
        world.publish(supersedes=first.id)
    with pytest.raises(FootprintNotFoundError):
        world.publish(supersedes="00000000-0000-0000-0000-000000000000")


def test_a_grant_holds_for_every_version_and_for_nobody_else(world: World) -> None:
    world.admit("mill")
    world.admit("rival")
    first, other = world.publish(), world.publish()
    assert world.footprints.share(first.id, "mill")
    assert not world.footprints.share(first.id, "mill")
    second = world.publish(supersedes=first.id)
    assert world.footprints.get(second.id, partner="mill").id == second.id
    for stranger, footprint in (("rival", first), ("rival", second), ("mill", other)):
        with pytest.raises(NotSharedError):
            world.footprints.get(footprint.id, partner=stranger)
    seen = world.footprints.page(ALL, partner="mill").footprints
    assert [each.id for each in seen] == [first.id, second.id]
    assert not world.footprints.page(ALL, partner="rival").footprints
    assert world.footprints.unshare(second.id, "mill")
    assert not world.footprints.page(ALL, partner="mill").footprints
    with pytest.raises(PartnerNotFoundError):
        world.footprints.share(first.id, "nobody")


def test_pages_skip_what_does_not_match(world: World) -> None:
    ids = [
        world.publish(footprint__pcf__geographyCountry="CN" if place % 3 else "KR").id
        for place in range(9)
    ]
    criteria = parse_criteria({"geography": ["KR"]})
    first = world.footprints.page(criteria, partner=None, limit=2)
    assert [each.id for each in first.footprints] == [ids[0], ids[3]]
    assert first.after is not None
    rest = world.footprints.page(criteria, partner=None, after=first.after, limit=2)
    assert [each.id for each in rest.footprints] == [ids[6]]
    assert rest.after is None


def test_tokens_end_with_their_time_their_secret_and_their_partner(world: World) -> None:
    secret = world.admit("mill")
    token = world.access.token("mill", secret)
    assert world.access.partner_of(token).name == "mill"
    for name, wrong in (("mill", "x"), ("mill", ""), ("rival", secret), ("mill", secret * 9)):
        with pytest.raises(ClientRefusedError):
            world.access.token(name, wrong)
    name, end, seal = token.split(".")
    for forged in (f"rival.{end}.{seal}", f"{name}.9{end}.{seal}", f"{name}.{end}.", "", "é.1.é"):
        with pytest.raises(TokenRefusedError):
            world.access.partner_of(forged)
    world.clock.at += timedelta(minutes=59, seconds=59)
    assert world.access.partner_of(token).name == "mill"
    world.clock.at += timedelta(seconds=1)
    with pytest.raises(TokenEndedError):
        world.access.partner_of(token)
    fresh = world.access.token("mill", secret)
    newer = world.admit("mill")
    with pytest.raises(TokenRefusedError):
        world.access.partner_of(fresh)
    token = world.access.token("mill", newer)
    world.access.revoke("mill")
    with pytest.raises(TokenRefusedError):
        world.access.partner_of(token)
    with pytest.raises(ClientRefusedError):
        world.access.token("mill", newer)


def test_a_request_is_answered_by_hand_once(world: World) -> None:
    world.admit("mill", address="https://mill.example", client="owner")
    footprint, other = world.publish(), world.publish()
    world.footprints.share(footprint.id, "mill")
    world.ask("mill", {"productId": footprint.draft.product["productIds"]})
    world.ask("mill", {"productId": ["urn:other"]})  # the same source and id: there already
    with world.store.view() as view:
        (request,) = view.pact_events.newest_received(limit=10)
    assert request.answer is Answer.OPEN
    with pytest.raises(NotSharedError):
        world.exchange.fulfil(request.number, [other.id])
    with pytest.raises(FootprintNotFoundError):
        world.exchange.fulfil(request.number, [])
    world.exchange.fulfil(request.number, [footprint.id])
    assert world.newest().event.data["pfs"] == [footprint.document(base=BASE)]
    with pytest.raises(SupersededError):
        world.exchange.reject(request.number, code="NotFound", message="late")
    with pytest.raises(RequestNotFoundError):
        world.exchange.fulfil(request.number + 1, [footprint.id])


def test_an_automatic_answer_shows_only_active_footprints_that_are_shared(world: World) -> None:
    world.admit("mill", address="https://mill.example", client="owner", answers_itself=True)
    first = world.publish()
    world.publish()
    world.footprints.share(first.id, "mill")
    second = world.publish(supersedes=first.id)
    world.ask("mill", {})
    assert [each["id"] for each in world.newest().event.data["pfs"]] == [second.id]


@pytest.mark.parametrize("address", ["", "https://elsewhere.example"])
def test_a_request_from_a_host_that_is_not_on_record_is_refused(world: World, address: str) -> None:
    world.admit("mill", address=address, client="owner")
    with pytest.raises(EventError) as refusal:
        world.ask("mill", {})
    assert refusal.value.field == "source"
    with world.store.view() as view:
        assert not view.pact_events.newest_received(limit=1)


def test_an_answer_to_no_request_of_ours_is_refused(world: World) -> None:
    world.admit("mill", address="https://mill.example", client="owner")
    asked = world.exchange.request("mill", ["urn:a"])
    answer = {
        "type": EventType.REQUEST_REJECTED.value,
        "specversion": "1.0",
        "id": "a1",
        "source": "https://mill.example",
        "time": "2026-11-01T08:00:00Z",
        "data": {"requestEventId": asked, "error": {"code": "NotFound", "message": "none"}},
    }
    world.exchange.receive(parse_event(answer), partner=world.partner("mill"))
    world.admit("rival", address="https://rival.example", client="owner")
    with pytest.raises(EventError) as refusal:
        world.exchange.receive(parse_event(answer), partner=world.partner("rival"))
    assert refusal.value.field == "data.requestEventId"


def test_the_outbox_tries_again_with_growing_pauses_and_gives_up(world: World) -> None:
    world.admit("mill", address="https://mill.example", client="owner")
    footprint = world.publish()
    world.mailbox.silent = True
    world.footprints.share(footprint.id, "mill")
    begin, pauses = world.clock.at, []
    while True:
        assert world.outbox.send_due() == 0
        waiting = world.newest()
        if waiting.due is None:
            break
        pauses.append((waiting.due - world.clock.at).total_seconds())
        assert world.outbox.send_due() == 0
        assert world.newest().attempts == waiting.attempts  # not due yet
        world.clock.at = waiting.due
    assert pauses[:4] == [10, 20, 40, 80]
    assert max(pauses) == 4 * 3600
    assert timedelta(hours=64) < world.clock.at - begin <= timedelta(hours=72)
    assert waiting.delivered is None
    assert waiting.detail == "mill is away"
    world.mailbox.silent = False
    world.publish(supersedes=footprint.id)
    assert world.outbox.send_due() == 1
    assert world.mailbox.got[0]["type"] == EventType.PUBLISHED.value
    assert world.outbox.send_due() == 0
    assert world.newest().delivered == world.clock.at


def test_nothing_is_sent_to_a_partner_whose_access_has_ended(world: World) -> None:
    world.admit("mill", address="https://mill.example", client="owner")
    footprint = world.publish()
    world.footprints.share(footprint.id, "mill")
    world.access.revoke("mill")
    assert world.outbox.send_due() == 0
    assert not world.mailbox.got
    assert world.newest().due is None


def test_a_partner_gets_its_events_in_order_and_holds_up_nobody_else(world: World) -> None:
    for name in ("mill", "port"):
        world.admit(name, address=f"https://{name}.example", client="owner")
    first = world.publish()
    world.footprints.share(first.id, "mill")
    world.mailbox.silent = True
    assert world.outbox.send_due() == 0
    second = world.publish()
    world.footprints.share(second.id, "mill")
    world.footprints.share(second.id, "port")
    world.mailbox.silent = False
    assert world.outbox.send_due() == 1  # the port's; the mill's second waits behind its first
    world.clock.at += timedelta(seconds=10)
    assert world.outbox.send_due() == 2
    told = [each["data"]["pfIds"] for each in world.mailbox.got]
    assert told == [[second.id], [first.id], [second.id]]


def test_an_event_that_is_refused_is_given_up_after_five_attempts(world: World) -> None:
    world.admit("mill", address="https://mill.example", client="owner")
    first, second = world.publish(), world.publish()
    world.footprints.share(first.id, "mill")
    world.mailbox.refused.add(world.newest().event.id)
    world.footprints.share(second.id, "mill")
    for _ in range(MOST_REFUSALS - 1):
        assert world.outbox.send_due() == 0
        world.clock.at += timedelta(minutes=5)
    assert world.outbox.send_due() == 1  # the fifth gives it up, the next one passes
    with world.store.view() as view:
        sent, given_up = view.pact_events.outbox(limit=2)
    assert (given_up.due, given_up.delivered, given_up.attempts) == (None, None, MOST_REFUSALS)
    assert given_up.detail == "HTTP 400"
    assert sent.delivered == world.clock.at
