"""Check 16 of a period bundle: what the node itself says, by its own signature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from trace_node.ids import KeyId
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.finding import Finding, parse_finding
from trace_node.metering.records.received import parse_received
from trace_node.services.verify_delivery import require_signed_by
from trace_node.services.verify_examination import Examination
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.period_bundle import LoggedRecord, PeriodBundle
from trace_node.tlog.trust_root_form import TrustRoot


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRecords:
    """What the node received and found, by its own signature.

    Attributes:
        received_at: The node's clock at each delivery of the bundle, in the bundle's order.
        findings: By device.
    """

    received_at: Sequence[datetime]
    findings: Mapping[str, Sequence[Finding]]


def check_node_records(
    examination: Examination, *, bundle: PeriodBundle, root: TrustRoot | None
) -> NodeRecords | None:
    """Make the check 16; ``None`` when it did not pass.

    Args:
        examination: Where it is recorded.
        bundle: The bundle.
        root: The trust root; ``None`` when it did not pass.
    """
    if root is None:
        return None
    return examination.attempt("node.records", lambda: _open_node_records(bundle, root=root))


def _open_node_records(bundle: PeriodBundle, *, root: TrustRoot) -> NodeRecords:
    received_at = []
    for item in bundle.deliveries:
        received = parse_received(item.received.body)
        _require_node(item.received, signed_by=received.signed_by, root=root)
        if received.delivery != record_digest(item.record.body):
            raise EvidenceError(
                "leaf {index}: is about another delivery",
                field="received",
                index=item.received.index,
                code="node.received",
            )
        received_at.append(received.received_at)
    findings: dict[str, list[Finding]] = {device.name: [] for device in bundle.devices}
    for leaf in bundle.findings:
        finding = parse_finding(leaf.body)
        _require_node(leaf, signed_by=finding.signed_by, root=root)
        if finding.device not in findings:
            raise EvidenceError(
                "leaf {index}: is about the device {device}, which the file does not name",
                field="findings",
                index=leaf.index,
                device=finding.device,
                code="node.finding",
            )
        findings[finding.device].append(finding)
    return NodeRecords(received_at=received_at, findings=findings)


def _require_node(leaf: LoggedRecord, *, signed_by: KeyId, root: TrustRoot) -> None:
    require_signed_by(
        leaf.body,
        named=signed_by,
        keys=root.node_keys,
        field=f"leaf {leaf.index}",
        code="node.unknown_key",
    )
