"""The activity data that a measurement plan names, from the log and from leaves alone."""

from collections.abc import Iterable
from datetime import datetime

from trace_node.accounting.activity.data import ActivityData
from trace_node.accounting.activity.points import evaluate
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.sources import Industry
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.methods.method import Method
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.accounting.records.measurement_plan import MeasurementPlan
from trace_node.ports.store import Store
from trace_node.services.account_inputs import AccountInputs
from trace_node.services.recompute_inputs import InputsAgain


def industry_of(emission: Emission, boundary: Boundary) -> Industry:
    """Unit and method of an emission record, as its boundary has them."""
    return next(
        each for each in boundary.industries_of(emission.unit) if each.method == emission.method
    )


def data_from_log(
    plan: MeasurementPlan,
    emission: Emission,
    method: Method,
    boundary: Boundary,
    *,
    store: Store,
    now: datetime,
) -> dict[str, ActivityData]:
    """The activity data that a plan names, with what the rules of the boundary make it of.

    Raises:
        ComparisonError: A point is not in the boundary.
        BoundaryError: A meter is not registered in this log.
        ActivityError: A rule cannot be computed.
    """
    needed = _needed(plan, boundary)
    inputs = AccountInputs(store, boundary, now=now)
    industry = industry_of(emission, boundary)
    obtained = inputs.obtain(industry, method, emission.period, beside=needed)
    return _evaluated(needed, [each for each in obtained if each.name in needed], boundary)


def data_from_leaves(
    plan: MeasurementPlan, record: MeasurementRecord, boundary: Boundary, again: InputsAgain
) -> dict[str, ActivityData]:
    """The same from the leaves that a record names; what it does not state has no value.

    Args:
        plan: The plan.
        record: The record.
        boundary: The version of the boundary.
        again: Makes each value of the record again.

    Raises:
        ComparisonError: A point is not in the boundary.
        RecomputeError: A value does not follow from the leaves; its member is named.
        InputError: A leaf is not what the record takes it for.
    """
    needed = _needed(plan, boundary)
    rules = {each.name for each in boundary.rules}
    stated = {each.name for each in record.activity}
    obtained = [
        again.obtain(name) if name in stated else again.nothing(name)
        for name in sorted(needed - rules)
    ]
    return _evaluated(needed, obtained, boundary)


def _needed(plan: MeasurementPlan, boundary: Boundary) -> frozenset[str]:
    """Names of the points of a plan and of all that rules make them of."""
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
                field="plan",
                name=name,
                remedy="log a version of the boundary with it: a meter, an entry, or a rule",
                code="measurement.point",
            )
        needed.add(name)
        waiting += list(rules[name].inputs) if name in rules else []
    return frozenset(needed)


def _evaluated(
    needed: Iterable[str], obtained: list[ActivityData], boundary: Boundary
) -> dict[str, ActivityData]:
    wanted = set(needed)
    virtual = [each.virtual() for each in boundary.rules if each.name in wanted]
    return evaluate(virtual, obtained)
