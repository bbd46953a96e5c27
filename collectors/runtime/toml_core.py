"""A table of an operator's TOML file: which keys were asked for, and how a mistake is named."""

from dataclasses import dataclass, field
from typing import Self

from collectors.errors import FileError
from collectors.runtime.toml_lines import Lines, Place, spelled


@dataclass(slots=True)
class TableCore:
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

    def table(self, key: str) -> Self | None:
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

    def tables(self, key: str) -> list[Self]:
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

    def _below(self, value: dict[str, object], key: str, number: int | None = None) -> Self:
        path = (*self.path, key) if number is None else (*self.path, key, number)
        return type(self)(value, path, self.lines, self.error, self.code)

    def _value(self, key: str, default: object) -> object:
        self.asked.add(key)
        value = self.values.get(key, default)
        if value is None:
            raise self.refuse(
                key, "is missing", rule="missing", remedy="add the key {key}", key=key
            )
        return value
