"""The emission by the model of a plan, with what it was trained by and what speaks against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import to_decimal
from trace_node.accounting.assessment.assess import Assessed
from trace_node.accounting.assessment.basis import LoggedPart
from trace_node.accounting.assessment.sources import ErrorSource
from trace_node.accounting.comparison.findings import BEYOND, SINGULAR, UNTRAINED, finding
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.comparison.regression import (
    SOURCE,
    Model,
    Prediction,
    TrainingRow,
    fit,
    is_determined,
    least_rows,
    predict,
)
from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.records.measurement_model import ModelOf
from trace_node.accounting.records.planned_model import PlannedModel
from trace_node.accounting.uncertainty.digits import shown
from trace_node.accounting.uncertainty.parts import Kind, Part
from trace_node.period import Period

_TONNE: Final = "t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Modelled:
    """What a model says of a period.

    Attributes:
        assessed: The emission with its budget.
        model: How it was trained and how well it fits.
        findings: What speaks against it.
    """

    assessed: Assessed
    model: ModelOf
    findings: tuple[NonConformity, ...]


def not_trained(planned: PlannedModel, rows: Sequence[TrainingRow]) -> NonConformity | None:
    """Why rows train no model; None where they do."""
    least = least_rows(planned.inputs)
    if len(rows) < least:
        return finding(UNTRAINED, count=len(rows), least=least)
    return None if is_determined(rows, planned.inputs) else finding(SINGULAR)


def modelled(
    planned: PlannedModel,
    rows: Sequence[TrainingRow],
    drivers: Mapping[str, Decimal],
    *,
    period: Period,
) -> Modelled:
    """The emission of a period by a model.

    Args:
        planned: What the plan says of it.
        rows: Its training rows.
        drivers: Value of each input in the period.
        period: The period.

    Raises:
        ComparisonError: The rows train no model; see ``not_trained``.
    """
    model = fit(rows, planned.inputs)
    found = predict(model, drivers, period=period)
    beyond = finding(BEYOND, what=", ".join(found.beyond)) if found.beyond else None
    return Modelled(
        assessed=_assessed(found),
        model=_model_of(planned, model, found),
        findings=() if beyond is None else (beyond,),
    )


def _assessed(found: Prediction) -> Assessed:
    """Its only source of error is the scatter that it was fitted with."""
    (row,) = found.budget.rows
    part = Part(kind=Kind.A, u=row.u, origin=SOURCE)
    source = ErrorSource(name=SOURCE, value=found.budget.value, unit=_TONNE, slope=Decimal(1))
    return Assessed(
        budget=found.budget,
        parts={SOURCE: (LoggedPart(part=part, leaves=(), shared=None),)},
        sources=(source,),
        unstated=(),
    )


def _model_of(planned: PlannedModel, model: Model, found: Prediction) -> ModelOf:
    return ModelOf(
        form=model.version,
        inputs=model.names,
        target=Approach(planned.target),
        first=model.window[0],
        last=model.window[1],
        digest=model.digest,
        coefficients=tuple(shown(to_decimal(each)) for each in model.coefficients),
        rmse=shown(model.rmse),
        scatter=shown(model.scatter),
        beyond=found.beyond,
    )
