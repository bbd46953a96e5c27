"""Which records of a delivery does the log have already, and does it have others in their place?"""

from collections.abc import Mapping, Sequence

from trace_node.ports.entries import KnownRecord
from trace_node.services.conflict_evidence import Clash
from trace_node.services.delivery_check import CheckedDelivery
from trace_node.services.ingest_errors import CollectorKeyError, DeliveryError
from trace_node.services.log_tail import Batch, Stream

Places = Mapping[int, int]
"""Leaf index by position in the delivery, for the records that are known."""


def find_places(checked: CheckedDelivery, batch: Batch) -> tuple[Places, Sequence[Clash]]:
    """Where the known records of a delivery are, and which of its records clash with others.

    A stream whose head lies before the delivery's records, the usual case, costs no look at the
    entries.

    Raises:
        CollectorKeyError: A stream belongs to another collector.
        DeliveryError: The same record comes twice in the delivery.
    """
    columns = checked.columns
    oldest = columns.oldest()
    streams = {device: batch.stream(device, checked.context.boot) for device in oldest}
    if not columns.has_repeats() and all(
        _is_ahead(streams[device], seq, checked) for device, seq in oldest.items()
    ):
        return {}, []
    by_device: dict[str, list[int]] = {device: [] for device in oldest}
    for position, device in enumerate(columns.devices):
        by_device[device].append(position)
    places: dict[int, int] = {}
    clashes: list[Clash] = []
    for device, positions in by_device.items():
        _require_own(streams[device], checked)
        seqs = [columns.seqs[position] for position in positions]
        known = _known(batch, streams[device], seqs)
        if known or len(set(seqs)) < len(seqs):
            clashes += _compare(checked, positions, known, places)
    clashes.sort(key=lambda clash: clash.position)
    return places, clashes


def _is_ahead(stream: Stream | None, seq: int, checked: CheckedDelivery) -> bool:
    """Whether the number ``seq`` and those after it are new to a stream of this collector."""
    return stream is None or (stream.collector == checked.context.collector and stream.seq < seq)


def _known(batch: Batch, stream: Stream | None, seqs: Sequence[int]) -> dict[int, KnownRecord]:
    """What is logged at the numbers ``seqs``, by number."""
    reached = [] if stream is None else [seq for seq in seqs if seq <= stream.seq]
    if stream is None or not reached:
        return {}
    return {record.seq: record for record in batch.known(stream, reached)}


def _compare(
    checked: CheckedDelivery,
    positions: Sequence[int],
    known: Mapping[int, KnownRecord],
    places: dict[int, int],
) -> list[Clash]:
    """Fill in the places of the known records of one device; return those with other content."""
    clashes: list[Clash] = []
    came: dict[int, bytes] = {}
    for position in positions:
        seq = checked.columns.seqs[position]
        digest, logged = checked.leaf_hashes[position], known.get(seq)
        before = came.get(seq)
        if before == digest:
            raise _twice(checked, position)
        if logged is not None and logged.leaf_hash == digest:
            places[position] = logged.index
        elif logged is not None or before is not None:
            clashes.append(Clash(position=position, known=logged))
        came.setdefault(seq, digest)
    return clashes


def _require_own(stream: Stream | None, checked: CheckedDelivery) -> None:
    if stream is not None and stream.collector != checked.context.collector:
        raise CollectorKeyError(
            "{field}: this run of {device} belongs to the collector {owner}",
            field="collector",
            device=stream.device,
            owner=stream.collector,
            remedy="take a new boot id when the collector's key changes",
            code="ingest.stream",
        )


def _twice(checked: CheckedDelivery, position: int) -> DeliveryError:
    return DeliveryError(
        "{field}: record {seq} of {device} comes twice in the delivery",
        field="seq",
        seq=checked.columns.seqs[position],
        device=checked.columns.devices[position],
        remedy="deliver each record once",
        code="ingest.twice",
    )
