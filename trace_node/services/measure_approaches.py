"""The emission of a unit by each approach of its plan: calculated, in the flue gas, by balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from trace_node.accounting.activity.data import ActivityData
from trace_node.accounting.activity.points import evaluate
from trace_node.accounting.arithmetic import to_decimal, total
from trace_node.accounting.assessment.assess import Basis, assess
from trace_node.accounting.assessment.balance import balanced, item_of, missing_points
from trace_node.accounting.assessment.flue import sources_of_stacks
from trace_node.accounting.assessment.measured import INCOMPLETE, Approached, covered_nodes
from trace_node.accounting.assessment.slopes import slopes_of
from trace_node.accounting.assessment.sources import joined, points_of, sources_of
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.comparison.mass_balance import Side
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.fluegas.totals import plant_total
from trace_node.accounting.methods.method import Method
from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.records.measurement_plan import MeasurementPlan
from trace_node.accounting.records.planned import PlannedCems
from trace_node.ports.store import Store
from trace_node.services.account_inputs import AccountInputs
from trace_node.services.measure_stacks import ReadStack, read_stacks
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
    """

    plan: MeasurementPlan
    found: Recomputed
    method: Method
    boundary: Boundary
    basis: Basis
    data: Mapping[str, ActivityData]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an approach gave.

    Attributes:
        approached: The emission; None where it was not at hand.
        findings: Why it was not.
        stacks: What the stacks gave.
        biogenic: Tonnes of biogenic CO2 taken off; None without flue gas.
        carbon: Tonnes of carbon in, in products and in waste; None without a balance.
        leaves: Leaves that it rests on, readings of stacks aside.
    """

    approached: Approached | None
    findings: tuple[NonConformity, ...] = ()
    stacks: tuple[ReadStack, ...] = ()
    biogenic: Decimal | None = None
    carbon: tuple[Decimal, ...] | None = None
    leaves: tuple[int, ...] = ()


def plan_data(
    plan: MeasurementPlan, found: Recomputed, method: Method, boundary: Boundary, *, store: Store,
    now: datetime,
) -> dict[str, ActivityData]:  # fmt: skip
    """The activity data that a plan names, with what the rules of the boundary make it of.

    Raises:
        ComparisonError: A point is not in the boundary.
        BoundaryError: A meter is not registered in this log.
        ActivityError: A rule cannot be computed.
    """
    rules = {each.name: each for each in boundary.rules}
    known = {
        *(each.name for each in boundary.meters),
        *(each.name for each in boundary.entries),
        *(each.name for each in boundary.laboratory),
    }
    waiting, needed = sorted(plan.points), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in rules and name not in known:
            raise ComparisonError(
                "{field}: the boundary has no activity data {name}",
                field="balance",
                name=name,
                remedy="log a version of the boundary with it: a meter, an entry, or a rule",
                code="measurement.point",
            )
        needed.add(name)
        waiting += list(rules[name].inputs) if name in rules else []
    emission = found.emission
    industry = next(
        each for each in boundary.industries_of(emission.unit) if each.method == method.ref
    )
    inputs = AccountInputs(store, boundary, now=now)
    obtained = inputs.obtain(industry, method, emission.period, beside=frozenset(needed))
    virtual = [rules[name].virtual() for name in sorted(needed) if name in rules]
    return evaluate(virtual, [each for each in obtained if each.name in needed])


def calculated(bench: Bench) -> Outcome:
    """The calculated CO2 of the categories of the plan."""
    result, method = bench.found.result, bench.method
    covered = covered_nodes(result, method, bench.plan)
    slopes = slopes_of(result, method, dict.fromkeys(covered, Decimal(1)))
    sources = sources_of(slopes, result, method, bench.boundary, bench.found.emission.activity)
    assessed = assess(total(covered.values()), sources, bench.basis)
    return Outcome(approached=Approached(approach=Approach.CALCULATION, assessed=assessed))


def in_flue_gas(bench: Bench, cems: PlannedCems, *, store: Store, now: datetime) -> Outcome:
    """The fossil CO2 of all stacks; an hour that was not measured is no hour of 0."""
    period = bench.found.emission.period
    stacks = read_stacks(cems, period, reader=store.reader(), now=now)
    totals = [each.measured.total for each in stacks]
    data = None if cems.biogenic is None else bench.data[cems.biogenic]
    if not any(each.measured for each in totals):
        return Outcome(approached=None, findings=(_absent("cems", "no hour"),), stacks=stacks)
    if data is not None and data.converted is None:
        return Outcome(approached=None, findings=(_absent("cems", data.name),), stacks=stacks)
    biogenic = Decimal(0) if data is None or data.converted is None else _tonnes(data)
    plant = plant_total(totals, stacks=[each.stack.name for each in cems.stacks], biogenic=biogenic)
    sources = list(sources_of_stacks(each.measured for each in stacks))
    if data is not None and data.converted is not None:
        items = {n: item_of(d) for n, d in bench.data.items() if d.converted is not None}
        size = to_decimal(data.converted.unit.factor / _TONNE.factor)
        sources += points_of({data.name: -size}, items, bench.boundary.rules)
    missing = sum(len(each.missing) for each in totals)
    return Outcome(
        approached=Approached(
            approach=Approach.CEMS,
            assessed=assess(plant.fossil, joined(sources), bench.basis),
            findings=() if plant.is_valid else (_incomplete(missing),),
        ),
        stacks=stacks,
        biogenic=plant.biogenic,
        leaves=() if data is None else tuple(sorted(link.index for link in data.links)),
    )


def by_balance(bench: Bench) -> Outcome:
    """Carbon in minus carbon out; a negative balance stays negative and does not conform."""
    absent = missing_points(bench.plan.balance, bench.data)
    if absent:
        return Outcome(approached=None, findings=(_absent("mass_balance", ", ".join(absent)),))
    found = balanced(bench.plan.balance, bench.data, bench.boundary.rules)
    fault = found.balance.nonconformity
    return Outcome(
        approached=Approached(
            approach=Approach.MASS_BALANCE,
            assessed=assess(found.balance.co2, found.sources, bench.basis),
            findings=() if fault is None else (fault,),
        ),
        carbon=tuple(found.balance.carbon[side] for side in Side),
        leaves=found.leaves,
    )


def approaches_of(bench: Bench, *, store: Store, now: datetime) -> Sequence[Outcome]:
    """All approaches of a plan, the calculated one first."""
    plan = bench.plan
    outcomes = [calculated(bench)]
    if plan.cems is not None:
        outcomes.append(in_flue_gas(bench, plan.cems, store=store, now=now))
    if plan.balance:
        outcomes.append(by_balance(bench))
    return outcomes


def _tonnes(data: ActivityData) -> Decimal:
    assert data.converted is not None  # noqa: S101 (asked before)
    return data.converted.to(_TONNE).value


def _absent(approach: str, what: str) -> NonConformity:
    return NonConformity(
        code="measurement.missing",
        template="{approach} is not at hand: {what} has no value",
        params={"approach": approach, "what": what},
    )


def _incomplete(missing: int) -> NonConformity:
    return NonConformity(
        code=INCOMPLETE,
        template="the stacks were not measured in {missing} hours, or too little of a day:"
        " the flue gas does not stand for the period",
        params={"missing": missing},
    )
