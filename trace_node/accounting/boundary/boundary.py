"""The boundary of an enterprise (核算边界), a version of it: ``boundary@1``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import ClassVar, Final

from trace_node.accounting.boundary.check import require_sound
from trace_node.accounting.boundary.entity import Entity, Place, Unit
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.boundary.parts import BoundaryParts
from trace_node.accounting.boundary.rule_form import RulePoint
from trace_node.accounting.boundary.samples import SamplePoint
from trace_node.accounting.boundary.sources import EntryPoint, Feed, Industry, MeterPoint, Source
from trace_node.accounting.boundary.words import SHORT, read_id
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import SHANGHAI, Period
from trace_node.record.fields import read_integer, read_name, read_optional
from trace_node.record.statement_fields import read_day, read_items, read_line

BOUNDARY: Final = "boundary@1"
MAX_VERSION: Final = 9_999
MAX_ITEMS: Final = 512


@dataclass(frozen=True, kw_only=True)
class Boundary(BoundaryParts):
    """What an organisation accounts for, and from what (核算边界配置, standard 002 9.3).

    Attributes:
        organisation: Whose boundary.
        version: From 1 on; each version is a leaf of its own.
        entity: Step a: who reports.
        demonstration: Why its figures are a demonstration only, such as a factor of another
            country; None of a real boundary.
        confirmed_by: Step f: who confirmed the graph.
        confirmed_on: When.
    """

    TYPE: ClassVar[str] = BOUNDARY
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("confirmed_by", "confirmed_on", "demonstration", "entity", "entries", "feeds"),
            *("industries", "laboratory", "meters", "name", "organisation", "places", "rules"),
            *("sources", "units", "valid_from", "valid_to", "version"),
        }
    )

    organisation: OrganisationId
    version: int
    entity: Entity
    demonstration: str | None
    confirmed_by: str
    confirmed_on: date

    @property
    def topic(self) -> str:
        """Organisation and name; versions follow each other."""
        return f"{self.organisation} {self.name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "Boundary":
        """Read its members; a ``BoundaryError`` says where they contradict each other."""
        boundary = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            name=read_id(fields, "name"),
            version=read_integer(fields, "version", minimum=1, maximum=MAX_VERSION),
            valid_from=read_day(fields, "valid_from"),
            valid_to=read_optional(fields, "valid_to", read_day),
            entity=Entity.read(fields),
            places=read_items(fields, "places", Place.read, most=MAX_ITEMS),
            units=read_items(fields, "units", Unit.read, most=MAX_ITEMS),
            industries=read_items(fields, "industries", Industry.read, most=MAX_ITEMS),
            sources=read_items(fields, "sources", Source.read, most=MAX_ITEMS),
            meters=read_items(fields, "meters", MeterPoint.read, most=MAX_ITEMS),
            laboratory=read_items(fields, "laboratory", SamplePoint.read, most=MAX_ITEMS),
            entries=read_items(fields, "entries", EntryPoint.read, most=MAX_ITEMS),
            rules=read_items(fields, "rules", RulePoint.read, most=MAX_ITEMS),
            feeds=read_items(fields, "feeds", Feed.read, most=2 * MAX_ITEMS),
            demonstration=read_optional(fields, "demonstration", read_line),
            confirmed_by=read_line(fields, "confirmed_by", most=SHORT),
            confirmed_on=read_day(fields, "confirmed_on"),
        )
        require_sound(boundary)
        return boundary

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "confirmed_by": self.confirmed_by,
            "confirmed_on": self.confirmed_on.isoformat(),
            "demonstration": self.demonstration,
            "entity": self.entity.write(),
            "entries": [each.write() for each in self.entries],
            "feeds": [each.write() for each in self.feeds],
            "industries": [each.write() for each in self.industries],
            "laboratory": [each.write() for each in self.laboratory],
            "meters": [each.write() for each in self.meters],
            "name": self.name,
            "organisation": self.organisation,
            "places": [each.write() for each in self.places],
            "rules": [each.write() for each in self.rules],
            "sources": [each.write() for each in self.sources],
            "units": [each.write() for each in self.units],
            "valid_from": self.valid_from.isoformat(),
            "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
            "version": self.version,
        }

    def holds_for(self, period: Period) -> bool:
        """Whether it holds for all of a period."""
        begin = _midnight(self.valid_from)
        end = None if self.valid_to is None else _midnight(self.valid_to + timedelta(days=1))
        return begin <= period.start and (end is None or period.end <= end)

    def touches(self, period: Period) -> bool:
        """Whether it holds for some of a period."""
        begin = _midnight(self.valid_from)
        end = None if self.valid_to is None else _midnight(self.valid_to + timedelta(days=1))
        return begin < period.end and (end is None or period.start < end)

    def accounts_for(self) -> tuple[object, ...]:
        """What figures follow from: units, methods, sources and where their data comes from."""
        return (
            *(self.units, self.industries, self.sources, self.meters, self.laboratory),
            *(self.entries, self.rules, self.feeds, self.demonstration),
        )

    @cached_property
    def source_by_id(self) -> Mapping[str, Source]:
        """Its sources by their names."""
        return {each.id: each for each in self.sources}

    def industries_of(self, unit: str) -> tuple[Industry, ...]:
        """The methods of a unit.

        Raises:
            BoundaryNotFoundError: There is no such unit.
        """
        if unit not in {each.id for each in self.units}:
            raise BoundaryNotFoundError(
                "{field}: the boundary {name} has no unit {unit}",
                field="unit",
                name=self.name,
                unit=unit[:64],
                remedy="name one of: " + ", ".join(each.id for each in self.units[:20]),
                code="boundary.unit",
            )
        return tuple(each for each in self.industries if each.unit == unit)


def in_force(versions: Iterable[Boundary], period: Period, *, name: str) -> Boundary:
    """The last of the versions, in log order, that holds for all of a period.

    Raises:
        BoundaryNotFoundError: None does, or one that was logged later and accounts for something
            else takes over inside the period.
    """
    found: Boundary | None = None
    later: Boundary | None = None
    for each in versions:
        if each.holds_for(period):
            found, later = each, None
        elif found and each.touches(period) and each.accounts_for() != found.accounts_for():
            later = each
    if found is None:
        raise BoundaryNotFoundError(
            "{field}: no version of the boundary {name} holds for all of {period}",
            field="period",
            name=name[:64],
            period=period.name,
            remedy="log a version that is valid from its first to its last day, or name another"
            " period",
            code="boundary.period",
        )
    if later is not None:
        raise BoundaryNotFoundError(
            "{field}: version {version} of the boundary {name} takes over inside {period}",
            field="period",
            version=later.version,
            name=name[:64],
            period=period.name,
            since=later.valid_from.isoformat(),
            remedy="account for shorter periods, such as the months before and after {since}",
            code="boundary.period",
        )
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
