"""The comparisons of measurements that stand beside the records of an inventory."""

from collections.abc import Sequence

from trace_node.accounting.inventory.compared import Compared, compared, replanned, unmeasured
from trace_node.accounting.inventory.inventory import Inventory, Part
from trace_node.accounting.records.emission import EMISSION
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
    be the figure, or did so before it was changed afterwards; else nothing is shown of it.
    """
    topics = {part.index: _topic(part, request) for part in found.parts}
    plans = {topic: plans_of(topic, store) for topic in set(topics.values())}
    rows = []
    for part in found.parts:
        topic = topics[part.index]
        row = _row(part, topic, plans[topic], store)
        if row is not None and (row.record is not None or row.findings):
            rows.append(row)
    return tuple(rows)


def _topic(part: Part, request: InventoryRequest) -> str:
    return plan_topic(request.organisation, request.boundary, part.unit, part.method)


def _row(part: Part, topic: str, plans: Sequence[LoggedPlan], store: Store) -> Compared | None:
    period = parse_period(part.period)
    held = [each for each in plans if each.plan.holds_for(period)]
    row = _made(part, topic, store)
    if not held:
        return row
    last = held[-1]
    row = row or unmeasured(part, last.link.index, last.plan)
    first_record = _first_record(f"{topic} {part.period}", store)
    in_time = [
        each for each in held if each.stated_at < period.end and each.link.index < first_record
    ]
    if not in_time or in_time[-1] is last:
        return row
    before = in_time[-1]
    return replanned(row, (before.link.index, before.plan), (last.link.index, last.plan))


def _first_record(topic: str, store: Store) -> int:
    """Leaf of the first emission record of a period."""
    with store.view() as view:
        (first,) = view.statements.find(EMISSION, topic=topic, limit=1)
    return first.index


def _made(part: Part, topic: str, store: Store) -> Compared | None:
    with store.view() as view:
        logged = view.statements.newest(MEASUREMENT, f"{topic} {part.period}")
        if logged is None:
            return None
        body = view.entries.bodies(logged.index, logged.index + 1)[0]
    record = parse_statement(body).content
    assert isinstance(record, MeasurementRecord)  # noqa: S101 (found by its type)
    return compared(part, logged.index, record)
