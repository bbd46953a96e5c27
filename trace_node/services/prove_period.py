"""Make a period bundle: what some devices reported in a period, with what shows it complete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from trace_node.errors import InputError, NotFoundError, StateError
from trace_node.metering.records.context import parse_context
from trace_node.ports.log_reader import LogReader
from trace_node.services.prove import Vouched, evidence_for
from trace_node.services.prove_period_parts import (
    DeliveryGroup,
    RelevantFinding,
    collectors_of,
    contexts_of,
    delivery_of_group,
    describe_devices,
    findings_about,
    group_by_delivery,
    history_of,
)
from trace_node.services.prove_segment import Segment, SegmentRecord, collect_segments
from trace_node.tlog.batch_proof import build_batch_proof
from trace_node.tlog.period_bundle import (
    MAX_RECORDS,
    LoggedRecord,
    PeriodBundle,
)
from trace_node.tlog.period_bundle_json import format_period_bundle

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_AHEAD = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRequest:
    """Which period of which devices.

    Attributes:
        begin: First instant.
        end: First instant after it.
        devices: Names of the devices; empty for every device of the organisation.
        organisation: Whose devices; ``None`` for that of the devices named.
        boundary: Name of the boundary that the devices were chosen by; ``None`` without one.
    """

    begin: datetime
    end: datetime
    devices: tuple[str, ...] = ()
    organisation: str | None = None
    boundary: str | None = None


def prove_period(
    request: PeriodRequest, *, reader: LogReader, vouched: Vouched | None = None
) -> bytes:
    """Make the bundle of a period.

    Args:
        request: Which period of which devices.
        reader: The log.
        vouched: See ``prove.evidence_for``.

    Returns:
        The file, ``period-proof@v1``. Its anchor is null while no anchor covers all of it.

    Raises:
        InputError: The period is empty, there is no such device, or the devices are of several
            organisations.
        NotFoundError: There is no reading in the period, or no registration of a collector is valid
            for its records.
        StateError: No checkpoint covers the records yet, or readings are still being taken in.
        TooLargeError: The file would be over its bound; choose a shorter period or fewer meters.
    """
    if request.begin >= request.end:
        raise InputError(
            "{field}: must be after from",
            field="to",
            remedy="name the first instant after the period",
            code="prove.period",
        )
    devices, organisation = _choose_devices(request, reader=reader)
    segments = collect_segments(devices, begin=request.begin, end=request.end, reader=reader)
    _require_records(segments, reader=reader)
    return format_period_bundle(
        _bundle_of(request, segments, organisation=organisation, reader=reader, vouched=vouched)
    )


def _bundle_of(
    request: PeriodRequest,
    segments: Mapping[str, Segment],
    *,
    organisation: str,
    reader: LogReader,
    vouched: Vouched | None,
) -> PeriodBundle:
    """Put the records and everything that speaks for them together."""
    scope = _scope_of(request)
    records = _records_of(segments)
    groups = group_by_delivery(records, reader=reader)
    found = findings_about(segments, reader=reader)
    last = _last_needed(records, groups, found)
    checkpoint, anchor = evidence_for(last, reader=reader, vouched=vouched)
    bundle = PeriodBundle(
        hash_name=reader.identity.hash_name,
        organisation=organisation,
        scope=scope,
        scope_name=request.boundary or (organisation if scope == "organisation" else ""),
        begin=request.begin,
        end=request.end,
        devices=describe_devices(segments, begin=request.begin, end=request.end, reader=reader),
        collectors=collectors_of(groups, reader=reader),
        contexts=contexts_of(groups, organisation=organisation, reader=reader),
        deliveries=tuple(delivery_of_group(group, reader=reader) for group in groups),
        findings=tuple(
            LoggedRecord(index=item.index, body=item.body)
            for item in found
            if item.index < checkpoint.size
        ),
        proof=(),
        checkpoint=checkpoint.note.decode(),
        anchor=anchor,
        history=history_of(records, anchor=anchor, reader=reader),
    )
    proof = build_batch_proof(
        indexes=[index for index, _ in bundle.leaves()],
        size=checkpoint.size,
        reader=reader.subtrees(),
    )
    return replace(bundle, proof=tuple(proof))


def _last_needed(
    records: Iterable[int], groups: Iterable[DeliveryGroup], found: Iterable[RelevantFinding]
) -> int:
    """The largest leaf index that the checkpoint must cover."""
    needed = [*records, *(item.index for item in found if item.is_about_chain)]
    for group in groups:
        needed += (group.delivery.index, group.delivery.received_index)
    return max(needed)


def _records_of(segments: Mapping[str, Segment]) -> dict[int, SegmentRecord]:
    """All records by leaf index."""
    records = {
        item.entry.index: item for segment in segments.values() for item in segment.records()
    }
    if len(records) > MAX_RECORDS:
        raise InputError(
            "{field}: {count} records; a period bundle holds at most {most}",
            field="to",
            count=len(records),
            most=MAX_RECORDS,
            remedy="choose a shorter period or fewer meters",
            code="prove.period_too_long",
        )
    return records


def _choose_devices(request: PeriodRequest, *, reader: LogReader) -> tuple[tuple[str, ...], str]:
    known = sorted({point.device for point in reader.points()})
    unknown = sorted(set(request.devices) - set(known))
    if unknown:
        raise InputError(
            "{field}: the log has no readings of {devices}",
            field="meters",
            devices=", ".join(unknown[:8]),
            remedy="name meters that have readings, or none for all of them",
            code="prove.unknown_device",
        )
    owners = {
        device: _organisation_of(device, reader=reader) for device in request.devices or known
    }
    organisation = request.organisation or next(iter(owners.values()), "")
    chosen = tuple(sorted(device for device, owner in owners.items() if owner == organisation))
    if not chosen or (request.devices and len(chosen) != len(set(request.devices))):
        raise InputError(
            "{field}: these meters are not all of {organisation}",
            field="meters",
            organisation=organisation or "-",
            remedy="make one bundle for each organisation",
            code="prove.organisation",
        )
    return chosen, organisation


def _organisation_of(device: str, *, reader: LogReader) -> str:
    """The organisation in the context of the device's first reading."""
    for point in reader.points(device=device):
        for reading in reader.readings(point.point_id, begin=_LONG_AGO, end=_FAR_AHEAD, limit=1):
            provenance = reader.delivery_of(reading.index)
            if provenance is not None:
                context = reader.entry(provenance.delivery.context_index)
                return parse_context(context.body).organisation
    return ""


def _require_records(segments: Mapping[str, Segment], *, reader: LogReader) -> None:
    empty = [device for device, segment in segments.items() if not segment.records()]
    if empty and any(lag.entries for lag in reader.lags()):
        raise StateError(
            "readings that were received are still being taken in; none of {devices} yet",
            devices=", ".join(empty[:8]),
            remedy="try again in a moment",
            code="prove.projection_lag",
        )
    if len(empty) == len(segments):
        raise NotFoundError(
            "no reading of {devices} is for an instant in the period",
            devices=", ".join(empty[:8]),
            remedy="compare the period with the readings; the end is not part of it",
            code="prove.no_reading",
        )


def _scope_of(request: PeriodRequest) -> str:
    if request.boundary is not None:
        return "boundary"
    return "meters" if request.devices else "organisation"
