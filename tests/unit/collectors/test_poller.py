"""When and what the poller records, in a world whose time passes only by waiting."""

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from support.collector_world import START, FakeSource, ListSink, World, always, failure, zeros

from collectors.runtime.clock_state import ClockState
from collectors.runtime.config_reader import parse_point_list
from collectors.runtime.drafts import EventDraft, ReadingsDraft, to_ms
from collectors.runtime.line import PolledDevice
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.poller import LinePoller
from collectors.source import BlockRequest

SHARED = ("observed_at", "observed_by", "collected_at", "evidence")
FIELD = (
    'quantity = "active_energy", unit = "kWh", kind = "counter", minimum = 0, maximum = 999,'
    " decimals = 0"
)


def points(devices: int = 1, interval: str = "10s", extra: str = "") -> str:
    text = 'format = "point-list@1"\norganisation = "demo"\n[[line]]\nname = "a"\n'
    text += 'controller = "tcp://127.0.0.1:502"\n'
    for number in range(1, devices + 1):
        text += f"""
[[line.device]]
name = "em-{number}"
slave_id = {number}
serial = "{number}"
kind = "electricity_meter"
interval = "{interval}"
collection_offset = "0s"
field = [
  {{ name = "total", address = 0, type = "UINT32", {FIELD} }},
  {{ name = "peak", address = 1000, type = "UINT16", {FIELD} }},
]
{extra}
"""
    return text


class Plant:
    """A poller over a fake line."""

    def __init__(self, text: str) -> None:
        self.world = World()
        self.source = FakeSource(self.world)
        self.sink = ListSink()
        line = parse_point_list(text.encode(), name="points.toml").lines[0]
        self.link = LinkMeter("line:a")
        self.devices = [
            PolledDevice(
                config,
                source=self.source,
                links=[self.link],
                clock=self.world,
                clock_state=ClockState(self.world, lambda: "unknown"),
            )
            for config in line.devices
        ]
        self.poller = LinePoller(
            line,
            self.devices,
            source=self.source,
            sink=self.sink,
            clock=self.world,
            sleep=self.world.sleep,
        )

    def run(self, seconds: float) -> None:
        self.world.run(self.poller.run(), seconds=seconds)

    def readings(self, device: str = "em-1") -> list[SimpleNamespace]:
        return [
            SimpleNamespace(**{name: getattr(draft, name) for name in SHARED}, **shown._asdict())
            for draft in self.sink.drafts
            if isinstance(draft, ReadingsDraft) and draft.device == device
            for shown in draft.shown
        ]

    def events(self) -> list[EventDraft]:
        return [draft for draft in self.sink.drafts if isinstance(draft, EventDraft)]


class TestTicks:
    def test_are_aligned_to_the_wall_clock(self) -> None:
        plant = Plant(points())
        plant.world.pass_ms(3_210)
        plant.run(40)
        asked = sorted({when.replace(microsecond=0) for when, _ in plant.source.asked})
        assert asked == [START + timedelta(seconds=s) for s in (10, 20, 30, 40)]

    def test_carry_the_offset_of_the_device(self) -> None:
        text = points().replace('collection_offset = "0s"', 'collection_offset = "2500ms"')
        plant = Plant(text)
        plant.run(30)
        first = plant.source.asked[0][0]
        assert first == START + timedelta(milliseconds=2_500)

    def test_each_field_gives_one_reading_a_tick(self) -> None:
        plant = Plant(points())
        plant.run(35)
        names = Counter(draft.meter_register for draft in plant.readings())
        assert names == {"total": 3, "peak": 3}
        assert all(draft.value == 0 for draft in plant.readings())

    def test_a_line_that_is_held_up_records_missed_ticks(self) -> None:
        plant = Plant(points(interval="1s"))
        held = iter([True])

        def rule(request: BlockRequest) -> bytes:
            if next(held, False):
                plant.world.pass_ms(3_500)
            return zeros(request)

        plant.source.rule = rule
        plant.run(8)
        missed = [draft for draft in plant.readings() if draft.reason == "missed_tick"]
        observed = sorted({to_ms(draft.observed_at) - to_ms(START) for draft in missed})
        assert observed == [2_000, 3_000]
        assert all(draft.value is None for draft in missed)
        # ticks 1 to 8 s, each recorded once for each of the two fields
        assert len(plant.readings()) == 2 * 8

    def test_a_very_long_gap_is_one_event(self) -> None:
        plant = Plant(points(interval="1s"))
        held = iter([True])

        def rule(request: BlockRequest) -> bytes:
            if next(held, False):
                plant.world.pass_ms(3_600_000)
            return zeros(request)

        plant.source.rule = rule
        plant.run(3_610)
        (event,) = plant.events()
        assert event.event == "collection_gap"
        assert event.detail["reason"] == "missed_tick"
        assert event.detail["ticks"] == 3_599
        assert event.detail["to_ms"] - event.detail["from_ms"] == 3_598_000

    @pytest.mark.parametrize("hours", [5, -5])
    def test_a_clock_that_is_set_makes_no_missed_ticks(self, hours: int) -> None:
        plant = Plant(points())
        requests = iter(range(100))

        def rule(request: BlockRequest) -> bytes:
            if next(requests) == 3:
                plant.world.set_wall(plant.world.now() + timedelta(hours=hours, seconds=5))
            return zeros(request)

        plant.source.rule = rule
        plant.run(55)
        assert not [draft for draft in plant.readings() if draft.reason]
        seconds = [when.second % 10 for when, _ in plant.source.asked]
        assert set(seconds) == {0}
        assert len(plant.readings()) == 2 * 6


