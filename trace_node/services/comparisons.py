"""The comparisons of measurements that stand beside the records of an inventory."""

from collections.abc import Sequence

from trace_node.accounting.inventory.compared import Compared, compared, unmeasured
from trace_node.accounting.inventory.inventory import Inventory, Part
from trace_node.accounting.records.measurement import MEASUREMENT, MeasurementRecord
from trace_node.accounting.records.measurement_plan import plan_topic
from trace_node.period import parse_period
from trace_node.ports.store import Store
from trace_node.services.inventory import InventoryRequest
from trace_node.services.measure import LoggedPlan, plans_of
from trace_node.services.statement_types import parse_statement


def comparisons_of(
    found: Inventory, request: InventoryRequest, *, store: Store
) -> tuple[Compared, ...]:
    """The newest comparison of each record, in the order of the records.

    A record without one is among them where its plan lets another approach than the calculation
    be the figure; else nothing is shown of it.
    """
    plans = {
        topic: plans_of(topic, store) for topic in {_topic(part, request) for part in found.parts}
    }
    rows = []
    for part in found.parts:
        topic = _topic(part, request)
        row = _made(part, topic, store) or _due(part, plans[topic])
        if row is not None:
            rows.append(row)
    return tuple(rows)


def _topic(part: Part, request: InventoryRequest) -> str:
    return plan_topic(request.organisation, request.boundary, part.unit, part.method)


def _made(part: Part, topic: str, store: Store) -> Compared | None:
    with store.view() as view:
        logged = view.statements.newest(MEASUREMENT, f"{topic} {part.period}")
        if logged is None:
            return None
        body = view.entries.bodies(logged.index, logged.index + 1)[0]
    record = parse_statement(body).content
    assert isinstance(record, MeasurementRecord)  # noqa: S101 (found by its type)
    return compared(part, logged.index, record)


def _due(part: Part, plans: Sequence[LoggedPlan]) -> Compared | None:
    period = parse_period(part.period)
    held = [(plan, link) for plan, link in plans if plan.holds_for(period)]
    return unmeasured(part, held[-1][1].index, held[-1][0]) if held else None
