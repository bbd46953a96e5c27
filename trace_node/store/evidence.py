"""Repository: conflicting records and the node's findings; nothing here is ever deleted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from trace_node.ids import DeviceId
from trace_node.period import to_ms
from trace_node.ports.entries import Conflict, PendingFinding
from trace_node.store.columns import DIGEST_BYTES, from_ms
from trace_node.store.tables import CONFLICTS, FINDINGS


class SqlEvidence:
    """See ``trace_node.ports.store.Evidence``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_conflict(self, conflict: Conflict) -> bool:
        """Keep evidence; return whether it is new."""
        same = select(func.count()).where(
            CONFLICTS.c.kind == conflict.kind, CONFLICTS.c.leaf_hash == conflict.leaf_hash
        )
        if self._connection.execute(same).scalar_one():
            return False
        self._connection.execute(
            insert(CONFLICTS),
            {
                "kind": conflict.kind,
                "device": conflict.device,
                "boot": conflict.boot,
                "seq": conflict.seq,
                "known_index": conflict.known_index,
                "body": conflict.body,
                "leaf_hash": conflict.leaf_hash,
                "delivery": conflict.delivery,
                "context": conflict.context,
                "position": conflict.position,
                "path": b"".join(conflict.path),
                "received_at": to_ms(conflict.received_at),
            },
        )
        return True

    def conflicts(self, *, limit: int) -> Sequence[Conflict]:
        """The newest conflicts, newest first."""
        newest = select(CONFLICTS).order_by(CONFLICTS.c.conflict_id.desc()).limit(limit)
        return [_conflict(row) for row in self._connection.execute(newest)]

    def conflicts_from(self, place: int, *, limit: int) -> Sequence[Conflict]:
        """Conflicts in the order in which they were kept, from the one at ``place`` (from 0) on."""
        in_order = select(CONFLICTS).order_by(CONFLICTS.c.conflict_id).offset(place).limit(limit)
        return [_conflict(row) for row in self._connection.execute(in_order)]

    def add_finding(self, finding: PendingFinding) -> bool:
        """Keep a finding under its key; return whether it is new (else nothing changes)."""
        if self.finding(finding.key) is not None:
            return False
        self._connection.execute(
            insert(FINDINGS),
            {
                "finding_key": finding.key,
                "code": finding.code,
                "device": finding.device,
                "body": finding.body,
                "leaf_index": finding.index,
            },
        )
        return True

    def pending_findings(self, *, limit: int) -> Sequence[PendingFinding]:
        """Findings that are not logged yet, oldest first."""
        pending = select(FINDINGS).where(FINDINGS.c.leaf_index.is_(None))
        return self._findings(pending.order_by(FINDINGS.c.finding_id).limit(limit))

    def finding(self, key: str) -> PendingFinding | None:
        """The finding under that key; None when there is none."""
        return next(
            iter(self._findings(select(FINDINGS).where(FINDINGS.c.finding_key == key))), None
        )

    def set_logged(self, *, key: str, index: int) -> None:
        """Record where a finding was logged."""
        logged = update(FINDINGS).where(FINDINGS.c.finding_key == key).values(leaf_index=index)
        self._connection.execute(logged)

    def findings(self, *, device: str | None, limit: int) -> Sequence[PendingFinding]:
        """The newest findings, newest first; of one device if named."""
        newest = select(FINDINGS).order_by(FINDINGS.c.finding_id.desc()).limit(limit)
        return self._findings(
            newest if device is None else newest.where(FINDINGS.c.device == device)
        )

    def _findings(self, statement: Select[Any]) -> Sequence[PendingFinding]:
        return [
            PendingFinding(
                key=row.finding_key,
                code=row.code,
                device=DeviceId(row.device),
                body=row.body,
                index=row.leaf_index,
            )
            for row in self._connection.execute(statement)
        ]


def _conflict(row: Row[Any]) -> Conflict:
    return Conflict(
        kind=row.kind,
        device=row.device,
        boot=row.boot,
        seq=row.seq,
        known_index=row.known_index,
        body=row.body,
        leaf_hash=row.leaf_hash,
        delivery=row.delivery,
        context=row.context,
        position=row.position,
        path=tuple(
            row.path[start : start + DIGEST_BYTES]
            for start in range(0, len(row.path), DIGEST_BYTES)
        ),
        received_at=from_ms(row.received_at),
    )
