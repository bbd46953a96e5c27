"""The uploader against a node that is down, full, set up wrongly, picky or restored.

Shows S0-9.4.2.2-a2 (delay and interruption of communication are handled) and S2-7.6 (re-upload).
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from support.collector_world import World
from support.fake_node import FakeNode, envelope
from support.spool_parts import ORIGIN, append, builder, new_key, open_spool, reading

from collectors.runtime.destination import (
    Destination,
    DestinationConfig,
    Kind,
    read_answer,
)
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.recorder import SpoolThread
from collectors.runtime.spool_notes import SpoolNotes
from collectors.runtime.upload import Uploader

KEY = new_key()


class Uplink:
    """An uploader, its spool and its node."""

    def __init__(self, folder: Path) -> None:
        self.world = World()
        self.spool = open_spool(folder, KEY)
        self.thread = SpoolThread()
        self.node = FakeNode(KEY.public)
        self.down: type[httpx.HTTPError] | None = None
        self.heads: list = []
        self.uploader: Uploader | None = None
        self.chain = builder(self.spool, KEY)
        self.link = LinkMeter("uplink:node")
        self.notes = SpoolNotes(self.spool)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down is not None:
            raise self.down("down")
        status, headers, body = self.node.handle(
            request.method, request.url.path, await request.aread()
        )
        return httpx.Response(status, headers=headers, content=body)

    def run(self, *, steps: int) -> list[float]:
        """Begin, and make so many steps."""
        self.uploader = None
        return self.run_on(steps=steps)

    def run_on(self, *, steps: int) -> list[float]:
        """Make so many more steps."""

        async def scenario() -> list[float]:
            config = DestinationConfig(
                name="node",
                url="http://127.0.0.1:1/",
                log="plant-a",
                origin=ORIGIN,
                most_count=100,
                linger_ms=1_000,
                timeout_ms=5_000,
                state_ms=3_600_000,
            )
            transport = httpx.MockTransport(self.answer)
            async with httpx.AsyncClient(transport=transport) as client:
                destination = Destination(config, client)
                uploader = self.uploader or Uploader(
                    destination,
                    spool=self.spool,
                    thread=self.thread,
                    signer=KEY,
                    clock=self.world,
                    link=self.link,
                    on_head=self.heads.append,
                )
                self.uploader, uploader._destination = uploader, destination
                waits = []
                for _ in range(steps):
                    waits.append(await uploader.step())
                    self.world.pass_ms(waits[-1] * 1000)
                return waits

        return asyncio.run(scenario())

    def record(self, count: int, device: str = "em-1") -> None:
        append(self.spool, self.chain, [reading(device) for _ in range(count)])

    def close(self) -> None:
        self.thread.close()
        self.spool.close()


@pytest.fixture
def uplink(tmp_path: Path) -> Iterator[Uplink]:
    uplink = Uplink(tmp_path)
    yield uplink
    uplink.close()


def alarm_codes(uplink: Uplink) -> list[str]:
    return [alarm.code for alarm in uplink.notes.alarms()]


def test_everything_arrives_once_and_in_order(uplink: Uplink) -> None:
    uplink.record(250)
    uplink.run(steps=12)
    (chain,) = uplink.node.chains().values()
    assert [record.seq for record in chain] == list(range(250))
    assert len(uplink.node.accepted) == 3
    assert uplink.uploader.outbox.counts().acknowledged == 250


def test_a_resend_is_byte_identical(uplink: Uplink) -> None:
    uplink.record(3)
    uplink.node.script += [(503, {}, b""), (500, {}, b"nonsense")]
    uplink.run(steps=5)
    assert len(uplink.node.bodies) == 3
    assert len(set(uplink.node.bodies)) == 1
    assert len(uplink.node.accepted) == 1


def test_a_node_that_is_down_is_waited_for_with_back_off(uplink: Uplink) -> None:
    uplink.record(3)
    uplink.down = httpx.ConnectError
    waits = uplink.run(steps=10)[1:]
    for wait, middle in zip(waits, (1, 2, 4, 8, 16, 32, 60, 60, 60), strict=False):
        assert 0 <= wait <= 1.2 * middle * 2
    assert max(waits) <= 72
    report = uplink.link.report(now_ms=2**41)
    assert report.failures["connection"] >= 8
    assert report.down_since_ms is not None
    uplink.down = None
    uplink.run(steps=4)
    assert len(uplink.node.by_key) == 3
    assert uplink.link.report(now_ms=2**41).outages == 1


@pytest.mark.parametrize("value", ["7", "Sat, 21 Nov 2026 03:10:07 GMT"])
def test_retry_after_is_honoured(uplink: Uplink, value: str) -> None:
    uplink.record(1)
    uplink.node.script.append((429, {"Retry-After": value}, b""))
    assert 5 <= uplink.run(steps=3)[1] <= 7
    assert len(uplink.node.accepted) == 1


@pytest.mark.parametrize("value", ["0", "Sat, 21 Nov 2020 03:10:07 GMT"])
@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_node_that_wants_no_pause_gets_one(uplink: Uplink, status: int, value: str) -> None:
    uplink.record(1)
    uplink.node.script += [(status, {"Retry-After": value}, b"")] * 5
    assert all(wait >= 1 for wait in uplink.run(steps=6)[1:])


@pytest.mark.parametrize("value", ["-3", "soon", "", "99999999999999999999", "²"])
def test_a_strange_retry_after_does_no_harm(value: str) -> None:
    headers = httpx.Headers({"Retry-After": value.encode("utf-8")})
    now = datetime(2026, 11, 21, tzinfo=UTC)
    answer = read_answer(429, headers, b"", digest="d", now=now)
    assert answer.wait_s is None or 0 <= answer.wait_s <= 3_600


@pytest.mark.parametrize("status", [301, 401, 403, 404, 415])
def test_a_wrong_set_up_holds_everything_and_raises_an_alarm(uplink: Uplink, status: int) -> None:
    uplink.record(2)
    uplink.node.script += [(status, {}, b"{}")] * 2
    uplink.run(steps=3)
    assert alarm_codes(uplink) == ["destination_setup"]
    assert uplink.uploader.outbox.counts().pending == 2
    uplink.run(steps=2)
    assert len(uplink.node.by_key) == 2
    assert alarm_codes(uplink) == []


def test_one_unknown_device_does_not_hold_up_the_others(uplink: Uplink) -> None:
    uplink.node.unknown_devices = {"new"}
    append(uplink.spool, uplink.chain, [reading("a"), reading("new"), reading("a")])
    uplink.run(steps=6)
    assert {key[0] for key in uplink.node.by_key} == {"a"}
    assert alarm_codes(uplink) == ["delivery_refused"]
    assert uplink.uploader.outbox.counts().refused == 1
    uplink.record(1, device="a")
    uplink.run(steps=4)
    assert len(uplink.node.by_key) == 3


def test_a_refused_delivery_goes_through_once_the_device_is_known(uplink: Uplink) -> None:
    uplink.node.unknown_devices = {"new"}
    uplink.record(2, device="new")
    uplink.run(steps=3)
    assert uplink.uploader.outbox.counts().refused == 2
    uplink.node.unknown_devices = set()
    uplink.world.pass_ms(301_000)
    uplink.run(steps=2)
    assert len(uplink.node.by_key) == 2
    assert alarm_codes(uplink) == []


def test_a_delivery_that_is_too_large_is_halved_until_it_fits(uplink: Uplink) -> None:
    uplink.record(5)
    uplink.node.most_records = 2
    uplink.run(steps=12)
    (chain,) = uplink.node.chains().values()
    assert [record.seq for record in chain] == list(range(5))
    assert alarm_codes(uplink) == []
    assert uplink.uploader.outbox.counts().refused == 0


def test_a_single_record_that_is_too_large_is_kept_and_told(uplink: Uplink) -> None:
    uplink.record(2)
    uplink.node.most_records = 0
    uplink.run(steps=6)
    assert uplink.uploader.outbox.counts().refused == 2
    assert [(item.device, item.records) for item in uplink.uploader.outbox.refusals()] == [
        ("em-1", 2)
    ]
    assert alarm_codes(uplink) == ["delivery_refused"]


class TestStandstill:
    """While nothing gets through an operator can see why, since when, and whether to wait."""

    @pytest.mark.parametrize(
        ("status", "needs_operator"),
        [(301, True), (401, True), (403, True), (404, True), (429, False), (503, False)],
    )
    def test_it_tells_what_the_node_says(
        self, uplink: Uplink, status: int, needs_operator: bool
    ) -> None:
        uplink.record(1)
        said = b'{"code":"1","message":"in \\u001b[2J words","data":{"reason":"some.code"}}'
        uplink.node.script += [(status, {}, said)] * 3
        uplink.run(steps=2)
        before = uplink.uploader.standstill
        assert before is not None
        assert before.detail == f"HTTP {status} some.code: in  [2J words"
        assert (before.answers, before.needs_operator) == (True, needs_operator)
        uplink.run_on(steps=2)
        assert uplink.uploader.standstill.since_ns == before.since_ns
        uplink.run_on(steps=2)
        assert uplink.uploader.standstill is None

    def test_a_node_that_is_down(self, uplink: Uplink) -> None:
        uplink.record(1)
        uplink.down = httpx.ReadTimeout
        uplink.run(steps=2)
        standstill = uplink.uploader.standstill
        assert (standstill.answers, standstill.needs_operator) == (False, False)
        assert standstill.detail.startswith("timeout")

    def test_a_refusal_is_none_because_others_go_on(self, uplink: Uplink) -> None:
        uplink.node.unknown_devices = {"new"}
        uplink.record(2, device="new")
        uplink.run(steps=3)
        assert uplink.uploader.standstill is None
        (refusal,) = uplink.uploader.outbox.refusals()
        assert (refusal.device, refusal.records) == ("new", 2)
        assert refusal.answer == "HTTP 400 input.unknown_device"


def test_an_answer_that_names_another_delivery_is_not_believed(uplink: Uplink) -> None:
    uplink.record(1)
    lie = envelope({"delivery": "A" * 43, "first_index": 0, "count": 1, "final": 10**9})
    uplink.node.script += [(201, {}, lie), (201, {}, b"not json"), (201, {}, b"[]")]
    uplink.run(steps=4)
    assert uplink.uploader.outbox.counts().pending == 1
    uplink.run(steps=2)
    assert uplink.uploader.outbox.counts().acknowledged == 1


def test_an_endless_answer_is_cut(uplink: Uplink) -> None:
    uplink.record(1)
    uplink.node.script.append((500, {}, b"x" * 5_000_000))
    uplink.run(steps=4)
    assert len(uplink.node.accepted) == 1


class TestState:
    def state(self, uplink: Uplink) -> None:
        uplink.uploader._next_state_ns = 0
        uplink.run(steps=1)

    def test_the_newest_final_head_enters_the_context(self, uplink: Uplink) -> None:
        uplink.node.final, uplink.node.root = 5, bytes(range(32))
        uplink.run(steps=1)
        (head,) = uplink.heads
        assert (head.origin, head.size, head.root) == (ORIGIN, 5, bytes(range(32)))

    def test_what_is_final_may_be_forgotten(self, uplink: Uplink) -> None:
        uplink.record(3)
        uplink.run(steps=3)
        uplink.node.final = 5
        uplink.run(steps=1)
        assert uplink.uploader.outbox.counts().acknowledged == 0

    def test_a_log_that_lost_entries_gets_them_again(self, uplink: Uplink) -> None:
        uplink.record(3)
        uplink.run(steps=3)
        uplink.node.leaves.clear()
        uplink.node.accepted.clear()
        uplink.run(steps=2)
        assert alarm_codes(uplink) == ["log_lost_entries"]
        assert len(uplink.node.accepted) == 1
        assert uplink.node.bodies[0] == uplink.node.bodies[1]

    @pytest.mark.parametrize(("size", "root"), [(5, bytes(32)), (4, bytes(range(32)))])
    def test_a_head_that_contradicts_is_an_alarm(
        self, uplink: Uplink, size: int, root: bytes
    ) -> None:
        uplink.node.final, uplink.node.root = 5, bytes(range(32))
        uplink.run(steps=1)
        uplink.node.final, uplink.node.root = size, root
        uplink.run(steps=1)
        assert alarm_codes(uplink) == ["head_conflict"]
        assert len(uplink.heads) == 1

    def test_a_node_without_that_resource_is_served_all_the_same(self, uplink: Uplink) -> None:
        uplink.node.serves_state = False
        uplink.record(1)
        uplink.run(steps=3)
        assert len(uplink.node.accepted) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Kind.LATER),
        (400, Kind.REFUSED),
        (409, Kind.REFUSED),
        (413, Kind.REFUSED),
        (422, Kind.REFUSED),
        (408, Kind.LATER),
        (500, Kind.LATER),
        (503, Kind.LATER),
        (403, Kind.HOLD),
    ],
)
def test_every_status_has_its_meaning(status: int, kind: Kind) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert read_answer(status, httpx.Headers(), b"", digest="d", now=now).kind is kind
