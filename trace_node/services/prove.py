"""Make the proof bundle of one entry, from what the log holds.

Everything in a bundle is public evidence except the readings themselves; who may get it is decided
where it is handed out.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NoReturn

from trace_node.errors import InputError, NotFoundError, StateError
from trace_node.metering.records.chained import read_chained
from trace_node.metering.records.context import parse_context
from trace_node.ports.entries import OPAQUE, LoggedDelivery, StoredCheckpoint, StoredEntry
from trace_node.ports.log_reader import LogReader, Provenance
from trace_node.ports.registry import key_at
from trace_node.services.verify_delivery import instant_of
from trace_node.tlog import proof
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.bundle import DeliveryEvidence, ProofBundle, format_bundle
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tlog_proof import TlogProof
from trace_node.tlog.tree import MemoryTree

MAX_AT_ONE_INSTANT = 2
MAX_ANCHORS_TRIED = 64

Vouched = Callable[[bytes], bool]
"""Whether a checkpoint, given as its note, has the cosignatures that verifiers will demand."""


def prove_entry(index: int, *, reader: LogReader, vouched: Vouched | None = None) -> bytes:
    """Make the bundle of the entry at ``index``.

    Args:
        index: Leaf index of a reading or an event.
        reader: The log.
        vouched: See ``evidence_for``.

    Returns:
        The file, ``carbon-proof@v1``. Its anchor is null while no anchor covers the entry.

    Raises:
        NotFoundError: The log has no such entry, or the entry is no record that was delivered.
        StateError: No checkpoint covers it yet; code ``prove.not_sealed``.
        TooLargeError: The file would be over its bound.
    """
    return format_bundle(bundle_of(reader.entry(index), reader=reader, vouched=vouched))


def bundle_of(
    entry: StoredEntry, *, reader: LogReader, vouched: Vouched | None = None
) -> ProofBundle:
    """Collect the evidence for one entry.

    Raises:
        NotFoundError: It is no record that was delivered.
        StateError: No checkpoint covers it yet.
    """
    provenance = _provenance(entry, reader=reader)
    checkpoint, anchor = evidence_for(entry.index, reader=reader, vouched=vouched)
    log_proof = TlogProof(
        index=entry.index,
        hashes=tuple(
            proof.inclusion(index=entry.index, size=checkpoint.size, reader=reader.subtrees())
        ),
        checkpoint=checkpoint.note,
    )
    delivery = provenance.delivery
    batch = MemoryTree(hasher=SM3, leaf_hashes=delivered_hashes(delivery, reader=reader))
    collected_at = instant_of(read_chained(entry.body).collected_at_ms)
    return ProofBundle(
        hash_name=reader.identity.hash_name,
        leaf=entry.body,
        leaf_index=entry.index,
        context=reader.entry(delivery.context_index).body,
        delivery=DeliveryEvidence(
            record=reader.entry(delivery.index).body,
            index=provenance.position,
            path=tuple(batch.inclusion(index=provenance.position)),
        ),
        collector=registration_of(delivery, at=collected_at, reader=reader),
        log_proof=log_proof.format().decode(),
        anchor=anchor,
    )


def prove_record(*, device: str, boot: bytes, seq: int, reader: LogReader) -> bytes:
    """Make the bundle of a record by its place in the device chain.

    Raises:
        NotFoundError: It is not logged.
        StateError: No checkpoint covers it yet.
    """
    return prove_entry(reader.record(device=device, boot=boot, seq=seq).index, reader=reader)


def find_reading(
    *, device: str, meter_register: str, observed_at: datetime, reader: LogReader
) -> int:
    """The leaf index of the reading of a meter register at an instant.

    Raises:
        NotFoundError: There is none.
        InputError: There are several; name one by its index.
    """
    points = [
        point for point in reader.points(device=device) if point.meter_register == meter_register
    ]
    end = observed_at + timedelta(milliseconds=1)
    found = [
        reading.index
        for point in points
        for reading in reader.readings(
            point.point_id, begin=observed_at, end=end, limit=MAX_AT_ONE_INSTANT
        )
    ]
    if not found:
        raise NotFoundError(
            "no reading of {device} {meter_register} at {observed_at}",
            device=device,
            meter_register=meter_register,
            observed_at=observed_at.isoformat(),
            remedy="give the exact instant, with milliseconds and time zone",
            code="prove.no_reading",
        )
    if len(found) > 1:
        raise InputError(
            "{field}: there are several readings at that instant: leaves {indexes}",
            field="observed_at",
            indexes=", ".join(str(index) for index in sorted(found)),
            remedy="name one by its leaf index",
            code="prove.ambiguous",
        )
    return found[0]


def evidence_for(
    index: int, *, reader: LogReader, vouched: Vouched | None = None
) -> tuple[StoredCheckpoint, Anchor | None]:
    """The checkpoint that fixes an entry: the first anchored one, else the newest.

    Witnesses may have been away when that one was made, and they never cosign it later. So of the
    anchored ones the first that is vouched for is taken, else the newest if that one is; only where
    none is, the first anchored one.

    Args:
        index: The largest leaf index that it must cover.
        reader: The log.
        vouched: Tells checkpoints that verifiers will accept; ``None`` for all.

    Raises:
        StateError: No checkpoint covers it yet.
    """
    first = None
    for found in _anchored(index, reader=reader):
        if _holds(vouched, found[0]):
            return found
        first = first or found
    newest = reader.checkpoint()
    if newest is not None and newest.size > index and (first is None or _holds(vouched, newest)):
        return newest, None
    if first is not None:
        return first
    raise StateError(
        "leaf {index} is not covered by a checkpoint yet",
        index=index,
        remedy="seal the log, or wait for the next checkpoint",
        code="prove.not_sealed",
    )


def _holds(vouched: Vouched | None, checkpoint: StoredCheckpoint) -> bool:
    return vouched is None or vouched(checkpoint.note)


def _anchored(index: int, *, reader: LogReader) -> Iterator[tuple[StoredCheckpoint, Anchor]]:
    """The anchored checkpoints that cover an entry, smallest first, a bounded number of them."""
    size = index + 1
    for _ in range(MAX_ANCHORS_TRIED):
        anchor = reader.anchor_covering(size)
        if anchor is None:
            return
        checkpoint = reader.checkpoint_of(anchor.head.size)
        if checkpoint is not None:
            yield checkpoint, anchor
        size = anchor.head.size + 1


def delivered_hashes(delivery: LoggedDelivery, *, reader: LogReader) -> list[bytes]:
    """SM3 leaf hashes of a delivery's records in its own order, whatever the hash of the log."""
    if reader.identity.hash_name == SM3.name:
        return list(reader.delivered_hashes(delivery))
    bodies = [
        entry.body
        for span in delivery.spans
        for entry in reader.entries(span.first_index, span.first_index + span.count)
    ]
    return SM3.leaves(bodies)


