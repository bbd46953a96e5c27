"""What the emission of a boundary is rated by in a year: ``emission-levels@1``."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.rating import Reference, Thresholds
from trace_node.accounting.records.approvals import ROW_PATTERN
from trace_node.accounting.records.year import read_year
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period, PeriodKind, parse_period
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_decimal,
    read_name,
    read_object,
    read_optional,
    read_text,
    require_keys,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes, write_decimal

EMISSION_LEVELS: Final = "emission-levels@1"
MAX_PERSON: Final = 80
_STEPS: Final = ("yellow", "orange", "red")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionLevels:
    """References and thresholds of the emission board (对标依据): plan, sector benchmark, advanced.

    Attributes:
        organisation: Whose emission.
        boundary: Name of the boundary.
        period: The year.
        purpose: Which figure is rated.
        gwp_set: Its GWP set; None where there is one only.
        plan: Planned tonnes of the year, or of each of its months; empty without a plan.
        output: Activity of the boundary that benchmarks are for each unit of; None without any.
        sector: Id of the row that is the sector benchmark (行业标杆); None without one.
        advanced: Id of the row that is the advanced value (先进值); None without one.
        order: References in the order in which the first that has data decides the level.
        thresholds: Expected over reference above which the board is yellow, orange, red; None for
            those of the product.
        document: Decision or plan it rests on.
        evidence: 32-byte SM3 of it.
        decided_by: The person.
    """

    TYPE: ClassVar[str] = EMISSION_LEVELS
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("advanced", "boundary", "decided_by", "document", "evidence", "gwp_set", "order"),
            *("organisation", "output", "period", "plan", "purpose", "sector", "thresholds"),
        }
    )

    organisation: OrganisationId
    boundary: str
    period: Period
    purpose: Purpose
    gwp_set: str | None
    plan: Mapping[str, Decimal]
    output: str | None
    sector: str | None
    advanced: str | None
    order: tuple[Reference, ...]
    thresholds: Thresholds | None
    document: str
    evidence: bytes
    decided_by: str

    @property
    def topic(self) -> str:
        """Organisation, boundary and year."""
        return f"{self.organisation} {self.boundary} {self.period.name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "EmissionLevels":
        """Read its members."""
        year = read_year(fields, "period")
        levels = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            boundary=read_name(fields, "boundary"),
            period=year,
            purpose=Purpose(read_choice(fields, "purpose", frozenset(Purpose))),
            gwp_set=read_optional(fields, "gwp_set", read_name),
            plan=_read_plan(fields, year),
            output=read_optional(fields, "output", read_name),
            sector=read_optional(fields, "sector", _read_row),
            advanced=read_optional(fields, "advanced", _read_row),
            order=_read_order(fields),
            thresholds=read_optional(fields, "thresholds", _read_thresholds),
            document=read_line(fields, "document"),
            evidence=read_bytes(fields, "evidence"),
            decided_by=read_line(fields, "decided_by", most=MAX_PERSON),
        )
        if levels.output is None and (levels.sector or levels.advanced):
            raise _wrong("output", "a benchmark is for each unit of an output")
        return levels

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "advanced": self.advanced,
            "boundary": self.boundary,
            "decided_by": self.decided_by,
            "document": self.document,
            "evidence": write_bytes(self.evidence),
            "gwp_set": self.gwp_set,
            "order": [each.value for each in self.order],
            "organisation": self.organisation,
            "output": self.output,
            "period": self.period.name,
            "plan": {name: write_decimal(value, field="plan") for name, value in self.plan.items()},
            "purpose": self.purpose.value,
            "sector": self.sector,
            "thresholds": None if self.thresholds is None else _write_thresholds(self.thresholds),
        }


def _read_row(fields: JsonObject, key: str) -> str:
    return read_text(fields, key, ROW_PATTERN, "the id of a factor")


def _read_order(fields: JsonObject) -> tuple[Reference, ...]:
    items = fields["order"]
    known = {each.value for each in Reference}
    if isinstance(items, list) and items and len(items) == len(set(map(str, items))):
        names = [item for item in items if isinstance(item, str) and item in known]
        if len(names) == len(items):
            return tuple(map(Reference, names))
    raise _wrong("order", "must list history, plan, sector and advanced, each at most once")


def _read_plan(fields: JsonObject, year: Period) -> dict[str, Decimal]:
    given = read_object(fields, "plan")
    months = {each.name for each in year.parts(PeriodKind.MONTH)}
    if set(given) not in (set(), {year.name}, months):
        raise _wrong("plan", "must hold the year, or each of its twelve months, or nothing")
    plan = {name: read_decimal({"plan": text}, "plan") for name, text in given.items()}
    if any(value < 0 for value in plan.values()):
        raise _wrong("plan", "must hold tonnes of 0 or more")
    return {parse_period(name).name: value for name, value in sorted(plan.items())}


def _read_thresholds(fields: JsonObject, key: str) -> Thresholds:
    given = read_object(fields, key)
    require_keys(given, frozenset(_STEPS))
    return Thresholds(**{step: read_decimal(given, step) for step in _STEPS})


def _write_thresholds(thresholds: Thresholds) -> JsonObject:
    return {step: write_decimal(getattr(thresholds, step), field=step) for step in _STEPS}


def _wrong(field: str, rule: str) -> RecordError:
    return RecordError(
        "{field}: " + rule,
        field=field,
        remedy="see docs/spec/accounting-statements.md",
        code=f"record.{field}",
    )
