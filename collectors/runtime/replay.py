"""Replay a table of real readings through a simulated meter that hands out its rows one by one.

The meter shows one row at a time: the values, the instant they hold for on its own clock, the row's
number and the number of the last row. It moves on when the address ``step + row % 2`` is read, so
that a repeated request never moves it twice (docs/spec/point-list.md).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collectors.codecs.registers import encode
from collectors.errors import FileError
from collectors.runtime.config import DeviceConfig, MeterClock, PointList, RowWindow
from collectors.runtime.config_reader import load_point_list
from collectors.runtime.plant import placed
from collectors.runtime.replay_table import (
    ColumnKind,
    Midnight,
    ReplayRow,
    TimeColumn,
    ValueColumn,
    read_rows,
)
from collectors.runtime.simulated_meter import clock_words
from collectors.runtime.simulator_server import ILLEGAL_ADDRESS, Reply
from collectors.runtime.toml_file import parse_toml, read_bounded
from collectors.runtime.toml_table import Table
from collectors.source import RegisterTable

FORMAT: Final = "replay@1"
CODE: Final = "collector.replay"
MOST_MS: Final = 366 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A table and the meter that shows it.

    Attributes:
        points: The point list that reads the meter.
        points_path: Its file.
        device: The meter.
        columns: The columns shown.
        rows: The rows.
    """

    points: PointList
    points_path: Path
    device: DeviceConfig
    columns: Sequence[ValueColumn]
    rows: Sequence[ReplayRow]


def load_replay(table: Path, *, map_path: Path) -> Replay:
    """Read a map, the point list it names, and the table.

    Raises:
        FileError: The map or the point list says something that cannot work.
        ReplayTableError: The table does not keep to the map.
    """
    raw = read_bounded(map_path, error=FileError, code=CODE)
    top = parse_toml(raw, name=map_path.name, error=FileError, code=CODE)
    if top.text("format") != FORMAT:
        raise top.refuse(
            "format", "must be {format}", rule="format", remedy="correct it", format=FORMAT
        )
    points_path = map_path.parent / top.text("points")
    points = load_point_list(points_path)
    device = _device(top, points)
    time = _read_time(top)
    columns = [_read_column(item, device) for item in top.tables("column")]
    if not columns:
        raise top.refuse("column", "there is none", rule="missing", remedy="add [[column]]")
    top.close()
    return Replay(
        points=points,
        points_path=points_path,
        device=device,
        columns=columns,
        rows=read_rows(table, time=time, columns=columns),
    )


class ReplayMeter:
    """The meter that shows the rows of a table.

    Args:
        replay: The table.
        first_row: Row it shows first.
        available: Number of the last row there is by now, for a replay at a pace.

    Raises:
        FileError: The point list gives the meter no window or clock, or there is no such row.
    """

    def __init__(
        self,
        replay: Replay,
        *,
        first_row: int = 0,
        available: Callable[[], int] | None = None,
    ) -> None:
        device = replay.device
        if device.window is None or device.clock is None:
            raise FileError(
                "{field}: the device of a replay needs [….window] and [….clock]",
                field=f"device {device.name}",
                remedy="add both to the point list",
                code=f"{CODE}.window",
            )
        if first_row >= len(replay.rows):
            raise FileError(
                "{field}: the table ends at row {last}",
                field="--first-row",
                last=len(replay.rows) - 1,
                remedy="name an earlier row",
                code=f"{CODE}.first_row",
            )
        self.row = first_row
        self._device = device
        self._window: RowWindow = device.window
        self._clock: MeterClock = device.clock
        self._rows = replay.rows
        self._columns = replay.columns
        self._available = available or (lambda: len(replay.rows) - 1)
        self._image: dict[int, int] = {}
        self._shown = -1

    def read(self, unit: int, table: RegisterTable, address: int, count: int) -> Reply:
        """Answer a read request; reading the right step address moves the meter on."""
        if unit != self._device.unit:
            return Reply(silent=True)
        if table is not self._window.table:
            return Reply(exception=ILLEGAL_ADDRESS)
        if count == 1 and address - self._window.step in {0, 1}:
            self._step(address - self._window.step)
            return Reply(words=(1,))
        image = self._words()
        if address < min(image) or address + count - 1 > max(image):
            return Reply(exception=ILLEGAL_ADDRESS)
        return Reply(words=tuple(image.get(place, 0) for place in range(address, address + count)))

    def last(self) -> int:
        """Number of the last row there is by now."""
        return max(self.row, min(self._available(), len(self._rows) - 1))

    def _step(self, parity: int) -> None:
        if self.row % 2 == parity and self.row < self.last():
            self.row += 1

    def _words(self) -> dict[int, int]:
        if self._shown != self.row:
            self._image, self._shown = self._row_image(), self.row
        _put(self._image, self._window.last, self.last().to_bytes(4, "big"))
        return self._image

    def _row_image(self) -> dict[int, int]:
        row, image = self._rows[self.row], dict[int, int]()
        shown = dict(zip((item.field for item in self._columns), row.values, strict=True))
        for field in self._device.fields:
            scale = field.meter_register.scale
            value = placed(shown.get(field.name, 0), scale)
            _put(image, field.address, encode(value, field.form))
        _put(image, self._clock.address, clock_words(self._clock, row.at_ms))
        _put(image, self._window.row, self.row.to_bytes(4, "big"))
        return image


def _device(top: Table, points: PointList) -> DeviceConfig:
    name = top.name("device")
    for device in points.devices:
        if device.name == name:
            return device
    raise top.refuse(
        "device", "the point list has no device of this name", rule="value", remedy="correct it"
    )


def _read_time(top: Table) -> TimeColumn:
    table = top.table("time")
    if table is None:
        raise top.refuse("time", "is missing", rule="missing", remedy="add [time]")
    zone_name = table.text("zone")
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise table.refuse(
            "zone", "is no known time zone", rule="value", remedy='write "Asia/Shanghai"'
        ) from error
    time = TimeColumn(
        column=table.text("column"),
        pattern=table.text("pattern"),
        zone=zone,
        midnight=table.choice("midnight", Midnight, default=Midnight.DAY_IT_BEGINS),
        interval_ms=table.duration_ms("interval", least=1, most=MOST_MS),
    )
    table.close()
    return time


def _read_column(table: Table, device: DeviceConfig) -> ValueColumn:
    name = table.name("field")
    field = next((item for item in device.fields if item.name == name), None)
    if field is None:
        raise table.refuse(
            "field", "the device has no field of this name", rule="value", remedy="correct it"
        )
    column = ValueColumn(
        column=table.text("column"),
        field=name,
        kind=table.choice("kind", ColumnKind),
        decimals=field.meter_register.scale,
    )
    table.close()
    return column


def _put(image: dict[int, int], address: int, wire: bytes) -> None:
    for place in range(0, len(wire), 2):
        image[address + place // 2] = int.from_bytes(wire[place : place + 2], "big")
