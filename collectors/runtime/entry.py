"""Run a collector, a simulated plant or a replay as a process, until a signal ends it."""

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from collectors.runtime.assembly import assemble
from collectors.runtime.collector import Collector
from collectors.runtime.config_reader import load_point_list
from collectors.runtime.drafts import to_ms
from collectors.runtime.plant_reader import Plant, parse_fault
from collectors.runtime.replay import Replay, ReplayMeter
from collectors.runtime.settings import load_settings, passphrase_of
from collectors.runtime.simulated_meter import PlantClock
from collectors.runtime.simulator import Endpoints, plant_banks
from collectors.runtime.spool_schema import disk_errors
from collectors.runtime.status import CollectorStatus, read_status
from collectors.table import open_source
from trace_node.clock import Clock, SystemClock
from trace_node.crypto import keys

Ready = Callable[[dict[str, str]], None]


def run_collector(path: Path, *, drain: bool = False) -> CollectorStatus:
    """Run the collector of ``path`` until SIGINT or SIGTERM; give its last status.

    Args:
        path: ``collector.toml`` or its folder.
        drain: Read only meters that hand out stored rows, deliver everything, and end.

    Raises:
        FileError: A setting or the point list is wrong.
        KeyFileError: The key file cannot be read or opened.
        SpoolError: The spool is in use, damaged or of another key, or its disk refuses while
            nothing has been read yet; later it is tried again until it takes what was read.
        ReadError: With ``drain``: a meter did not answer.
        DrainError: With ``drain``: a meter is out of step, or there is none of that kind.
        UndeliveredError: With ``drain``: a destination did not take everything.
        SilentNodeError: With ``drain``: the same, because it gave no answer.
    """
    settings = load_settings(path)
    points = load_point_list(settings.points)
    signer = keys.load(settings.key, passphrase_of(settings))

    async def work() -> None:
        """Run it until a signal."""
        parts = assemble(settings, points, signer, clock=SystemClock(), factory=open_source)
        collector = Collector(parts)
        _on_signal(collector.stop)
        await collector.run(drain=drain)

    with disk_errors(settings.spool, sqlite3.Error):
        asyncio.run(work())
    return read_status(settings.status)


def run_simulation(
    plants: Sequence[Plant],
    *,
    speed: int,
    start_ms: int | None,
    faults: Sequence[str],
    free_ports: bool,
    points_folder: Path | None,
    ready: Ready,
    clock: Clock | None = None,
) -> None:
    """Serve plants until SIGINT or SIGTERM.

    Args:
        plants: The plants.
        speed: How many of their seconds pass in one of ours.
        start_ms: Their time at the start, milliseconds since the epoch; None for ours.
        faults: Faults besides those of the files, as ``parse_fault`` reads them.
        free_ports: Whether the system chooses the ports.
        points_folder: Folder for point lists that name the ports in use; None to write none.
        ready: Told where each line listens.
        clock: Our clock.

    Raises:
        FileError: A fault or a line cannot be simulated.
        ConfigError: A port is taken or not on the loopback interface.
    """
    ours = clock or SystemClock()
    begin_ms = to_ms(ours.now()) if start_ms is None else start_ms
    time = PlantClock(start_ms=begin_ms, speed=speed, clock=ours)
    devices = {device.name for plant in plants for device in plant.points.devices}
    chosen = [parse_fault(text, devices=devices, start_ms=begin_ms) for text in faults]

    async def work() -> None:
        """Serve them until a signal."""
        served = []
        for plant in plants:
            banks = plant_banks(plant, faults=chosen, clock=time)
            served.append((plant, Endpoints(plant.points, banks, free_ports=free_ports)))
        await _serve([(plant.points_path, item) for plant, item in served], points_folder, ready)

    asyncio.run(work())


def run_replay(
    replay: Replay,
    *,
    first_row: int,
    pace_ms: int,
    free_ports: bool,
    points_folder: Path | None,
    ready: Ready,
    clock: Clock | None = None,
) -> None:
    """Serve the meter of a replay until SIGINT or SIGTERM.

    Args:
        replay: The table and its meter.
        first_row: Row shown first.
        pace_ms: Time after which one more row becomes available; 0 for all at once.
        free_ports: Whether the system chooses the port.
        points_folder: Folder for a point list that names the port in use; None to write none.
        ready: Told where the line listens.
        clock: Our clock.

    Raises:
        FileError: The point list cannot be served.
        ConfigError: A port is taken or not on the loopback interface.
    """
    ours = clock or SystemClock()
    started_ns = ours.monotonic()

    def available() -> int:
        passed_ms = (ours.monotonic() - started_ns) // 1_000_000
        return first_row + passed_ms // pace_ms

    async def work() -> None:
        """Serve it until a signal."""
        meter = ReplayMeter(replay, first_row=first_row, available=available if pace_ms else None)
        banks = {line.name: meter for line in replay.points.lines}
        endpoints = Endpoints(replay.points, banks, free_ports=free_ports)
        await _serve([(replay.points_path, endpoints)], points_folder, ready)

    asyncio.run(work())


async def _serve(
    served: Sequence[tuple[Path, Endpoints]], points_folder: Path | None, ready: Ready
) -> None:
    """Listen, tell where, and wait for the signal."""
    stopped = asyncio.Event()
    _on_signal(stopped.set)
    started: list[Endpoints] = []
    try:
        for path, endpoints in served:
            started.append(endpoints)
            await endpoints.start()
            if points_folder is not None:
                _write_points(path, endpoints, points_folder)
        ready({name: at for _, item in served for name, at in item.controllers().items()})
        await stopped.wait()
    finally:
        for endpoints in started:
            await endpoints.stop()


def _write_points(path: Path, endpoints: Endpoints, folder: Path) -> None:
    """Write the point list with the ports in use, in a step that leaves no half of a file."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / (path.name + ".new")
    draft.write_text(endpoints.relocated(path.read_text(encoding="utf-8")), encoding="utf-8")
    draft.replace(folder / path.name)


def _on_signal(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
