"""What a statement of batches has to agree with before it is logged."""

from decimal import Decimal

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.arithmetic import total
from trace_node.accounting.errors import FactorNotFoundError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.genealogy import require_left, unknown_batch
from trace_node.accounting.footprint.line_check import require_line
from trace_node.accounting.footprint.stage_emission import StageEmission
from trace_node.accounting.footprint.supplier import SupplierFootprint
from trace_node.errors import AccessError
from trace_node.ports.footprints import KnownBatch, LeafBody
from trace_node.ports.store import UnitOfWork
from trace_node.record.statement import Content
from trace_node.services.footprint_activity import require_activities
from trace_node.services.footprint_emission import require_emission
from trace_node.services.footprint_once import require_counted_once
from trace_node.services.footprint_rows import links_of, stage_topic
from trace_node.services.footprint_supplies import require_sold
from trace_node.services.library import factor_library


def require_lineage(content: Content, work: UnitOfWork) -> None:
    """Require a statement to agree with the batches and leaves of the log.

    Raises:
        GenealogyError: It does not; the code tells which rule it breaks.
        BatchOwnerError: It uses a batch of another organisation.
    """
    if isinstance(content, BatchEvent):
        _require_event(content, work)
    elif isinstance(content, SupplierFootprint):
        _require_supply(content, work)
    elif isinstance(content, StageEmission):
        _require_factors(content, factor_library(work, organisation=content.organisation))
    links = links_of(content)
    bodies = work.footprints.bodies([each.index for each in links])
    for link in links:
        _require_leaf(link, bodies.get(link.index))
    if isinstance(content, StageEmission):
        require_activities(content, bodies)
        require_emission(content, bodies)
        require_counted_once(content, bodies, work)


class BatchOwnerError(AccessError):
    """The batch belongs to another organisation."""

    code = "access.batch"


def _require_event(event: BatchEvent, work: UnitOfWork) -> None:
    if work.statements.newest(event.TYPE, event.topic) is not None:
        raise GenealogyError(
            "{field}: the event {event} is logged already, and what it says is another",
            field="event",
            event=event.event,
            remedy="give the event a name of its own; a batch that was weighed wrong is reworked",
            code="footprint.event.twice",
        )
    made = work.footprints.batches([each.batch for each in event.outputs])
    if made:
        raise _twice(made[0].batch)
    names = [each.batch for each in event.inputs]
    known = {each.batch: each for each in work.footprints.batches(names)}
    used: dict[str, Decimal] = {}
    for use in work.footprints.uses(names):
        used[use.batch] = total((used.get(use.batch, Decimal(0)), use.mass))
    for part in event.inputs:
        batch = known.get(part.batch)
        if batch is None:
            raise unknown_batch(part.batch, event.event)
        _require_own(event, batch)
        now = total((used.get(part.batch, Decimal(0)), part.mass))
        require_left(part.batch, mass=batch.mass, used=now, event=event.event)
    _require_throughput(event, work)


def _require_own(event: BatchEvent, batch: KnownBatch) -> None:
    if batch.organisation != event.organisation:
        raise BatchOwnerError(
            "{field}: {batch} belongs to {owner}, not to {organisation}",
            field="inputs.batch",
            batch=batch.batch,
            owner=batch.organisation,
            organisation=event.organisation,
            remedy="let its owner deliver it, and countersign the hand-over",
        )


def _require_throughput(event: BatchEvent, work: UnitOfWork) -> None:
    topic, bound = stage_topic(event), event.throughput
    if topic is None or bound is None:
        return
    others = work.footprints.unit_uses(topic)
    if any(each.throughput != bound for each in others):
        raise GenealogyError(
            "{field}: {event} states {found} t of {topic}, another event {other} t",
            field="throughput",
            event=event.event,
            found=f"{bound:f}",
            topic=topic,
            other=f"{others[0].throughput:f}",
            remedy="state one throughput of the unit for all events of the period",
            code="footprint.throughput.differs",
        )
    together = total((event.mass_through, *(each.mass for each in others)))
    if together > bound:
        raise GenealogyError(
            "{field}: with {event}, {together} t went through {topic}, which had {bound} t",
            field="throughput",
            event=event.event,
            together=f"{together:f}",
            topic=topic,
            bound=f"{bound:f}",
            remedy="correct the mass, or the period that the event belongs to",
            code="footprint.throughput",
        )


def _require_supply(told: SupplierFootprint, work: UnitOfWork) -> None:
    for known in work.footprints.batches([told.batch]):
        first = work.statements.at(known.index)
        is_same = (known.product, known.mass) == (told.product, told.mass)
        if first is None or (first.kind, first.topic) != (told.TYPE, told.topic) or not is_same:
            raise _twice(told.batch)
    require_sold(told, work)


def _require_factors(emission: StageEmission, library: FactorLibrary) -> None:
    for line in emission.lines:
        if line.factor is None:
            continue
        try:
            row = library.by_digest(line.factor.digest)
        except FactorNotFoundError as error:
            raise GenealogyError(
                "{field}: {row} of {source} is not what this library holds",
                field="lines.factor",
                row=line.factor.row,
                source=line.source,
                remedy="take the row of the release that is in use",
                code="footprint.factor",
            ) from error
        require_line(line, row)


def _require_leaf(link: EvidenceLink, found: LeafBody | None) -> None:
    if found is None or found.leaf_hash != link.digest:
        raise GenealogyError(
            "{field}: leaf {index} has another digest, or is not there",
            field="links",
            index=link.index,
            remedy="name leaves of this log by the digest they were logged with",
            code="footprint.link",
        )


def _twice(batch: str) -> GenealogyError:
    return GenealogyError(
        "{field}: the batch {batch} is there already",
        field="outputs.batch",
        batch=batch,
        remedy="give the new batch a name of its own",
        code="footprint.batch.twice",
    )
