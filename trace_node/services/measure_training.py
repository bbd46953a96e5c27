"""What trains the model of a plan: the comparisons that this very plan made in its window."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.arithmetic import precise, to_decimal
from trace_node.accounting.comparison.regression import TrainingRow
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.records.measurement import MEASUREMENT, MeasurementRecord
from trace_node.accounting.records.planned_model import PlannedModel
from trace_node.period import SHANGHAI, period_of
from trace_node.ports.store import Store
from trace_node.services.statement_types import parse_statement
from trace_node.units import unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """The rows of a training window (训练样本).

    Attributes:
        rows: One of each period that has the target and every input.
        leaves: The comparisons that they are, in the order of the rows.
    """

    rows: tuple[TrainingRow, ...]
    leaves: tuple[int, ...]


NONE: Final = Training(rows=(), leaves=())


def training_in_log(
    model: PlannedModel,
    plan: EvidenceLink,
    units: Mapping[str, str],
    *,
    topic: str,
    store: Store,
    before: int | None = None,
) -> Training:
    """The rows that the newest comparison of each period of the window gives.

    Args:
        model: The model of the plan.
        plan: The leaf of the plan.
        units: Unit that each input is taken in.
        topic: Its topic.
        store: The log.
        before: Only what stands before that leaf; None for all of the log.
    """
    records = []
    with store.view() as view:
        for period in _window(model):
            found = view.statements.newest(MEASUREMENT, f"{topic} {period}", before=before)
            if found is not None:
                body = view.entries.bodies(found.index, found.index + 1)[0]
                records.append((found.index, parse_statement(body).content))
    return training_of(model, plan, units, records)


def training_of(
    model: PlannedModel,
    plan: EvidenceLink,
    units: Mapping[str, str],
    records: Iterable[tuple[int, object]],
) -> Training:
    """The rows that comparisons give; one that lacks the target or an input gives none.

    Args:
        model: The model of the plan.
        plan: The leaf of the plan; what another plan measured is of other categories.
        units: Unit that each input is taken in; what is of another kind gives no row.
        records: Comparisons by leaf.
    """
    found = {}
    for index, record in records:
        if isinstance(record, MeasurementRecord) and record.plan == plan:
            row = _row(model, units, record)
            if row is not None:
                found[row.period.start] = (row, index)
    pairs = [found[start] for start in sorted(found)]
    return Training(
        rows=tuple(row for row, _index in pairs), leaves=tuple(index for _row, index in pairs)
    )


def _row(
    model: PlannedModel, units: Mapping[str, str], record: MeasurementRecord
) -> TrainingRow | None:
    is_inside = record.period.kind is model.trained_by and model.trains(record.period)
    known = {each.name: each for each in record.activity if each.name in model.inputs}
    values = {
        name: value
        for name, item in known.items()
        if (value := _in_unit(item, units[name])) is not None
    }
    targets = [
        each.co2
        for each in record.measurements
        if each.approach is model.target and not each.findings
    ]
    if not is_inside or len(values) < len(model.inputs) or not targets:
        return None
    return TrainingRow(period=record.period, drivers=values, co2=targets[0])


def _in_unit(item: ActivityItem, wanted: str) -> Decimal | None:
    given, target = unit(item.unit), unit(wanted)
    if given.dimension != target.dimension:
        return None
    with precise():
        return item.value * to_decimal(given.factor / target.factor)


def _window(model: PlannedModel) -> Iterable[str]:
    day = datetime.combine(model.trained_from, time(), tzinfo=SHANGHAI)
    period = period_of(day, model.trained_by)
    if not model.trains(period):  # the window begins within a month
        period = period.next()
    while model.trains(period):
        yield period.name
        period = period.next()