class TestFailures:
    def test_a_silent_device_is_null_with_a_reason_and_never_zero(self) -> None:
        plant = Plant(points())
        plant.source.rule = always("timeout")
        plant.run(12)
        assert [(draft.value, draft.reason) for draft in plant.readings()] == [
            (None, "timeout"),
            (None, "timeout"),
        ]

    def test_one_retry_then_degraded_then_probed(self) -> None:
        plant = Plant(points())
        plant.source.rule = always("timeout")
        plant.run(75)
        requests = [round((when - START).total_seconds()) for when, _ in plant.source.asked]
        # twice at 10 s and 20 s, then degraded: probes after 10 s and 20 s plus up to a fifth more
        assert requests[:4] == [10, 10, 20, 20]
        assert 1 <= len(requests[4:]) <= 2
        reasons = Counter(draft.reason for draft in plant.readings())
        assert reasons["degraded"] >= 2 * 2
        assert sum(reasons.values()) == 2 * 7

    def test_a_device_that_comes_back_is_read_at_once(self) -> None:
        plant = Plant(points())
        plant.source.rule = always("timeout")
        plant.run(25)
        plant.source.rule = zeros
        plant.run(60)
        assert [draft.reason for draft in plant.readings()[-2:]] == [None, None]
        assert not plant.devices[0].health.degraded

    def test_an_exception_costs_only_the_fields_of_its_request(self) -> None:
        plant = Plant(points())
        plant.source.rule = lambda request: (
            failure("exception_2") if request.address == 1000 else bytes(2 * request.count)
        )
        plant.run(12)
        got = {draft.meter_register: draft.reason for draft in plant.readings()}
        assert got == {"total": None, "peak": "exception_2"}
        assert len(plant.source.asked) == 2

    def test_a_gateway_that_misses_its_meter_counts_as_silence(self) -> None:
        plant = Plant(points())
        plant.source.rule = always("exception_11")
        plant.run(45)
        assert plant.devices[0].health.degraded
        assert {draft.reason for draft in plant.readings()[:2]} == {"exception_11"}

    def test_one_dead_device_of_32_delays_the_others_less_than_two_seconds(self) -> None:
        plant = Plant(points(devices=32))
        plant.source.rule = lambda request: (
            failure("timeout") if request.unit == 1 else bytes(2 * request.count)
        )
        plant.run(95)
        delays = [
            (when - START).total_seconds() % 10
            for when, request in plant.source.asked
            if request.unit != 1
        ]
        assert max(delays) < 2
        for number in range(2, 33):
            assert not [draft for draft in plant.readings(f"em-{number}") if draft.reason]

    def test_the_evidence_of_a_failure_is_kept(self) -> None:
        plant = Plant(points())
        plant.source.rule = always("wrong_echo")
        plant.run(12)
        assert plant.readings()[0].evidence.sent == b"request"

    def test_the_link_is_measured(self) -> None:
        plant = Plant(points())
        plant.source.rule = always("timeout")
        plant.run(25)
        plant.source.rule = zeros
        plant.run(60)
        report = plant.link.report(now_ms=to_ms(plant.world.now()))
        assert report.failures["timeout"] >= 4
        assert report.requests == report.answers + sum(report.failures.values())
        assert report.outages == 1
        assert report.outage_ms > 10_000
        assert report.round_trip_us == 5_000


class TestFullSpool:
    def test_ticks_without_room_are_not_polled_and_explained_later(self) -> None:
        plant = Plant(points())
        plant.run(15)
        plant.sink.open = False
        plant.run(30)
        asked = len(plant.source.asked)
        assert asked == 2
        plant.sink.open = True
        plant.run(10)
        (event,) = plant.events()
        assert event.event == "collection_gap"
        assert event.detail["reason"] == "spool_full"
        assert event.detail["ticks"] == 3


class TestMeterClock:
    TEXT = points(extra='[line.device.clock]\naddress = 2\nformat = "unix_s"').replace(
        "address = 1000", "address = 4"
    )

    def test_stands_over_the_collectors(self) -> None:
        plant = Plant(self.TEXT)
        stamp = 1_500_000_000
        plant.source.rule = lambda _: bytes(4) + stamp.to_bytes(4, "big") + bytes(2)
        plant.run(12)
        draft = plant.readings()[0]
        assert (draft.observed_by, to_ms(draft.observed_at)) == ("meter", stamp * 1000)
        assert draft.collected_at > START

    def test_that_is_not_set_is_not_used(self) -> None:
        plant = Plant(self.TEXT)
        plant.run(12)
        assert plant.readings()[0].observed_by == "collector"
