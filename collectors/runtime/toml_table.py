"""The values of an operator's TOML file, each checked: every mistake is named with line and remedy.

``close`` refuses what nobody asked for, so that a misspelt key is an error, not a silent default.
"""

import re
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from collectors.runtime.toml_core import TableCore
from collectors.runtime.toml_values import DAY_MS, duration_ms, number, size_bytes
from trace_node.ids import NAME_PATTERN

Choice = TypeVar("Choice", bound=StrEnum)


class Table(TableCore):
    """A table whose values are asked for by kind."""

    def text(self, key: str, *, default: str | None = None, most: int = 200) -> str:
        """A string of 1 to ``most`` printable characters.

        Raises:
            FileError: Missing without a default, or something else.
        """
        value = self._value(key, default)
        if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
            raise self.refuse(
                key,
                "must be a text of 1 to {most} printable characters",
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
        rule = "1 to 64 letters, digits or . _ : -, the first a letter or digit"
        return self.matching(key, NAME_PATTERN, rule, default=default)

    def matching(
        self, key: str, pattern: re.Pattern[str], wanted: str, *, default: str | None = None
    ) -> str:
        """A text that matches ``pattern`` wholly; ``wanted`` says so in words.

        Raises:
            FileError: Missing without a default, or something else.
        """
        value = self.text(key, default=default)
        if not pattern.fullmatch(value):
            raise self.refuse(
                key,
                "must be {wanted}",
                rule="value",
                remedy="correct the spelling",
                wanted=wanted,
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

    def texts(self, key: str) -> frozenset[str]:
        """A list of texts; empty where the key is not given.

        Raises:
            FileError: Something else.
        """
        value = self._value(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse(key, "must be texts", rule="value", remedy='write ["a", "b"]')
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
