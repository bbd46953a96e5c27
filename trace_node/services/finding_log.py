"""The node's findings: signed once, kept under a key, and logged exactly once."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url
from trace_node.metering.device_chain import FindingDraft
from trace_node.metering.records.finding import FINDING, Finding, build_finding
from trace_node.ports.entries import PendingFinding
from trace_node.services.log_tail import Batch

_SALT_BYTES = 16


def finding_key(finding: FindingDraft | Finding) -> str:
    """What makes two findings the same: everything they say, but not salt, time and signature.

    It can be told from a logged finding too, so that a restored log does not find things twice.
    """
    content: JsonObject = {
        "boot": to_base64url(finding.boot),
        "detail": finding.detail,
        "device": finding.device,
        "finding": finding.finding,
        "seq_from": finding.seq_from,
        "seq_to": finding.seq_to,
        "subjects": list(finding.subjects),
    }
    return sm3(canonical_json.encode(content)).hex()


def signed_finding(draft: FindingDraft, *, found_at: datetime, signer: Signer) -> bytes:
    """The exact bytes of a finding, with a fresh salt.

    Args:
        draft: What was found.
        found_at: Node clock; whole milliseconds.
        signer: The node's key.
    """
    finding = Finding(
        salt=secrets.token_bytes(_SALT_BYTES),
        finding=draft.finding,
        device=draft.device,
        boot=draft.boot,
        seq_from=draft.seq_from,
        seq_to=draft.seq_to,
        subjects=draft.subjects,
        detail=draft.detail,
        found_at=found_at,
        signed_by=signer.public.key_id,
    )
    return build_finding(finding, signer=signer)


def log_finding(batch: Batch, draft: FindingDraft, *, body: bytes) -> None:
    """Log a finding in this commit, unless it is known."""
    pending = PendingFinding(
        key=finding_key(draft), code=draft.finding, device=draft.device, body=body
    )
    if batch.work.evidence.add_finding(pending):
        _log(batch, pending)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingJob:
    """Logs a finding that waits in the database.

    Attributes:
        finding: The finding, signed and stored.
    """

    finding: PendingFinding

    @property
    def weight(self) -> int:
        """One entry."""
        return 1

    def write(self, batch: Batch) -> int:
        """Stage it, unless it is logged by now; return its leaf index."""
        known = batch.work.evidence.finding(self.finding.key)
        if known is not None and known.index is not None:
            return known.index
        return _log(batch, self.finding)


def _log(batch: Batch, finding: PendingFinding) -> int:
    index = batch.append(kind=FINDING, body=finding.body, leaf_hash=batch.hasher.leaf(finding.body))
    batch.flush()  # the row of the finding refers to the entry
    batch.work.evidence.set_logged(key=finding.key, index=index)
    return index
