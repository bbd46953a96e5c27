"""The case of a method from the boundary and the activity data of a period."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from trace_node.accounting.activity.data import ActivityData
from trace_node.accounting.activity.points import VirtualPoint, evaluate
from trace_node.accounting.boundary.behind import points_behind
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.boundary.sources import Feed, Industry, Source
from trace_node.accounting.dimension import of_what
from trace_node.accounting.errors import IncompleteError
from trace_node.accounting.inventory.point_rules import (
    BASES,
    feeds_of,
    may_lack,
)
from trace_node.accounting.methods.case import Case, Given, Line
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.nodes import node_name
from trace_node.accounting.methods.words import Choice
from trace_node.accounting.records.emission_form import activity_in_order
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.standing import Standing, worst
from trace_node.period import Period

_LAST: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """What a method is applied to, and what it was made of.

    Attributes:
        case: The case.
        activity: Every value that was used, by name.
        standing: The worst standing of them.
        lacking: Laboratory values that are not there, where the method takes its own instead.
    """

    case: Case
    activity: tuple[ActivityItem, ...]
    standing: Standing
    lacking: tuple[str, ...] = ()


def points_needed(boundary: Boundary, industry: Industry) -> frozenset[str]:
    """Names of all activity data that the sources of a unit use by one method, rules included."""
    feeds = feeds_of(boundary, industry)
    return points_behind(boundary, [each.point for each in feeds if each.point is not None])


def assemble(
    boundary: Boundary,
    industry: Industry,
    method: Method,
    period: Period,
    obtained: Iterable[ActivityData],
    *,
    boundary_leaf: int,
) -> Assembled:
    """Derive the virtual points, and hand every value to its symbol.

    Args:
        boundary: The boundary.
        industry: Unit and method.
        method: The method.
        period: The period.
        obtained: Values of the meters and entries that are needed.
        boundary_leaf: Leaf of the boundary, on which a stated 0 rests.

    Raises:
        IncompleteError: A value is missing; it is not 0.
        BoundaryError: The boundary does not fit the method.
        ActivityError: A rule cannot be computed.
        UnitError: A rule adds what is of different kinds.
    """
    needed = points_needed(boundary, industry)
    virtual: list[VirtualPoint] = [each.virtual() for each in boundary.rules if each.name in needed]
    data = evaluate(virtual, obtained)
    lacking = _lacking(boundary, industry, method, data.values())
    _require_present(data[name] for name in sorted(needed - lacking))
    handed = _handed(boundary, industry, method, data, lacking, boundary_leaf=boundary_leaf)
    items = activity_in_order(activity_item(boundary, data[name]) for name in needed - lacking)
    return Assembled(
        case=_case(boundary, industry, period, handed),
        activity=items,
        standing=worst(each.standing for each in items),
        lacking=tuple(sorted(lacking)),
    )


@dataclass(frozen=True, slots=True)
class _Handed:
    """What goes to the symbols of a method: to those of the whole case, and of lines by source."""

    values: Mapping[str, Given]
    lines: Mapping[str, Mapping[str, Mapping[str, Given]]]


def _handed(
    boundary: Boundary,
    industry: Industry,
    method: Method,
    data: Mapping[str, ActivityData],
    lacking: frozenset[str],
    *,
    boundary_leaf: int,
) -> _Handed:
    values: dict[str, Given] = {}
    lines: dict[str, dict[str, dict[str, Given]]] = defaultdict(dict)
    give = _Giver(boundary, data, boundary_leaf)
    for feed in feeds_of(boundary, industry):
        source = boundary.source_by_id[feed.source]
        _require_fit(feed, source, industry, method)
        if feed.point in lacking:
            continue
        table = method.symbols[feed.symbol].table
        if table:
            lines[table].setdefault(source.id, {})[feed.symbol] = give(feed)
        elif feed.symbol in values:
            raise _misfit(feed, "is given twice, and the method takes one")
        else:
            values[feed.symbol] = give(feed)
    return _Handed(values, lines)


def _case(boundary: Boundary, industry: Industry, period: Period, handed: _Handed) -> Case:
    return Case(
        on=(period.end - _LAST).date(),
        words=industry.words,
        values=handed.values,
        lines={
            table: tuple(
                Line(name=name, words=boundary.source_by_id[name].words, values=values)
                for name, values in named.items()
            )
            for table, named in handed.lines.items()
        },
        not_occurring=industry.not_occurring,
    )


def with_earlier(assembled: Assembled, nodes: Iterable[str]) -> Assembled:
    """The same, where these values were measured earlier in the year."""
    earlier = dict.fromkeys(nodes, Choice.MEASURED)
    return replace(assembled, case=replace(assembled.case, earlier=earlier))


def activity_item(boundary: Boundary, data: ActivityData) -> ActivityItem:
    """A piece of activity data as a record states it; it has a value."""
    assert data.converted is not None  # noqa: S101 (missing values were refused)
    raw = data.raw or data.converted
    source = boundary.source_by_id[data.source]
    return ActivityItem(
        place=f"{source.method}/{source.category}/{source.id}",
        name=data.name,
        provenance=data.provenance.value,
        reference=data.reference,
        raw=raw.value,
        raw_unit=raw.unit.symbol,
        value=data.converted.value,
        unit=data.converted.unit.symbol,
        conversion=data.conversion,
        findings=tuple(sorted({each.code for each in data.findings})),
        standing=data.standing,
        leaves=tuple(sorted({link.index for link in data.links})),
    )


def measured_nodes(
    boundary: Boundary, industry: Industry, method: Method, given: Container[str]
) -> frozenset[str]:
    """Values that were measured, of those that the method does not let go back inside a year.

    Args:
        boundary: The boundary.
        industry: Unit and method.
        method: The method.
        given: Names of the points that had a value.
    """
    return frozenset(
        node_name(feed.symbol, symbol.table, Line(name=feed.source) if symbol.table else None)
        for feed in feeds_of(boundary, industry)
        if feed.point in given
        and (symbol := method.symbols.get(feed.symbol)) is not None
        and symbol.sticky
    )


def _lacking(
    boundary: Boundary, industry: Industry, method: Method, data: Iterable[ActivityData]
) -> frozenset[str]:
    """Laboratory values without a sample, where the method takes a value of its own instead."""
    sampled = {each.name for each in boundary.laboratory}
    return frozenset(
        each.name
        for each in data
        if each.name in sampled
        and each.standing is Standing.MISSING
        and may_lack(boundary, industry, method, each.name)
    )


class _Giver:
    """Hands the value of a feed out; the points of the boundary are looked up by name once."""

    def __init__(
        self, boundary: Boundary, data: Mapping[str, ActivityData], boundary_leaf: int
    ) -> None:
        self._data, self._boundary_leaf = data, boundary_leaf
        self._entries = {each.name: each for each in boundary.entries}
        self._samples = {each.name: each for each in boundary.laboratory}

    def __call__(self, feed: Feed) -> Given:
        """The value, as the method reads it."""
        if feed.point is None:
            return Given(
                value=Decimal(0),
                unit=of_what(feed.unit or "", feed.of),
                evidence=(f"leaf {self._boundary_leaf}",),
            )
        found = self._data[feed.point]
        assert found.converted is not None  # noqa: S101 (missing values were refused)
        entry, sample = self._entries.get(feed.point), self._samples.get(feed.point)
        basis = BASES[sample.basis] if sample is not None else entry.basis if entry else None
        return Given(
            value=found.converted.value,
            unit=of_what(found.converted.unit.symbol, feed.of),
            choice=Choice.MEASURED if entry is None else entry.choice,
            basis=basis or "",
            evidence=tuple(f"leaf {link.index}" for link in found.links),
            estimated=found.filling is not None,
        )


def _require_fit(feed: Feed, source: Source, industry: Industry, method: Method) -> None:
    if source.category not in method.categories:
        raise _misfit(feed, f"belongs to {source.category}, which the method does not have")
    if source.category in industry.not_occurring:
        raise _misfit(feed, f"belongs to {source.category}, which is said not to occur")
    if feed.symbol not in method.symbols:
        raise _misfit(feed, "is no symbol of the method")


def _misfit(feed: Feed, why: str) -> BoundaryError:
    return BoundaryError(
        "{field}: {source} {symbol} {why}",
        field="feeds",
        source=feed.source,
        symbol=feed.symbol,
        why=why,
        remedy="log a version of the boundary that fits the method",
        code="boundary.method",
    )


def _require_present(data: Iterable[ActivityData]) -> None:
    for each in data:
        if each.standing is Standing.MISSING:
            raise IncompleteError(
                "{field}: {name} of {source} has no value in {period}",
                field="activity",
                name=each.name,
                source=each.source,
                period=each.period.name,
                remedy="wait for the readings, or log an entry with its document; a missing value"
                " is not 0",
                code="account.missing",
            )
