"""The mathematical model of a measurement plan: form, inputs, and what it is trained by."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from trace_node.accounting.comparison.choice import require_no_model
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.comparison.regression import VERSION
from trace_node.accounting.records.accuracy import covers
from trace_node.accounting.records.planned import plan_refusal
from trace_node.canonical_json import JsonObject
from trace_node.period import Period, PeriodKind
from trace_node.record.fields import read_choice, read_name, require_keys
from trace_node.record.statement_fields import read_day

FORMS: Final = frozenset({VERSION})
KINDS: Final = frozenset({PeriodKind.DAY.value, PeriodKind.MONTH.value})
MOST_INPUTS: Final = 8
MOST_DAYS: Final = 1_100  # three years


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedModel:
    """A model that stands beside the other measurements (数学模型法), never the figure.

    Attributes:
        form: Form of the model.
        inputs: Activity data of the boundary that it explains emission by, in order.
        target: The approach whose CO2 it is trained with.
        trained_by: Kind of the periods it is trained with; it speaks of periods of this kind only.
        trained_from: First day in China of its training window.
        trained_to: Last day.
    """

    form: str
    inputs: tuple[str, ...]
    target: Approach
    trained_by: PeriodKind
    trained_from: date
    trained_to: date

    def trains(self, period: Period) -> bool:
        """Whether a period lies in its training window."""
        return covers(self.trained_from, self.trained_to, period)

    @classmethod
    def read(cls, fields: JsonObject) -> "PlannedModel":
        """Read its members.

        Raises:
            RecordError: A member breaks its rule.
            ComparisonError: The model is to be trained by itself.
        """
        require_keys(
            fields,
            frozenset({"form", "inputs", "target", "trained_by", "trained_from", "trained_to"}),
        )
        target = read_choice(fields, "target", frozenset(Approach))
        require_no_model(target, field="target")
        model = cls(
            form=read_choice(fields, "form", FORMS),
            inputs=_read_inputs(fields, "inputs"),
            target=Approach(target),
            trained_by=PeriodKind(read_choice(fields, "trained_by", KINDS)),
            trained_from=read_day(fields, "trained_from"),
            trained_to=read_day(fields, "trained_to"),
        )
        if not 0 <= (model.trained_to - model.trained_from).days < MOST_DAYS:
            raise plan_refusal(
                "trained_to",
                "{field}: the training window ends before it begins, or is over {bound} days long",
                "name the last day of the window",
                bound=MOST_DAYS,
            )
        return model

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "form": self.form,
            "inputs": list(self.inputs),
            "target": self.target.value,
            "trained_by": self.trained_by.value,
            "trained_from": self.trained_from.isoformat(),
            "trained_to": self.trained_to.isoformat(),
        }


def _read_inputs(fields: JsonObject, key: str) -> tuple[str, ...]:
    items = fields[key]
    if isinstance(items, list) and 1 <= len(items) <= MOST_INPUTS:
        names = tuple(read_name({key: item}, key) for item in items)
        if len(set(names)) == len(names):
            return names
    raise plan_refusal(
        key,
        "{field}: must be a list of 1 to {bound} activity data, each once",
        "name what the emission follows, such as raw meal, clinker, fuel and its calorific value",
        bound=MOST_INPUTS,
    )
