"""Read a table of real readings (CSV, also compressed) for replay through a simulated meter.

Nothing is guessed: column names, the pattern of the times, their zone and what a time stands for
come from the map (docs/spec/point-list.md), and a table that does not keep to it is refused with
its line.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from enum import StrEnum
from pathlib import Path
from typing import IO, Final, cast
from zoneinfo import ZoneInfo

from collectors.errors import ReplayTableError
from collectors.runtime.drafts import to_ms
from collectors.runtime.toml_values import number

MOST_ROWS: Final = 5_000_000
MOST_LINE: Final = 65_536
MIDNIGHT: Final = clock_time(0, 0)
_GZIP: Final = b"\x1f\x8b"


class Midnight(StrEnum):
    """Which date the row of 00:00 carries."""

    DAY_IT_BEGINS = "day_it_begins"
    DAY_IT_ENDS = "day_it_ends"


class ColumnKind(StrEnum):
    """What becomes of a column."""

    CUMULATE = "cumulate"
    VALUE = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeColumn:
    """The column of the times, each of which is the end of an interval.

    Attributes:
        column: Its name.
        pattern: Its form, as ``strptime`` writes it.
        zone: Time zone of the times.
        midnight: Which date the row of 00:00 carries.
        interval_ms: Length of an interval.
    """

    column: str
    pattern: str
    zone: ZoneInfo
    midnight: Midnight
    interval_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueColumn:
    """A column of values.

    Attributes:
        column: Its name.
        field: Field of the point list that shows it.
        kind: ``cumulate`` adds the values up from 0; ``value`` shows them as they are.
        decimals: Decimals of the field.
    """

    column: str
    field: str
    kind: ColumnKind
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRow:
    """What the meter shows at one instant.

    Attributes:
        at_ms: The instant, milliseconds since the epoch.
        values: One number a column, in units of its last decimal.
    """

    at_ms: int
    values: tuple[int, ...]


def read_rows(path: Path, *, time: TimeColumn, columns: Sequence[ValueColumn]) -> list[ReplayRow]:
    """Read the table: one row for the begin of the first interval, then one for each of its own.

    Cumulated columns begin at 0; the others show their first value at the begin.

    Args:
        path: CSV file with a line of names, UTF-8, plain or gzip.
        time: The column of the times.
        columns: The columns of values.

    Raises:
        ReplayTableError: The table does not keep to the map; ``line`` tells where.
    """
    rows: list[ReplayRow] = []
    totals = [0] * len(columns)
    for line, record in _records(path):
        at_ms = _instant(_cell(record, time.column, line), time=time, line=line)
        numbers = [_scaled(_cell(record, item.column, line), item, line) for item in columns]
        totals = [total + found for total, found in zip(totals, numbers, strict=True)]
        shown = _shown(columns, totals=totals, numbers=numbers)
        if not rows:
            first = _shown(columns, totals=[0] * len(columns), numbers=numbers)
            rows.append(ReplayRow(at_ms=at_ms - time.interval_ms, values=first))
        if at_ms != rows[-1].at_ms + time.interval_ms:
            raise _wrong(
                line, "{field}: this time does not follow the one before", field=time.column
            )
        rows.append(ReplayRow(at_ms=at_ms, values=shown))
        if len(rows) > MOST_ROWS:
            raise _wrong(line, "{field}: more than {bound} rows", field="table", bound=MOST_ROWS)
    if not rows:
        raise _wrong(1, "{field}: the table has no rows", field="table")
    return rows


def _records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The records of the file with their line numbers."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            binary = cast("IO[bytes]", gzip.GzipFile(fileobj=file) if packed else file)
            text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
            reader = csv.DictReader(_lines(text), restkey="", strict=True)
            for record in reader:
                yield reader.line_num, record
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ReplayTableError(
            "{field}: cannot be read as a table: {detail}",
            field=str(path),
            detail=str(error),
            remedy="give a CSV file in UTF-8 with a line of names, plain or gzip",
            code="collector.replay.file",
        ) from error


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines of the file, none of them longer than the bound."""
    for line in iter(lambda: text.readline(MOST_LINE + 1), ""):
        if len(line) > MOST_LINE:
            raise csv.Error("a line is longer than 65,536 characters")
        yield line


def _cell(record: dict[str, str], column: str, line: int) -> str:
    text = record.get(column)
    if text is None:
        raise _wrong(line, "{field}: there is no such column in this line", field=column)
    return text.strip()


def _instant(text: str, *, time: TimeColumn, line: int) -> int:
    try:
        local = datetime.strptime(text, time.pattern).replace(tzinfo=time.zone)
    except ValueError as error:
        raise _wrong(
            line,
            "{field}: {text} is not of the form {pattern}",
            field=time.column,
            text=repr(text[:40]),
            pattern=time.pattern,
        ) from error
    if time.midnight is Midnight.DAY_IT_ENDS and local.time() == MIDNIGHT:
        local += timedelta(days=1)
    return to_ms(local)


def _scaled(text: str, column: ValueColumn, line: int) -> int:
    value = number(text)
    if value is None:
        raise _wrong(line, "{field}: {text} is not a number", field=column.column, text=text[:40])
    scaled = value.scaleb(column.decimals)
    if scaled != int(scaled):
        raise _wrong(
            line,
            "{field}: {text} has more than {decimals} decimals",
            field=column.column,
            text=text[:40],
            decimals=column.decimals,
        )
    if scaled < 0 and column.kind is ColumnKind.CUMULATE:
        raise _wrong(
            line, "{field}: {text} would turn the counter back", field=column.column, text=text[:40]
        )
    return int(scaled)


def _shown(
    columns: Sequence[ValueColumn], *, totals: Sequence[int], numbers: Sequence[int]
) -> tuple[int, ...]:
    return tuple(
        total if item.kind is ColumnKind.CUMULATE else found
        for item, total, found in zip(columns, totals, numbers, strict=True)
    )


def _wrong(line: int, template: str, *, field: str, **params: object) -> ReplayTableError:
    return ReplayTableError(
        "line {line}: " + template,
        remedy="correct the table, or the map that describes it",
        code="collector.replay.table",
        field=field,
        line=line,
        **params,
    )
