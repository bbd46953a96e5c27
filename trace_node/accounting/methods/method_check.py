"""Whether the parts of a method fit each other: names, words, units, categories, totals."""

from collections.abc import Callable, Iterable
from typing import Final

from trace_node.accounting.dimension import TypedUnit, typed_unit
from trace_node.accounting.dimension_check import require_unit, unit_of
from trace_node.accounting.errors import LibraryFileError
from trace_node.accounting.methods.method import ANY_GAS, GAS_OF_LINE, Method, Step, Total
from trace_node.accounting.methods.symbol import NAMED_WORD, Symbol
from trace_node.accounting.methods.words import Purpose, Role, SymbolSource
from trace_node.gases import GASES

MOST_DEEP: Final = 16
_MASS_OF_TOTAL = {"tCO2", "tCO2e"}


def check_method(method: Method) -> None:
    """Check a method as a whole.

    Raises:
        LibraryFileError: Names, words, categories or totals do not fit.
        DimensionError: A formula adds what is not alike, or gives another unit than declared.
    """
    _require_names(method)
    for symbol in method.symbols.values():
        typed_unit(symbol.unit_text)
        if symbol.formula is not None:
            place = f"{method.ref} {symbol.id}"
            require_unit(
                symbol.formula, symbol.unit_text, _units(method, symbol.table), place=place
            )
        if symbol.query is not None:
            _require_words(method, symbol.id, symbol.table, symbol.query.texts)
        _require_symbol(method, symbol)
    _require_no_circle(method)
    for step in method.steps.values():
        place = f"{method.ref} {step.id}"
        require_unit(step.formula, step.unit_text, _units(method, step.table), place=place)
        _require_term(method, step)
    for check in method.checks:
        unit_of(check.formula, _units(method, check.table))
    for total in method.totals.values():
        _require_total(method, total)
    _require_use(method)


def _units(method: Method, table: str) -> Callable[[str], TypedUnit]:
    """Units of what an expression may name: of its table, without a table, or sums of others."""

    def unit(name: str) -> TypedUnit:
        step = method.steps.get(name)
        if step is not None:
            return typed_unit(step.unit_text)
        symbol = method.symbols[name]
        if symbol.table not in {"", table}:
            raise KeyError(name)
        return symbol.unit

    return unit


def _require_names(method: Method) -> None:
    for name in method.symbols.keys() & method.steps.keys():
        raise _refusal(method, name, "is a symbol and a step")
    tables = {*method.tables, ""}
    placed = [(one.id, one.table) for one in method.symbols.values()]
    placed += [(one.id, one.table) for one in method.steps.values()]
    placed += [(one.id, one.table) for one in method.checks]
    for name, table in placed:
        if table not in tables:
            raise _refusal(method, name, f"names the table {table}, which is not there")
    for symbol in method.symbols.values():
        if symbol.source is SymbolSource.CONSTANT and symbol.table:
            raise _refusal(method, symbol.id, "is a constant and belongs to no table")


def _require_symbol(method: Method, symbol: Symbol) -> None:
    if symbol.least is not None and symbol.most is not None and symbol.least > symbol.most:
        raise _refusal(method, symbol.id, "has a least value above its largest")
    if not symbol.precedence_word:
        return
    _require_words(method, symbol.id, symbol.table, [f"{{{symbol.precedence_word}}}"])
    words = {**method.words, **(method.tables[symbol.table].words if symbol.table else {})}
    permitted = words[symbol.precedence_word]
    for word in symbol.precedence_for:
        if permitted and word not in permitted:
            raise _refusal(method, symbol.id, f"has a precedence for {word}, which is no such word")


def _require_words(method: Method, name: str, table: str, texts: Iterable[str]) -> None:
    known = {*method.words, *(method.tables[table].words if table else ())}
    for text in texts:
        for word in NAMED_WORD.findall(text):
            if word not in known:
                raise _refusal(method, name, f"names the word {word}, which no line or case has")


