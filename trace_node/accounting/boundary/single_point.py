"""Single-point accounting (单点核算, standard 002 9.2): method, formula and data item of a point.

Step a is the meter register or entry, step b its industry, source category and source, step c the
gas, the formula and the data item of the formula that the point is matched with.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from trace_node.accounting.activity.for_methods import unit_for_methods
from trace_node.accounting.boundary.parts import BoundaryParts
from trace_node.accounting.boundary.sources import Feed
from trace_node.accounting.dimension import TypedUnit, of_what, typed_unit
from trace_node.accounting.errors import DimensionError
from trace_node.accounting.methods.method import Method, Step
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.methods.symbol import Symbol
from trace_node.accounting.methods.words import Choice, SymbolSource
from trace_node.units import UNITS

_GIVEN = frozenset({SymbolSource.ACTIVITY, SymbolSource.REQUIRED})
_HANDED_IN = frozenset({Choice.MEASURED, Choice.SUPPLIER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A point matched with a data item of a formula.

    Attributes:
        point: Name of the activity data.
        meter: ``device/register`` of a meter register, else ``-``.
        unit: The accounting unit.
        method: ``id@version``.
        category: Source category.
        source: Emission source.
        through: Rules between the point and the data item, in order of computation.
        symbol: The data item.
        terms: The terms of the source category that use it, each with formula, gas and mark.
        parameters: The other data items of those formulas.
    """

    point: str
    meter: str
    unit: str
    method: str
    category: str
    source: str
    through: tuple[str, ...]
    symbol: Symbol
    terms: tuple[Step, ...]
    parameters: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """A data item that a register of some unit can be matched with.

    Attributes:
        category: Source category.
        symbol: The data item.
        words: Words that the line of its source needs, each with its permitted values.
        terms: The terms that use it.
    """

    category: str
    symbol: Symbol
    words: Mapping[str, tuple[str, ...]]
    terms: tuple[Step, ...]


def matched_points(boundary: BoundaryParts, methods: MethodLibrary) -> tuple[Matched, ...]:
    """Every point of a boundary with the data items it is matched with, in order of the names.

    Raises:
        MethodNotFoundError: A method is not in the library.
    """
    meters = {each.name: f"{each.device}/{each.meter_register}" for each in boundary.meters}
    sources = {each.id: each for each in boundary.sources}
    found: list[Matched] = []
    for feed in boundary.feeds:
        source = sources[feed.source]
        method = methods.get(source.method)
        symbol = method.symbols.get(feed.symbol)
        if symbol is None:
            continue  # the boundary is refused for it when it is logged
        terms = _terms(method, source.category, symbol.id)
        for name, through in _behind(boundary, feed):
            found.append(
                Matched(
                    point=name,
                    meter=meters.get(name, "-"),
                    unit=source.unit,
                    method=method.ref,
                    category=source.category,
                    source=source.id,
                    through=through,
                    symbol=symbol,
                    terms=terms,
                    parameters=_parameters(method, terms, symbol),
                )
            )
    return tuple(sorted(found, key=lambda each: (each.point, each.source, each.symbol.id)))


def possible_items(method: Method, unit: str, *, quantity: str = "") -> tuple[Possible, ...]:
    """The data items of a method that a value of some unit can be, whatever it is of.

    Args:
        method: The method.
        unit: Unit of the meter register, as records write it.
        quantity: What it measures, which tells electricity from heat; empty if nothing says so.

    Raises:
        DimensionError: Methods do not know the unit.
    """
    if unit in UNITS:
        unit = unit_for_methods(UNITS[unit], quantity=quantity).symbol
    given = typed_unit(of_what(unit, None)).flat()
    found = []
    for term in method.terms:
        words = method.tables[term.table].words if term.table else {}
        for name in sorted(method.needs(term.id)):
            symbol = method.symbols.get(name)
            if symbol is not None and _is_handed_in(symbol) and _fits(symbol, given):
                found.append(
                    Possible(
                        category=term.category,
                        symbol=symbol,
                        words=words if symbol.table else {},
                        terms=_terms(method, term.category, name),
                    )
                )
    return tuple({(each.category, each.symbol.id): each for each in found}.values())


def _behind(boundary: BoundaryParts, feed: Feed) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The meters and entries behind a feed, each with the rules between; a point without rules."""
    rules = {each.name: each for each in boundary.rules}
    waiting: list[tuple[str, tuple[str, ...]]] = [] if feed.point is None else [(feed.point, ())]
    while waiting:
        name, through = waiting.pop()
        rule = rules.get(name)
        if rule is None:
            yield name, through
        else:
            waiting += [(one, (name, *through)) for one in rule.inputs]


def _terms(method: Method, category: str, symbol: str) -> tuple[Step, ...]:
    return tuple(
        term
        for term in method.terms
        if term.category == category and symbol in method.needs(term.id)
    )


def _parameters(method: Method, terms: Iterable[Step], symbol: Symbol) -> tuple[Symbol, ...]:
    names = {name for term in terms for name in method.needs(term.id)} - {symbol.id}
    return tuple(one for one in method.symbols.values() if one.id in names)


def _is_handed_in(symbol: Symbol) -> bool:
    every = {*symbol.precedence, *(one for few in symbol.precedence_for.values() for one in few)}
    return symbol.source in _GIVEN or bool(_HANDED_IN & every)


def _fits(symbol: Symbol, given: TypedUnit) -> bool:
    try:
        return symbol.unit.flat().dimension == given.dimension
    except DimensionError:  # a flat unit that methods do not write, such as that of any gas
        return False
