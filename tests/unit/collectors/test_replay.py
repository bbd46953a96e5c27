"""Tables of real readings: what is taken, what is refused, and a meter that loses no row."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.collector_setup import PLANT

from collectors.errors import FileError, ReplayTableError
from collectors.runtime.drafts import to_ms
from collectors.runtime.replay import ReplayMeter, load_replay
from collectors.runtime.replay_table import (
    ColumnKind,
    Midnight,
    TimeColumn,
    ValueColumn,
    read_rows,
)
from collectors.source import RegisterTable

HEAD = "date,Usage_kWh,CO2\n"
ROWS = HEAD + "1/6/2026 23:45,1.25,0.1\n1/6/2026 0:00,2.50,0.2\n2/6/2026 0:15,0,0.1\n"


def column(kind: ColumnKind = ColumnKind.CUMULATE, name: str = "Usage_kWh") -> ValueColumn:
    return ValueColumn(column=name, field="energy", kind=kind, decimals=2)


def rows(tmp_path: Path, text: str | bytes, *columns: ValueColumn, **options: object) -> list:
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    time = TimeColumn(
        **{
            "column": "date",
            "pattern": "%d/%m/%Y %H:%M",
            "zone": ZoneInfo("Asia/Shanghai"),
            "midnight": Midnight.DAY_IT_ENDS,
            "interval_ms": 900_000,
            **options,
        }
    )
    return read_rows(path, time=time, columns=columns or (column(),))


def test_stamps_are_ends_and_midnight_belongs_to_the_day_it_ends(tmp_path: Path) -> None:
    found = rows(tmp_path, ROWS)
    start = to_ms(datetime(2026, 6, 1, 15, 30, tzinfo=UTC))
    assert [row.at_ms - start for row in found] == [0, 900_000, 1_800_000, 2_700_000]
    assert [row.values for row in found] == [(0,), (125,), (375,), (375,)]


def test_midnight_may_belong_to_the_day_it_begins(tmp_path: Path) -> None:
    text = ROWS.replace("1/6/2026 0:00", "2/6/2026 0:00")
    assert rows(tmp_path, text, midnight=Midnight.DAY_IT_BEGINS) == rows(tmp_path, ROWS)


def test_values_can_be_shown_as_they_are(tmp_path: Path) -> None:
    found = rows(tmp_path, ROWS, column(), column(ColumnKind.VALUE, "CO2"))
    assert [row.values for row in found] == [(0, 10), (125, 10), (375, 20), (375, 10)]


def test_a_table_may_be_compressed_and_carry_a_mark(tmp_path: Path) -> None:
    packed = gzip.compress(ROWS.encode("utf-8-sig"))
    assert rows(tmp_path, packed) == rows(tmp_path, ROWS)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD, 1, "no rows"),
        (ROWS.replace("1.25", "1.255"), 2, "decimals"),
        (ROWS.replace("1.25", "-1.25"), 2, "turn the counter back"),
        (ROWS.replace("1.25", "n/a"), 2, "not a number"),
        (ROWS.replace("1.25", "1e5"), 2, "not a number"),
        (ROWS.replace("2/6/2026 0:15", "2/6/2026 0:30"), 4, "does not follow"),
        (ROWS.replace("2/6/2026 0:15", "1/6/2026 23:45"), 4, "does not follow"),
        (ROWS.replace("2/6/2026", "31/2/2026"), 4, "form"),
        (ROWS.replace("Usage_kWh", "Usage"), 2, "no such column"),
        (ROWS.replace("date", "time"), 2, "no such column"),
    ],
)
def test_a_table_that_does_not_keep_to_the_map_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(ReplayTableError) as caught:
        rows(tmp_path, text)
    assert f"line {line}:" in caught.value.message
    assert words in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00",
        gzip.compress(ROWS.encode())[:-9],
        b"\x1f\x8bnot gzip",
        (HEAD + '"1/6/2026').encode(),
        (HEAD + "x" * 70_000).encode(),
    ],
    ids=["not text", "cut", "not gzip", "open quote", "long line"],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(ReplayTableError) as caught:
        rows(tmp_path, raw)
    assert caught.value.reason == "collector.replay.file"


@pytest.fixture
def meter(tmp_path: Path) -> ReplayMeter:
    return ReplayMeter(loaded(tmp_path))


def loaded(tmp_path: Path):  # noqa: ANN201
    for name in ("steel.map.toml", "steel.points.toml"):
        (tmp_path / name).write_text((PLANT / name).read_text(encoding="utf-8"))
    (tmp_path / "table.csv").write_text(ROWS)
    return load_replay(tmp_path / "table.csv", map_path=tmp_path / "steel.map.toml")


def shown(meter: ReplayMeter) -> tuple[int, int]:
    words = meter.read(1, RegisterTable.HOLDING, 0, 14).words
    numbers = [words[n] << 16 | words[n + 1] for n in (0, 2)]
    return numbers[0], words[4] | words[5] << 16


class TestMeter:
    def step(self, meter: ReplayMeter, parity: int) -> None:
        assert meter.read(1, RegisterTable.HOLDING, 100 + parity, 1).words == (1,)

    def test_stands_until_it_is_told_that_its_row_was_read(self, meter: ReplayMeter) -> None:
        assert shown(meter) == shown(meter) == (0, 0)
        self.step(meter, 0)
        assert shown(meter) == (1, 125)

    def test_telling_it_twice_moves_it_once(self, meter: ReplayMeter) -> None:
        self.step(meter, 0)
        self.step(meter, 0)
        self.step(meter, 0)
        assert shown(meter) == (1, 125)
        self.step(meter, 1)
        assert shown(meter)[0] == 2

    def test_it_ends_at_its_last_row(self, meter: ReplayMeter) -> None:
        for row in range(10):
            self.step(meter, row % 2)
        assert shown(meter) == (3, 375)
        assert meter.last() == 3

    def test_it_can_begin_later(self, tmp_path: Path) -> None:
        assert shown(ReplayMeter(loaded(tmp_path), first_row=2)) == (2, 375)
        with pytest.raises(FileError):
            ReplayMeter(loaded(tmp_path), first_row=4)

    def test_rows_become_available_at_a_pace(self, tmp_path: Path) -> None:
        now = [0]
        meter = ReplayMeter(loaded(tmp_path), available=lambda: now[0])
        self.step(meter, 0)
        assert shown(meter)[0] == 0
        now[0] = 1
        self.step(meter, 0)
        assert shown(meter)[0] == 1

    def test_other_units_tables_and_addresses(self, meter: ReplayMeter) -> None:
        assert meter.read(2, RegisterTable.HOLDING, 0, 2).silent
        assert meter.read(1, RegisterTable.INPUT, 0, 2).exception == 2
        assert meter.read(1, RegisterTable.HOLDING, 50, 2).exception == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('zone = "Asia/Shanghai"', 'zone = "Asia/Nowhere"'),
        ('device = "STEEL-EM-01"', 'device = "none"'),
        ('field = "active_energy"', 'field = "none"'),
        ('kind = "cumulate"', 'kind = "sum"'),
        ("[time]", "[times]"),
        ('midnight = "day_it_ends"', 'midnight = "noon"'),
        ('format = "replay@1"', 'format = "replay@2"'),
    ],
)
def test_each_mistake_of_a_map_is_named(tmp_path: Path, old: str, new: str) -> None:
    loaded(tmp_path)
    path = tmp_path / "steel.map.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(FileError) as caught:
        load_replay(tmp_path / "table.csv", map_path=path)
    assert caught.value.reason.startswith("collector.replay.")
    assert "steel.map.toml, line" in caught.value.message
