"""What the figures of sources follow from in one version of a boundary."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from trace_node.accounting.boundary.behind import points_behind
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.sources import Feed


@dataclass(frozen=True, slots=True)
class Definition:
    """What the figure of a source follows from (排放源定义): equal ones give equal figures.

    Attributes:
        category: Source category of the method.
        words: Words of the unit's method and of the source's line.
        feeds: What its symbols get, by symbol.
        points: The activity data behind them, by name.
    """

    category: str
    words: tuple[Mapping[str, str], Mapping[str, str]]
    feeds: tuple[object, ...]
    points: tuple[object, ...]


def definitions(boundary: Boundary) -> Mapping[tuple[str, str], Mapping[str, Definition]]:
    """Definitions by unit and method, and by source."""
    words = {(each.unit, each.method): each.words for each in boundary.industries}
    points = {
        each.name: each
        for kind in (boundary.meters, boundary.laboratory, boundary.entries, boundary.rules)
        for each in kind
    }
    feeds_of: dict[str, list[Feed]] = defaultdict(list)
    for feed in sorted(boundary.feeds, key=lambda each: each.symbol):
        feeds_of[feed.source].append(feed)
    found: dict[tuple[str, str], dict[str, Definition]] = {}
    for source in boundary.sources:
        key = source.unit, source.method
        feeds = feeds_of[source.id]
        names = points_behind(boundary, [each.point for each in feeds if each.point is not None])
        found.setdefault(key, {})[source.id] = Definition(
            category=source.category,
            words=(words.get(key, {}), source.words),
            feeds=tuple(feeds),
            points=tuple(points[name] for name in sorted(names)),
        )
    return found
