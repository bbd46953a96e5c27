"""The parts of a period bundle, each collected from what the log holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from trace_node.errors import InputError, NotFoundError
from trace_node.metering.device_chain import PREV_MISMATCH, SEQ_GAP
from trace_node.metering.records.context import parse_context
from trace_node.metering.records.finding import parse_finding
from trace_node.ports.entries import LoggedDelivery
from trace_node.ports.log_reader import LogReader
from trace_node.services.prove import delivered_hashes, registration_of
from trace_node.services.prove_segment import Segment, SegmentRecord
from trace_node.services.verify_delivery import instant_of
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.batch_proof import build_batch_proof
from trace_node.tlog.hasher import SM3
from trace_node.tlog.period_bundle import (
    MAX_FINDINGS,
    MAX_HISTORY,
    AnchoredCheckpoint,
    DeliveredRecord,
    LoggedRecord,
    PeriodDelivery,
    PeriodDevice,
)
from trace_node.tlog.tree import MemoryTree


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryGroup:
    """A delivery and those of its records that belong into the bundle.

    Attributes:
        delivery: The delivery.
        records: The records by place in it.
    """

    delivery: LoggedDelivery
    records: Mapping[int, SegmentRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevantFinding:
    """A finding about records of the bundle.

    Attributes:
        index: Leaf index.
        body: Exact bytes.
        is_about_chain: A verifier needs it to understand a gap or a broken link.
    """

    index: int
    body: bytes
    is_about_chain: bool


def group_by_delivery(
    records: Mapping[int, SegmentRecord], *, reader: LogReader
) -> tuple[DeliveryGroup, ...]:
    """The records by the delivery that brought them, deliveries in the order of the log.

    Raises:
        NotFoundError: No delivery brought one of them.
    """
    groups: list[DeliveryGroup] = []
    waiting = sorted(records)
    place = 0
    while place < len(waiting):
        provenance = reader.delivery_of(waiting[place])
        if provenance is None:
            raise NotFoundError(
                "leaf {index}: no delivery brought it", index=waiting[place], code="log.no_delivery"
            )
        mine: dict[int, SegmentRecord] = {}
        position = 0
        for span in provenance.delivery.spans:
            for index in range(span.first_index, span.first_index + span.count):
                if span.fresh and index in records:
                    mine[position] = records[index]
                position += 1
        groups.append(DeliveryGroup(delivery=provenance.delivery, records=mine))
        taken = {item.entry.index for item in mine.values()}
        while place < len(waiting) and waiting[place] in taken:
            place += 1
    return tuple(sorted(groups, key=lambda group: group.delivery.index))


def delivery_of_group(group: DeliveryGroup, *, reader: LogReader) -> PeriodDelivery:
    """The delivery as the bundle carries it."""
    delivery = group.delivery
    batch = MemoryTree(hasher=SM3, leaf_hashes=delivered_hashes(delivery, reader=reader))
    positions = sorted(group.records)
    return PeriodDelivery(
        record=LoggedRecord(index=delivery.index, body=reader.entry(delivery.index).body),
        received=LoggedRecord(
            index=delivery.received_index, body=reader.entry(delivery.received_index).body
        ),
        records=tuple(
            DeliveredRecord(
                index=group.records[position].entry.index,
                position=position,
                body=group.records[position].entry.body,
            )
            for position in positions
        ),
        path=tuple(build_batch_proof(indexes=positions, size=batch.size, reader=batch)),
    )


def collectors_of(groups: Iterable[DeliveryGroup], *, reader: LogReader) -> tuple[bytes, ...]:
    """The registrations of the collectors that were valid when the records were made.

    Raises:
        NotFoundError: The log holds none for one of them.
    """
    found: set[bytes] = set()
    for group in groups:
        instants = {instant_of(item.record.collected_at_ms) for item in group.records.values()}
        for at in (min(instants), max(instants)):
            found.add(registration_of(group.delivery, at=at, reader=reader))
    return tuple(sorted(found))


def contexts_of(
    groups: Iterable[DeliveryGroup], *, organisation: str, reader: LogReader
) -> tuple[bytes, ...]:
    """The contexts that the deliveries name, each once.

    Raises:
        InputError: One is of another organisation.
    """
    indexes = {group.delivery.context_index for group in groups}
    contexts = sorted(reader.entry(index).body for index in indexes)
    for raw in contexts:
        if parse_context(raw).organisation != organisation:
            raise InputError(
                "{field}: the meters changed from one organisation to another in this period",
                field="organisation",
                remedy="make one bundle for each organisation and its part of the period",
                code="prove.organisation",
            )
    return tuple(contexts)


def findings_about(
    segments: Mapping[str, Segment], *, reader: LogReader
) -> tuple[RelevantFinding, ...]:
    """The logged findings about records of the stretches, leaf index ascending."""
    found: dict[int, RelevantFinding] = {}
    for device, segment in segments.items():
        spans = segment.spans()
        for pending in reader.findings(device=device, limit=MAX_FINDINGS):
            finding = parse_finding(pending.body)
            first, last = spans.get(finding.boot, (1, 0))
            if pending.index is None or finding.seq_to < first or finding.seq_from > last:
                continue
            found[pending.index] = RelevantFinding(
                index=pending.index,
                body=pending.body,
                is_about_chain=pending.code in (SEQ_GAP, PREV_MISMATCH),
            )
    return tuple(found[index] for index in sorted(found)[:MAX_FINDINGS])


def history_of(
    records: Iterable[int], *, anchor: Anchor | None, reader: LogReader
) -> tuple[AnchoredCheckpoint, ...]:
    """The anchors that first covered the records, but for the bundle's own.

    Raises:
        InputError: There are more than a bundle holds.
    """
    history: list[AnchoredCheckpoint] = []
    covered = 0
    for index in sorted(records):
        if index < covered or anchor is None:
            continue
        first = reader.anchor_covering(index + 1)
        if first is None or first.head.size >= anchor.head.size:
            break
        covered = first.head.size
        checkpoint = reader.checkpoint_of(covered)
        if checkpoint is not None:
            history.append(AnchoredCheckpoint(checkpoint=checkpoint.note.decode(), anchor=first))
    if len(history) > MAX_HISTORY:
        raise InputError(
            "{field}: the period was anchored more than {most} times",
            field="to",
            most=MAX_HISTORY,
            remedy="choose a shorter period",
            code="prove.period_too_long",
        )
    return tuple(history)


def describe_devices(
    segments: Mapping[str, Segment], *, begin: datetime, end: datetime, reader: LogReader
) -> tuple[PeriodDevice, ...]:
    """The devices with their registrations in force, names ascending."""
    registrations: dict[str, list[tuple[datetime, int]]] = {}
    for enrolled in reader.enrolled_meters():
        if enrolled.meter.valid_from < end:
            registrations.setdefault(enrolled.meter.device, []).append(
                (enrolled.meter.valid_from, enrolled.index)
            )
    return tuple(
        PeriodDevice(
            name=device,
            registration=_in_force(registrations.get(device, []), at=begin, reader=reader),
        )
        for device in sorted(segments)
    )


def _in_force(
    registrations: Sequence[tuple[datetime, int]], *, at: datetime, reader: LogReader
) -> bytes | None:
    """The newest registration valid at an instant, else the first that became so."""
    valid = [item for item in registrations if item[0] <= at]
    chosen = max(valid) if valid else min(registrations, default=None)
    return None if chosen is None else reader.entry(chosen[1]).body
