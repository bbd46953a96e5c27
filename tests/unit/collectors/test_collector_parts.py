"""The smaller parts: settings, link figures, supervision, health, rows, clock state, status."""

import asyncio
from pathlib import Path

import pytest
from support.collector_setup import PASSPHRASE, make_folder
from support.collector_world import START, FakeSource, ListSink, World, failure
from typer.testing import CliRunner

from api.cli import build
from collectors.errors import DrainError, FileError, ReadError
from collectors.runtime.clock_state import ClockState, kernel_clock_state
from collectors.runtime.config_reader import parse_point_list
from collectors.runtime.health import Health
from collectors.runtime.line import PolledDevice
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.schedule import ClockWatch, next_tick
from collectors.runtime.settings import load_settings, passphrase_of
from collectors.runtime.status import read_status
from collectors.runtime.supervise import supervise
from collectors.runtime.window import RowReader

POINTS = """\
format = "point-list@1"
organisation = "demo"
[[line]]
name = "a"
controller = "tcp://127.0.0.1:502"
[[line.device]]
name = "em-1"
serial = "S1"
kind = "electricity_meter"
window = { row = 0, last = 2, step = 100 }
field = [{ name = "e", address = 4, type = "UINT32", decimals = 0, quantity = "e", unit = "kWh", kind = "counter", minimum = 0, maximum = 9 }]
"""


class TestSettings:
    def write(self, folder: Path, text: str) -> Path:
        path = folder / "collector.toml"
        path.write_text(text)
        return path

    GOOD = """format = "collector@1"
[bounds]
size = "1 GiB"
[[destination]]
name = "node"
url = "http://127.0.0.1:8000"
log = "main"
origin = "trace-node.local/main/sm3"
"""

    def test_paths_are_relative_to_the_file(self, tmp_path: Path) -> None:
        settings = load_settings(self.write(tmp_path, self.GOOD))
        assert settings.spool == tmp_path / "spool.db"
        assert load_settings(tmp_path) == settings
        assert settings.bounds.most_bytes == 2**30
        (node,) = settings.destinations
        assert (node.most_count, node.linger_ms, node.origin) == (
            1_000,
            1_000,
            "trace-node.local/main/sm3",
        )

    @pytest.mark.parametrize(
        ("old", "new", "rule"),
        [
            ("collector@1", "collector@2", "format"),
            ('size = "1 GiB"', 'size = "1 GB"', "value"),
            ('url = "http://127.0.0.1:8000"', 'url = "ftp://x"', "value"),
            ('url = "http://127.0.0.1:8000"', 'url = "http://[::1"', "value"),
            ('url = "http://127.0.0.1:8000"', 'url = "http://x:99999"', "value"),
            ('url = "http://127.0.0.1:8000"', 'url = "http://me:secret@x"', "value"),
            ('url = "http://127.0.0.1:8000"\n', "", "missing"),
            ("[bounds]", 'points = "a\\u0000b"\n[bounds]', "value"),
            ('log = "main"', 'log = "main"\nretry = 3', "unknown_key"),
            ("[bounds]", "spol = 3\n[bounds]", "unknown_key"),
            ("[[destination]]", "[[destinations]]", "unknown_key"),
            ('name = "node"', 'name = "node"\nbatch = 5000', "value"),
            ("[bounds]", 'heartbeat = "1h"\n[bounds]', "value"),
        ],
    )
    def test_each_mistake_is_named(self, tmp_path: Path, old: str, new: str, rule: str) -> None:
        assert old in self.GOOD
        path = self.write(tmp_path, self.GOOD.replace(old, new))
        with pytest.raises(FileError) as caught:
            load_settings(path)
        assert caught.value.reason == f"collector.settings.{rule}"
        assert "collector.toml, line" in caught.value.message

    def test_there_must_be_somewhere_to_deliver_to(self, tmp_path: Path) -> None:
        text = self.GOOD[: self.GOOD.index("[[destination]]")]
        with pytest.raises(FileError) as caught:
            load_settings(self.write(tmp_path, text))
        assert caught.value.reason == "collector.settings.destination"

    def test_the_passphrase_comes_from_its_file_or_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_folder(tmp_path, points=POINTS, node_url="http://127.0.0.1:1")
        assert passphrase_of(load_settings(tmp_path)) == PASSPHRASE
        settings = load_settings(self.write(tmp_path, self.GOOD))
        monkeypatch.delenv("TN_COLLECTOR_PASSPHRASE", raising=False)
        with pytest.raises(FileError) as caught:
            passphrase_of(settings)
        assert caught.value.reason == "collector.settings.passphrase"
        monkeypatch.setenv("TN_COLLECTOR_PASSPHRASE", "other words")
        assert passphrase_of(settings) == "other words"


