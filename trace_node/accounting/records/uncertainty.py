"""The uncertainty of the figures of an emission record, beside it: ``uncertainty@1``."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import ClassVar, Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.records.approvals import METHOD_PATTERN
from trace_node.accounting.records.emission import read_link, write_link
from trace_node.accounting.records.emission_parts import read_figure, read_word
from trace_node.accounting.records.uncertainty_parts import (
    MAX_SOURCES,
    BudgetOf,
    Contribution,
    SourceOf,
    budget_of,
    read_sources,
)
from trace_node.accounting.uncertainty.budget import Budget, BudgetRow
from trace_node.accounting.uncertainty.parts import require_factor
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.errors import RecordError
from trace_node.record.fields import read_name, read_text, require_keys
from trace_node.record.statement_fields import read_items, read_period

UNCERTAINTY: Final = "uncertainty@1"
MAX_BUDGETS: Final = 32
_OF_BUDGET: Final = frozenset(
    {"expanded", "figure", "sensitivities", "u", "u_a", "u_b", "unit", "value"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """What the figures of an emission record are worth (不确定度评定记录).

    Attributes:
        organisation: Whose figures.
        boundary: Name of the boundary.
        unit: The accounting unit.
        method: ``id@version``.
        period: The period.
        emission: The emission record.
        k: Coverage factor.
        sources: What errs, with what is known of it, by name.
        unstated: Sources of which nothing is known, by name: U does not hold them.
        budgets: One of each figure of the record.
    """

    TYPE: ClassVar[str] = UNCERTAINTY
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("boundary", "budgets", "emission", "k", "method", "organisation", "period"),
            *("sources", "unit", "unstated"),
        }
    )

    organisation: OrganisationId
    boundary: str
    unit: str
    method: str
    period: Period
    emission: EvidenceLink
    k: Decimal
    sources: tuple[SourceOf, ...]
    unstated: tuple[str, ...]
    budgets: tuple[BudgetOf, ...]

    @property
    def topic(self) -> str:
        """That of the emission record."""
        return f"{self.organisation} {self.boundary} {self.unit} {self.method} {self.period.name}"

    @property
    def leaves(self) -> tuple[int, ...]:
        """Every leaf it rests on beside the emission record's own, ascending."""
        found = {index for each in self.sources for part in each.parts for index in part.leaves}
        return tuple(sorted(found | {self.emission.index}))

    @property
    def by_figure(self) -> Mapping[str, BudgetOf]:
        """The budgets by figure."""
        return {each.figure: each for each in self.budgets}

    def budget(self, figure: str) -> Budget:
        """The budget of a figure, with the values and uncertainties of its rows.

        Raises:
            KeyError: There is none of this figure.
        """
        found = self.by_figure[figure]
        sources = {each.name: each for each in self.sources}
        return Budget(
            value=found.value,
            rows=tuple(_row(each, sources[each.source]) for each in found.contributions),
            k=self.k,
            u=found.u,
            u_a=found.u_a,
            u_b=found.u_b,
        )

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "Uncertainty":
        """Read its members."""
        k, sources = read_figure(fields, "k"), read_sources(fields, "sources")
        require_factor(k)
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            boundary=read_name(fields, "boundary"),
            unit=read_name(fields, "unit"),
            method=read_text(fields, "method", METHOD_PATTERN, "id@version of a method"),
            period=read_period(fields, "period"),
            emission=read_link(fields, "emission"),
            k=k,
            sources=sources,
            unstated=_read_names(fields, "unstated"),
            budgets=read_items(
                fields, "budgets", partial(_read_budget, sources=sources, k=k), most=MAX_BUDGETS
            ),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "boundary": self.boundary,
            "budgets": [each.write(self.sources) for each in self.budgets],
            "emission": write_link(self.emission),
            "k": f"{self.k:f}",
            "method": self.method,
            "organisation": self.organisation,
            "period": self.period.name,
            "sources": [each.write() for each in self.sources],
            "unit": self.unit,
            "unstated": list(self.unstated),
        }

    def to_json(self) -> JsonObject:
        """Its members with all contributions by their names, for a reader."""
        return {
            **self.to_fields(),
            "budgets": [each.to_json() for each in self.budgets],
            "sources": [each.to_json() for each in self.sources],
        }


def _row(each: Contribution, source: SourceOf) -> BudgetRow:
    return BudgetRow(
        name=each.source,
        value=source.value,
        kind=each.kind,
        u=source.u(each.kind),
        sensitivity=each.sensitivity,
        contribution=each.contribution,
        share=each.share,
    )


def _read_budget(fields: JsonObject, *, sources: tuple[SourceOf, ...], k: Decimal) -> BudgetOf:
    """Read a budget: what follows from sources and derivatives has to be what it states."""
    require_keys(fields, _OF_BUDGET)
    stated = fields["sensitivities"]
    if not isinstance(stated, list) or len(stated) != len(sources):
        raise _wrong("sensitivities", "must have one derivative, or null, for each source")
    budget = budget_of(
        read_word(fields, "figure"),
        read_figure(fields, "value"),
        read_word(fields, "unit"),
        slopes={
            source.name: read_figure({"sensitivity": each}, "sensitivity")
            for source, each in zip(sources, stated, strict=True)
            if each is not None
        },
        sources=sources,
        k=k,
    )
    written = budget.write(sources)
    for member in sorted(written):
        if written[member] != fields[member]:
            raise _wrong(member, "does not follow from the sources and derivatives")
    return budget


def _wrong(member: str, rule: str) -> RecordError:
    return RecordError(
        "{field}: " + rule,
        field=member,
        remedy="write what trace-node uncertainty evaluate gives",
        code=f"record.{member}",
    )


def _read_names(fields: JsonObject, key: str) -> tuple[str, ...]:
    items = fields[key]
    if isinstance(items, list) and len(items) <= MAX_SOURCES:
        return tuple(read_word({key: item}, key) for item in items)
    raise RecordError(
        "{field}: must be a list of at most {bound} names",
        field=key,
        bound=MAX_SOURCES,
        remedy="write [] when there is nothing to list",
        code=f"record.{key}",
    )
