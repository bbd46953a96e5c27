"""From a Modbus socket to a node: real sockets on both sides, nothing in between left out.

Shows S0-9.4.3-a (links are measured, in the status) and S2-4-4 (meters are read directly, their data
packed and uploaded).

Shows S2-4-1, S3-9.1-2, S3-9.1-1.
"""

import asyncio
import csv
import gzip
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from support.collector_setup import PLANT, collect_until, drain, make_folder
from support.fake_node import FakeNode, NodeServer
from support.soak_size import soak

from api.cli import exit_code
from collectors.runtime.drafts import to_ms
from collectors.runtime.plant_reader import Plant, load_plant, parse_fault
from collectors.runtime.replay import ReplayMeter, load_replay
from collectors.runtime.simulated_meter import PlantClock, SimulatedMeter
from collectors.runtime.simulator import Endpoints, plant_banks
from collectors.runtime.status import read_status
from trace_node.clock import SystemClock
from trace_node.errors import TraceNodeError
from trace_node.metering.records.context import parse_context
from trace_node.metering.records.event import Event
from trace_node.metering.records.reading import Reading
from trace_node.metering.records.wire import decode_delivery

START_MS = to_ms(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


class Works:
    """A simulated plant, a node and the folder of a collector."""

    def __init__(self, folder: Path, *, faults: tuple[str, ...] = (), speed: int = 1) -> None:
        self.folder = folder
        self.plant: Plant = load_plant(PLANT / "coal-mine.plant.toml")
        self.time = PlantClock(start_ms=START_MS, speed=speed, clock=SystemClock())
        names = [device.name for device in self.plant.points.devices]
        chosen = [parse_fault(text, devices=names, start_ms=START_MS) for text in faults]
        banks = plant_banks(self.plant, faults=chosen, clock=self.time)
        self.endpoints = Endpoints(self.plant.points, banks, free_ports=True)

    async def start(self, node_url: str, extra: str = "") -> FakeNode:
        await self.endpoints.start()
        text = self.plant.points_path.read_text(encoding="utf-8")
        text = self.endpoints.relocated(text).replace('interval = "5s"', 'interval = "200ms"')
        key = make_folder(self.folder, points=text, node_url=node_url, extra=extra)
        return FakeNode(key.public)

    def shown(self, device: str, name: str, at: datetime) -> object:
        """What the meter shows at an instant of the plant, without any fault."""
        config = next(item for item in self.plant.points.devices if item.name == device)
        signals = {f: s for (d, f), s in self.plant.signals.items() if d == device}
        meter = SimulatedMeter(config, signals=signals, faults=[], clock=self.time)
        field = next(item for item in config.fields if item.name == name)
        return meter.value(field, at_ms=to_ms(at))


class LateNode:
    """A node whose key becomes known only after its server has an address."""

    def __init__(self) -> None:
        self.node: FakeNode | None = None
        self.down = False
        self.refusal: tuple[int, dict] | None = None

    def handle(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.refusal is not None and method == "POST":
            status, envelope = self.refusal
            return status, {}, json.dumps(envelope).encode()
        if self.node is None or self.down:
            return 503, {"Retry-After": "0"}, b""
        return self.node.handle(method, path, body)


def later_is_now(spool: Path) -> None:
    """Let what was refused be tried again at once."""
    with closing(sqlite3.connect(spool)) as connection, connection:
        connection.execute("UPDATE deliveries SET not_before_ms = 0")


def readings(node: FakeNode, device: str) -> list[Reading]:
    return [record for record in node.chains().get(device, []) if isinstance(record, Reading)]


def events(node: FakeNode, device: str) -> list[Event]:
    return [record for record in node.chains().get(device, []) if isinstance(record, Event)]


def test_what_arrives_is_what_the_meters_showed(tmp_path: Path) -> None:
    late = LateNode()

    async def scenario(url: str) -> Works:
        works = Works(tmp_path / "collector", speed=60)
        late.node = await works.start(url)
        await collect_until(works.folder, lambda: len(late.node.by_key) > 150)
        await works.endpoints.stop()
        return works

    with NodeServer(late) as server:
        works = asyncio.run(scenario(server.url))
    chains = late.node.chains()
    assert set(chains) == {"CM-EM-01", "CM-EM-02", "CM-BS-01", "CM-CH4-01", "CM-GD-01"}
    for device, chain in chains.items():
        assert isinstance(chain[0], Event)
        assert chain[0].event == "boot"
        assert all(record.origin == "simulator" for record in chain), device
        for reading in readings(late.node, device):
            assert reading.reason is None
    for reading in readings(late.node, "CM-EM-01"):
        assert reading.observed_by == "meter"
        shown = works.shown("CM-EM-01", reading.meter_register, reading.observed_at)
        assert reading.value == shown, reading.meter_register
    energy = [
        item.value
        for item in readings(late.node, "CM-EM-01")
        if item.meter_register == "active_energy"
    ]
    assert all(before <= after for before, after in pairwise(energy))
    assert energy[0] < energy[-1]


def spooled(folder: Path) -> int:
    """Number of records on the collector's disk."""
    if not (folder / "spool.db").exists():
        return 0
    with closing(sqlite3.connect(folder / "spool.db")) as connection:
        try:
            return connection.execute("SELECT count(*) FROM records").fetchone()[0]
        except sqlite3.OperationalError:  # it is being made
            return 0


def test_a_node_that_is_down_loses_nothing(tmp_path: Path) -> None:
    late = LateNode()

    async def scenario(url: str) -> None:
        works = Works(tmp_path / "collector")
        late.node = await works.start(url)
        late.down = True
        await collect_until(works.folder, lambda: spooled(works.folder) > 60, seconds=60)
        assert not late.node.by_key
        late.down = False
        before = read_status(works.folder / "status.json").destinations[0].records
        assert before.unpacked + before.pending > 50
        await collect_until(works.folder, lambda: len(late.node.by_key) > 150, seconds=60)
        await works.endpoints.stop()

    with NodeServer(late) as server:
        asyncio.run(scenario(server.url))
    for device in late.node.chains():
        boots = [event for event in events(late.node, device) if event.event == "boot"]
        assert [event.detail["ended"] for event in boots] == ["never_began", "stopped"]
        assert [event.event for event in events(late.node, device)][:2] == ["boot", "stop"]


def test_a_dead_meter_is_a_recorded_gap_and_others_go_on(tmp_path: Path) -> None:
    late = LateNode()

    async def scenario(url: str) -> None:
        works = Works(tmp_path / "collector", faults=("CM-EM-02:dead@+0s/1h",))
        late.node = await works.start(url)
        await collect_until(
            works.folder,
            lambda: any(b'"degraded"' in raw for raw in late.node.by_key.values()),
        )
        await works.endpoints.stop()

    with NodeServer(late) as server:
        asyncio.run(scenario(server.url))
    dead = readings(late.node, "CM-EM-02")
    assert all(reading.value is None for reading in dead)
    assert {reading.reason for reading in dead} <= {"timeout", "degraded", "missed_tick"}
    assert any(reading.value is not None for reading in readings(late.node, "CM-EM-01"))
    status = read_status(tmp_path / "collector" / "status.json")
    links = {link.link: link for link in status.links}
    assert links["device:CM-EM-02"].answers == 0
    assert links["device:CM-EM-02"].loss_ppm == 1_000_000
    assert links["device:CM-EM-02"].down_since_ms is not None
    assert links["device:CM-EM-01"].answers > 0
    assert links["uplink:node"].round_trip_us is not None
    assert status.degraded == ["CM-EM-02"]
    assert not status.running


def test_what_is_final_leaves_the_spool(tmp_path: Path) -> None:
    late = LateNode()

    async def scenario(url: str) -> None:
        works = Works(tmp_path / "collector")
        late.node = await works.start(url)
        await collect_until(works.folder, lambda: len(late.node.by_key) > 60)
        late.node.final, late.node.root = len(late.node.leaves), bytes(range(32))
        await collect_until(works.folder, lambda: late.node.final in heads(late.node))
        await works.endpoints.stop()

    with NodeServer(late) as server:
        asyncio.run(scenario(server.url))
    assert (tmp_path / "collector" / "raw").is_dir()
    late.node.chains()


def heads(node: FakeNode) -> set[int]:
    """Sizes of the anchored heads that contexts named."""
    found = [parse_context(decode_delivery(body).context).head for body in node.bodies]
    return {head.size for head in found if head}


ROWS = """time,kWh
1/6/2026 23:30,1.25
1/6/2026 23:45,0
1/6/2026 0:00,2.5
2/6/2026 0:15,3.75
"""


class TestReplay:
    async def play(self, folder: Path, url: str, table: Path, *, late: LateNode) -> None:
        """Drain the table into a node of ``url``, with the collector of ``folder`` if it is there."""
        collector, again = folder / "collector", (folder / "collector").exists()
        loaded = load_replay(table, map_path=folder / "map.toml")
        meter = ReplayMeter(loaded, first_row=len(loaded.rows) - 1 if again else 0)
        endpoints = Endpoints(loaded.points, {"steel": meter}, free_ports=True)
        await endpoints.start()
        try:
            text = endpoints.relocated(loaded.points_path.read_text(encoding="utf-8"))
            if again:
                (collector / "points.toml").write_text(text)
            else:
                late.node = FakeNode(make_folder(collector, points=text, node_url=url).public)
            await drain(collector)
        finally:
            await endpoints.stop()

    def map_into(self, folder: Path, *, column: str, date: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        text = (PLANT / "steel.map.toml").read_text(encoding="utf-8")
        text = text.replace('"Usage_kWh"', f'"{column}"').replace('"date"', f'"{date}"')
        (folder / "map.toml").write_text(text)
        (folder / "steel.points.toml").write_text((PLANT / "steel.points.toml").read_text())

    def test_each_row_arrives_once_with_the_meters_own_time(self, tmp_path: Path) -> None:
        self.map_into(tmp_path, column="kWh", date="time")
        (tmp_path / "table.csv").write_text(ROWS)
        late = LateNode()
        with NodeServer(late) as server:
            asyncio.run(self.play(tmp_path, server.url, tmp_path / "table.csv", late=late))
        got = readings(late.node, "STEEL-EM-01")
        assert [str(item.value) for item in got] == ["0.00", "1.25", "1.25", "3.75", "7.50"]
        shown = [item.observed_at.isoformat() for item in got]
        assert shown == [
            "2026-06-01T15:15:00+00:00",
            "2026-06-01T15:30:00+00:00",
            "2026-06-01T15:45:00+00:00",
            "2026-06-01T16:00:00+00:00",
            "2026-06-01T16:15:00+00:00",
        ]
        assert {(item.origin, item.observed_by) for item in got} == {("replay", "meter")}
        assert all(item.collected_at.year == datetime.now(UTC).year for item in got)

    @pytest.mark.parametrize(
        ("status", "reason", "exit_with"),
        [
            (403, "ingest.key", 1),
            (400, "ingest.device", 1),
            (503, "state", 1),
            (None, "connection", 4),
        ],
    )
    def test_a_drain_ends_where_the_node_does_not_take_it_and_keeps_the_rows(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        status: int | None,
        reason: str,
        exit_with: int,
    ) -> None:
        monkeypatch.setattr("collectors.runtime.collector.PATIENCE_NS", 1_500_000_000)
        self.map_into(tmp_path, column="kWh", date="time")
        (tmp_path / "table.csv").write_text(ROWS)
        late = LateNode()
        if status is not None:
            said = {"code": "302010", "message": "not\x1b[31m this one", "data": {"reason": reason}}
            late.refusal = status, said
        folder = tmp_path / "collector"
        with NodeServer(late) as server:
            url = server.url if status else "http://127.0.0.1:9"
            with pytest.raises(TraceNodeError) as caught:
                asyncio.run(self.play(tmp_path, url, tmp_path / "table.csv", late=late))
            error = caught.value
            assert exit_code(error) == exit_with
            assert error.params["count"] == 7
            assert reason in error.message
            assert "\x1b" not in error.message
            if status is not None:
                assert f"HTTP {status}" in error.message
                assert "this one" in error.message
            (kept,) = read_status(folder / "status.json").destinations
            assert kept.undelivered == 7
            assert reason in kept.trouble
            late.refusal = None
            if kept.records.refused:
                later_is_now(folder / "spool.db")
            text = (folder / "collector.toml").read_text().replace(url, server.url)
            (folder / "collector.toml").write_text(text)
            asyncio.run(self.play(tmp_path, server.url, tmp_path / "table.csv", late=late))
        (chain,) = late.node.chains().values()
        assert [str(item.value) for item in chain if isinstance(item, Reading)] == [
            *("0.00", "1.25", "1.25", "3.75", "7.50")
        ]

    def slice_of(self, data_dir: Path, folder: Path, rows: int | None) -> tuple[Path, object]:
        source = data_dir / "steel_industry_energy_2018.csv.gz"
        lines = gzip.decompress(source.read_bytes()).decode("utf-8-sig").splitlines()
        kept = lines if rows is None else lines[: rows + 1]
        table = folder / "steel.csv.gz"
        table.write_bytes(gzip.compress("\n".join(kept).encode("utf-8-sig")))
        total = sum(Decimal(row["Usage_kWh"]) for row in csv.DictReader(kept))
        return table, total

    @pytest.mark.parametrize(
        "rows", [400, pytest.param(soak(full=None, short=4_000), marks=pytest.mark.soak)]
    )
    @pytest.mark.timeout(600)
    def test_a_real_steel_works_arrives_to_the_digit(
        self, tmp_path: Path, data_dir: Path, rows: int | None
    ) -> None:
        self.map_into(tmp_path, column="Usage_kWh", date="date")
        table, total = self.slice_of(data_dir, tmp_path, rows)
        late = LateNode()
        with NodeServer(late) as server:
            asyncio.run(self.play(tmp_path, server.url, table, late=late))
        got = readings(late.node, "STEEL-EM-01")
        assert len(got) == (rows or 35_040) + 1
        assert got[-1].value - got[0].value == total
        steps = {after.observed_at - before.observed_at for before, after in pairwise(got)}
        assert [step.total_seconds() for step in steps] == [900]
        assert got[0].observed_at.isoformat() == "2017-12-31T16:00:00+00:00"
