"""The comparisons of measurements that stand beside the records of an inventory."""

from trace_node.accounting.inventory.compared import Compared, compared
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.records.measurement import MEASUREMENT, MeasurementRecord
from trace_node.accounting.records.measurement_plan import plan_topic
from trace_node.ports.store import Store
from trace_node.services.inventory import InventoryRequest
from trace_node.services.statement_types import parse_statement


def comparisons_of(
    found: Inventory, request: InventoryRequest, *, store: Store
) -> tuple[Compared, ...]:
    """The newest comparison of each record, in the order of the records; none where none is."""
    rows = []
    with store.view() as view:
        for part in found.parts:
            topic = plan_topic(request.organisation, request.boundary, part.unit, part.method)
            logged = view.statements.newest(MEASUREMENT, f"{topic} {part.period}")
            if logged is None:
                continue
            body = view.entries.bodies(logged.index, logged.index + 1)[0]
            record = parse_statement(body).content
            assert isinstance(record, MeasurementRecord)  # noqa: S101 (found by its type)
            rows.append(compared(part, logged.index, record))
    return tuple(rows)
