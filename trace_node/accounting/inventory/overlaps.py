"""Which records an inventory is made of, so that a source has one figure at every instant.

A year that was accounted for by one method, and months of it by the method that followed, state the
same source twice. Which of them counts follows from the boundary alone: the record whose method and
sources are those of the version that holds for what both state. The other is left out; shorter
records of its own that tile what the boundary asks for take its place. Where they do not, nothing
is guessed: what it leaves is a gap, and the overlap is told. A source that the boundary asks for
and the record that counts was made without is a gap too: no record states it. So is one that the
record states by other meters, words or rules than the version that holds: it was made before that.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.definitions import Definition, definitions
from trace_node.accounting.inventory.inventory import Gap, Overlap, Part
from trace_node.accounting.inventory.tiling import chosen_parts, expected_in, in_force_in

_Key = tuple[str, str]
"""Accounting unit and ``id@version`` of the method."""
_MadeBy = Mapping[int, Mapping[_Key, Mapping[str, Definition]]]
"""What figures follow from, by the leaf of the version, by unit and method, and by source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What an inventory is made of.

    Attributes:
        parts: Records that count, in order of time.
        gaps: What is asked for and none of them covers.
        overlaps: Records left out because others state the same, where that left a gap.
    """

    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clash:
    """A record that does not count because another states the same.

    Attributes:
        part: The record.
        other: The other one.
        counted: Whether the other one counts.
    """

    part: Part
    other: Part
    counted: bool

    @property
    def begin(self) -> datetime:
        """First instant that both state."""
        return max(self.part.begin, self.other.begin)

    @property
    def end(self) -> datetime:
        """First instant after it."""
        return min(self.part.end, self.other.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A part of the span in which one version of the boundary holds.

    Attributes:
        begin: First instant.
        end: First instant after it.
        sources: What the figure of each source follows from, by unit and method.
        holders: Unit and method by source.
        asked: Methods by unit.
    """

    begin: datetime
    end: datetime
    sources: Mapping[_Key, Mapping[str, Definition]]
    holders: Mapping[str, _Key]
    asked: frozenset[_Key]


def choose(
    parts: Iterable[Part], versions: Mapping[int, Boundary], begin: datetime, end: datetime
) -> Chosen:
    """The records of all units of a boundary that count in a span.

    Args:
        parts: Records inside the span that nothing replaces.
        versions: Versions of the boundary by their leaves, in the order of the log, one or more.
        begin: First instant.
        end: First instant after it.
    """
    logged = tuple(versions.values())
    expected = expected_in(logged, begin, end)
    pieces = [_piece(*each) for each in in_force_in(logged, begin, end)]
    made_by = {leaf: definitions(version) for leaf, version in versions.items()}
    left, clashes = list(parts), dict[tuple[int, int], _Clash]()
    while True:
        taken, gaps = chosen_parts(left, expected)
        found = {
            (each.part.index, each.other.index): each
            for each in (
                *_between_methods(taken, pieces),
                *_inside_a_method(taken, left, pieces, made_by),
            )
        }
        if not found:
            break
        clashes |= found
        out = {leaf for leaf, _other in found}
        left = [each for each in left if each.index not in out]
    told = tuple(_told(clashes.values(), gaps))
    return Chosen(parts=taken, gaps=(*gaps, *_without(taken, pieces, made_by)), overlaps=told)


def _piece(begin: datetime, end: datetime, version: Boundary) -> _Piece:
    return _Piece(
        begin=begin,
        end=end,
        sources=definitions(version),
        holders={each.id: (each.unit, each.method) for each in version.sources},
        asked=frozenset((each.unit, each.method) for each in version.industries),
    )


def _key(part: Part) -> _Key:
    return part.unit, part.method


def _by_key(parts: Iterable[Part]) -> dict[_Key, list[Part]]:
    found: dict[_Key, list[Part]] = defaultdict(list)
    for part in parts:
        found[_key(part)].append(part)
    return found


def _between_methods(taken: Sequence[Part], pieces: Sequence[_Piece]) -> Iterator[_Clash]:
    """Records by two methods, or of two units, that state one source at one time.

    Of one unit those too whose methods the boundary asks for one after the other, never beside each
    other: a source that was renamed with its method is the same source.
    """
    by_source: dict[str, list[Part]] = defaultdict(list)
    by_unit: dict[str, list[Part]] = defaultdict(list)
    for part in taken:
        by_unit[part.unit].append(part)
        for source in part.sources:
            by_source[source].append(part)
    for source, group in by_source.items():
        for one, other in _pairs(group):
            held = [piece.holders.get(source) for piece in _both(one, other, pieces)]
            keep = [all(_key(each) == key for key in held) for each in (one, other)]
            yield from _judged(one, other, keep)
    for group in by_unit.values():
        for one, other in _pairs(group):
            both = {_key(one), _key(other)}
            if not any(both <= piece.asked for piece in pieces):
                now = [piece.asked for piece in _both(one, other, pieces)]
                keep = [all(_key(each) in asked for asked in now) for each in (one, other)]
                yield from _judged(one, other, keep)


