"""Which records an inventory is made of, and what none of them covers."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Gap, Part
from trace_node.period import PeriodKind, period_of, periods_between


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A span that a unit has to be accounted for by a method.

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        begin: First instant.
        end: First instant after it.
    """

    unit: str
    method: str
    begin: datetime
    end: datetime


def expected_in(
    versions: Sequence[Boundary], begin: datetime, end: datetime, *, unit: str | None = None
) -> tuple[Expected, ...]:
    """What a boundary asks for in a span, day by day by the last version that holds.

    A unit that a version brings in the middle of a span is asked for from then on. Where no version
    holds, the last one is asked.

    Args:
        versions: Versions in the order of the log, one or more.
        begin: First instant.
        end: First instant after it.
        unit: Of one accounting unit; None for all.
    """
    found: dict[tuple[str, str], list[Expected]] = defaultdict(list)
    for first, last, version in in_force_in(versions, begin, end):
        for each in version.industries:
            if unit not in {None, each.unit}:
                continue
            one = Expected(unit=each.unit, method=each.method, begin=first, end=last)
            mine = found[each.unit, each.method]
            if mine and mine[-1].end == first:
                one = replace(one, begin=mine.pop().begin)
            mine.append(one)
    return tuple(one for spans in found.values() for one in spans)


def chosen_parts(
    parts: Iterable[Part], expected: Iterable[Expected]
) -> tuple[tuple[Part, ...], tuple[Gap, ...]]:
    """Records of one method that do not overlap, the longest first, and what none covers.

    A record by a method that the boundary does not ask for any more in its period does not count:
    a later version accounts for the same sources by another method.

    Args:
        parts: Records inside the span.
        expected: What is asked for, by unit and method in order of time.
    """
    asked: dict[tuple[str, str], list[Expected]] = defaultdict(list)
    for each in expected:
        asked[each.unit, each.method].append(each)
    by_key: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        key = part.unit, part.method
        if any(part.begin < each.end and each.begin < part.end for each in asked.get(key, ())):
            by_key[key].append(part)
    tiles = {key: _tiles(found) for key, found in by_key.items()}
    gaps = [
        gap
        for key, spans in asked.items()
        for each in spans
        for gap in _gaps(each, tiles.get(key, []))
    ]
    taken = [part for found in tiles.values() for part in found]
    return tuple(sorted(taken, key=lambda each: (each.begin, each.index))), tuple(gaps)


def in_force_in(
    versions: Sequence[Boundary], begin: datetime, end: datetime
) -> Iterable[tuple[datetime, datetime, Boundary]]:
    """A span in pieces with the version that holds for each; see ``expected_in``."""
    at, current = begin, _version_on(versions, begin)
    for day in periods_between(begin, end, PeriodKind.DAY):
        version = _version_on(versions, day.start)
        if version is not current and day.start > at:
            yield at, day.start, current
            at, current = day.start, version
    yield at, end, current


def _version_on(versions: Sequence[Boundary], instant: datetime) -> Boundary:
    day = period_of(instant, PeriodKind.DAY)
    holding = [each for each in versions if each.holds_for(day)]
    return (holding or list(versions))[-1]


def _gaps(expected: Expected, tiles: Sequence[Part]) -> Iterable[Gap]:
    at = expected.begin
    for part in tiles:
        if part.begin >= expected.end:
            break
        if part.begin > at:
            yield Gap(unit=expected.unit, method=expected.method, begin=at, end=part.begin)
        at = max(at, min(part.end, expected.end))
    if at < expected.end:
        yield Gap(unit=expected.unit, method=expected.method, begin=at, end=expected.end)


def _tiles(parts: list[Part]) -> list[Part]:
    chosen: list[Part] = []  # in order of time; a year of hours is 8,760 of them
    for part in sorted(parts, key=lambda each: (each.begin - each.end, each.begin)):
        place = bisect_left(chosen, part.end, key=lambda each: each.begin)
        if not place or chosen[place - 1].end <= part.begin:
            chosen.insert(place, part)
    return chosen
