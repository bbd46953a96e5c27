"""500 Modbus devices of 30 points each second: a whole collector process, meters in another.

What is on the collector's disk afterwards is what counts: a point without a value at one of its ticks
is lost, whether it was not asked, not answered or not written. The node is not there meanwhile.
"""

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from measuring import Bench, Figure, child, cpu_seconds, memory_mib, percentile
from modbus_meters import POINTS
from support.collector_setup import make_folder
from support.forked_command import COMMAND
from support.node_process import environment

from collectors.runtime.config_reader import load_point_list
from trace_node.metering.records.chained import read_chained

INTERVAL_MS = 1_000
CORE_CEILING = 0.5
LATE_MS = 1_000
WARM_UP_S = 5
LAST_WRITE_S = 2  # what was read by then is on the disk after it
REFUSING = "http://127.0.0.1:1"  # nobody listens: the uplink is down


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run came to.

    Attributes:
        lost: Points without a value at a tick of the measured time.
        late_ms: Delay of each reading against its tick.
        behind_ms: Age of the newest reading on the disk, looked at each half second.
        core: Share of a core that the collector used.
        memory: Its memory at the end, in MiB.
        readings: Readings with a value.
    """

    lost: int
    late_ms: Sequence[float]
    behind_ms: Sequence[float]
    core: float
    memory: float
    readings: int


def run(bench: Bench) -> list[Figure]:
    """Poll for a minute, each time with a new spool."""
    devices, seconds = bench.amount(500, 10), bench.amount(60, 2)
    outcomes = [_run(bench, devices, seconds) for _ in range(bench.times)]
    note = f"{devices} devices × {POINTS} points each second for {seconds} s, SQLite FULL"

    def figure(
        name: str, unit: str, values: list[float], *, at_most: float | None = None
    ) -> Figure:
        return Figure(name=name, unit=unit, runs=values, at_most=at_most, note=note)

    return [
        figure("points lost", "", [float(o.lost) for o in outcomes], at_most=0),
        figure(
            "greatest delay of a reading after its tick",
            "ms",
            [max(o.late_ms) for o in outcomes],
            at_most=LATE_MS,
        ),
        figure("delay after the tick, p99", "ms", [percentile(o.late_ms, 99) for o in outcomes]),
        figure(
            "age of the newest reading on the disk, greatest",
            "ms",
            [max(o.behind_ms) for o in outcomes],
        ),
        figure(
            "core use of the collector", "cores", [o.core for o in outcomes], at_most=CORE_CEILING
        ),
        figure("memory of the collector", "MiB", [o.memory for o in outcomes]),
        figure("readings on the disk", "per s", [o.readings / seconds for o in outcomes]),
    ]


def _run(bench: Bench, devices: int, seconds: int) -> Outcome:
    folder = bench.new_folder("collector")
    with _meters(devices) as ports:
        make_folder(folder, points=_point_list(ports), node_url=REFUSING)
        with (folder / "log").open("wb") as log:
            collector = subprocess.Popen(
                [COMMAND, "collect", str(folder)], stdout=log, stderr=log, env=environment()
            )
        try:
            return _measured(folder, collector, bench.amount(WARM_UP_S, 0), seconds)
        finally:
            collector.kill()
            collector.wait()


def _measured(
    folder: Path, collector: "subprocess.Popen[bytes]", warm_up: int, seconds: int
) -> Outcome:
    _wait_for_readings(folder / "spool.db", collector)
    time.sleep(warm_up)
    begin_ms, cpu = int(time.time() * 1000), cpu_seconds(collector.pid)
    behind = []
    while time.time() * 1000 < begin_ms + seconds * 1000:
        time.sleep(0.5)
        behind.append(time.time() * 1000 - _newest_ms(folder / "spool.db"))
    elapsed = time.time() - begin_ms / 1000
    core = (cpu_seconds(collector.pid) - cpu) / elapsed
    memory = memory_mib(collector.pid)
    time.sleep(LAST_WRITE_S)
    collector.send_signal(signal.SIGTERM)
    if collector.wait(60):
        raise RuntimeError((folder / "log").read_text(encoding="utf-8")[-2000:])
    lost, late, readings = _judge(folder, begin_ms, begin_ms + seconds * 1000)
    return Outcome(
        lost=lost, late_ms=late, behind_ms=behind, core=core, memory=memory, readings=readings
    )


def _judge(folder: Path, begin_ms: int, end_ms: int) -> tuple[int, list[float], int]:
    """Points lost, delays in ms and readings of the ticks that lie in a span of time."""
    offsets = {
        str(device.name): device.offset_ms
        for device in load_point_list(folder / "points.toml").devices
    }
    expected = {
        (device, tick)
        for device, offset in offsets.items()
        for tick in range(
            -(-(begin_ms - offset) // INTERVAL_MS), -(-(end_ms - offset) // INTERVAL_MS)
        )
    }
    found: dict[tuple[str, int], int] = {}
    late: list[float] = []
    with closing(sqlite3.connect(folder / "spool.db")) as spool:
        for (body,) in spool.execute("SELECT body FROM records"):
            record = read_chained(body)
            if record.value_scaled is None:
                continue
            tick, delay = divmod(record.collected_at_ms - offsets[record.device], INTERVAL_MS)
            if (record.device, tick) in expected:
                found[record.device, tick] = found.get((record.device, tick), 0) + 1
                late.append(delay)
    lost = sum(max(POINTS - found.get(key, 0), 0) for key in expected)
    return lost, late, len(late)


def _wait_for_readings(spool: Path, collector: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while not spool.exists() or not _newest_ms(spool):
        if collector.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the collector does not collect")
        time.sleep(0.1)


def _newest_ms(path: Path) -> int:
    """When the newest reading on the disk was taken; 0 without one."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as spool:
        try:
            row = spool.execute("SELECT body FROM records ORDER BY id DESC LIMIT 1").fetchone()
        except sqlite3.OperationalError:  # the collector is just making it
            return 0
    return read_chained(row[0]).collected_at_ms if row else 0


@contextmanager
def _meters(count: int) -> Iterator[list[int]]:
    """Meters in a process of their own; gives their ports."""
    process = child("modbus_meters", count)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate()


def _point_list(ports: Sequence[int]) -> str:
    fields = "\n".join(
        f'  {{ name = "{name}_{place}", address = {address}, {how} }},'
        for place in range(POINTS // 2)
        for name, address, how in (
            ("energy", 4 * place, _COUNTER),
            ("power", 4 * place + 2, _GAUGE),
        )
    )
    model = f'[[model]]\nname = "meter"\nkind = "electricity_meter"\nfield = [\n{fields}\n]\n'
    lines = "\n".join(
        f'[[line]]\nname = "line-{number}"\ncontroller = "tcp://127.0.0.1:{port}"\n\n'
        f'[[line.device]]\nname = "meter-{number:03d}"\nmodel = "meter"\nserial = "{number}"\n'
        'interval = "1s"\n'
        for number, port in enumerate(ports)
    )
    return f'format = "point-list@1"\norganisation = "plant-a"\n\n{model}\n{lines}'


_COUNTER = (
    'type = "UINT32", scale = "0.01", decimals = 2, quantity = "active_energy", unit = "kWh",'
    ' kind = "counter", minimum = 0, maximum = "9999999.99", capacity = 10000000, max_rate = "5.56"'
)
_GAUGE = (
    'type = "FLOAT32", decimals = 1, quantity = "power", unit = "kW", kind = "gauge",'
    " minimum = 0, maximum = 20000"
)
