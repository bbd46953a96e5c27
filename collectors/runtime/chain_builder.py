"""Give each draft its place in its device's chain and build its bytes, once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from collectors.runtime.drafts import Draft, EventDraft, Evidence, ReadingsDraft
from collectors.runtime.reading_text import ReadingWriter
from collectors.runtime.spool import Batch, BuiltRecord, ChainHead
from trace_node.ids import DeviceId, KeyId, OrganisationId
from trace_node.metering.records.context import Context, SeenHead, build_context
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.event import Event, build_event
from trace_node.record.fields import SALT_BYTES, Code

BOOT_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who collects.

    Attributes:
        organisation: Organisation the meters belong to.
        collector: Key id of the collector.
        config: SM3 of the bytes of the point list.
        software: Name and version of the software.
    """

    organisation: OrganisationId
    collector: KeyId
    config: bytes
    software: str


class ChainBuilder:
    """Builds records; holds the end of every device's chain.

    Args:
        identity: Who collects.
        heads: Ends of the chains on the disk.
        last_batch: Number of the last batch on the disk.
        now: Time of the first context.
        head: Newest anchored head seen so far.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        heads: Mapping[DeviceId, ChainHead],
        last_batch: int,
        now: datetime,
        head: SeenHead | None,
    ) -> None:
        self.boot = os.urandom(BOOT_BYTES)
        self._writer = ReadingWriter(self.boot)
        self._identity = identity
        self._prev: dict[DeviceId, bytes] = {name: item.digest for name, item in heads.items()}
        self._seq: dict[DeviceId, int] = {}
        self._batch = last_batch
        self.renew_context(head, now=now)

    def renew_context(self, head: SeenHead | None, *, now: datetime) -> None:
        """Name a newer anchored head in the records that follow."""
        self.head = head
        body = build_context(
            Context(
                salt=os.urandom(SALT_BYTES),
                organisation=self._identity.organisation,
                collector=self._identity.collector,
                boot=self.boot,
                config=self._identity.config,
                software=self._identity.software,
                created_at=now,
                head=head,
            )
        )
        self._context = (record_digest(body), body)

    def build(self, drafts: Sequence[Draft], *, rows: Mapping[DeviceId, int]) -> Batch:
        """Build the records of ``drafts`` in their order.

        Args:
            drafts: What was read, in time order.
            rows: Rows of meters that hand out stored rows.

        Raises:
            RecordError: A draft cannot be a record; the builder must not be used any more, for the
                chain would have a gap.
        """
        evidence: dict[bytes, Evidence] = {}
        records: list[BuiltRecord] = []
        for draft in drafts:
            if isinstance(draft, ReadingsDraft):
                if draft.evidence:
                    evidence[draft.evidence.digest] = draft.evidence
                self._readings(draft, records)
            else:
                records.append(self._event(draft))
        self._batch += 1
        return Batch(
            number=self._batch,
            boot=self.boot,
            context=self._context,
            records=records,
            evidence=tuple(evidence.values()),
            rows=dict(rows),
        )

    def _readings(self, draft: ReadingsDraft, records: list[BuiltRecord]) -> None:
        """Build the readings of one answer, each pointing at the one before."""
        device, writer = draft.device, self._writer.begin(draft, context=self._context[0])
        prev, seq = self._prev.get(device), self._seq.get(device, 0)
        salts = os.urandom(SALT_BYTES * draft.records)
        for place, shown in enumerate(draft.shown):
            salt = salts[SALT_BYTES * place : SALT_BYTES * (place + 1)]
            body = writer.write(shown, prev=prev, salt=salt, seq=seq)
            prev = record_digest(body)
            records.append(BuiltRecord(device, seq, prev, body))
            seq += 1
        if prev is not None:
            self._prev[device], self._seq[device] = prev, seq

    def _event(self, draft: EventDraft) -> BuiltRecord:
        device, seq = draft.device, self._seq.get(draft.device, 0)
        body = build_event(
            Event(
                boot=self.boot,
                clock=draft.clock,
                collected_at=draft.at,
                context=self._context[0],
                detail=draft.detail,
                device=device,
                event=Code(draft.event),
                meter_register=None,
                observed_at=draft.at,
                observed_by="collector",
                origin=draft.origin,
                prev=self._prev.get(device),
                raw=None,
                salt=os.urandom(SALT_BYTES),
                seq=seq,
            )
        )
        digest = record_digest(body)
        self._seq[device], self._prev[device] = seq + 1, digest
        return BuiltRecord(device, seq, digest, body)