def _both(one: Part, other: Part, pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """The pieces of what two records both state."""
    begin, end = max(one.begin, other.begin), min(one.end, other.end)
    return (piece for piece in pieces if piece.begin < end and begin < piece.end)


def _judged(one: Part, other: Part, keep: Sequence[bool]) -> Iterator[_Clash]:
    """Who of two is left out: whoever the boundary does not ask for while both hold."""
    keep_one, keep_other = keep
    if not keep_one:
        yield _Clash(part=one, other=other, counted=keep_other)
    if not keep_other:
        yield _Clash(part=other, other=one, counted=keep_one)


def _pairs(group: Iterable[Part]) -> Iterator[tuple[Part, Part]]:
    """Records of different methods or units that overlap in time and serve one purpose."""
    running: list[Part] = []
    for part in sorted(group, key=lambda each: (each.begin, each.index)):
        running = [each for each in running if each.end > part.begin]
        for each in running:
            if _key(each) != _key(part) and each.purposes & part.purposes:
                yield each, part
        running.append(part)


def _inside_a_method(
    taken: Sequence[Part], left: Sequence[Part], pieces: Sequence[_Piece], made_by: _MadeBy
) -> Iterator[_Clash]:
    """Records that lack a source of the boundary which shorter ones by the same method have.

    A year that was accounted for before a source came, took the place of another or was measured
    otherwise does not stand for the months with it.
    """
    by_key = _by_key(sorted(left, key=lambda each: (each.begin, each.index)))
    for part in taken:
        mine = by_key[_key(part)]
        first, last = (
            bisect_left(mine, at, key=lambda each: each.begin) for at in (part.begin, part.end)
        )
        for other in mine[first:last]:
            if other.end <= part.end and other.boundary_leaf != part.boundary_leaf:
                both = _both(part, other, pieces)
                if any(
                    _lacking(part, piece, made_by) - _lacking(other, piece, made_by)
                    for piece in both
                ):
                    yield _Clash(part=part, other=other, counted=True)


def _without(taken: Iterable[Part], pieces: Sequence[_Piece], made_by: _MadeBy) -> Iterator[Gap]:
    """What records that count state otherwise than the boundary asks for it in their time."""
    for part in taken:
        last: Gap | None = None
        for piece in _both(part, part, pieces):
            lacking = _lacking(part, piece, made_by)
            if not lacking:
                continue
            gap = Gap(
                unit=part.unit,
                method=part.method,
                begin=max(part.begin, piece.begin),
                end=min(part.end, piece.end),
                sources=tuple(sorted(lacking)),
            )
            if last is not None and (last.end, last.sources) == (gap.begin, gap.sources):
                gap = replace(gap, begin=last.begin)
            elif last is not None:
                yield last
            last = gap
        if last is not None:
            yield last


def _lacking(part: Part, piece: _Piece, made_by: _MadeBy) -> frozenset[str]:
    """Sources that the boundary asks for in a piece, and the record does not state as it does."""
    asked = piece.sources.get(_key(part), {})
    stated = made_by[part.boundary_leaf].get(_key(part), {})
    return frozenset(name for name, meant in asked.items() if stated.get(name) != meant)


def _told(clashes: Iterable[_Clash], gaps: Sequence[Gap]) -> Iterator[Overlap]:
    """Those that left a gap; what a record has in common with a run of others is told once."""
    runs: dict[tuple[int, _Key, bool], list[Overlap]] = defaultdict(list)
    for each in sorted(clashes, key=lambda one: (one.part.index, one.begin, one.other.index)):
        if not each.counted and each.other.index < each.part.index:
            continue  # told by the other one
        if not any(_leaves(each, gap) for gap in gaps):
            continue
        run, mine = runs[each.part.index, _key(each.other), each.counted], _overlap(each)
        if run and mine.begin <= run[-1].end:
            last = run.pop()
            others = tuple(sorted({*last.others, *mine.others}))
            mine = replace(last, others=others, end=max(last.end, mine.end))
        run.append(mine)
    for run in runs.values():
        yield from run


def _leaves(clash: _Clash, gap: Gap) -> bool:
    """Whether a gap is one that leaving a record out left."""
    left_out = (clash.part,) if clash.counted else (clash.part, clash.other)
    return any(
        (gap.unit, gap.method) == _key(each) and gap.begin < each.end and each.begin < gap.end
        for each in left_out
    )


def _overlap(each: _Clash) -> Overlap:
    return Overlap(
        unit=each.part.unit,
        method=each.part.method,
        leaf=each.part.index,
        others=(each.other.index,),
        counted=each.counted,
        begin=each.begin,
        end=each.end,
        purposes=tuple(sorted(each.part.purposes & each.other.purposes)),
    )
