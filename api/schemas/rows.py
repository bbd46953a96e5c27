"""From what the log holds to rows on the wire."""

from datetime import datetime, timedelta

from api.schemas.base import optional_decimal, optional_time, time_text
from api.schemas.evidence import AnchorRow, ConflictRow, FindingRow, KnowledgeRow
from api.schemas.readings import PointRow
from api.schemas.totals import CoverageRow, PeriodTotalRow
from trace_node.ids import to_base64url
from trace_node.metering.meter import MeterRegister
from trace_node.metering.period_total import PeriodTotal
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.finding import parse_finding
from trace_node.period import from_ms
from trace_node.ports.entries import Conflict, PendingFinding
from trace_node.ports.log_reader import Knowledge
from trace_node.ports.registry import EnrolledMeter
from trace_node.tlog.anchor import Anchor

_MILLISECOND = timedelta(milliseconds=1)


def point_row(enrolled: EnrolledMeter, item: MeterRegister, *, has_readings: bool) -> PointRow:
    """A meter register with its meter."""
    meter = enrolled.meter
    return PointRow(
        device=meter.device,
        device_kind=meter.kind,
        serial=meter.serial,
        meter_register=item.name,
        quantity=item.quantity,
        unit=item.unit,
        scale=item.scale,
        kind=item.kind,
        minimum=f"{item.minimum:f}",
        maximum=f"{item.maximum:f}",
        interval_s=item.interval_s,
        multiplier=f"{item.multiplier:f}",
        valid_from=time_text(meter.valid_from),
        registration_index=enrolled.index,
        has_readings=has_readings,
    )


def finding_row(pending: PendingFinding) -> FindingRow:
    """A finding, read from its own bytes."""
    finding = parse_finding(pending.body)
    return FindingRow(
        finding=finding.finding,
        device=finding.device,
        boot=to_base64url(finding.boot),
        seq_from=finding.seq_from,
        seq_to=finding.seq_to,
        subjects=finding.subjects,
        detail=dict(finding.detail),
        found_at=time_text(finding.found_at),
        index=pending.index,
        digest=to_base64url(record_digest(pending.body)),
        signed_by=finding.signed_by,
    )


def conflict_row(conflict: Conflict) -> ConflictRow:
    """A conflict with all its evidence."""
    return ConflictRow(
        kind=conflict.kind,
        device=conflict.device,
        boot=to_base64url(conflict.boot),
        seq=conflict.seq,
        known_index=conflict.known_index,
        received_at=time_text(conflict.received_at),
        leaf_hash=to_base64url(conflict.leaf_hash),
        body=to_base64url(conflict.body),
        context=to_base64url(conflict.context),
        delivery=to_base64url(conflict.delivery),
        position=conflict.position,
        path=tuple(to_base64url(digest) for digest in conflict.path),
    )


def knowledge_row(known: Knowledge, *, now: datetime, late_after: timedelta) -> KnowledgeRow:
    """The times of one entry; it stands out when its anchor came late or has yet to come."""
    block_time = None if known.anchor is None else from_ms(known.anchor.block_time * 1000)
    observed_at = known.observed_at
    age = None if observed_at is None else (block_time or now) - observed_at
    return KnowledgeRow(
        index=known.index,
        observed_at=optional_time(observed_at),
        collected_at=optional_time(known.collected_at),
        received_at=optional_time(known.received_at),
        checkpoint_size=known.checkpoint_size,
        sealed_at=optional_time(known.sealed_at),
        anchor=None if known.anchor is None else anchor_row(known.anchor),
        anchored_at=optional_time(known.anchored_at),
        received_lag_ms=_lag_ms(observed_at, known.received_at),
        anchored_lag_ms=_lag_ms(observed_at, block_time),
        stands_out=age is not None and age > late_after,
    )


def anchor_row(anchor: Anchor) -> AnchorRow:
    """An anchor as outside tools name it."""
    return AnchorRow(
        engine=anchor.engine,
        chain_id=anchor.chain_id,
        contract=f"0x{anchor.contract.hex()}",
        transaction=f"0x{anchor.transaction_hash.hex()}",
        block_number=anchor.block_number,
        block_time=time_text(from_ms(anchor.block_time * 1000)),
        size=anchor.head.size,
    )


def total_row(total: PeriodTotal, *, unit: str) -> PeriodTotalRow:
    """The total of one period."""
    coverage = total.coverage
    return PeriodTotalRow(
        period=total.period.name,
        begin=time_text(total.period.start),
        end=time_text(total.period.end),
        total=optional_decimal(total.total),
        unit=unit,
        minimum=optional_decimal(total.minimum),
        maximum=optional_decimal(total.maximum),
        least_step=optional_decimal(total.least_step),
        greatest_step=optional_decimal(total.greatest_step),
        sample_sum=f"{total.sample_sum:f}",
        samples=total.samples,
        coverage=None
        if coverage is None
        else CoverageRow(
            valid=coverage.valid,
            expected=coverage.expected,
            required=coverage.required,
            by=coverage.by,
            is_enough=coverage.is_enough,
        ),
        flags=tuple(sorted(total.flags)),
        is_complete=total.is_complete,
        rule=total.rule,
    )


def _lag_ms(begin: datetime | None, end: datetime | None) -> int | None:
    return None if begin is None or end is None else (end - begin) // _MILLISECOND
