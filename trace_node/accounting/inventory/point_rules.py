"""What the method says of a point of a boundary: which symbols it reaches, and what may fill it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.samples import SamplePoint
from trace_node.accounting.boundary.sources import Feed, Industry
from trace_node.accounting.dimension import of_what, ratio, typed_unit
from trace_node.accounting.errors import DimensionError
from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.of_period import SampleQuestion
from trace_node.accounting.laboratory.parameter import UNITS, Parameter
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.symbol import Symbol
from trace_node.accounting.methods.words import Choice, SymbolSource

BASES: Final[Mapping[Basis | None, str]] = {
    None: "",
    Basis.AR: "as received",
    Basis.AD: "air dry",
    Basis.D: "dry",
    Basis.DAF: "dry ash-free",
}
_WITHOUT_SAMPLE: Final = frozenset({Choice.DEFAULT, Choice.FORMULA, Choice.CONSERVATIVE})
_CARBON_PER_MASS: Final = "tC/t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """A symbol that a point is handed to.

    Attributes:
        symbol: The symbol.
        words: Words of the case and of the line.
    """

    symbol: Symbol
    words: Mapping[str, str]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Where its value may come from."""
        return self.symbol.choices(self.words)


def feeds_of(boundary: Boundary, industry: Industry) -> list[Feed]:
    """The feeds of the sources of a unit that one method accounts for."""
    sources = {
        each.id
        for each in boundary.sources
        if (each.unit, each.method) == (industry.unit, industry.method)
    }
    return [each for each in boundary.feeds if each.source in sources]


def fed_by(boundary: Boundary, industry: Industry, method: Method, name: str) -> Iterator[Fed]:
    """The symbols that a point reaches, straight or by way of rules."""
    for feed in feeds_of(boundary, industry):
        if feed.point == name and feed.symbol in method.symbols:
            words = {**industry.words, **boundary.source_by_id[feed.source].words}
            yield Fed(symbol=method.symbols[feed.symbol], words=words)
    for rule in boundary.rules:
        if name in rule.inputs:
            yield from fed_by(boundary, industry, method, rule.name)


def may_estimate(boundary: Boundary, industry: Industry, method: Method, name: str) -> bool:
    """Whether the method lets an estimated value in wherever the point is used."""
    reached = list(fed_by(boundary, industry, method, name))
    return bool(reached) and all(each.symbol.estimates for each in reached)


def may_lack(boundary: Boundary, industry: Industry, method: Method, name: str) -> bool:
    """Whether the method has a value of its own wherever a laboratory's is not there."""
    straight = [feed for feed in feeds_of(boundary, industry) if feed.point == name]
    reached = list(fed_by(boundary, industry, method, name))
    return len(straight) == len(reached) > 0 and all(
        each.symbol.source is SymbolSource.FACTOR and _WITHOUT_SAMPLE & set(each.choices)
        for each in reached
    )


def question_of(
    boundary: Boundary,
    industry: Industry,
    method: Method,
    point: SamplePoint,
    *,
    settled: bool,
) -> SampleQuestion:
    """What is asked of the samples of a point: the method says what may stand in for them."""
    reached = list(fed_by(boundary, industry, method, point.name))
    values = {_conservative(each, unit_of(point)) for each in reached}
    return SampleQuestion(
        parameter=point.parameter,
        basis=point.basis,
        weighting=point.weighting,
        settled=settled,
        conservative=values.pop() if len(values) == 1 else None,
        estimates=may_estimate(boundary, industry, method, point.name),
    )


def unit_of(point: SamplePoint) -> str:
    """The unit that a method gets a laboratory value in: carbon of a mass is ``tC/t``."""
    if point.parameter is Parameter.CARBON:
        return _CARBON_PER_MASS
    return UNITS[point.parameter]


def _conservative(fed: Fed, unit: str) -> Decimal | None:
    """The conservative value of a symbol, where the method has one in the unit of the samples."""
    if Choice.CONSERVATIVE not in fed.choices or fed.symbol.value is None:
        return None
    try:
        given = typed_unit(of_what(unit, None)).flat()
        same = ratio(given, fed.symbol.unit.flat()) == 1
    except DimensionError:
        return None
    return fed.symbol.value if same else None
