"""The register of emission sources of a boundary in a span (排放源清单)."""

from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.inventory.sources import SourceRow, source_rows
from trace_node.accounting.inventory.tiling import in_force_in
from trace_node.accounting.records.emission import Emission
from trace_node.ports.store import Store
from trace_node.services.inventory import InventoryRequest, boundary_versions, inventory_of
from trace_node.services.statement_types import parse_statement


def source_register(request: InventoryRequest, *, store: Store) -> tuple[SourceRow, ...]:
    """Every source of the boundary in the span, with its use of energy and its amount.

    A source without a record of its own is there too: it was identified and not accounted for.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
    """
    return register_of(inventory_of(request, store=store), request, store=store)


def register_of(
    found: Inventory, request: InventoryRequest, *, store: Store
) -> tuple[SourceRow, ...]:
    """The same of an inventory that is at hand."""
    with store.view() as view:
        versions = boundary_versions(request.organisation, request.boundary, view=view)
        bodies = view.footprints.bodies([part.index for part in found.parts])
    contents = {index: parse_statement(one.body).content for index, one in bodies.items()}
    emissions = {at: each for at, each in contents.items() if isinstance(each, Emission)}
    spans = in_force_in(list(versions.values()), request.span.begin, request.span.end)
    held = {each.version: each for _begin, _end, each in spans}
    rows = source_rows(found, held.values(), emissions)
    return tuple(each for each in rows if request.unit in {None, each.unit})
