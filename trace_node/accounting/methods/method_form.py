"""Definitions of methods, read strictly and checked as a whole."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from trace_node import formula
from trace_node.accounting.methods.expand import FORM
from trace_node.accounting.methods.method import (
    Category,
    Check,
    InputTable,
    Method,
    Step,
    Total,
)
from trace_node.accounting.methods.method_check import check_method
from trace_node.accounting.methods.symbol_form import NAME, NAME_RULE, read_rounding, read_symbol
from trace_node.accounting.methods.words import Mark, Purpose, Role, Severity
from trace_node.accounting.table import Table

ID: Final = re.compile(r"[a-z][a-z0-9._-]{0,79}")
MAX_VERSION: Final = 9_999
_GROUPS: Final = (
    *("combustion", "feedstock", "carbonate", "recovery", "specific"),
    *("electricity", "heat", "sink"),
)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Named)


def read_method(definition: Mapping[str, Any], *, place: str) -> Method:
    """Read an expanded definition.

    Args:
        definition: The definition without includes.
        place: What it is called in errors.

    Raises:
        LibraryFileError: It breaks the form, or its parts do not fit each other.
        FormulaError: A formula is none.
        DimensionError: A formula adds what is not alike, or gives another unit than declared.
    """
    table = Table(definition, place, FORM)
    version = table.take("version", int)
    if not 1 <= version <= MAX_VERSION:
        raise table.refusal("version", "must be a number from 1 to 9999")
    method = Method(
        id=table.match("id", ID, "must be a dotted lower-case name"),
        version=version,
        title_zh=table.text("title_zh"),
        title_en=table.text("title_en"),
        source=table.text("source"),
        literal=table.text("literal"),
        reading=table.text("reading", ""),
        missing_data=table.text("missing_data"),
        words=_words(table.table("words")),
        categories=_by_id(table, "categories", map(_category, table.tables("categories"))),
        tables=_by_id(table, "tables", map(_input_table, table.tables("tables"))),
        symbols=_by_id(table, "symbols", map(read_symbol, table.tables("symbols"))),
        steps=_by_id(table, "steps", map(_step, table.tables("steps"))),
        totals=_by_id(table, "totals", map(_total, table.tables("totals"))),
        checks=tuple(map(_check, table.tables("checks"))),
        modules=table.texts("modules"),
        definition=dict(definition),
    )
    table.end()
    check_method(method)
    return method


def _by_id(table: Table, key: str, items: Iterable[T]) -> MappingProxyType[str, T]:
    every = list(items)
    for name, count in Counter(item.id for item in every).items():
        if count > 1:
            raise table.refusal(key, f"names {name} twice")
    return MappingProxyType({item.id: item for item in every})


def _words(table: Table) -> MappingProxyType[str, tuple[str, ...]]:
    return MappingProxyType({word: table.texts(word) for word in table.names()})


def _category(table: Table) -> Category:
    category = Category(
        id=table.match("id", NAME, NAME_RULE),
        title_zh=table.text("title_zh"),
        title_en=table.text("title_en"),
        scope=table.take("scope", int),
        group=table.text("group"),
    )
    if category.scope not in {1, 2, 3}:
        raise table.refusal("scope", "must be 1, 2 or 3")
    if category.group not in _GROUPS:
        raise table.refusal("group", "must be one of " + ", ".join(_GROUPS))
    table.end()
    return category


def _input_table(table: Table) -> InputTable:
    item = InputTable(
        id=table.match("id", NAME, NAME_RULE),
        title_zh=table.text("title_zh"),
        title_en=table.text("title_en"),
        words=_words(table.table("words")),
    )
    table.end()
    return item


def _step(table: Table) -> Step:
    step = Step(
        id=table.match("id", NAME, NAME_RULE),
        title_zh=table.text("title_zh"),
        title_en=table.text("title_en"),
        table=table.text("table", ""),
        formula=formula.parse(table.text("formula")),
        unit_text=table.text("unit"),
        mark=table.word("mark", Mark),
        clause=table.text("clause"),
        rounding=read_rounding(table, "round"),
        rounding_sum=read_rounding(table, "round_sum"),
        category=table.text("category", ""),
        gas=table.text("gas", ""),
        role=table.word("role", Role, Role.EMISSION),
        output=table.take("output", bool, default=False),
    )
    table.end()
    return step


def _total(table: Table) -> Total:
    total = Total(
        id=table.match("id", NAME, NAME_RULE),
        title_zh=table.text("title_zh"),
        title_en=table.text("title_en"),
        purpose=table.word("purpose", Purpose),
        unit_text=table.text("unit"),
        gwp_set=table.text("gwp_set", ""),
        gwp_scheme=table.text("gwp_scheme", ""),
        gwp_substances=MappingProxyType(table.pairs("gwp_substances")),
        add=table.texts("add"),
        subtract=table.texts("subtract"),
        rounding=read_rounding(table, "round"),
    )
    table.end()
    return total


def _check(table: Table) -> Check:
    require = table.text("require")
    check = Check(
        id=table.match("id", ID, "must be a dotted lower-case name"),
        table=table.text("table", ""),
        require=require,
        formula=formula.parse(f"1 if {require} else 0"),
        severity=table.word("severity", Severity),
        text_zh=table.text("text_zh"),
        text_en=table.text("text_en"),
        clause=table.text("clause", ""),
    )
    table.end()
    return check
