"""How emission is measured beside the calculation: ``measurement-plan@1``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import ClassVar, Final, TypeVar

from trace_node.accounting.comparison.choice import (
    CALCULATED_DURING_TRIAL,
    CEMS_FIRST,
    ChoiceRule,
    require_no_model,
)
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.records.accuracy import covers
from trace_node.accounting.records.approvals import METHOD_PATTERN, STEP_PATTERN
from trace_node.accounting.records.planned import PlannedCems, PlannedStream, plan_refusal
from trace_node.accounting.records.planned_model import PlannedModel
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
from trace_node.record.statement_fields import read_day, read_items, read_line

MEASUREMENT_PLAN: Final = "measurement-plan@1"
MOST_STREAMS: Final = 128
MOST_CATEGORIES: Final = 64
RULES: Final[Mapping[str, ChoiceRule]] = MappingProxyType(
    {"cems_first": CEMS_FIRST, "calculated_during_trial": CALCULATED_DURING_TRIAL}
)
_MAX_PERSON: Final = 80
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementPlan:
    """What is measured of a unit beside the calculation, and which is the figure (比对方案).

    Attributes:
        organisation: Whose.
        boundary: Name of the boundary.
        unit: The accounting unit.
        method: ``id@version`` of the calculation that it stands beside.
        categories: Source categories of the method whose CO2 goes through the stacks.
        rule: Name of the rule that chooses the figure, one of ``RULES``.
        cems: The flue-gas measurement; None without.
        balance: Streams of the mass balance; none without.
        model: The mathematical model; None without.
        valid_from: First day in China it holds for.
        valid_to: Last day; None without bound.
        confirmed_by: Who confirmed it.
    """

    TYPE: ClassVar[str] = MEASUREMENT_PLAN
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("balance", "boundary", "categories", "cems", "confirmed_by", "method", "model"),
            *("organisation", "rule", "unit", "valid_from", "valid_to"),
        }
    )

    organisation: OrganisationId
    boundary: str
    unit: str
    method: str
    categories: tuple[str, ...]
    rule: str
    cems: PlannedCems | None
    balance: tuple[PlannedStream, ...]
    model: PlannedModel | None
    valid_from: date
    valid_to: date | None
    confirmed_by: str

    @property
    def topic(self) -> str:
        """Organisation, boundary, unit and method; a later one holds where both do."""
        return plan_topic(self.organisation, self.boundary, self.unit, self.method)

    @property
    def points(self) -> frozenset[str]:
        """Names of the activity data it takes."""
        found = {name for each in self.balance for name in (each.quantity, each.carbon)}
        if self.cems is not None and self.cems.biogenic is not None:
            found.add(self.cems.biogenic)
        if self.model is not None:
            found.update(self.model.inputs)
        return frozenset(found)

    def holds_for(self, period: Period) -> bool:
        """Whether it holds for all of a period."""
        return covers(self.valid_from, self.valid_to, period)

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "MeasurementPlan":
        """Read its members.

        Raises:
            RecordError: A member breaks its rule.
            ComparisonError: The rule would make a model the figure.
        """
        plan = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            boundary=read_name(fields, "boundary"),
            unit=read_name(fields, "unit"),
            method=read_text(fields, "method", METHOD_PATTERN, "id@version of a method"),
            categories=_read_categories(fields, "categories"),
            rule=_read_rule(fields, "rule"),
            cems=read_optional(fields, "cems", _of(PlannedCems.read)),
            balance=read_items(fields, "balance", PlannedStream.read, most=MOST_STREAMS),
            model=read_optional(fields, "model", _of(PlannedModel.read)),
            valid_from=read_day(fields, "valid_from"),
            valid_to=read_optional(fields, "valid_to", read_day),
            confirmed_by=read_line(fields, "confirmed_by", most=_MAX_PERSON),
        )
        _require_measured(plan)
        return plan

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "balance": [each.write() for each in self.balance],
            "boundary": self.boundary,
            "categories": list(self.categories),
            "cems": None if self.cems is None else self.cems.write(),
            "confirmed_by": self.confirmed_by,
            "method": self.method,
            "model": None if self.model is None else self.model.write(),
            "organisation": self.organisation,
            "rule": self.rule,
            "unit": self.unit,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
        }


def plan_topic(organisation: str, boundary: str, unit: str, method: str) -> str:
    """The topic under which plans of a unit and method are found."""
    return f"{organisation} {boundary} {unit} {method}"


def _require_measured(plan: MeasurementPlan) -> None:
    if plan.cems is None and not plan.balance and plan.model is None:
        raise plan_refusal(
            "cems",
            "{field}: a plan measures the flue gas, balances the carbon, or names a model",
            "describe the stacks, list the streams, or describe the model",
        )
    last = plan.valid_to
    if plan.model is not None and (
        plan.model.trained_from < plan.valid_from
        or (last is not None and last < plan.model.trained_to)
    ):
        raise plan_refusal(
            "trained_from",
            "{field}: the training window is not inside the days that the plan holds for",
            "let the plan hold from the first day of the window on: its rows are what the plan"
            " itself measured",
        )


def _read_rule(fields: JsonObject, key: str) -> str:
    named = fields[key]
    if isinstance(named, str) and named.startswith(Approach.MODEL.value):
        require_no_model(Approach.MODEL, field=key)
    return read_choice(fields, key, frozenset(RULES))


def _of(read: Callable[[JsonObject], _T]) -> Callable[[JsonObject, str], _T]:
    return lambda fields, key: read(read_object(fields, key))


def _read_categories(fields: JsonObject, key: str) -> tuple[str, ...]:
    items = fields[key]
    if isinstance(items, list) and 1 <= len(items) <= MOST_CATEGORIES:
        names = tuple(
            read_text({key: item}, key, STEP_PATTERN, "a source category") for item in items
        )
        if len(set(names)) == len(names):
            return names
    raise plan_refusal(
        key,
        "{field}: must be a list of 1 to {bound} source categories, each once",
        "name the categories whose CO2 goes through the stacks",
        bound=MOST_CATEGORIES,
    )
