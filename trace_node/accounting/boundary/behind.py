"""Which activity data stand behind some of a boundary, by its rules."""

from collections.abc import Iterable

from trace_node.accounting.boundary.parts import BoundaryParts


def points_behind(boundary: BoundaryParts, names: Iterable[str]) -> frozenset[str]:
    """The named activity data and all that rules make them of, however far."""
    rules = {each.name: each for each in boundary.rules}
    waiting = list(names)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += rules[name].inputs if name in rules else ()
    return frozenset(found)
