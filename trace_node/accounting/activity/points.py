"""Virtual points (虚拟点): activity data that rules derive from others, without circles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from trace_node.accounting.activity.data import ActivityData, Provenance
from trace_node.accounting.activity.errors import ActivityError
from trace_node.accounting.activity.rules import Rule
from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.standing import Standing, worst
from trace_node.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualPoint:
    """A point whose value a rule gives (虚拟点).

    Attributes:
        name: Its name, which other rules use.
        source: Emission source it belongs to.
        rule: The rule.
        rule_id: Name of the rule in the boundary, stored with the value.
    """

    name: str
    source: str
    rule: Rule
    rule_id: str


def evaluation_order(points: Iterable[VirtualPoint]) -> tuple[str, ...]:
    """Names in an order in which every rule finds its inputs.

    Raises:
        ActivityError: Points depend on each other in a circle, which is named; or one name is used
            twice.
    """
    named = list(points)
    graph = {point.name: set(point.rule.inputs) for point in named}
    if len(graph) != len(named):
        names = [point.name for point in named]
        raise _twice(next(name for name in names if names.count(name) > 1))
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle: list[str] = error.args[1]
        raise ActivityError(
            "{field}: the rules go round in a circle: {circle}",
            field="points",
            circle=" <- ".join(circle),
            remedy="let one of these points rest on a meter or a document",
            code="activity.cycle",
        ) from error


def evaluate(
    points: Iterable[VirtualPoint], data: Iterable[ActivityData]
) -> dict[str, ActivityData]:
    """All activity data by name: what was handed in, and what the rules give of it.

    A value that rests on a missing one is missing; on a provisional one, provisional. A negative
    result is kept and has a finding.

    Raises:
        ActivityError: A circle; a name used twice; an input that is not there; several periods in
            one rule; or see the rule.
        UnitError: A rule adds what is of different kinds.
    """
    points = list(points)
    virtual = {point.name: point for point in points}
    known: dict[str, ActivityData] = {}
    for each in data:
        if each.name in known or each.name in virtual:
            raise _twice(each.name)
        known[each.name] = each
    for name in evaluation_order(points):
        if name in virtual:
            known[name] = _derive(virtual[name], known)
        elif name not in known:
            raise ActivityError(
                "{field}: {name} is not there",
                field="inputs",
                name=name,
                remedy="hand it in as missing where it has no value",
                code="activity.input",
            )
    return known


def _derive(point: VirtualPoint, known: Mapping[str, ActivityData]) -> ActivityData:
    inputs = [known[name] for name in point.rule.inputs]
    periods = {each.period for each in inputs}
    if len(periods) != 1:
        raise ActivityError(
            "{field}: {name} joins the periods {periods}",
            field="period",
            name=point.name,
            periods=", ".join(sorted(period.name for period in periods)),
            remedy="give the rule data of one period, at least one",
            code="activity.period",
        )
    values = [each.converted for each in inputs if each.converted is not None]
    standing = worst(each.standing for each in inputs)
    value = None if standing is Standing.MISSING else point.rule.compute(values)
    links = {link for each in inputs for link in each.links}
    filled = next((each for each in inputs if each.filling is not None), None)
    return ActivityData(
        name=point.name,
        source=point.source,
        provenance=Provenance.DERIVED,
        reference=point.rule_id,
        period=periods.pop(),
        raw=value,
        converted=value,
        links=tuple(sorted(links)),
        standing=standing,
        filling=filled.filling if filled and value is not None else None,
        filled_by=filled.filled_by if filled and value is not None else None,
        findings=_findings(point, value),
    )


def _findings(point: VirtualPoint, value: Quantity | None) -> tuple[NonConformity, ...]:
    if value is None or value.value >= 0:
        return ()
    return (
        NonConformity(
            code="activity.negative",
            template="{name} is negative: {value} {unit}; more was subtracted than there was",
            params={"name": point.name, "value": value.value, "unit": value.unit.symbol},
        ),
    )


def _twice(name: str) -> ActivityError:
    return ActivityError(
        "{field}: the name {name} is used twice",
        field="name",
        name=name,
        remedy="give every point and meter of the boundary its own name",
        code="activity.name",
    )
