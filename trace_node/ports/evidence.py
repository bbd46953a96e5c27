"""What contradicts the log and what the node found, as the services see it (证据)."""

from collections.abc import Sequence
from typing import Protocol

from trace_node.ports.entries import Conflict, PendingFinding


class Evidence(Protocol):
    """What contradicts the log, and what the node found; nothing of it is ever deleted."""

    def add_conflict(self, conflict: Conflict) -> bool:
        """Keep evidence; return whether it is new."""

    def conflicts(self, *, limit: int) -> Sequence[Conflict]:
        """The newest conflicts, newest first."""

    def conflicts_from(self, place: int, *, limit: int) -> Sequence[Conflict]:
        """Conflicts in the order in which they were kept, from the one at ``place`` (from 0) on."""

    def add_finding(self, finding: PendingFinding) -> bool:
        """Keep a finding under its key; return whether it is new (else nothing changes)."""

    def pending_findings(self, *, limit: int) -> Sequence[PendingFinding]:
        """Findings that are not logged yet, oldest first."""

    def finding(self, key: str) -> PendingFinding | None:
        """The finding under that key; None when there is none."""

    def set_logged(self, *, key: str, index: int) -> None:
        """Record where a finding was logged."""

    def findings(self, *, device: str | None, limit: int) -> Sequence[PendingFinding]:
        """The newest findings, newest first; of one device if named."""
