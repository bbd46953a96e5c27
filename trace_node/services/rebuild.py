"""Rows of the database from the entries alone: what a restore does with each archived entry."""

from collections.abc import Mapping, Sequence

from trace_node import canonical_json
from trace_node.errors import IntegrityError
from trace_node.ids import KeyId
from trace_node.metering.records.chained import read_chained
from trace_node.metering.records.context import CONTEXT, parse_context
from trace_node.metering.records.delivery import DELIVERY, parse_delivery
from trace_node.metering.records.device_registration import DEVICE_REGISTRATION
from trace_node.metering.records.event import EVENT
from trace_node.metering.records.finding import FINDING, Finding
from trace_node.metering.records.key_registration import KEY_REGISTRATION, KEY_REPLACEMENT
from trace_node.metering.records.key_revocation import KEY_REVOCATION
from trace_node.metering.records.parse import parse_record
from trace_node.metering.records.reading import READING
from trace_node.metering.records.received import RECEIVED, parse_received
from trace_node.ports.archive import ArchivedEntries
from trace_node.ports.entries import OPAQUE, LoggedDelivery, PendingFinding, Span
from trace_node.services.enrol import Registration, remember_registration
from trace_node.services.finding_log import finding_key
from trace_node.services.log_tail import Batch
from trace_node.services.statement_rows import remember
from trace_node.services.statement_types import STATEMENT_TYPES, parse_statement

_CHAINED = frozenset({READING, EVENT})
_ENROLLING = frozenset({KEY_REGISTRATION, KEY_REPLACEMENT, KEY_REVOCATION, DEVICE_REGISTRATION})


class Rebuilder:
    """Writes archived entries into a database, in the order of the log.

    Args:
        profile: ``collectors``, or ``opaque``: then nothing in an entry is read.
    """

    def __init__(self, *, profile: str) -> None:
        self._is_opaque = profile == OPAQUE
        self._collectors: dict[bytes, KeyId] = {}

    def add(self, piece: ArchivedEntries, batch: Batch) -> None:
        """Stage a piece that begins where the log ends.

        Raises:
            InputError: An entry is no record.
            IntegrityError: A record points at one that is not there.
        """
        for index, body in enumerate(piece.bodies, piece.first_index):
            leaf_hash = batch.hasher.leaf(body)
            kind = OPAQUE if self._is_opaque else _kind_of(body)
            if kind in _CHAINED:
                self._add_chained(batch, index, body, leaf_hash)
                continue
            batch.append(kind=kind, body=body, leaf_hash=leaf_hash)
            if kind == CONTEXT:
                self._collectors[leaf_hash] = parse_context(body).collector
                batch.add_context(digest=leaf_hash, index=index)
            elif kind == RECEIVED:
                self._add_delivery(batch, index, body, piece.spans)
            elif kind == FINDING:
                _add_finding(batch, index, body)
            elif kind in _ENROLLING:
                _add_registration(batch, index, body, leaf_hash)
            elif kind in STATEMENT_TYPES:
                remember(parse_statement(body), batch, index=index, digest=leaf_hash)

    def _add_chained(self, batch: Batch, index: int, body: bytes, leaf_hash: bytes) -> None:
        record = read_chained(body)
        stream = batch.stream(record.device, record.boot)
        if stream is None:
            collector = self._collector(batch, record.context, index)
            stream = batch.open_stream(record.device, record.boot, collector)
        batch.extend([(index, record.type, body, leaf_hash, stream.stream_id, record.seq)])
        batch.move(stream, seq=record.seq, index=index)

    def _collector(self, batch: Batch, context: bytes, index: int) -> KeyId:
        collector = self._collectors.get(context)
        if collector is None:
            place = batch.context_index(context)
            if place is None:
                raise _dangling(index, "context")
            batch.flush()
            body = batch.work.entries.bodies(place, place + 1)[0]
            collector = self._collectors[context] = parse_context(body).collector
        return collector

    def _add_delivery(
        self, batch: Batch, index: int, body: bytes, split: Mapping[int, Sequence[Span]]
    ) -> None:
        """The received record comes right behind its delivery."""
        batch.flush()
        received = parse_received(body)
        before = batch.work.entries.read(index - 1, index)[0]
        if before.kind != DELIVERY or before.leaf_hash != received.delivery:
            raise _dangling(index, "delivery")
        delivery = parse_delivery(before.body)
        context_index = batch.context_index(delivery.context)
        if context_index is None:
            raise _dangling(before.index, "context")
        whole = Span(first_index=received.first_index, count=received.count, fresh=True)
        batch.add_delivery(
            LoggedDelivery(
                index=before.index,
                digest=before.leaf_hash,
                collector=delivery.collector,
                context_index=context_index,
                root=delivery.root,
                spans=tuple(split.get(before.index, (whole,))),
                received_index=index,
                received_at=received.received_at,
            )
        )


def _kind_of(body: bytes) -> str:
    return str(canonical_json.decode_object(body).get("type"))


def _add_finding(batch: Batch, index: int, body: bytes) -> None:
    finding = parse_record(body)
    if isinstance(finding, Finding):
        batch.flush()
        key = finding_key(finding)
        pending = PendingFinding(
            key=key, code=finding.finding, device=finding.device, body=body, index=index
        )
        if not batch.work.evidence.add_finding(pending):
            batch.work.evidence.set_logged(key=key, index=index)


def _add_registration(batch: Batch, index: int, body: bytes, digest: bytes) -> None:
    registration = parse_record(body)
    batch.flush()
    if isinstance(registration, Registration):
        remember_registration(batch, registration, index=index, digest=digest)


def _dangling(index: int, what: str) -> IntegrityError:
    return IntegrityError(
        "the archived entry {index} names a {what} that is not before it",
        index=index,
        what=what,
        remedy="take another copy of the archive",
        code="restore.dangling",
    )
