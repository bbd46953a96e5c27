"""A table of a library file, read strictly: what is not known is refused by its place."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from trace_node.accounting.errors import LibraryFileError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_KINDS: Mapping[type, str] = MappingProxyType(
    {
        str: "must be a text in quotes",
        int: "must be a whole number",
        bool: "must be true or false",
        date: "must be a date without time",
        list: "must be an array",
        dict: "must be a table",
    }
)


class Table:
    """One table; what is left in it after reading is refused.

    Args:
        values: Its members.
        place: What it is called in errors.
        form: The document that lists its keys.
    """

    def __init__(self, values: Mapping[str, Any], place: str, form: str) -> None:
        self._values, self.place, self._form = dict(values), place, form

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The member of this key; ``default`` if it is not there.

        Raises:
            LibraryFileError: It is missing, or of another kind.
        """
        value = self._values.pop(key, default)
        if value is None:
            raise self.refusal(key, "is missing")
        # A date-time is a date to Python, and a boolean a whole number.
        if type(value) is not kind:
            raise self.refusal(key, _KINDS[kind])
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text without control and direction characters; it says something if it must be there.

        Raises:
            LibraryFileError: It is missing, empty, or holds such a character.
        """
        text = self.take(key, str, default)
        if default is None and not text.strip():
            raise self.refusal(key, "is empty")
        if any(unicodedata.category(one) in _UNSEEN and one != "\n" for one in text):
            raise self.refusal(key, "must be of characters that can be seen")
        return text

    def match(self, key: str, pattern: re.Pattern[str], why: str) -> str:
        """A text of a given form.

        Raises:
            LibraryFileError: It is missing, or of another form.
        """
        text = self.take(key, str)
        if not pattern.fullmatch(text):
            raise self.refusal(key, why)
        return text

    def word(self, key: str, kind: type[E], default: E | None = None) -> E:
        """A word of an enumeration.

        Raises:
            LibraryFileError: It is missing, or another word.
        """
        text = self.take(key, str, default.value if default else None)
        words = [item.value for item in kind]
        if text not in words:
            raise self.refusal(key, "must be one of " + ", ".join(words))
        return kind(text)

    def texts(self, key: str) -> tuple[str, ...]:
        """An array of texts; empty if it is not there.

        Raises:
            LibraryFileError: It holds something else.
        """
        items = self.take(key, list, [])
        if any(type(item) is not str for item in items):
            raise self.refusal(key, "must be an array of texts")
        return tuple(items)

    def words(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """An array of words of an enumeration.

        Raises:
            LibraryFileError: It holds something else.
        """
        known = [item.value for item in kind]
        texts = self.texts(key)
        if not set(texts) <= set(known) or len(set(texts)) != len(texts):
            raise self.refusal(key, "must be different words of " + ", ".join(known))
        return tuple(kind(text) for text in texts)

    def number(self, key: str) -> Decimal:
        """A decimal in quotes, its digits as printed in the source.

        Raises:
            LibraryFileError: It is missing, or no plain decimal.
        """
        text = self.take(key, str)
        if not _DECIMAL.fullmatch(text):
            raise self.refusal(key, 'must be a decimal in quotes, such as "0.05"')
        return Decimal(text)

    def numbers(self, key: str) -> tuple[Decimal, ...]:
        """An array of decimals in quotes; empty if it is not there.

        Raises:
            LibraryFileError: It holds something else.
        """
        texts = self.texts(key)
        if not all(_DECIMAL.fullmatch(text) for text in texts):
            raise self.refusal(key, 'must be an array of decimals in quotes, such as "0.05"')
        return tuple(Decimal(text) for text in texts)

    def day(self, key: str) -> date | None:
        """A day; None if it is not there."""
        return self.take(key, date) if self.holds(key) else None

    def holds(self, key: str) -> bool:
        """Whether the key is there and not yet taken."""
        return key in self._values

    def tables(self, key: str) -> list["Table"]:
        """An array of tables; empty if it is not there.

        Raises:
            LibraryFileError: It holds something else.
        """
        found = []
        for index, item in enumerate(self.take(key, list, [])):
            if not isinstance(item, dict):
                raise self.refusal(key, "must be an array of tables")
            name = item.get("id")
            place = f"{self.place}.{key}[{name if isinstance(name, str) else index}]"
            found.append(Table(item, place, self._form))
        return found

    def table(self, key: str) -> "Table":
        """A table; empty if it is not there."""
        return Table(self.take(key, dict, {}), f"{self.place}.{key}", self._form)

    def pairs(self, key: str) -> dict[str, str]:
        """A table of texts; empty if it is not there.

        Raises:
            LibraryFileError: It holds something else.
        """
        items = self.take(key, dict, {})
        if any(type(item) is not str for item in items.values()):
            raise self.refusal(key, "must be a table of texts")
        return dict(items)

    def names(self) -> tuple[str, ...]:
        """The keys that are not yet taken."""
        return tuple(self._values)

    def end(self) -> None:
        """Refuse what is left.

        Raises:
            LibraryFileError: A key was not taken.
        """
        for key in self._values:
            raise self.refusal(key, "is not a key of this table")

    def refusal(self, key: str, why: str) -> LibraryFileError:
        """The error about one key."""
        return LibraryFileError(
            "{place}: {key} " + why.replace("{", "{{").replace("}", "}}"),
            field=key,
            place=self.place,
            key=key,
            form=self._form,
            remedy="see {form} for the form",
        )
