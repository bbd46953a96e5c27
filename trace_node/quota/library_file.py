"""Files of rules and methods (TOML), read strictly: what is not known is refused by name."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from trace_node import formula
from trace_node.quota.errors import LibraryError
from trace_node.quota.input_spec import InputSpec
from trace_node.quota.method import Method, RuleUse, Step
from trace_node.quota.rule import Origin, Rule, Standing, Validity
from trace_node.toml_text import read_toml

MAX_BYTES = 1_048_576
MAX_LINE_BYTES = 2_000
MIN_YEAR, MAX_YEAR = 2000, 2200
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
T = TypeVar("T")


def read_rules(raw: bytes, *, file: str) -> tuple[Rule, ...]:
    """Read a file of ``[[rule]]`` tables.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        LibraryError: A table breaks the form; the message names place and key.
    """
    return tuple(_rule(table) for table in _tables(raw, "rule", file=file))


def read_methods(raw: bytes, *, file: str) -> tuple[Method, ...]:
    """Read a file of ``[[method]]`` tables.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        LibraryError: A table breaks the form; the message names place and key.
        FormulaError: A step is not a formula.
    """
    return tuple(_method(table) for table in _tables(raw, "method", file=file))


class _Table:
    """One table of the file; what is left in it after reading is refused."""

    def __init__(self, values: dict[str, Any], place: str) -> None:
        self._values, self.place = dict(values), place

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        value = self._values.pop(key, default)
        if value is None:
            raise self.refusal(key, "is missing")
        # A date-time is a date to Python, and a boolean a whole number.
        if type(value) is not kind:
            raise self.refusal(key, _KINDS[kind])
        return value

    def match(self, key: str, pattern: re.Pattern[str], why: str) -> str:
        text = self.take(key, str)
        if not pattern.fullmatch(text):
            raise self.refusal(key, why)
        return text

    def number(self, key: str, default: str | None = None) -> Decimal:
        text = self.take(key, str, default)
        if not _DECIMAL.fullmatch(text):
            raise self.refusal(key, 'must be a decimal in quotes, such as "0.05"')
        return Decimal(text)

    def holds(self, key: str) -> bool:
        return key in self._values

    def tables(self, key: str) -> list["_Table"]:
        return [
            _Table(_require_table(item, self, key), f"{self.place}.{key}[{index}]")
            for index, item in enumerate(self.take(key, list, []))
        ]

    def end(self) -> None:
        for key in self._values:
            raise self.refusal(key, "is not a key of this table")

    def refusal(self, key: str, why: str) -> LibraryError:
        return LibraryError(
            "{place}: {key} " + why,
            field=key,
            place=self.place,
            key=key,
            remedy="see docs/spec/allocation-library.md for the form",
        )


_KINDS: dict[type, str] = {
    str: "must be a text in quotes",
    int: "must be a whole number",
    bool: "must be true or false",
    date: "must be a date without time",
    list: "must be an array",
    dict: "must be a table",
}


def _require_table(item: object, table: _Table, key: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise table.refusal(key, "must be an array of tables")
    return item


def _tables(raw: bytes, name: str, *, file: str) -> list[_Table]:
    top = read_toml(raw, file=file, most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES)
    table = _Table(top, file)
    found = table.tables(name)
    table.end()
    return found


def _rule(table: _Table) -> Rule:
    rule_id = table.match("id", _ID, "must be a dotted lower-case name")
    table.place += f" {rule_id}"
    rule = Rule(
        id=rule_id,
        value=table.number("value"),
        unit=table.take("unit", str),
        validity=_validity(table),
        origin=_origin(table),
    )
    table.end()
    return rule


def _method(table: _Table) -> Method:
    method_id = table.match("id", _ID, "must be a dotted lower-case name")
    table.place += f" {method_id}"
    method = Method(
        id=method_id,
        version=table.take("version", int),
        title=table.take("title", str),
        validity=_validity(table),
        origin=_origin(table),
        reading=table.take("reading", str, ""),
        inputs=tuple(_input(item) for item in table.tables("inputs")),
        rules=tuple(_use(item) for item in table.tables("rules")),
        steps=tuple(_step(item) for item in table.tables("steps")),
    )
    table.end()
    return method


def _validity(table: _Table) -> Validity:
    years = table.take("years", list, [])
    if any(type(year) is not int or not MIN_YEAR <= year <= MAX_YEAR for year in years):
        raise table.refusal("years", "must be an array of years")
    if len(set(years)) != len(years):
        raise table.refusal("years", "must differ")
    begin = table.take("valid_from", date)
    end = table.take("valid_to", date) if table.holds("valid_to") else None
    if end is not None and end < begin:
        raise table.refusal("valid_to", "is before valid_from")
    return Validity(years=tuple(years), valid_from=begin, valid_to=end)


def _origin(table: _Table) -> Origin:
    words = [standing.value for standing in Standing]
    status = table.take("status", str)
    if status not in words:
        raise table.refusal("status", "must be active or draft")
    second = table.take("second_source", str) if table.holds("second_source") else None
    return Origin(source=table.take("source", str), second_source=second, standing=Standing(status))


def _input(table: _Table) -> InputSpec:
    choices = table.take("choices", list, [])
    if any(not isinstance(word, str) or not _ID.fullmatch(word) for word in choices):
        raise table.refusal("choices", "must be an array of lower-case words")
    spec = InputSpec(
        name=table.match("name", _SYMBOL, "must be a symbol of letters and digits"),
        unit=table.take("unit", str, "1"),
        least=table.number("least", "0"),
        most=table.number("most") if table.holds("most") else None,
        whole=table.take("whole", bool, default=False),
        choices=tuple(choices),
    )
    table.end()
    return spec


def _use(table: _Table) -> RuleUse:
    use = RuleUse(
        symbol=table.match("symbol", _SYMBOL, "must be a symbol of letters and digits"),
        rule_id=table.take("rule", str),
    )
    table.end()
    return use


def _step(table: _Table) -> Step:
    step = Step(
        symbol=table.match("symbol", _SYMBOL, "must be a symbol of letters and digits"),
        formula=formula.parse(table.take("formula", str)),
        unit=table.take("unit", str),
    )
    table.end()
    return step