def _require_no_circle(method: Method) -> None:
    depths: dict[str, int] = {}

    def depth(name: str, above: tuple[str, ...]) -> int:
        if name in above:
            raise _refusal(method, name, "needs itself: " + " -> ".join((*above, name)))
        if name not in depths:
            item = method.steps.get(name) or method.symbols.get(name)
            needed = item.formula.symbols if item is not None and item.formula else ()
            below = [depth(one, (*above, name)) for one in sorted(needed)]
            depths[name] = 1 + max(below, default=0)
        return depths[name]

    for name in (*method.symbols, *method.steps):
        if depth(name, ()) > MOST_DEEP:  # evaluation recurses, and files come from strangers
            raise _refusal(method, name, f"stands behind more than {MOST_DEEP} formulas")


def _require_term(method: Method, step: Step) -> None:
    if not step.is_term:
        if step.gas or step.role is not Role.EMISSION:
            raise _refusal(method, step.id, "has a gas or a role, but no category")
        return
    if step.category not in method.categories:
        raise _refusal(method, step.id, f"names the category {step.category}, which is not there")
    any_gas = step.gas == GAS_OF_LINE
    if any_gas:
        _require_words(method, step.id, step.table, [step.gas])
    elif step.gas not in GASES:
        raise _refusal(method, step.id, f"has no known gas: {step.gas}")
    if step.unit_text != f"t{ANY_GAS if any_gas else step.gas}":
        raise _refusal(method, step.id, "is a mass of its gas, in tonnes: masses are kept per gas")


def _require_total(method: Method, total: Total) -> None:
    if total.unit_text not in _MASS_OF_TOTAL:
        raise _refusal(method, total.id, "is in tCO2 or tCO2e")
    if (total.unit_text == "tCO2e") != bool(total.gwp_set and total.gwp_scheme):
        raise _refusal(
            method, total.id, "in tCO2e names gwp_set and gwp_scheme; in tCO2 it has none"
        )
    named = (*total.add, *total.subtract)
    if len(set(named)) != len(named):
        raise _refusal(method, total.id, "names a term twice")
    for name in named:
        step = method.steps.get(name)
        if step is None or not step.is_term:
            raise _refusal(method, total.id, f"names {name}, which is no term")
        if total.unit_text == "tCO2" and step.gas != "CO2":
            raise _refusal(method, total.id, f"is in tCO2, but {name} is {step.gas}")
        if step.role is Role.SINK and total.purpose is Purpose.ETS:
            raise _refusal(method, total.id, f"is a figure of the market; the sink {name} is not")
        if step.role is Role.EMISSION and total.purpose is Purpose.ETS and name in total.subtract:
            raise _refusal(method, total.id, f"takes off {name}; a deduction is a negative term")


def _require_use(method: Method) -> None:
    used = {name for total in method.totals.values() for name in (*total.add, *total.subtract)}
    for term in method.terms:
        if term.id not in used:
            raise _refusal(method, term.id, "is a term of no total")
    roots = {*used, *(name for check in method.checks for name in check.formula.symbols)}
    roots |= {name for step in method.steps.values() for name in step.formula.symbols}
    roots |= {
        name for one in method.symbols.values() if one.formula for name in one.formula.symbols
    }
    roots |= {step.id for step in method.steps.values() if step.output}
    for name in (*method.symbols, *method.steps):
        if name not in roots:
            raise _refusal(method, name, "is used by nothing")
    for category in method.categories:
        if not any(term.category == category for term in method.terms):
            raise _refusal(method, category, "is a category without a term")


def _refusal(method: Method, name: str, why: str) -> LibraryFileError:
    return LibraryFileError(
        "{method}: {name} {why}",
        field=name,
        method=method.ref,
        name=name,
        why=why,
        remedy="see docs/spec/method-file.md",
    )
