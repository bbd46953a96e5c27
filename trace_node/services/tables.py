"""An answer as tables: lists of objects become sheets, so that any answer goes into a workbook."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from trace_node.canonical_json import JsonObject, JsonValue

ANSWER: Final = "answer"
ROW: Final = "row"
VALUE: Final = "value"
_HEADINGS: Final = ("name", VALUE)
_MAX_NAME: Final = 31  # characters of the name of a sheet
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of texts.

    Attributes:
        name: Unique among the sheets of an answer, 1 to 31 characters.
        columns: Headings.
        rows: Each as long as the headings; empty text where a row has no such member.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class _Growing:
    """A table whose rows may each bring new columns."""

    columns: dict[str, None] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)

    def add(self, row: dict[str, str]) -> int:
        """Add a row; its number, from 1."""
        self.columns.update(dict.fromkeys(row))
        self.rows.append(row)
        return len(self.rows)


def tables_of(answer: JsonValue) -> tuple[Sheet, ...]:
    """The tables of an answer; nothing of it is left out.

    The first sheet has the plain members of the answer, one a row. Each list of objects is a sheet
    named by its path; a list inside such a row is one too, whose column ``row`` is the number of
    the row it belongs to. Plain lists are a text with spaces.
    """
    top: JsonObject = answer if isinstance(answer, dict) else {VALUE: answer}
    found: dict[str, _Growing] = {}
    plain = _plain(top, path="", row=None, found=found)
    tables: list[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]] = []
    if plain or not found:
        tables.append((ANSWER, _HEADINGS, tuple(plain.items())))
    for path, one in found.items():
        columns = tuple(one.columns)
        rows = tuple(tuple(row.get(column, "") for column in columns) for row in one.rows)
        tables.append((path, columns, rows))
    names = _names([path for path, _, _ in tables])
    return tuple(
        Sheet(name=name, columns=columns, rows=rows)
        for name, (_, columns, rows) in zip(names, tables, strict=True)
    )


def _plain(
    value: JsonObject, *, path: str, row: int | None, found: dict[str, _Growing]
) -> dict[str, str]:
    """The plain members by their path inside ``value``; lists of objects go to ``found``."""
    texts: dict[str, str] = {}
    for name, item in _members(value):
        if isinstance(item, list) and any(isinstance(each, dict | list) for each in item):
            _add(f"{path}.{name}" if path else name, item, row=row, found=found)
        else:
            texts[name] = _text(item)
    return texts


def _members(value: JsonObject, before: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Members with those of objects inside, each by its path."""
    for name, item in value.items():
        if isinstance(item, dict) and item:
            yield from _members(item, f"{before}{name}.")
        else:
            yield f"{before}{name}", item


def _add(path: str, items: list[JsonValue], *, row: int | None, found: dict[str, _Growing]) -> None:
    growing = found.setdefault(path, _Growing())
    for item in items:
        inner: JsonObject = item if isinstance(item, dict) else {VALUE: item}
        whose = {} if row is None else {ROW: str(row)}
        number = growing.add(whose)
        texts = _plain(inner, path=path, row=number, found=found)
        whose.update(texts)
        growing.columns.update(dict.fromkeys(texts))


def _text(value: JsonValue) -> str:
    if isinstance(value, list):
        return " ".join(map(_text, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or value == {} else str(value)


def _names(paths: list[str]) -> list[str]:
    """Names of sheets: of a long path its end, which tells more; a number where two are alike."""
    given: list[str] = []
    for path in paths:
        name = _FORBIDDEN.sub("_", path)[-_MAX_NAME:] or ANSWER
        number = 2
        while name.lower() in {each.lower() for each in given}:
            tail = f" {number}"
            name = _FORBIDDEN.sub("_", path)[-(_MAX_NAME - len(tail)) :] + tail
            number += 1
        given.append(name)
    return given
