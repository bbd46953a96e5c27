"""Measurements of one emission side by side, and which is the figure: ``measurement@1``."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.records.approvals import METHOD_PATTERN
from trace_node.accounting.records.emission import read_link, write_link
from trace_node.accounting.records.emission_parts import read_figure, read_leaves, read_word
from trace_node.accounting.records.measurement_parts import (
    MOST,
    ChosenFigure,
    DifferenceOf,
    Found,
    MeasuredBy,
    StackOf,
    read_list,
    write_figure,
)
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.fields import read_choice, read_name, read_optional, read_text
from trace_node.record.statement_fields import read_items, read_line, read_period

MEASUREMENT: Final = "measurement@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementRecord:
    """The emission of a unit in a period by several approaches (多重测量比对记录).

    Attributes:
        organisation: Whose emission.
        boundary: Name of the boundary.
        unit: The accounting unit.
        method: ``id@version`` of the calculation.
        period: The period.
        plan: The plan.
        emission: The emission record that it stands beside.
        measurements: Each approach once.
        stacks: What the stacks gave; none without a flue-gas measurement.
        biogenic: Tonnes of biogenic CO2 that were taken off; None without such a measurement.
        carbon: Tonnes of carbon in, in products and in waste; None without a balance.
        differences: Each pair once.
        findings: What does not conform.
        figure: The approach that is the figure; None where none may stand.
        rule: Id of the rule that chose it.
        clause: Where that stands.
        passed_over: Approaches the rule prefers that are not at hand or do not conform.
        figures: Figures of the method with it; none where none may stand.
        leaves: Leaves that it rests on beside plan, emission and readings, ascending.
    """

    TYPE: ClassVar[str] = MEASUREMENT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("biogenic", "boundary", "carbon", "clause", "differences", "emission", "figure"),
            *("figures", "findings", "leaves", "measurements", "method", "organisation"),
            *("passed_over", "period", "plan", "rule", "stacks", "unit"),
        }
    )

    organisation: OrganisationId
    boundary: str
    unit: str
    method: str
    period: Period
    plan: EvidenceLink
    emission: EvidenceLink
    measurements: tuple[MeasuredBy, ...]
    stacks: tuple[StackOf, ...]
    biogenic: Decimal | None
    carbon: tuple[Decimal, ...] | None
    differences: tuple[DifferenceOf, ...]
    findings: tuple[Found, ...]
    figure: Approach | None
    rule: str
    clause: str
    passed_over: tuple[Approach, ...]
    figures: tuple[ChosenFigure, ...]
    leaves: tuple[int, ...]

    @property
    def topic(self) -> str:
        """That of the emission record."""
        return f"{self.organisation} {self.boundary} {self.unit} {self.method} {self.period.name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "MeasurementRecord":
        """Read its members."""
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            boundary=read_name(fields, "boundary"),
            unit=read_name(fields, "unit"),
            method=read_text(fields, "method", METHOD_PATTERN, "id@version of a method"),
            period=read_period(fields, "period"),
            plan=read_link(fields, "plan"),
            emission=read_link(fields, "emission"),
            measurements=read_items(fields, "measurements", MeasuredBy.read, most=MOST),
            stacks=read_items(fields, "stacks", StackOf.read, most=MOST),
            biogenic=read_optional(fields, "biogenic", read_figure),
            carbon=read_optional(fields, "carbon", _read_carbon),
            differences=read_items(fields, "differences", DifferenceOf.read, most=MOST),
            findings=read_items(fields, "findings", Found.read, most=MOST),
            figure=read_optional(fields, "figure", _read_approach),
            rule=read_word(fields, "rule"),
            clause=read_line(fields, "clause"),
            passed_over=read_list(fields, "passed_over", _read_approach),
            figures=read_items(fields, "figures", ChosenFigure.read, most=MOST),
            leaves=read_leaves(fields, "leaves"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "biogenic": write_figure(self.biogenic),
            "boundary": self.boundary,
            "carbon": None if self.carbon is None else [f"{each:f}" for each in self.carbon],
            "clause": self.clause,
            "differences": [each.write() for each in self.differences],
            "emission": write_link(self.emission),
            "figure": None if self.figure is None else self.figure.value,
            "figures": [each.write() for each in self.figures],
            "findings": [each.write() for each in self.findings],
            "leaves": list(self.leaves),
            "measurements": [each.write() for each in self.measurements],
            "method": self.method,
            "organisation": self.organisation,
            "passed_over": [each.value for each in self.passed_over],
            "period": self.period.name,
            "plan": write_link(self.plan),
            "rule": self.rule,
            "stacks": [each.write() for each in self.stacks],
            "unit": self.unit,
        }


def _read_approach(fields: JsonObject, key: str) -> Approach:
    return Approach(read_choice(fields, key, frozenset(Approach)))


def _read_carbon(fields: JsonObject, key: str) -> tuple[Decimal, ...]:
    return read_list(fields, key, read_figure)
