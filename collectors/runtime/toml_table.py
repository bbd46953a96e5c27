"""The tables of an operator's TOML file: every mistake is named with line, field and remedy.

A ``Table`` hands out its values one by one, each checked; ``close`` refuses what nobody asked for,
so that a misspelt key is an error and not a silent default.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from collectors.errors import FileError
from collectors.runtime.toml_lines import Lines, Place, spelled
from collectors.runtime.toml_values import DAY_MS, duration_ms, number, size_bytes
from trace_node.ids import NAME_PATTERN

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(slots=True)
class Table:
    """One table of a TOML file.

    Args:
        values: What the parser gave.
        path: Where it stands in the file.
        lines: Finds the line of a path.
        error: Kind of error to raise.
        code: Prefix of the errors' codes.
    """

    values: dict[str, object]
    path: Place
    lines: Lines
    error: type[FileError]
    code: str
    asked: set[str] = field(default_factory=set)

    def has(self, key: str) -> bool:
        """Whether the key is given."""
        return key in self.values

    def refuse(
        self, key: str, template: str, /, *, rule: str, remedy: str, **params: object
    ) -> FileError:
        """The error that names ``key`` of this table and its line."""
        where = (*self.path, key) if key else self.path
        return self.error(
            "{file}, line {line}: {field}: " + template,
            field=spelled(where) or "file",
            remedy=remedy,
            code=f"{self.code}.{rule}",
            file=self.lines.name,
            line=self.lines.of(where),
            **params,
        )

    def text(self, key: str, *, default: str | None = None, most: int = 200) -> str:
        """A string of 1 to ``most`` characters.

        Raises:
            FileError: Missing without a default, or something else.
        """
        value = self._value(key, default)
        if not isinstance(value, str) or not 0 < len(value) <= most:
            raise self.refuse(
                key,
                "must be a text of 1 to {most} characters",
                rule="value",
                remedy='write it in quotes: {key} = "…"',
                most=most,
                key=key,
            )
        return value

    def name(self, key: str, *, default: str | None = None) -> str:
        """A name: 1 to 64 letters, digits or ``. _ : -``.

        Raises:
            FileError: Missing without a default, or something else.
        """
        value = self.text(key, default=default)
        if not NAME_PATTERN.fullmatch(value):
            raise self.refuse(
                key,
                "must be 1 to 64 letters, digits or . _ : -, the first a letter or digit",
                rule="value",
                remedy="use for example active_energy or EM-01",
            )
        return value

    def integer(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """An integer from ``least`` to ``most``.

        Raises:
            FileError: Missing without a default, or something else.
        """
        value = self._value(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.refuse(
                key,
                "must be a whole number from {least} to {most}",
                rule="value",
                remedy="correct the number",
                least=least,
                most=most,
            )
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        """``true`` or ``false``.

        Raises:
            FileError: Something else.
        """
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self.refuse(
                key, "must be true or false", rule="value", remedy="write true or false"
            )
        return value

    def decimal(self, key: str, *, default: Decimal | None = None) -> Decimal:
        """A number of at most 18 digits; as TOML number or as text.

        Raises:
            FileError: Missing without a default, or something else.
        """
        found = number(self._value(key, default))
        if found is None:
            raise self.refuse(
                key,
                "must be a number of at most 18 digits",
                rule="value",
                remedy='write for example {key} = "0.01"',
                key=key,
            )
        return found

    def optional_decimal(self, key: str) -> Decimal | None:
        """A number, or None where the key is not given."""
        self.asked.add(key)
        return self.decimal(key) if self.has(key) else None

    def choice(self, key: str, kind: type[Choice], *, default: Choice | None = None) -> Choice:
        """One of the values of ``kind``.

        Raises:
            FileError: Missing without a default, or none of them.
        """
        value = self._value(key, default)
        for member in kind:
            if value == member.value:
                return member
        raise self.refuse(
            key,
            "must be one of {choices}",
            rule="value",
            remedy="use one of them, in this spelling",
            choices=", ".join(member.value for member in kind),
        )

    def duration_ms(
        self, key: str, *, default: str | None = None, least: int = 0, most: int = 31 * DAY_MS
    ) -> int:
        """A duration such as ``500ms``, ``1s``, ``15m`` or ``1h30m``, in milliseconds.

        Raises:
            FileError: Missing without a default, not a duration, or outside the bounds.
        """
        found = duration_ms(self._value(key, default))
        if found is not None and least <= found <= most:
            return found
        raise self.refuse(
            key,
            "must be a duration from {least} ms to {most} ms",
            rule="value",
            remedy='write for example "500ms", "10s", "15m" or "1h30m"',
            least=least,
            most=most,
        )

    def size(self, key: str, *, default: str) -> int:
        """A number of bytes such as ``512 MiB``.

        Raises:
            FileError: Something else.
        """
        found = size_bytes(self._value(key, default))
        if found is None:
            raise self.refuse(key, "must be a size", rule="value", remedy='write "512 MiB"')
        return found

    def integers(self, key: str) -> frozenset[int]:
        """A list of whole numbers; empty where the key is not given.

        Raises:
            FileError: Something else.
        """
        value = self._value(key, [])
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            raise self.refuse(key, "must be whole numbers", rule="value", remedy="write [65535]")
        return frozenset(value)

    def integer_list(self, key: str, *, count: int, most: int) -> tuple[int, ...]:
        """A list of ``count`` whole numbers from 0 to ``most``.

        Raises:
            FileError: Something else.
        """
        value = self._value(key, None)
        if (
            not isinstance(value, list)
            or len(value) != count
            or not all(type(item) is int and 0 <= item <= most for item in value)
        ):
            raise self.refuse(
                key,
                "must be a list of {count} whole numbers from 0 to {most}",
                rule="value",
                remedy="write them in brackets",
                count=count,
                most=most,
            )
        return tuple(value)

    def instant(self, key: str) -> datetime:
        """A date-time with an offset, such as ``2026-01-01T00:00:00+08:00``.

        Raises:
            FileError: Missing, or something else.
        """
        value = self._value(key, None)
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.refuse(
                key,
                "must be a date and time with an offset",
                rule="value",
                remedy="write {key} = 2026-01-01T00:00:00+08:00, without quotes",
                key=key,
            )
        return value

    def table(self, key: str) -> "Table | None":
        """The table below this key; None where it is not given.

        Raises:
            FileError: It is not a table.
        """
        self.asked.add(key)
        if not self.has(key):
            return None
        value = self._value(key, None)
        if not isinstance(value, dict):
            raise self.refuse(key, "must be a table", rule="value", remedy="write [{key}]", key=key)
        return self._below(value, key)

    def tables(self, key: str) -> list["Table"]:
        """The tables of the array below this key; empty where it is not given.

        Raises:
            FileError: It is not an array of tables.
        """
        values = self._value(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.refuse(
                key, "must be a list of tables", rule="value", remedy="write [[{key}]]", key=key
            )
        return [self._below(value, key, number) for number, value in enumerate(values)]

    def close(self) -> None:
        """Require that every key was asked for.

        Raises:
            FileError: There is a key that is not known here.
        """
        for key in sorted(self.values.keys() - self.asked):
            raise self.refuse(
                key,
                "is not known here",
                rule="unknown_key",
                remedy="correct the spelling; known here: {known}",
                known=", ".join(sorted(self.asked)),
            )

    def _below(self, value: dict[str, object], key: str, number: int | None = None) -> "Table":
        path = (*self.path, key) if number is None else (*self.path, key, number)
        return Table(value, path, self.lines, self.error, self.code)

    def _value(self, key: str, default: object) -> object:
        self.asked.add(key)
        value = self.values.get(key, default)
        if value is None:
            raise self.refuse(
                key, "is missing", rule="missing", remedy="add the key {key}", key=key
            )
        return value