def registration_of(delivery: LoggedDelivery, *, at: datetime, reader: LogReader) -> bytes:
    """The registration by which the delivery's collector could sign what was collected then.

    What another key collected, whose place it took, it answers for when it delivers: by a
    registration that names that key, and was logged by then.

    Raises:
        NotFoundError: The log holds none.
    """
    context = parse_context(reader.entry(delivery.context_index).body)
    if context.collector == delivery.collector:
        key = reader.enrolled_key(delivery.collector, usage="collector", at=at)
    else:
        at = delivery.received_at
        known = (
            each
            for each in reader.enrolled_keys()
            if each.index < delivery.index and each.speaks_for(context.collector)
        )
        key = key_at(known, key_id=delivery.collector, usage="collector", at=at)
    if key is None:
        raise NotFoundError(
            "no registration of the collector {collector} is valid at {at}",
            collector=delivery.collector,
            at=at.isoformat(),
            remedy="register the collector's key for that time",
            code="prove.no_registration",
        )
    return reader.entry(key.index).body


def _provenance(entry: StoredEntry, *, reader: LogReader) -> Provenance:
    if entry.kind == OPAQUE or entry.stream_id is None:
        _refuse(entry)
    provenance = reader.delivery_of(entry.index)
    if provenance is None:
        _refuse(entry)
    return provenance


def _refuse(entry: StoredEntry) -> NoReturn:
    raise NotFoundError(
        "leaf {index} is of type {kind}: no collector delivered it",
        index=entry.index,
        kind=entry.kind,
        remedy="name a reading or an event",
        code="prove.not_delivered",
    )
