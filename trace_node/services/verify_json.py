"""A verification report in JSON, as ``trace-node verify -o json`` writes it.

The form is described in docs/spec/verdict.md.
"""

from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.ids import to_base64url
from trace_node.metering.records.chained import ChainedRecord
from trace_node.services.verify import Report
from trace_node.services.verify_delivery import instant_of
from trace_node.services.verify_proof import ProofReport
from trace_node.tlog.anchor_evidence import anchor_to_json
from trace_node.tlog.json_fields import instant_text


def report_to_json(report: Report) -> JsonObject:
    """The verdict, and what the file says as far as it could be read.

    What it says is worth what the verdict says: read ``outcome`` first.
    """
    written: JsonObject = report.verdict.to_json()
    written["file_digest"] = (
        None if report.file_digest is None else to_base64url(report.file_digest)
    )
    written["trust_root"] = _trust_root(report)
    written["log"] = _log(report)
    anchor = None if report.bundle is None else report.bundle.anchor
    written["anchor"] = None if anchor is None else anchor_to_json(anchor)
    written["live"] = _live(report)
    if isinstance(report, ProofReport):
        written["record"] = _record(report)
    elif report.kind == "emission":
        written["emission"] = report.own_json()
    elif report.kind == "statements":
        written["statements"] = report.own_json()
    else:
        from trace_node.services.verify_period_json import (  # noqa: PLC0415 (see ``verify``)
            period_to_json,
        )

        written["period"] = period_to_json(report)
    return written


def value_text(record: ChainedRecord) -> str | None:
    """The value of a reading as the record writes it; ``None`` when it has none."""
    if record.value_scaled is None:
        return None
    digits = f"{abs(record.value_scaled):0{record.scale + 1}d}"
    sign = "-" if record.value_scaled < 0 else ""
    if not record.scale:
        return sign + digits
    return f"{sign}{digits[: -record.scale]}.{digits[-record.scale :]}"


def _trust_root(report: Report) -> JsonValue:
    signed = report.log.signed
    if signed is None:
        return None
    return {
        "fingerprint": signed.fingerprint,
        "owner": signed.root.owner.name,
        "version": signed.root.version,
        "expires_at": instant_text(signed.root.expires_at),
    }


def _log(report: Report) -> JsonValue:
    checkpoint = report.log.checkpoint
    if checkpoint is None:
        return None
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": to_base64url(checkpoint.root),
        "witnessed_at": report.log.witnessed_at,
    }


def _live(report: Report) -> JsonValue:
    live = report.live
    if live is None:
        return None
    return {
        "endpoint": live.endpoint,
        "block_time": live.block_time,
        "confirmations": live.confirmations,
        "checks": [
            {
                "name": check.name,
                "outcome": check.outcome.value,
                "reason": check.reason,
                "expected": check.expected,
                "found": check.found,
            }
            for check in live.checks
        ],
    }


def _record(report: ProofReport) -> JsonValue:
    record, bundle = report.record, report.bundle
    if record is None or bundle is None:
        return None
    return {
        "leaf_index": bundle.leaf_index,
        "type": record.type,
        "organisation": None if report.context is None else report.context.organisation,
        "collector": None if report.collector is None else report.collector.subject,
        "device": record.device,
        "meter_register": record.meter_register,
        "value": value_text(record),
        "unit": record.unit,
        "reason": record.reason,
        "event": record.event,
        "observed_at": instant_text(instant_of(record.observed_at_ms)),
        "observed_by": record.observed_by,
        "collected_at": instant_text(instant_of(record.collected_at_ms)),
        "origin": record.origin,
        "clock": record.clock,
        "boot": to_base64url(record.boot),
        "seq": record.seq,
    }
