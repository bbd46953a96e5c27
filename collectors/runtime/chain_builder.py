"""Give each draft its place in its device's chain and build its bytes, once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from collectors.runtime.drafts import Draft, Evidence, ReadingDraft
from collectors.runtime.spool import Batch, BuiltRecord, ChainHead
from trace_node.ids import DeviceId, KeyId, OrganisationId
from trace_node.metering.records.context import Context, SeenHead, build_context
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.event import Event, build_event
from trace_node.metering.records.fields import SALT_BYTES, Code
from trace_node.metering.records.reading import Reading, build_reading

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
        salts = os.urandom(SALT_BYTES * len(drafts))
        records: list[BuiltRecord] = []
        for place, draft in enumerate(drafts):
            if isinstance(draft, ReadingDraft) and draft.evidence:
                evidence[draft.evidence.digest] = draft.evidence
            salt = salts[SALT_BYTES * place : SALT_BYTES * (place + 1)]
            records.append(self._record(draft, salt))
        self._batch += 1
        return Batch(
            number=self._batch,
            boot=self.boot,
            context=self._context,
            records=records,
            evidence=tuple(evidence.values()),
            rows=dict(rows),
        )

    def _record(self, draft: Draft, salt: bytes) -> BuiltRecord:
        seq = self._seq.get(draft.device, 0)
        body = (
            self._reading(draft, seq, salt)
            if isinstance(draft, ReadingDraft)
            else build_event(
                Event(
                    boot=self.boot,
                    clock=draft.clock,
                    collected_at=draft.at,
                    context=self._context[0],
                    detail=draft.detail,
                    device=draft.device,
                    event=Code(draft.event),
                    meter_register=None,
                    observed_at=draft.at,
                    observed_by="collector",
                    origin=draft.origin,
                    prev=self._prev.get(draft.device),
                    raw=None,
                    salt=salt,
                    seq=seq,
                )
            )
        )
        digest = record_digest(body)
        self._seq[draft.device], self._prev[draft.device] = seq + 1, digest
        return BuiltRecord(device=draft.device, seq=seq, digest=digest, body=body)

    def _reading(self, draft: ReadingDraft, seq: int, salt: bytes) -> bytes:
        return build_reading(
            Reading(
                boot=self.boot,
                clock=draft.clock,
                collected_at=draft.collected_at,
                context=self._context[0],
                device=draft.device,
                meter_register=draft.meter_register,
                observed_at=draft.observed_at,
                observed_by=draft.observed_by,
                origin=draft.origin,
                prev=self._prev.get(draft.device),
                raw=draft.evidence.digest if draft.evidence else None,
                reason=None if draft.reason is None else Code(draft.reason),
                salt=salt,
                seq=seq,
                unit=draft.unit,
                value=draft.value,
            )
        )
