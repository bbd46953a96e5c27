"""The versions of a boundary in the log."""

from collections.abc import Mapping

from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.statement_leaves import leaves


def newest_boundary(organisation: str, name: str, *, store: Store) -> Boundary:
    """The version that was logged last.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
    """
    with store.view() as view:
        found = [each.content for each in leaves(view, BOUNDARY, topic=f"{organisation} {name}")]
    if not found:
        raise BoundaryNotFoundError(
            "{field}: {organisation} has no boundary {name} in this log",
            field="boundary",
            organisation=organisation,
            name=name[:64],
            remedy="log one with trace-node account boundary",
        )
    assert isinstance(found[-1], Boundary)  # noqa: S101 (by kind)
    return found[-1]


def entered_names(view: UnitOfWork, *, organisation: str) -> Mapping[str, frozenset[str]]:
    """What an organisation enters from documents: names of activity data, each with its sources.

    Of every version of its boundaries: a past year is that of an earlier one.
    """
    found: dict[str, frozenset[str]] = {}
    for leaf in leaves(view, BOUNDARY, organisation=organisation):
        assert isinstance(leaf.content, Boundary)  # noqa: S101 (by kind)
        for point in leaf.content.entries:
            found[point.name] = found.get(point.name, frozenset()) | {point.source}
    return found
