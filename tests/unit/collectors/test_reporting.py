"""Destinations that are reported to on a schedule, by hand or by files; nothing goes in between."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.collector_world import World
from support.fake_node import FakeNode
from support.spool_parts import ORIGIN, append, builder, new_key, open_spool, reading

from collectors.errors import CollectedDataError, FileError, SpoolError
from collectors.runtime.destination import Destination, DestinationConfig
from collectors.runtime.file_outlet import FileOutlet, receipt_file
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.receipt import Receipt, read_receipt
from collectors.runtime.recorder import SpoolThread
from collectors.runtime.report_gate import (
    GatedUploader,
    ReportGate,
    ask_for_report,
    is_asked,
    request_file,
)
from collectors.runtime.report_rule import ReportMode, ReportRule
from collectors.runtime.retention import prune
from collectors.runtime.settings import load_settings
from collectors.runtime.spool_deliveries import waiting_in, wire_of
from collectors.runtime.spool_notes import SpoolNotes
from collectors.runtime.stored_delivery import DeliveryState
from collectors.runtime.upload import Uploader

KEY = new_key()
HOUR_MS = 3_600_000
BY_HAND = ReportRule(mode=ReportMode.BY_HAND)
SIX_HOURS = ReportRule(mode=ReportMode.SCHEDULE, every_ms=6 * HOUR_MS)


class Terminal:
    """A spool with one destination behind a gate, in a world whose time passes by waiting."""

    def __init__(self, folder: Path, rule: ReportRule) -> None:
        self.world = World()  # 11:10 in China
        self.spool = open_spool(folder, KEY)
        self.thread = SpoolThread()
        self.node = FakeNode(KEY.public)
        self.chain = builder(self.spool, KEY)
        self.config = DestinationConfig(
            name="platform",
            url="http://127.0.0.1:1",
            log="plant-a",
            origin=ORIGIN,
            most_count=100,
            linger_ms=1_000,
            timeout_ms=5_000,
            state_ms=3_600_000,
            report=rule,
        )

    async def answer(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        status, headers, said = self.node.handle(request.method, request.url.path, body)
        return httpx.Response(status, headers=headers, content=said)

    def run(self, *, seconds: float) -> GatedUploader:
        """Serve the destination for so many seconds of its world."""

        async def scenario() -> GatedUploader:
            async with httpx.AsyncClient(transport=httpx.MockTransport(self.answer)) as client:
                uploader = Uploader(
                    Destination(self.config, client),
                    spool=self.spool,
                    thread=self.thread,
                    signer=KEY,
                    clock=self.world,
                    link=LinkMeter("uplink:platform"),
                )
                gate = ReportGate(self.config, spool=self.spool, clock=self.world)
                gated = GatedUploader(uploader, gate, thread=self.thread, sleep=self.world.sleep)
                until = self.world.monotonic() + int(seconds * 1e9)
                while self.world.monotonic() < until:
                    self.world.pass_ms(max(await gated.step(), 0.001) * 1000)
                return gated

        return asyncio.run(scenario())

    def record(self, count: int) -> None:
        append(self.spool, self.chain, [reading() for _ in range(count)])

    @property
    def reported(self) -> int:
        """Records that the destination has."""
        return sum(len(chain) for chain in self.node.chains().values())

    def close(self) -> None:
        self.thread.close()
        self.spool.close()


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, BY_HAND)
    yield terminal
    terminal.close()


@pytest.fixture
def scheduled(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, SIX_HOURS)
    yield terminal
    terminal.close()


def test_nothing_is_reported_before_somebody_asks(by_hand: Terminal, tmp_path: Path) -> None:
    """[S2-11.4-a]: by hand; everything recorded so far goes, and no more."""
    by_hand.record(250)
    gated = by_hand.run(seconds=600)
    assert (by_hand.reported, gated.waiting, gated.standstill) == (0, "by hand", None)
    assert not by_hand.node.accepted
    asked = ask_for_report(tmp_path / "spool.db", "platform")
    assert is_asked(asked)
    assert not asyncio.run(gated.drained())
    gated = by_hand.run(seconds=60)
    assert by_hand.reported == 250
    assert not is_asked(asked)
    assert asyncio.run(gated.drained())
    by_hand.record(10)
    by_hand.run(seconds=600)
    assert by_hand.reported == 250


def test_a_report_goes_on_after_a_restart(by_hand: Terminal, tmp_path: Path) -> None:
    by_hand.record(250)
    asked = ask_for_report(tmp_path / "spool.db", "platform")
    by_hand.run(seconds=0.001)  # it has begun
    assert not request_file(tmp_path / "spool.db", "platform").exists()
    assert is_asked(asked)
    by_hand.run(seconds=60)
    assert by_hand.reported == 250
    assert not is_asked(asked)


def test_what_is_asked_for_during_a_report_is_reported_too(
    by_hand: Terminal, tmp_path: Path
) -> None:
    by_hand.record(150)
    asked = ask_for_report(tmp_path / "spool.db", "platform")
    by_hand.run(seconds=0.001)
    by_hand.record(150)
    ask_for_report(tmp_path / "spool.db", "platform")
    by_hand.run(seconds=60)
    assert by_hand.reported == 300
    assert not is_asked(asked)


def test_a_schedule_reports_at_its_ticks_in_china(scheduled: Terminal) -> None:
    """[S2-11.4-a]: every six hours from midnight on: 12:00, 18:00 and so on."""
    scheduled.record(250)
    gated = scheduled.run(seconds=49 * 60)  # 11:59
    assert (scheduled.reported, gated.waiting) == (0, "every 21600 s")
    scheduled.run(seconds=2 * 60)
    assert scheduled.reported == 250
    scheduled.record(20)
    scheduled.run(seconds=5 * 3600)
    assert scheduled.reported == 250
    scheduled.run(seconds=2 * 3600)
    assert scheduled.reported == 270


def test_a_tick_that_was_missed_is_made_up_for(scheduled: Terminal) -> None:
    scheduled.record(5)
    scheduled.run(seconds=1)
    scheduled.world.pass_ms(13 * HOUR_MS)  # the collector rested
    scheduled.run(seconds=10)
    assert scheduled.reported == 5


def test_a_schedule_outlives_a_clock_that_was_years_ahead(scheduled: Terminal) -> None:
    right = scheduled.world.now()
    scheduled.world.set_wall(right.replace(year=2099))
    scheduled.record(5)
    scheduled.run(seconds=10)
    scheduled.world.set_wall(right)  # the time of the network came
    scheduled.run(seconds=10)
    assert scheduled.reported == 5
    scheduled.record(5)
    scheduled.run(seconds=40 * 60)
    assert scheduled.reported == 5
    scheduled.run(seconds=20 * 60)
    assert scheduled.reported == 10


def test_a_schedule_can_be_asked_in_between(scheduled: Terminal, tmp_path: Path) -> None:
    scheduled.record(5)
    ask_for_report(tmp_path / "spool.db", "platform")
    scheduled.run(seconds=10)
    assert scheduled.reported == 5


@pytest.mark.parametrize(
    ("said", "mode", "every_ms"),
    [
        ("always", ReportMode.ALWAYS, 0),
        ("by hand", ReportMode.BY_HAND, 0),
        ("1d", ReportMode.SCHEDULE, 24 * HOUR_MS),
        ("90m", ReportMode.SCHEDULE, HOUR_MS * 3 // 2),
    ],
)
def test_rules_are_read(tmp_path: Path, said: str, mode: ReportMode, every_ms: int) -> None:
    settings = load_settings(written(tmp_path, f'report = "{said}"\nurl = "http://127.0.0.1:1"'))
    assert settings.destinations[0].report == ReportRule(mode=mode, every_ms=every_ms)


def test_a_file_needs_no_address(tmp_path: Path) -> None:
    (found,) = load_settings(written(tmp_path, 'report = "file"')).destinations
    assert (found.report.mode, found.url) == (ReportMode.FILE, "")


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ('report = "sometimes"\nurl = "http://127.0.0.1:1"', "report"),
        ('report = "500ms"\nurl = "http://127.0.0.1:1"', "report"),
        ('report = "32d"\nurl = "http://127.0.0.1:1"', "report"),
        ('report = "file"\nurl = "http://127.0.0.1:1"', "url"),
        ('report = "by hand"', "url"),
    ],
)
def test_what_is_no_rule_is_refused(tmp_path: Path, lines: str, field: str) -> None:
    with pytest.raises(FileError) as caught:
        load_settings(written(tmp_path, lines))
    assert caught.value.field.endswith(field)
    assert caught.value.remedy


def written(folder: Path, lines: str) -> Path:
    path = folder / "collector.toml"
    path.write_text(
        'format = "collector@1"\n[[destination]]\nname = "platform"\nlog = "plant-a"\n'
        f'origin = "{ORIGIN}"\n{lines}\n'
    )
    return path


class Carried:
    """A spool with a destination that is reached by files."""

    def __init__(self, folder: Path) -> None:
        self.spool, self.thread, self.world = open_spool(folder, KEY), SpoolThread(), World()
        self.chain = builder(self.spool, KEY)
        config = DestinationConfig(
            name="platform",
            url="",
            log="plant-a",
            origin=ORIGIN,
            most_count=100,
            linger_ms=1_000,
            timeout_ms=5_000,
            state_ms=3_600_000,
            report=ReportRule(mode=ReportMode.FILE),
        )
        self.outlet = FileOutlet(
            config, spool=self.spool, thread=self.thread, signer=KEY, clock=self.world
        )
        self.place = receipt_file(folder / "spool.db", "platform")
        self.place.parent.mkdir(exist_ok=True)

    def step(self, times: int = 4) -> None:
        async def scenario() -> None:
            for _ in range(times):
                await self.outlet.step()

        asyncio.run(scenario())

    def states(self) -> list[str]:
        rows = self.spool.connection.execute("SELECT state FROM deliveries ORDER BY id")
        return [row[0] for row in rows]

    def alarms(self) -> list[str]:
        return [each.code for each in SpoolNotes(self.spool).alarms()]


@pytest.fixture
def carried(tmp_path: Path) -> Iterator[Carried]:
    made = Carried(tmp_path)
    yield made
    made.thread.close()
    made.spool.close()


def test_deliveries_wait_until_a_receipt_names_them(carried: Carried, tmp_path: Path) -> None:
    append(carried.spool, carried.chain, [reading() for _ in range(250)])
    assert not asyncio.run(carried.outlet.drained())
    carried.step()
    assert asyncio.run(carried.outlet.drained())
    first, second, third = waiting_in(tmp_path / "spool.db", "platform")
    receipt = Receipt(
        origin=ORIGIN, final=150, deliveries={first.digest: 102, second.digest: 204, bytes(32): 9}
    )
    carried.place.write_bytes(receipt.to_bytes())
    carried.step(1)
    assert carried.states() == [
        DeliveryState.FINAL.value,
        DeliveryState.ACKNOWLEDGED.value,
        DeliveryState.PENDING.value,
    ]
    assert not carried.place.exists()
    assert waiting_in(tmp_path / "spool.db", "platform") == [third]


def test_records_that_leave_while_they_are_exported_are_told(
    carried: Carried, tmp_path: Path
) -> None:
    append(carried.spool, carried.chain, [reading()])
    carried.step()
    listed = waiting_in(tmp_path / "spool.db", "platform")
    receipt = Receipt(origin=ORIGIN, final=150, deliveries={listed[0].digest: 102})
    carried.place.write_bytes(receipt.to_bytes())
    carried.step(1)
    assert prune(carried.spool, raw_folder=tmp_path) == 1
    with pytest.raises(SpoolError) as refused:
        list(wire_of(tmp_path / "spool.db", listed))
    assert refused.value.reason == "collector.spool.gone"
    assert refused.value.remedy


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        Receipt(origin="trace-node.local/other/sm3", final=0, deliveries={}).to_bytes(),
        Receipt(origin=ORIGIN, final=0, deliveries={bytes(32): 1}).to_bytes()[:-1],
    ],
)
def test_a_wrong_receipt_marks_nothing_and_is_told(carried: Carried, raw: bytes) -> None:
    append(carried.spool, carried.chain, [reading()])
    carried.place.write_bytes(raw)
    carried.step()
    assert carried.states() == [DeliveryState.PENDING.value]
    assert carried.alarms() == ["receipt_refused"]
    assert carried.place.with_suffix(".refused").read_bytes() == raw
    carried.place.write_bytes(Receipt(origin=ORIGIN, final=0, deliveries={}).to_bytes())
    carried.step()
    assert carried.alarms() == []


@pytest.mark.parametrize(
    "change",
    [
        (b'"final":7', b'"final":-7'),
        (b'"final":7', b'"final":true'),
        (b'"next_index":3', b'"next_index":"3"'),
        (b"receipt@1", b"receipt@2"),
        (b'"origin":', b'"origins":'),
    ],
)
def test_another_form_is_no_receipt(change: tuple[bytes, bytes]) -> None:
    raw = Receipt(origin=ORIGIN, final=7, deliveries={b"\7" * 32: 3}).to_bytes()
    assert read_receipt(raw).deliveries == {b"\7" * 32: 3}
    with pytest.raises(CollectedDataError) as caught:
        read_receipt(raw.replace(*change))
    assert caught.value.remedy
