"""What a record of uncertainty or measurement stands beside: leaves of the log that are that."""

from collections.abc import Iterator

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.records.emission import EMISSION
from trace_node.accounting.records.measurement import MEASUREMENT, MeasurementRecord
from trace_node.accounting.records.measurement_plan import MEASUREMENT_PLAN, plan_topic
from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.errors import ConflictError
from trace_node.ports.store import UnitOfWork
from trace_node.record.statement import Content


def require_beside(content: Content, work: UnitOfWork, *, before: int | None = None) -> None:
    """Require what such a record names to be in the log before it; other contents pass.

    Args:
        content: The statement.
        work: The log.
        before: Its leaf index, of one that is logged already.

    Raises:
        ConflictError: A leaf is another record than it says, or is not there yet.
    """
    for field, kind, topic, link in _named(content):
        found = work.statements.at(link.index)
        is_it = found is not None and (found.kind, found.topic, found.digest) == (
            kind,
            topic,
            link.digest,
        )
        if not is_it or not _is_before(link.index, before):
            raise _is_not(link.index, field, kind, topic)
    for index in content.training if isinstance(content, MeasurementRecord) else ():
        found = work.statements.at(index)
        if found is None or found.kind != MEASUREMENT or not _is_before(index, before):
            raise _is_not(index, "training", MEASUREMENT, content.topic)


def _is_before(index: int, before: int | None) -> bool:
    return before is None or index < before


def _is_not(index: int, field: str, kind: str, topic: str) -> ConflictError:
    return ConflictError(
        "{field}: leaf {index} is no {kind} of {topic}",
        field=field,
        index=index,
        kind=kind,
        topic=topic,
        remedy="name leaf and digest of the record that it stands beside",
        code="measured.beside",
    )


def _named(content: Content) -> Iterator[tuple[str, str, str, EvidenceLink]]:
    if isinstance(content, Uncertainty | MeasurementRecord):
        yield "emission", EMISSION, content.topic, content.emission
    if isinstance(content, MeasurementRecord):
        topic = plan_topic(content.organisation, content.boundary, content.unit, content.method)
        yield "plan", MEASUREMENT_PLAN, topic, content.plan