class TestLinkFigures:
    """S0-9.4.3-a: round-trip time, loss and outages of every link are measured."""

    def test_round_trips_and_loss(self) -> None:
        meter = LinkMeter("line:a")
        for number in range(1, 101):
            meter.answered(round_trip_ns=number * 1_000_000, now_ms=number)
        for _ in range(25):
            meter.failed("timeout", now_ms=200)
        report = meter.report(now_ms=1_200)
        assert (report.requests, report.answers, report.loss_ppm) == (125, 100, 200_000)
        assert (report.round_trip_us, report.mean_us) == (100_000, 50_500)
        assert (report.p95_us, report.worst_us) == (95_000, 100_000)
        assert report.failures == {"timeout": 25}
        assert (report.down_since_ms, report.down_reason, report.outage_ms) == (
            200,
            "timeout",
            1_000,
        )

    def test_one_failure_is_no_outage_two_are(self) -> None:
        meter = LinkMeter("line:a")
        meter.failed("timeout", now_ms=10)
        meter.answered(round_trip_ns=1, now_ms=20)
        assert meter.take_outages() == []
        meter.failed("connection", now_ms=30)
        meter.failed("timeout", now_ms=40)
        meter.answered(round_trip_ns=1, now_ms=90)
        (outage,) = meter.take_outages()
        assert (outage.began_ms, outage.ended_ms, outage.reason) == (30, 90, "connection")
        assert meter.take_outages() == []
        assert meter.report(now_ms=100).outages == 1

    def test_figures_go_on_after_a_restart(self) -> None:
        first = LinkMeter("line:a")
        first.failed("timeout", now_ms=1)
        first.answered(round_trip_ns=1, now_ms=2)
        second = LinkMeter("line:a", first.totals())
        second.answered(round_trip_ns=1, now_ms=3)
        assert second.report(now_ms=4).requests == 3
        assert second.report(now_ms=4).failures == {"timeout": 1}

    def test_a_link_never_used_has_no_figures(self) -> None:
        report = LinkMeter("line:a").report(now_ms=1)
        assert (report.round_trip_us, report.p95_us, report.loss_ppm) == (None, None, 0)


class TestSupervision:
    """S0-9.4.2.2-b1: a fault-tolerance mechanism keeps the system running."""

    def test_a_task_begins_again_after_any_error_and_the_error_is_told(self) -> None:
        runs, told, waits = [], [], []

        async def run() -> None:
            runs.append(1)
            if len(runs) < 4:
                raise RuntimeError(len(runs))

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        asyncio.run(supervise("task", run, on_failure=told.append, sleep=sleep))
        assert [str(error) for error in told] == ["1", "2", "3"]
        assert waits == [1, 2, 4]

    def test_a_cancelled_task_ends(self) -> None:
        async def scenario() -> None:
            task = asyncio.create_task(
                supervise("task", asyncio.Event().wait, on_failure=lambda _: None)
            )
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(scenario())


class TestHealth:
    def test_two_failed_cycles_degrade_and_probes_grow_rarer(self) -> None:
        health = Health()
        health.failed(0)
        assert not health.degraded
        assert not health.skips(1)
        waits = []
        for _ in range(12):
            health.failed(0)
            wait = next(s for s in range(1, 10_000) if not health.skips(s * 1_000_000_000))
            waits.append(wait)
        for wait, base in zip(waits, (10, 20, 40, 80, 160, 320, 600, 600), strict=False):
            assert base <= wait <= base * 1.2 + 1
        health.answered()
        assert not health.degraded
        assert not health.skips(0)


class TestClock:
    def test_the_kernel_says_how_its_clock_is(self) -> None:
        assert kernel_clock_state() in {"synchronised", "unsynchronised", "unknown"}

    def test_it_is_asked_now_and_then(self) -> None:
        world, answers = World(), iter(["unknown", "synchronised", "unsynchronised"])
        state = ClockState(world, lambda: next(answers))
        assert state() == "unknown"
        world.pass_ms(9_999)
        assert state() == "unknown"
        world.pass_ms(1)
        assert state() == "synchronised"

    def test_a_step_is_told_once_and_drift_not_at_all(self) -> None:
        world = World()
        watch = ClockWatch(world)
        world.pass_ms(5_000)
        assert watch.step_ms() == 0
        world.set_wall(START)
        assert watch.step_ms() == -5_000
        assert watch.step_ms() == 0

    @pytest.mark.parametrize("interval_ms", [100, 1_000, 900_000, 86_400_000])
    @pytest.mark.parametrize("offset_ms", [0, 37])
    def test_ticks_lie_on_the_grid_and_ahead(self, interval_ms: int, offset_ms: int) -> None:
        world = World()
        for _ in range(20):
            world.pass_ms(interval_ms * 0.37)
            tick = next_tick(interval_ms=interval_ms, offset_ms=offset_ms, clock=world)
            assert tick.at_ms % interval_ms == offset_ms
            assert 0 < tick.due_ns - world.monotonic() <= interval_ms * 1_000_000 + 1_000_000


