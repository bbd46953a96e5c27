"""Fields of statements beside those of ``fields``: lines of text, days, periods, flags, lists."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, TypeVar

from trace_node.canonical_json import JsonObject
from trace_node.period import Period, PeriodError, parse_period
from trace_node.record.errors import RecordError

_T = TypeVar("_T")

MAX_LINE: Final = 500
MIN_YEAR: Final = 2000
MAX_YEAR: Final = 2200
DAY_PATTERN: Final = re.compile(r"(?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\d", re.ASCII)


def read_line(fields: JsonObject, key: str, *, most: int = MAX_LINE) -> str:
    """Read a text of people, in any language: 1 to ``most`` printable characters in one line.

    Raises:
        RecordError: It is none.
    """
    text = fields[key]
    if isinstance(text, str) and 1 <= len(text) <= most and text.isprintable():
        return text
    raise RecordError(
        "{field}: must be 1 to {bound} printable characters in one line",
        field=key,
        bound=most,
        remedy="shorten it, and leave out line feeds",
        code=f"record.{key}",
    )


def read_rows(
    fields: JsonObject,
    key: str,
    columns: Sequence[str],
    read: Callable[[JsonObject], _T],
    *,
    most: int,
) -> tuple[_T, ...]:
    """Read a list of rows: lists whose members are told apart by their place.

    Args:
        fields: The members of the record.
        key: Name of the list.
        columns: What stands at each place of a row.
        read: Reads a row by the names of its columns.
        most: At most so many rows.

    Raises:
        RecordError: It is no such list, or a row breaks its rule.
    """
    items = fields[key]
    if isinstance(items, list) and len(items) <= most:
        rows = [item for item in items if isinstance(item, list) and len(item) == len(columns)]
        if len(rows) == len(items):
            return tuple(read(dict(zip(columns, row, strict=True))) for row in rows)
    raise RecordError(
        "{field}: must be a list of at most {bound} rows of {columns}",
        field=key,
        bound=most,
        columns=", ".join(columns),
        remedy="write [] when there is nothing to list",
        code=f"record.{key}",
    )


def read_flag(fields: JsonObject, key: str) -> bool:
    """Read true or false.

    Raises:
        RecordError: It is neither.
    """
    value = fields[key]
    if isinstance(value, bool):
        return value
    raise RecordError(
        "{field}: must be true or false",
        field=key,
        remedy="write it without quotes",
        code=f"record.{key}",
    )


def read_day(fields: JsonObject, key: str) -> date:
    """Read a day of the civil calendar, such as 2025-12-31.

    Raises:
        RecordError: Another spelling, or no such day.
    """
    text = fields[key]
    if isinstance(text, str) and DAY_PATTERN.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:  # the refusal below says what a day is
            pass
    raise RecordError(
        "{field}: must be a day such as 2025-12-31",
        field=key,
        remedy="write year, month and day with hyphens",
        code=f"record.{key}",
    )


def read_period(fields: JsonObject, key: str) -> Period:
    """Read the name of a period of civil time.

    Raises:
        RecordError: It names none.
    """
    name = fields[key]
    try:
        if isinstance(name, str):
            return parse_period(name)
    except PeriodError as error:
        raise _no_period(key) from error
    raise _no_period(key)


def read_items(
    fields: JsonObject, key: str, read: Callable[[JsonObject], _T], *, most: int
) -> tuple[_T, ...]:
    """Read a list of at most ``most`` objects, each by ``read``.

    Raises:
        RecordError: It is no list of objects, or longer.
    """
    items = fields[key]
    if isinstance(items, list) and len(items) <= most:
        objects = [item for item in items if isinstance(item, dict)]
        if len(objects) == len(items):
            return tuple(read(item) for item in objects)
    raise RecordError(
        "{field}: must be a list of at most {bound} objects",
        field=key,
        bound=most,
        remedy="write [] when there is nothing to list",
        code=f"record.{key}",
    )


def _no_period(key: str) -> RecordError:
    return RecordError(
        "{field}: must be the name of a period such as 2026-11-21 or 2026-11",
        field=key,
        remedy="write it in the civil time of China",
        code=f"record.{key}",
    )
