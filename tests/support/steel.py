"""A works' table of real readings on its way from a Modbus TCP meter to an anchored log."""

import csv
import gzip
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from support.accounts import GRID
from support.collector_setup import PLANT
from support.field import connect_collector, enrol_collector
from support.node_process import (
    LOG,
    NodeProcess,
    Process,
    get,
    post_json,
    run_well,
)

TABLE = "steel_industry_energy_2018.csv.gz"
DEVICE, METER_REGISTER = "STEEL-EM-01", "active_energy"
WHY = "a Korean plant accounted with the mean Chinese factor of 2023"
STEEL_FACTOR, KG_PER_KWH = "cn.grid.avg.national.2023", Decimal("0.5306")
STEEL_BOUNDARY = (
    GRID.replace('"plant-a"', '"demo-works"')
    .replace('name = "plant"', 'name = "steel"')
    .replace("valid_from = 2026-01-01", f'valid_from = 2018-01-01\ndemonstration = "{WHY}"')
    .replace('device = "meter-1"', f'device = "{DEVICE}"')
    .replace('meter_register = "energy"', f'meter_register = "{METER_REGISTER}"')
)
ROWS_OF_A_DAY, DAYS_OF_THE_YEAR = 96, 365
CHINA = timezone(timedelta(hours=8))
BEGIN_OF_THE_YEAR = datetime(2018, 1, 1, tzinfo=CHINA)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The table that is replayed.

    Attributes:
        path: The file.
        begin: Instant of the meter's zero, the midnight with which the table begins.
        usage: Its column, kWh; the meter shows one value more, its zero.
    """

    path: Path
    begin: datetime
    usage: tuple[Decimal, ...]

    @property
    def rows(self) -> int:
        """Number of its rows."""
        return len(self.usage)

    @property
    def days(self) -> int:
        """Number of its days."""
        return self.rows // ROWS_OF_A_DAY

    @property
    def end(self) -> datetime:
        """The midnight with which it ends."""
        return self.begin + timedelta(days=self.days)

    @property
    def total(self) -> Decimal:
        """Sum of its column."""
        return sum(self.usage, Decimal(0))

    def of_day(self, day: int) -> Decimal:
        """Sum of its column on one day, counted from 0."""
        return sum(self.usage[day * ROWS_OF_A_DAY :][:ROWS_OF_A_DAY], Decimal(0))


def table(data_dir: Path, folder: Path, *, first: int, days: int) -> Table:
    """Some days of the works' year, from the day number ``first`` on."""
    raw = gzip.decompress((data_dir / TABLE).read_bytes()).decode("utf-8-sig")
    head, *rows = raw.splitlines()
    lines = [head, *rows[first * ROWS_OF_A_DAY :][: days * ROWS_OF_A_DAY]]
    path = folder / TABLE
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return Table(
        path=path,
        begin=BEGIN_OF_THE_YEAR + timedelta(days=first),
        usage=tuple(Decimal(row["Usage_kWh"]) for row in csv.DictReader(lines)),
    )


@contextmanager
def replayed(folder: Path, home: Path, replay: Table, **env: str) -> Iterator[NodeProcess]:
    """A running node that holds every row of the table, as a new user gets there.

    Args:
        folder: For points, collector and outputs.
        home: A home that has not run yet.
        replay: The table.
        env: Variables of the node and of the commands that read its home.
    """
    with ExitStack() as stack:
        points = folder / "points"
        arguments = ("--map", PLANT / "steel.map.toml", "--free-ports", "--points-out", points)
        meter = Process(folder / "replay.log", "replay", replay.path, *arguments)
        stack.enter_context(meter)
        meter.wait_for(lambda: "ready" in meter.output.splitlines(), "the meter")
        collector, points = folder / "collector", points / "steel.points.toml"
        enrol_collector(collector, points, home, subject="steel-collector", **env)
        node = stack.enter_context(NodeProcess(home, **env)).ready()
        connect_collector(collector, node.url)
        began = time.monotonic()
        said = run_well("collect", collector, "--drain", timeout=3_000)
        assert "everything is delivered" in said
        drained = time.monotonic()
        node.wait_final(node.size(), seconds=300)
        print(  # noqa: T201 - pytest shows it with -s, and with a failure
            f"{replay.rows + 1} readings: drained in {drained - began:.1f} s,"
            f" anchored {time.monotonic() - drained:.1f} s later"
        )
        yield node


def totals(
    node: NodeProcess, token: str, *, period: str, begin: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Totals by period, as the node answers them once it knows of everything."""
    query = {
        "device": DEVICE,
        "meter_register": METER_REGISTER,
        "period": period,
        "from": begin.isoformat(),
        "to": end.isoformat(),
    }

    def ask() -> dict[str, Any] | None:
        found = post_json(f"{node.url}/api/v1/PeriodTotals", query, token=token)["data"]
        return None if found["pending_entries"] else found

    return node.wait_for(ask, "projections", seconds=300)["totals"]


def logged_readings(node: NodeProcess, token: str) -> list[tuple[int, dict[str, Any]]]:
    """Every reading of the log with its index, from the entry tiles of the published tree."""
    size = int(get(f"{node.url}/log/{LOG}/checkpoint").split(b"\n")[1])
    found = []
    for first in range(0, size, 256):
        width = min(256, size - first)
        name = tile_name(first // 256) + ("" if width == 256 else f".p/{width}")
        raw = get(f"{node.url}/log/{LOG}/tile/entries/{name}", token=token)
        for index in range(first, first + width):
            length = int.from_bytes(raw[:2], "big")
            record = json.loads(raw[2 : 2 + length])
            raw = raw[2 + length :]
            if record["type"] == "reading@1":
                found.append((index, record))
        assert raw == b""
    return found


def tile_name(number: int) -> str:
    """The name of a tile as C2SP tlog-tiles writes it."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    return "/".join(reversed(parts))