class RowMeter(FakeSource):
    """A meter with rows 0 to ``last``; loses the answer to the requests whose number is given."""

    def __init__(self, world: World, *, last: int, row: int = 0) -> None:
        super().__init__(world)
        self.row, self.last = row, last
        self.lose: set[int] = set()
        self.rule = self.answer

    def answer(self, request):  # noqa: ANN001, ANN201
        if request.count == 1:
            if self.row % 2 == request.address - 100 and self.row < self.last:
                self.row += 1
            reply = b"\0\1"
        else:
            numbers = (self.row, self.last, 10 * self.row)
            reply = b"".join(number.to_bytes(4, "big") for number in numbers)
        return failure("timeout") if len(self.asked) - 1 in self.lose else reply


class DurableSink(ListSink):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []

    async def put_durably(self, drafts: list, *, rows: dict) -> None:
        self.put(drafts)
        self.rows += rows.values()


class TestRows:
    def reader(
        self, *, last: int, row: int | None = None, shown: int = 0
    ) -> tuple[RowReader, RowMeter, DurableSink]:
        world = World()
        meter, sink = RowMeter(world, last=last, row=shown), DurableSink()
        config = parse_point_list(POINTS.encode(), name="points.toml").devices[0]
        device = PolledDevice(
            config,
            source=meter,
            links=[],
            clock=world,
            clock_state=ClockState(world, lambda: "unknown"),
        )
        reader = RowReader(
            device, source=meter, recorder=sink, row=row, clock=world, sleep=world.sleep
        )
        return reader, meter, sink

    def test_every_row_once(self) -> None:
        reader, _, sink = self.reader(last=5)
        asyncio.run(reader.drain())
        assert sink.rows == [0, 1, 2, 3, 4, 5]

    @pytest.mark.parametrize("lost", [{n} for n in range(9)] + [{1, 2, 3}, {0, 1, 2, 3}])
    def test_a_lost_answer_neither_skips_nor_repeats_a_row(self, lost: set[int]) -> None:
        reader, meter, sink = self.reader(last=4)
        meter.lose = lost
        asyncio.run(reader.drain())
        assert sink.rows == [0, 1, 2, 3, 4]

    def test_a_silent_meter_ends_the_drain(self) -> None:
        reader, meter, sink = self.reader(last=4)
        meter.lose = set(range(3, 100))
        with pytest.raises(ReadError):
            asyncio.run(reader.drain())
        assert sink.rows == [0, 1]
        meter.lose = set()
        asyncio.run(reader.drain())
        assert sink.rows == [0, 1, 2, 3, 4]

    def test_after_a_restart_the_row_on_the_disk_is_not_recorded_again(self) -> None:
        reader, _, sink = self.reader(last=4, row=2, shown=2)
        asyncio.run(reader.drain())
        assert sink.rows == [3, 4]

    def test_rows_somebody_else_took_are_an_explained_gap(self) -> None:
        reader, _, sink = self.reader(last=6, row=2, shown=5)
        asyncio.run(reader.drain())
        gap = sink.drafts[0]
        assert gap.event == "collection_gap"
        assert gap.detail == {"from_row": 3, "reason": "rows_lost", "to_row": 4}
        assert sink.rows == [5, 6]

    def test_a_meter_that_went_back_is_refused(self) -> None:
        reader, _, sink = self.reader(last=6, row=4, shown=3)
        with pytest.raises(DrainError) as caught:
            asyncio.run(reader.drain())
        assert "row 3" in caught.value.message
        assert sink.drafts == []


class TestStatusFile:
    @pytest.mark.parametrize("text", ["", "{}", '{"format": "collector-status@9"}', "[1, 2]"])
    def test_what_is_no_status_is_refused(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "status.json"
        path.write_text(text)
        with pytest.raises(FileError) as caught:
            read_status(path)
        assert caught.value.reason == "collector.status"

    def test_one_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(FileError):
            read_status(tmp_path / "absent.json")


@pytest.mark.parametrize("command", ["collect", "simulate", "replay"])
def test_the_commands_explain_themselves(command: str) -> None:
    result = CliRunner().invoke(build([command]), ["--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output
