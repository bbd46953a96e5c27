"""A boundary against itself: names, references, control, circles, and each meter counted once."""

from collections.abc import Iterable, Mapping
from typing import Final

from trace_node.accounting.activity.points import evaluation_order
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.boundary.parts import BoundaryParts
from trace_node.accounting.boundary.rule_form import RulePoint

_FREE_RULES: Final = frozenset({"multiply", "divide"})  # typical values and ratios


def points_of(boundary: BoundaryParts) -> list[tuple[str, str]]:
    """Name and source of every meter, laboratory value, entry and virtual point."""
    return [
        *((each.name, each.source) for each in boundary.meters),
        *((each.name, each.source) for each in boundary.laboratory),
        *((each.name, each.source) for each in boundary.entries),
        *((each.name, each.source) for each in boundary.rules),
    ]


def require_sound(boundary: BoundaryParts) -> None:
    """Require that the parts of a boundary fit each other.

    Raises:
        BoundaryError: They do not; the code tells how.
        ActivityError: Rules go round in a circle, or shares do not sum to exactly 1.
    """
    _require_order(boundary)
    _require_names(boundary)
    _require_references(boundary)
    _require_control(boundary)
    evaluation_order([each.virtual() for each in boundary.rules])
    _require_feeds(boundary)
    _require_counted_once(boundary)


def _require_order(boundary: BoundaryParts) -> None:
    if boundary.valid_to is not None and boundary.valid_to < boundary.valid_from:
        raise _refusal("valid_to", boundary.name, "is before valid_from", "boundary.validity")


def _require_names(boundary: BoundaryParts) -> None:
    lists: Mapping[str, list[str]] = {
        "places": [each.id for each in boundary.places],
        "units": [each.id for each in boundary.units],
        "industries": [f"{each.unit} {each.method}" for each in boundary.industries],
        "sources": [each.id for each in boundary.sources],
        "points": [name for name, _ in points_of(boundary)],
        "meters": [f"{each.device} {each.meter_register}" for each in boundary.meters],
    }
    for field, names in lists.items():
        seen: set[str] = set()
        for name in names:
            if name in seen:
                code = "boundary.double_counted" if field == "meters" else "boundary.name"
                raise _refusal(field, name, "is there twice", code)
            seen.add(name)


def _require_references(boundary: BoundaryParts) -> None:
    places = {each.id for each in boundary.places}
    units = {each.id for each in boundary.units}
    methods = {(each.unit, each.method) for each in boundary.industries}
    sources = {each.id for each in boundary.sources}
    points = {name for name, _ in points_of(boundary)}
    _require_known("places", ((each.id, each.place) for each in boundary.units), places)
    _require_known("units", ((each.method, each.unit) for each in boundary.industries), units)
    for source in boundary.sources:
        if (source.unit, source.method) not in methods:
            raise _refusal("method", source.id, "is not accounted by that method in that unit")
    _require_known("sources", points_of(boundary), sources)
    _require_known("sources", ((each.symbol, each.source) for each in boundary.feeds), sources)
    _require_known("points", ((r.name, one) for r in boundary.rules for one in r.inputs), points)
    weights = ((s.name, s.weights) for s in boundary.laboratory if s.weights is not None)
    _require_known("points", weights, points)
    named = ((each.symbol, each.point) for each in boundary.feeds if each.point is not None)
    _require_known("points", named, points)


def _require_known(field: str, pairs: Iterable[tuple[str, str]], known: set[str]) -> None:
    for user, name in pairs:
        if name not in known:
            raise _refusal(field, user, f"names {name}, which is not there", "boundary.reference")


def _require_control(boundary: BoundaryParts) -> None:
    controlled = {each.id for each in boundary.places if each.controlled}
    outside = {each.id for each in boundary.units if each.place not in controlled}
    for source in boundary.sources:
        if source.unit in outside and source.iso14064 <= 2:  # noqa: PLR2004 (direct and energy)
            raise _refusal(
                "controlled",
                source.id,
                "is at a place that is not under operational control",
                "boundary.control",
            )


def _require_feeds(boundary: BoundaryParts) -> None:
    seen: set[tuple[str, str]] = set()
    for feed in boundary.feeds:
        if (feed.point is None) == (feed.zero is None) or (feed.zero is None) != (
            feed.unit is None
        ):
            raise _refusal(
                "feeds",
                f"{feed.source} {feed.symbol}",
                "needs either a point, or zero with its reason and unit",
                "boundary.feed",
            )
        if (feed.source, feed.symbol) in seen:
            raise _refusal("feeds", f"{feed.source} {feed.symbol}", "is there twice")
        seen.add((feed.source, feed.symbol))


def _require_counted_once(boundary: BoundaryParts) -> None:
    """A value may enter one sum of a method once; shares and subtrahends are other uses."""
    require_once(_additive_uses(boundary))


def require_once(uses: Iterable[tuple[str, str, str]]) -> None:
    """Require that a value enters each sum once.

    Args:
        uses: Of each use the sum, such as a method or a purpose, the value, and who takes it.

    Raises:
        BoundaryError: It enters one twice; the code is ``boundary.double_counted``.
    """
    known: dict[tuple[str, str], str] = {}
    for into, point, user in uses:
        other = known.setdefault((into, point), user)
        if other != user:
            raise BoundaryError(
                "{field}: {point} is counted twice, by {one} and by {other}",
                field="feeds",
                point=point,
                one=other,
                other=user,
                remedy="apportion it, or subtract it from the one that holds it",
                code="boundary.double_counted",
            )


def _additive_uses(boundary: BoundaryParts) -> Iterable[tuple[str, str, str]]:
    method_of = {each.id: each.method for each in boundary.sources}
    of_kind = {each.name for each in boundary.laboratory}  # a content is no quantity to share
    for feed in boundary.feeds:
        if feed.point is not None and feed.point not in of_kind:
            yield method_of[feed.source], feed.point, f"{feed.source} {feed.symbol}"
    for rule in boundary.rules:
        for name in (each for each in _taken(rule) if each not in of_kind):
            yield method_of[rule.source], name, _user(rule)


def _taken(rule: RulePoint) -> tuple[str, ...]:
    if rule.rule in _FREE_RULES:
        return ()
    return rule.inputs[:1] if rule.rule == "subtract" else rule.inputs


def _user(rule: RulePoint) -> str:
    """Apportioning rules with the same shares are one user: together they give the whole."""
    if rule.rule == "apportion":
        return "shares " + ", ".join(f"{name} {share}" for name, share in rule.shares.items())
    return f"rule {rule.name}"


def _refusal(field: str, name: str, why: str, code: str = "boundary.name") -> BoundaryError:
    return BoundaryError(
        "{field}: {name} {why}",
        field=field,
        name=name[:100],
        why=why,
        remedy="see docs/spec/boundary.md",
        code=code,
    )
