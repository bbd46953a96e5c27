"""From the values of a result to what errs: meters, entries, factors and constants.

Values that rest on one meter register, one entry or one row of the library err together, whatever
lines of a method they stand in. So the slopes are gathered by what errs, and within one figure
these sources are independent unless ``accuracy@1`` says that they err together.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from trace_node.accounting.activity.data import Provenance
from trace_node.accounting.arithmetic import precise, to_decimal
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.rule_form import RulePoint
from trace_node.accounting.boundary.sources import Feed
from trace_node.accounting.dimension import ratio, typed_unit
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Node, Result
from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.units import unit

_GWP: Final = "gwp."  # a potential belongs to its set: it is a convention, not a measurement
_COMPUTED: Final = frozenset({"step", "sum", "total", "formula", "not_occurring"})
_FIXED: Final = frozenset({"constant", "parameter", "conservative"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSource:
    """Something that errs, and how a figure changes with it (误差来源).

    Attributes:
        name: Kind and name, such as ``meter:meter-1/energy``.
        value: Its value.
        unit: Unit of it.
        slope: Derivative of the figure by it.
        is_exact: Whether it is exact unless somebody states otherwise: a constant of the method, a
            potential, a 0 with its reason.
        leaves: Leaves that its value rests on.
    """

    name: str
    value: Decimal
    unit: str
    slope: Decimal
    is_exact: bool = False
    leaves: tuple[int, ...] = ()


def sources_of(
    slopes: Mapping[str, Decimal],
    result: Result,
    method: Method,
    boundary: Boundary,
    activity: Iterable[ActivityItem],
) -> tuple[ErrorSource, ...]:
    """What errs behind a result, by name.

    Args:
        slopes: Derivative of the figure by every node (``slopes_of``).
        result: The result.
        method: The method.
        boundary: The boundary, with the rules of virtual points.
        activity: The activity data of the record.
    """
    items = {each.name: each for each in activity}
    fed = _feeds(boundary, method, result)
    by_point: dict[str, Decimal] = {}
    found: list[ErrorSource] = []
    for node in result.nodes.values():
        slope = slopes.get(node.id, Decimal(0))
        feed = fed.get(node.id)
        if node.choice in _COMPUTED:
            continue
        point = None if feed is None else feed.point
        if feed is None or node.factor is not None or (point and point not in items):
            found.append(_own(node, slope, method))
        elif point is not None:
            with precise():
                share = slope * _scale(feed, node, method, result)
                by_point[point] = by_point.get(point, Decimal(0)) + share
    found += points_of(by_point, items, boundary.rules)
    return joined(found)


def points_of(
    slopes: Mapping[str, Decimal], items: Mapping[str, ActivityItem], rules: Iterable[RulePoint]
) -> Iterator[ErrorSource]:
    """The meters and entries behind activity data, through the rules of virtual points.

    Args:
        slopes: Derivative of the figure by each piece of activity data, in the item's unit.
        items: The activity data by name, with all that its rules take.
        rules: The rules of the boundary.
    """
    named = {each.name: each for each in rules}
    waiting = dict(slopes)
    while waiting:
        name, slope = waiting.popitem()
        rule = named.get(name)
        if rule is not None and rule.rule in _RULES:
            for at, one in _RULES[rule.rule](rule, items):
                with precise():
                    waiting[at] = waiting.get(at, Decimal(0)) + slope * one
            continue
        item = items[name]
        metered = item.provenance == Provenance.METER
        kind = SubjectKind.METER if metered else SubjectKind.POINT
        yield ErrorSource(
            name=f"{kind.value}:{item.reference if metered else item.name}",
            value=item.value,
            unit=item.unit,
            slope=slope,
            leaves=item.leaves,
        )


def joined(sources: Iterable[ErrorSource]) -> tuple[ErrorSource, ...]:
    """Each source once, by name: its slopes added where it stands in several places.

    A factor can stand in one place in another unit than in the other: then the relative error is
    the same, and the slopes are added in the unit of the first.
    """
    found: dict[str, ErrorSource] = {}
    for each in sources:
        first = found.setdefault(each.name, replace(each, slope=Decimal(0)))
        with precise():
            same = not first.value or first.value == each.value
            scale = Decimal(1) if same else each.value / first.value
            slope = first.slope + each.slope * scale
        found[each.name] = replace(first, slope=slope, is_exact=first.is_exact and each.is_exact)
    return tuple(found[name] for name in sorted(found))


def _own(node: Node, slope: Decimal, method: Method) -> ErrorSource:
    """A factor, a constant, or a value that no feed of the boundary gives."""
    symbol = node.id.rsplit(".", 1)[-1]
    if node.factor is not None:
        name = f"{SubjectKind.FACTOR.value}:{node.factor.id}"
    elif node.choice in _FIXED:
        name = f"{SubjectKind.CONSTANT.value}:{method.ref}/{symbol}"
    else:
        name = f"{SubjectKind.POINT.value}:{node.id}"
    return ErrorSource(
        name=name,
        value=node.value,
        unit=node.unit,
        slope=slope,
        is_exact=node.choice in _FIXED or node.id.startswith(_GWP),
    )


def _feeds(boundary: Boundary, method: Method, result: Result) -> dict[str, Feed]:
    """The feed behind each node that has one; others are factors, constants, or given otherwise."""
    found = {}
    for feed in boundary.feeds:
        symbol = method.symbols.get(feed.symbol)
        if symbol is None or boundary.source_by_id[feed.source].method != method.ref:
            continue
        node_id = f"{symbol.table}[{feed.source}].{symbol.id}" if symbol.table else symbol.id
        if node_id in result.nodes:
            found[node_id] = feed
    return found


def _scale(feed: Feed, node: Node, method: Method, result: Result) -> Decimal:
    """Units of the node in one unit of the activity data, as the case was read."""
    table = method.symbols[feed.symbol].table
    values: Any = result.case["values"]
    if table:
        lines: Any = result.case["lines"]
        values = next(each["values"] for each in lines[table] if each["name"] == feed.source)
    given, wanted = typed_unit(values[feed.symbol]["unit"]), typed_unit(node.unit)
    return to_decimal(
        ratio(given, wanted if given.dimension == wanted.dimension else wanted.flat())
    )


def _add(rule: RulePoint, items: Mapping[str, ActivityItem]) -> Iterator[tuple[str, Decimal]]:
    first = unit(items[rule.inputs[0]].unit)
    for at, name in enumerate(rule.inputs):
        size = to_decimal(unit(items[name].unit).factor / first.factor)
        yield name, -size if at and rule.rule == "subtract" else size


def _multiply(rule: RulePoint, items: Mapping[str, ActivityItem]) -> Iterator[tuple[str, Decimal]]:
    for at, name in enumerate(rule.inputs):
        product = Decimal(1) if rule.factor is None else rule.factor
        with precise():
            for other in (*rule.inputs[:at], *rule.inputs[at + 1 :]):
                product *= items[other].value
        yield name, product


def _divide(rule: RulePoint, items: Mapping[str, ActivityItem]) -> Iterator[tuple[str, Decimal]]:
    dividend, divisor = (items[name].value for name in rule.inputs)
    if divisor == 0:
        raise UncertaintyError(
            "{formula} has no derivative here",
            formula=" / ".join(rule.inputs),
            remedy="look for a divisor of 0",
            code="uncertainty.derivative",
        )
    with precise():
        yield rule.inputs[0], 1 / divisor
        yield rule.inputs[1], -dividend / divisor / divisor


def _apportion(rule: RulePoint, _: Mapping[str, ActivityItem]) -> Iterator[tuple[str, Decimal]]:
    yield rule.inputs[0], rule.shares[rule.source]


_RULES: Final = {
    "add": _add,
    "apportion": _apportion,
    "divide": _divide,
    "multiply": _multiply,
    "subtract": _add,
}
