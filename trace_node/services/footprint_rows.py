"""The rows by which batches, and what rests on a leaf, are found."""

from collections.abc import Iterator

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.stage_emission import StageEmission
from trace_node.accounting.footprint.supplier import SupplierFootprint
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.gauge_readings import GaugeReadings
from trace_node.ports.footprints import BatchUse, Footprints, KnownBatch, LineageRows, UnitUse
from trace_node.record.statement import Content


def lineage_rows(content: Content, *, index: int) -> LineageRows | None:
    """The rows of a statement; None where it is not of batches or footprints."""
    if isinstance(content, BatchEvent):
        return LineageRows(
            made=tuple(_made(content, index)),
            uses=tuple(
                sorted(
                    (
                        BatchUse(batch=each.batch, index=index, mass=each.mass)
                        for each in content.inputs
                    ),
                    key=lambda use: use.batch,
                )
            ),
            unit=_unit(content, index),
            sources=_sources(content),
        )
    if isinstance(content, SupplierFootprint):
        return LineageRows(made=(_bought(content, index),))
    if isinstance(content, StageEmission | FootprintRecord):
        return LineageRows(sources=_sources(content))
    if isinstance(content, Emission):
        return LineageRows(sources=content.leaves)
    if isinstance(content, GaugeReadings):
        return LineageRows(sources=content.readings)
    return None


def has_lineage(footprints: Footprints, wanted: LineageRows, *, index: int) -> bool:
    """Whether the rows of a statement are there; a batch told of again keeps its first leaf."""
    found = footprints.at(index)
    names = [each.batch for each in wanted.made]
    known = [each for each in footprints.batches(names) if each.index <= index]
    made = {(each.batch, each.organisation, each.product, each.mass) for each in wanted.made}
    there = {(each.batch, each.organisation, each.product, each.mass) for each in known}
    alike = (found.uses, found.unit, found.sources) == (wanted.uses, wanted.unit, wanted.sources)
    return alike and made == there and set(found.made) <= set(wanted.made)


def links_of(content: Content) -> tuple[EvidenceLink, ...]:
    """The leaves that a statement of batches or footprints says it rests on."""
    if isinstance(content, BatchEvent):
        evidence = None if content.fuel is None else content.fuel.evidence
        return content.links if evidence is None else (*content.links, evidence)
    if isinstance(content, StageEmission):
        return tuple(link for line in content.lines for link in line.links)
    return content.links if isinstance(content, FootprintRecord) else ()


def stage_topic(event: BatchEvent) -> str | None:
    """Topic of the stage emission that an event shares in; None without one."""
    if event.stage is None or event.period is None:
        return None
    return f"{event.organisation} {event.unit} {event.stage.value} {event.period.name}"


def _sources(content: Content) -> tuple[int, ...]:
    return tuple(sorted({link.index for link in links_of(content)}))


def _made(event: BatchEvent, index: int) -> Iterator[KnownBatch]:
    owner = event.organisation if event.hand_over is None else event.hand_over.receiver
    for each in sorted(event.outputs, key=lambda one: one.batch):
        yield KnownBatch(
            batch=each.batch, index=index, organisation=owner, product=each.product, mass=each.mass
        )


def _bought(told: SupplierFootprint, index: int) -> KnownBatch:
    return KnownBatch(
        batch=told.batch,
        index=index,
        organisation=told.organisation,
        product=told.product,
        mass=told.mass,
    )


def _unit(event: BatchEvent, index: int) -> UnitUse | None:
    topic = stage_topic(event)
    if topic is None or event.throughput is None:
        return None
    return UnitUse(index=index, topic=topic, mass=event.mass_through, throughput=event.throughput)
