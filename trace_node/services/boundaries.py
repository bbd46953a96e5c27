"""The versions of a boundary in the log."""

from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.ports.store import Store
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
