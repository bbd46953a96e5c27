"""Measurements of one emission side by side, and which is the figure: ``measurement@1``."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.comparison.choice import require_no_model
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.records.approvals import METHOD_PATTERN
from trace_node.accounting.records.emission import read_link, write_link
from trace_node.accounting.records.emission_form import read_activity, write_activity
from trace_node.accounting.records.emission_parts import (
    ActivityItem,
    read_figure,
    read_leaves,
    read_word,
)
from trace_node.accounting.records.measurement_model import ModelOf
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
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.fields import (
    read_choice,
    read_name,
    read_object,
    read_optional,
    read_text,
)
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
        model: How the model was trained; None where it is not at hand.
        training: Comparisons of the training window that train it, ascending, though too few.
        activity: The activity data that the plan names and that have a value, with what rules of
            the boundary make them of.
        differences: Each pair once.
        findings: What does not conform.
        figure: The approach that is the figure; None where none may stand.
        rule: Id of the rule that chose it.
        clause: Where that stands.
        passed_over: Approaches the rule prefers that are not at hand or do not conform.
        figures: Figures of the method with it; none where none may stand.
        leaves: Statements on errors, and descriptions of the meters of stacks, ascending.
    """

    TYPE: ClassVar[str] = MEASUREMENT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("activity", "biogenic", "boundary", "carbon", "clause", "differences", "emission"),
            *("figure", "figures", "findings", "leaves", "measurements", "method", "model"),
            *("organisation", "passed_over", "period", "plan", "rule", "stacks", "training"),
            "unit",
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
    model: ModelOf | None
    training: tuple[int, ...]
    activity: tuple[ActivityItem, ...]
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
        """Read its members.

        Raises:
            RecordError: A member breaks its rule.
            ComparisonError: The model is said to be the figure.
        """
        method = read_text(fields, "method", METHOD_PATTERN, "id@version of a method")
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            boundary=read_name(fields, "boundary"),
            unit=read_name(fields, "unit"),
            method=method,
            period=read_period(fields, "period"),
            plan=read_link(fields, "plan"),
            emission=read_link(fields, "emission"),
            measurements=read_items(fields, "measurements", MeasuredBy.read, most=MOST),
            stacks=read_items(fields, "stacks", StackOf.read, most=MOST),
            biogenic=read_optional(fields, "biogenic", read_figure),
            carbon=read_optional(fields, "carbon", _read_carbon),
            model=read_optional(fields, "model", _read_model),
            training=read_leaves(fields, "training"),
            activity=read_activity(fields, method=method, standing=Standing.FINAL),
            differences=read_items(fields, "differences", DifferenceOf.read, most=MOST),
            findings=read_items(fields, "findings", Found.read, most=MOST),
            figure=read_optional(fields, "figure", _read_choosable),
            rule=read_word(fields, "rule"),
            clause=read_line(fields, "clause"),
            passed_over=read_list(fields, "passed_over", _read_choosable),
            figures=read_items(fields, "figures", ChosenFigure.read, most=MOST),
            leaves=read_leaves(fields, "leaves"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "activity": write_activity(self.activity, method=self.method, standing=Standing.FINAL),
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
            "model": None if self.model is None else self.model.write(),
            "organisation": self.organisation,
            "passed_over": [each.value for each in self.passed_over],
            "period": self.period.name,
            "plan": write_link(self.plan),
            "rule": self.rule,
            "stacks": [each.write() for each in self.stacks],
            "training": list(self.training),
            "unit": self.unit,
        }


def _read_choosable(fields: JsonObject, key: str) -> Approach:
    """An approach that may be the figure: never the model."""
    named = read_choice(fields, key, frozenset(Approach))
    require_no_model(named, field=key)
    return Approach(named)


def _read_model(fields: JsonObject, key: str) -> ModelOf:
    return ModelOf.read(read_object(fields, key))


def _read_carbon(fields: JsonObject, key: str) -> tuple[Decimal, ...]:
    return read_list(fields, key, read_figure)
