"""The node's findings: signed once, kept under a key, and logged exactly once."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from trace_node.crypto.signer import Signer
from trace_node.metering.device_chain import FindingDraft
from trace_node.metering.records.finding import FINDING, Finding, build_finding
from trace_node.ports.entries import PendingFinding
from trace_node.services.log_tail import Batch

_SALT_BYTES = 16


def finding_key(draft: FindingDraft, *, about: bytes) -> str:
    """What makes two findings the same: code, place in the chain, and the record it is about.

    Args:
        draft: What was found.
        about: Leaf hash of the record that gave rise to it.
    """
    place = f"{draft.device}/{draft.boot.hex()}/{draft.seq_from}-{draft.seq_to}"
    return f"{draft.finding}/{place}/{about.hex()}"


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


def log_finding(batch: Batch, *, key: str, draft: FindingDraft, body: bytes) -> None:
    """Log a finding in this commit, unless one under its key is known."""
    pending = PendingFinding(key=key, code=draft.finding, device=draft.device, body=body)
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
