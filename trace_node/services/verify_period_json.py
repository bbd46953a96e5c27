"""The part of a verification report in JSON that only a period bundle has."""

from trace_node.canonical_json import JsonValue
from trace_node.ids import to_base64url
from trace_node.services.period_report import DeviceCompleteness
from trace_node.services.verify_period import PeriodReport
from trace_node.tlog.json_fields import instant_text


def period_to_json(report: PeriodReport) -> JsonValue:
    """What a period bundle says, and how complete each device is; ``None`` without a bundle."""
    bundle = report.bundle
    if bundle is None:
        return None
    return {
        "organisation": bundle.organisation,
        "scope": {"kind": bundle.scope, "name": bundle.scope_name},
        "from": instant_text(bundle.begin),
        "to": instant_text(bundle.end),
        "records": sum(len(item.records) for item in bundle.deliveries),
        "deliveries": len(bundle.deliveries),
        "findings": _findings(report),
        "devices": [_device(device) for device in report.devices],
    }


def _findings(report: PeriodReport) -> JsonValue:
    if report.node is None:
        return None
    return [
        {
            "device": finding.device,
            "finding": finding.finding,
            "boot": to_base64url(finding.boot),
            "seq_from": finding.seq_from,
            "seq_to": finding.seq_to,
            "found_at": instant_text(finding.found_at),
        }
        for findings in report.node.findings.values()
        for finding in findings
    ]


def _device(device: DeviceCompleteness) -> JsonValue:
    return {
        "device": device.device,
        "status": device.status.value,
        "expected": device.expected,
        "held": device.held,
        "gaps": [
            {
                "boot": to_base64url(gap.boot),
                "first": gap.first,
                "last": gap.last,
                "recorded": gap.recorded,
                "skipped": gap.skipped,
            }
            for gap in device.gaps
        ],
        "doubts": [
            {
                "status": doubt.status.value,
                "reason": doubt.reason,
                "message": doubt.message.format(**doubt.params),
            }
            for doubt in device.doubts
        ],
        "meter_registers": [
            {
                "meter_register": counts.meter_register,
                "unit": counts.unit,
                "planned": counts.planned,
                "present": counts.present,
                "failed": counts.failed,
                "backward": counts.backward,
            }
            for counts in device.meter_registers
        ],
    }
