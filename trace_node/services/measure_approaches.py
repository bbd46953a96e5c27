"""The emission of a unit by each approach of its plan: calculated, in flue gas, by balance, model.

Everything is at hand when this begins, so the node and an outsider with a bundle compute the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.activity.data import ActivityData
from trace_node.accounting.arithmetic import to_decimal, total
from trace_node.accounting.assessment.assess import Basis, assess
from trace_node.accounting.assessment.balance import balanced, missing_points
from trace_node.accounting.assessment.flue import sources_of_stacks
from trace_node.accounting.assessment.measured import Approached, covered_nodes
from trace_node.accounting.assessment.modelled import modelled, not_trained
from trace_node.accounting.assessment.slopes import slopes_of
from trace_node.accounting.assessment.sources import joined, points_of, sources_of
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.comparison.findings import (
    INCOMPLETE,
    MISSING,
    NO_HOUR,
    OF_ANOTHER_KIND,
    finding,
)
from trace_node.accounting.comparison.mass_balance import Side
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.fluegas.totals import plant_total
from trace_node.accounting.inventory.assemble import activity_item
from trace_node.accounting.methods.method import Method
from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.records.measurement_model import ModelOf
from trace_node.accounting.records.measurement_plan import MeasurementPlan
from trace_node.accounting.records.planned import PlannedCems
from trace_node.accounting.records.planned_model import PlannedModel
from trace_node.period import Period
from trace_node.services.measure_stacks import ReadStack
from trace_node.services.measure_training import Training
from trace_node.services.recompute_emission import Recomputed
from trace_node.units import unit

_TONNE: Final = unit("t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What approaches are computed from.

    Attributes:
        plan: The plan.
        found: The emission record, computed again.
        method: Its method.
        boundary: The version of the boundary that it names.
        basis: What is known of errors.
        data: Activity data of the plan by name, rules of the boundary included.
        stacks: What the stacks of the plan showed; none without a flue-gas measurement.
        training: What trains the model of the plan; none where it does not speak of the period.
    """

    plan: MeasurementPlan
    found: Recomputed
    method: Method
    boundary: Boundary
    basis: Basis
    data: Mapping[str, ActivityData]
    stacks: tuple[ReadStack, ...]
    training: Training

    @property
    def items(self) -> dict[str, ActivityItem]:
        """The activity data that have a value, as records state them."""
        return items_of(self.data, self.boundary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an approach gave.

    Attributes:
        approached: The emission; None where it was not at hand.
        findings: Why it was not.
        biogenic: Tonnes of biogenic CO2 taken off; None without flue gas.
        carbon: Tonnes of carbon in, in products and in waste; None without a balance.
        model: How the model was trained; None without one.
    """

    approached: Approached | None = None
    findings: tuple[NonConformity, ...] = ()
    biogenic: Decimal | None = None
    carbon: tuple[Decimal, ...] | None = None
    model: ModelOf | None = None


def items_of(data: Mapping[str, ActivityData], boundary: Boundary) -> dict[str, ActivityItem]:
    """The activity data that have a value, as records state them."""
    return {
        name: activity_item(boundary, each)
        for name, each in data.items()
        if each.converted is not None
    }


def units_of_model(
    planned: PlannedModel | None, period: Period, items: Mapping[str, ActivityItem]
) -> dict[str, str]:
    """The unit of each input of a model that speaks of a period; none where it does not."""
    if planned is None or planned.trains(period) or planned.trained_by is not period.kind:
        return {}
    if any(name not in items for name in planned.inputs):
        return {}
    return {name: items[name].unit for name in planned.inputs}


def calculated(bench: Bench) -> Outcome:
    """The calculated CO2 of the categories of the plan."""
    result, method = bench.found.result, bench.method
    covered = covered_nodes(result, method, bench.plan)
    slopes = slopes_of(result, method, dict.fromkeys(covered, Decimal(1)))
    sources = sources_of(slopes, result, method, bench.boundary, bench.found.emission.activity)
    assessed = assess(total(covered.values()), sources, bench.basis)
    return Outcome(approached=Approached(approach=Approach.CALCULATION, assessed=assessed))


def in_flue_gas(bench: Bench, cems: PlannedCems) -> Outcome:
    """The fossil CO2 of all stacks; an hour that was not measured is no hour of 0."""
    stacks = bench.stacks
    totals = [each.measured.total for each in stacks]
    data = None if cems.biogenic is None else bench.data[cems.biogenic]
    if not any(each.measured for each in totals):
        return Outcome(findings=(finding(NO_HOUR),))
    if data is not None and data.converted is None:
        return Outcome(findings=(_missing(Approach.CEMS, data.name),))
    biogenic = Decimal(0) if data is None or data.converted is None else _tonnes(data)
    plant = plant_total(totals, stacks=[each.stack.name for each in cems.stacks], biogenic=biogenic)
    sources = list(sources_of_stacks(each.measured for each in stacks))
    if data is not None and data.converted is not None:
        size = to_decimal(data.converted.unit.factor / _TONNE.factor)
        sources += points_of({data.name: -size}, bench.items, bench.boundary.rules)
    missing = sum(len(each.missing) for each in totals)
    return Outcome(
        approached=Approached(
            approach=Approach.CEMS,
            assessed=assess(plant.fossil, joined(sources), bench.basis),
            findings=() if plant.is_valid else (finding(INCOMPLETE, missing=missing),),
        ),
        biogenic=plant.biogenic,
    )


def by_balance(bench: Bench) -> Outcome:
    """Carbon in minus carbon out; a negative balance stays negative and does not conform."""
    absent = missing_points(bench.plan.balance, bench.data)
    if absent:
        return Outcome(findings=(_missing(Approach.MASS_BALANCE, ", ".join(absent)),))
    found = balanced(bench.plan.balance, bench.data, bench.items, bench.boundary.rules)
    fault = found.balance.nonconformity
    return Outcome(
        approached=Approached(
            approach=Approach.MASS_BALANCE,
            assessed=assess(found.balance.co2, found.sources, bench.basis),
            findings=() if fault is None else (fault,),
        ),
        carbon=tuple(found.balance.carbon[side] for side in Side),
    )


def by_model(bench: Bench, planned: PlannedModel) -> Outcome:
    """What the model of the plan says; nothing of the periods that it is trained with."""
    period, items = bench.found.emission.period, bench.items
    if planned.trains(period):
        return Outcome()
    if planned.trained_by is not period.kind:
        return Outcome(findings=(finding(OF_ANOTHER_KIND, kind=planned.trained_by.value),))
    absent = [name for name in planned.inputs if name not in items]
    if absent:
        return Outcome(findings=(_missing(Approach.MODEL, ", ".join(absent)),))
    fault = not_trained(planned, bench.training.rows)
    if fault is not None:
        return Outcome(findings=(fault,))
    drivers = {name: items[name].value for name in planned.inputs}
    found = modelled(planned, bench.training.rows, drivers, period=period)
    return Outcome(
        approached=Approached(
            approach=Approach.MODEL, assessed=found.assessed, findings=found.findings
        ),
        model=found.model,
    )


def approaches_of(bench: Bench) -> Sequence[Outcome]:
    """All approaches of a plan, the calculated one first."""
    plan = bench.plan
    outcomes = [calculated(bench)]
    if plan.cems is not None:
        outcomes.append(in_flue_gas(bench, plan.cems))
    if plan.balance:
        outcomes.append(by_balance(bench))
    if plan.model is not None:
        outcomes.append(by_model(bench, plan.model))
    return outcomes


def _tonnes(data: ActivityData) -> Decimal:
    assert data.converted is not None  # noqa: S101 (asked before)
    return data.converted.to(_TONNE).value


def _missing(approach: Approach, what: str) -> NonConformity:
    return finding(MISSING, approach=approach.value, what=what)
