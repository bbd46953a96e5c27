"""A boundary in the making: what each step may choose from, and the record that comes of it.

The steps are those of standard 002, 9.3 and 11.5. Nothing here asks; a page or a terminal does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.single_point import possible_items
from trace_node.accounting.errors import DimensionError
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.symbol import Symbol
from trace_node.accounting.methods.words import SymbolSource
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.metering.meter import Meter
from trace_node.units import UNITS

_GIVEN: Final = frozenset({SymbolSource.ACTIVITY, SymbolSource.REQUIRED})
COUNTER: Final = "counter"
_NAME: Final = 32  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChoice:
    """A meter register that a symbol can get its value from.

    Attributes:
        device: The device.
        name: Name of the register.
        unit: Its unit.
    """

    device: str
    name: str
    unit: str


@dataclass(slots=True)
class BoundaryDraft:
    """What was configured so far (边界草稿).

    Attributes:
        head: Organisation, name, version and validity.
        entity: Step a: who reports.
        places: Where; each with its operational control.
        units: Step b: accounting units.
        industries: Step c: units and their methods.
        sources: Step d: emission sources.
        meters: Step e: meter registers.
        entries: Step e: what people enter.
        feeds: Which value each symbol gets.
    """

    head: JsonObject
    entity: JsonObject = field(default_factory=dict)
    places: list[JsonObject] = field(default_factory=list)
    units: list[JsonObject] = field(default_factory=list)
    industries: list[JsonObject] = field(default_factory=list)
    sources: list[JsonObject] = field(default_factory=list)
    meters: list[JsonObject] = field(default_factory=list)
    entries: list[JsonObject] = field(default_factory=list)
    feeds: list[JsonObject] = field(default_factory=list)

    def metered(self, name: str, *, source: str, register: RegisterChoice) -> None:
        """Add a meter register under a name."""
        self.meters.append(
            {
                "device": register.device,
                "integrate": None,
                "meter_register": register.name,
                "name": name,
                "source": source,
            }
        )

    def entered(self, name: str, *, source: str) -> None:
        """Add activity data that people enter."""
        self.entries.append({"basis": None, "choice": "measured", "name": name, "source": source})

    def feed(self, symbol: Symbol, *, source: str, point: str | None, zero: str | None) -> None:
        """Say which value a symbol gets: that of a point, or 0 for a reason."""
        unit, what = _written(symbol)
        self.feeds.append(
            {
                "of": what,
                "point": point,
                "source": source,
                "symbol": symbol.id,
                "unit": None if zero is None else unit,
                "zero": zero,
            }
        )

    def confirmed(self, *, by: str, on: str) -> Boundary:
        """The record, confirmed by a person.

        Raises:
            InputError: A member breaks its rule, or the parts contradict each other.
        """
        lists: dict[str, JsonValue] = {
            "entries": [*self.entries],
            "feeds": [*self.feeds],
            "industries": [*self.industries],
            "meters": [*self.meters],
            "places": [*self.places],
            "sources": [*self.sources],
            "units": [*self.units],
        }
        return Boundary.from_fields(
            {
                **self.head,
                **lists,
                "confirmed_by": by,
                "confirmed_on": on,
                "demonstration": None,
                "entity": self.entity,
                "laboratory": [],
                "rules": [],
            }
        )

    def is_fed(self, symbol: Symbol, method: str, *, unit: str) -> bool:
        """Whether a symbol that a method takes once of a unit has its value there already."""
        own = {
            str(each["id"])
            for each in self.sources
            if (each["method"], each["unit"]) == (method, unit)
        }
        return not symbol.table and any(
            each["symbol"] == symbol.id and each["source"] in own for each in self.feeds
        )

    def point_for(self, symbol: Symbol, *, source: str) -> str:
        """A name for the activity data that a symbol gets, which no other has."""
        taken = {str(each["name"]) for each in (*self.meters, *self.entries)}
        name, number = f"{source}.{symbol.id}"[:_NAME], 1
        while name in taken:
            number += 1
            name = f"{name[: _NAME - len(str(number)) - 1]}-{number}"
        return name


def symbols_of(method: Method, category: str) -> Sequence[Symbol]:
    """The values that a category has to be given; what the method has a factor for is not asked."""
    names = {
        name for term in method.terms if term.category == category for name in method.needs(term.id)
    }
    found = (method.symbols[name] for name in sorted(names) if name in method.symbols)
    return [each for each in found if each.source in _GIVEN]


def words_of(method: Method, category: str) -> Sequence[tuple[str, Sequence[str]]]:
    """The words that a source of a category needs, each with what it may be; empty for any."""
    tables = {term.table for term in method.terms if term.category == category and term.table}
    return [
        (name, tuple(choices))
        for table in sorted(tables)
        for name, choices in method.tables[table].words.items()
    ]


def registers_for(
    symbol: Symbol, method: Method, meters: Sequence[Meter]
) -> Iterator[RegisterChoice]:
    """The counters whose unit a symbol can be given in."""
    for meter in meters:
        for register in meter.meter_registers:
            if register.kind != COUNTER or register.unit not in UNITS:
                continue
            try:
                found = possible_items(method, register.unit, quantity=register.quantity)
            except DimensionError:  # reactive energy and the like: no method takes it
                continue
            fitting = {each.symbol.id for each in found}
            if symbol.id in fitting:
                yield RegisterChoice(device=meter.device, name=register.name, unit=register.unit)


def _written(symbol: Symbol) -> tuple[str, str | None]:
    """Unit and substance of a symbol, as records write them."""
    text, _, rest = symbol.unit_text.partition("[")
    what, _, behind = rest.partition("]")
    return f"{text}{behind}".replace("1e", "10^"), what or None
