"""The parts of a boundary that have to fit each other."""

from dataclasses import dataclass
from datetime import date

from trace_node.accounting.boundary.entity import Place, Unit
from trace_node.accounting.boundary.rule_form import RulePoint
from trace_node.accounting.boundary.samples import SamplePoint
from trace_node.accounting.boundary.sources import EntryPoint, Feed, Industry, MeterPoint, Source


@dataclass(frozen=True, kw_only=True)
class BoundaryParts:
    """Steps b to e of a boundary.

    Attributes:
        name: Its name.
        valid_from: First day in China it holds for.
        valid_to: Last day it holds for; None without bound.
        places: What is under operational control, and what is not.
        units: Step b: accounting units.
        industries: Step c: methods of the units.
        sources: Step d: emission sources.
        meters: Step e: meters of the sources.
        laboratory: Values that laboratories determine.
        entries: Activity data that people enter.
        rules: Virtual points.
        feeds: Which value each symbol of a method gets.
    """

    name: str
    valid_from: date
    valid_to: date | None
    places: tuple[Place, ...]
    units: tuple[Unit, ...]
    industries: tuple[Industry, ...]
    sources: tuple[Source, ...]
    meters: tuple[MeterPoint, ...]
    laboratory: tuple[SamplePoint, ...]
    entries: tuple[EntryPoint, ...]
    rules: tuple[RulePoint, ...]
    feeds: tuple[Feed, ...]
