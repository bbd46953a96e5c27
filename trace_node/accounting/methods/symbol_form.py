"""Symbols of method files, read strictly."""

import re
from types import MappingProxyType
from typing import Final

from trace_node import formula
from trace_node.accounting.factors.row import FactorKind
from trace_node.accounting.laboratory.weighting import Weighting
from trace_node.accounting.methods.symbol import QueryTemplate, Rounding, Symbol
from trace_node.accounting.methods.words import Choice, RoundMode, SymbolSource
from trace_node.accounting.table import Table

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
NAME_RULE: Final = "must be a name of letters, digits and _"
MOST_PLACES: Final = 12


def read_symbol(table: Table) -> Symbol:
    """Read one ``[[symbols]]`` table.

    Raises:
        LibraryFileError: It breaks the form; the message names place and key.
        FormulaError: Its formula is none.
    """
    source = table.word("source", SymbolSource)
    text = table.text("formula", "")
    symbol = Symbol(
        id=table.match("id", NAME, NAME_RULE),
        title_zh=table.text("title_zh"),
        title_en=table.text("title_en"),
        table=table.text("table", ""),
        source=source,
        unit_text=table.text("unit"),
        item=table.text("item", ""),
        clause=table.text("clause", ""),
        least=table.number("least") if table.holds("least") else None,
        most=table.number("most") if table.holds("most") else None,
        basis=table.text("basis", ""),
        estimates=table.take("estimates", bool, default=False),
        weighting=table.words("weighting", Weighting),
        rounding=read_rounding(table, "round"),
        precedence=table.words("precedence", Choice),
        precedence_word=table.text("precedence_word", ""),
        precedence_for=_precedence_for(table),
        sticky=table.take("sticky", bool, default=False),
        query=_query(table.table("query")) if table.holds("query") else None,
        formula=formula.parse(text) if text else None,
        value=table.number("value") if table.holds("value") else None,
        options=table.numbers("options"),
    )
    table.end()
    _require_whole(symbol, table)
    return symbol


def read_rounding(table: Table, key: str) -> Rounding | None:
    """A rounding point, ``{ places = 2, mode = "half_up" }``; None where there is none.

    Raises:
        LibraryFileError: It breaks the form.
    """
    if not table.holds(key):
        return None
    inner = table.table(key)
    places = inner.take("places", int)
    if not 0 <= places <= MOST_PLACES:
        raise inner.refusal("places", f"must be 0 to {MOST_PLACES}")
    rounding = Rounding(places=places, mode=inner.word("mode", RoundMode, RoundMode.HALF_UP))
    inner.end()
    return rounding


def _precedence_for(table: Table) -> MappingProxyType[str, tuple[Choice, ...]]:
    inner = table.table("precedence_for")
    return MappingProxyType({word: inner.words(word, Choice) for word in inner.names()})


def _query(table: Table) -> QueryTemplate:
    query = QueryTemplate(
        scheme=table.text("scheme"),
        kind=table.word("kind", FactorKind),
        substance=table.text("substance", ""),
        region=table.text("region", ""),
        basis=table.text("basis") if table.holds("basis") else None,
        gwp_set=table.text("gwp_set", ""),
        year=table.text("year", ""),
        row=table.text("row", ""),
    )
    table.end()
    return query


def _require_whole(symbol: Symbol, table: Table) -> None:
    """What a source needs is there, and nothing else."""
    source = symbol.source
    every = {*symbol.precedence, *(one for few in symbol.precedence_for.values() for one in few)}
    needed = {
        "precedence": (source is SymbolSource.FACTOR, bool(symbol.precedence)),
        "query": (Choice.DEFAULT in every, symbol.query is not None),
        "formula": (Choice.FORMULA in every, symbol.formula is not None),
        "options": (source is SymbolSource.PARAMETER, bool(symbol.options)),
    }
    for key, (wanted, there) in needed.items():
        if wanted != there:
            raise table.refusal(key, "is missing" if wanted else "does not belong to this source")
    given = {SymbolSource.ACTIVITY, SymbolSource.REQUIRED}
    if source in given and not symbol.item:
        raise table.refusal("item", "is missing: what is collected is published")
    valued = {SymbolSource.CONSTANT, SymbolSource.PARAMETER}
    if (source in valued or Choice.CONSERVATIVE in every) != (symbol.value is not None):
        raise table.refusal("value", "belongs to constants, parameters and conservative values")
    if symbol.options and symbol.value not in symbol.options:
        raise table.refusal("value", "must be one of the options")
    if bool(symbol.precedence_for) != bool(symbol.precedence_word):
        raise table.refusal("precedence_word", "and precedence_for belong together")
