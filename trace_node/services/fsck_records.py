"""Records against each other and against the rows made of them: streams, signatures, deliveries."""

from collections.abc import Callable, Sequence

from trace_node import canonical_json
from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import TraceNodeError
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.context import CONTEXT, parse_context
from trace_node.metering.records.delivery import DELIVERY
from trace_node.metering.records.device_registration import DEVICE_REGISTRATION, DeviceRegistration
from trace_node.metering.records.event import EVENT
from trace_node.metering.records.finding import FINDING, parse_finding
from trace_node.metering.records.key_registration import (
    KEY_REGISTRATION,
    KEY_REPLACEMENT,
    KeyRegistration,
)
from trace_node.metering.records.key_revocation import KEY_REVOCATION, KeyRevocation
from trace_node.metering.records.parse import parse_record
from trace_node.metering.records.reading import READING
from trace_node.metering.records.received import RECEIVED
from trace_node.ports.entries import PendingFinding, StoredEntry, StreamHead
from trace_node.ports.registry import EnrolledKey, EnrolledMeter, RevokedKey
from trace_node.ports.store import UnitOfWork
from trace_node.services.enrol import enrolled_key, revoked_key
from trace_node.services.finding_log import finding_key
from trace_node.services.fsck_deliveries import DeliveryCheck
from trace_node.services.fsck_keys import KeyCheck
from trace_node.services.fsck_report import Findings
from trace_node.services.fsck_signatures import SignatureCheck
from trace_node.services.fsck_statements import StatementCheck
from trace_node.services.statement_types import STATEMENT_TYPES

_CHAINED = frozenset({READING, EVENT})


class RecordCheck:
    """Reads every record again, in log order.

    Args:
        authorities: Keys that may sign registrations; without them that is not checked.
        signatures: Verifies the signatures.
        found: Where problems go.

    Attributes:
        chained: The chained records of the piece, by leaf index.
        others: Leaf indexes of its other records.
    """

    def __init__(
        self, *, authorities: Sequence[PublicKey], signatures: SignatureCheck, found: Findings
    ) -> None:
        self._found = found
        self._keys = KeyCheck(authorities=authorities, signatures=signatures, found=found)
        self._deliveries = DeliveryCheck(keys=self._keys, found=found)
        statements = StatementCheck(keys=self._keys, found=found)
        self._stored: dict[int, StreamHead | None] = {}
        self._heads: dict[int, tuple[int, int]] = {}
        self.chained: dict[int, tuple[StoredEntry, ChainedRecord]] = {}
        self.others: set[int] = set()
        self._by_kind: dict[str, Callable[[StoredEntry, UnitOfWork], None]] = {
            CONTEXT: self._context,
            DELIVERY: self._deliveries.delivery,
            RECEIVED: self._deliveries.received,
            FINDING: self._finding,
            KEY_REGISTRATION: self._registration,
            KEY_REPLACEMENT: self._registration,
            KEY_REVOCATION: self._registration,
            DEVICE_REGISTRATION: self._registration,
            **dict.fromkeys(STATEMENT_TYPES, statements.check),
        }

    def next_piece(self) -> None:
        """Begin a new piece of the log."""
        self.chained, self.others = {}, set()

    def take(
        self, entries: Sequence[StoredEntry], altered: frozenset[int], view: UnitOfWork
    ) -> None:
        """Check the next entries of the log.

        Args:
            entries: The entries.
            altered: Indexes of those whose body was altered: others that rely on them are not
                blamed for it.
            view: The database.
        """
        self._deliveries.begin(entries, view)
        for entry in entries:
            try:
                if entry.index in altered:
                    self._altered(entry, view)
                elif entry.kind in _CHAINED:
                    self._chained(entry, view)
                else:
                    self._single(entry, view)
            except TraceNodeError as error:
                self._found.add_error("record", error, index=entry.index)

    def end(self, view: UnitOfWork, *, size: int) -> None:
        """Compare the heads of the streams that came up among ``size`` entries."""
        for stream_id, (seq, index) in self._heads.items():
            head = view.streams.get(stream_id)
            has_moved_on = head.seq > seq and head.index >= size
            if not has_moved_on and (head.seq, head.index) != (seq, index):
                self._found.add(
                    "stream_head",
                    "entry {index} is the newest of {device}, number {seq}; its stream says"
                    " {stored}",
                    index=index,
                    device=head.device,
                    seq=seq,
                    stored=head.seq,
                )

    def _altered(self, entry: StoredEntry, view: UnitOfWork) -> None:
        """Go on with what the rows say of an entry whose body was altered."""
        first, end = entry.index, entry.index + 1
        self._keys.add_all(view.enrolments.keys(first=first, end=end))
        for revoked in view.enrolments.revocations(first=first, end=end):
            self._keys.revoke(revoked)
        self._deliveries.altered(entry)
        if entry.stream_id is not None and entry.seq is not None:
            newest = self._heads.get(entry.stream_id)
            if newest is None or entry.seq > newest[0]:
                self._heads[entry.stream_id] = (entry.seq, entry.index)

    def _chained(self, entry: StoredEntry, view: UnitOfWork) -> None:
        record = read_chained(entry.body)
        head = None if entry.stream_id is None else self._stream(entry.stream_id, view)
        if (
            head is None
            or (record.type, record.seq) != (entry.kind, entry.seq)
            or (record.device, record.boot) != (head.device, head.boot)
        ):
            self._misfiled(entry)
            return
        newest = self._heads.get(head.stream_id)
        if newest is None or record.seq > newest[0]:
            self._heads[head.stream_id] = (record.seq, entry.index)
        self.chained[entry.index] = (entry, record)
        self._require_context(entry, record, head)

    def _require_context(self, entry: StoredEntry, record: ChainedRecord, head: StreamHead) -> None:
        if not self._deliveries.has_context(record.context, collector=head.collector):
            self._found.add(
                "context",
                "entry {index}: names no earlier context of the collector its stream belongs to",
                index=entry.index,
            )

    def _single(self, entry: StoredEntry, view: UnitOfWork) -> None:
        fields = canonical_json.decode_object(entry.body)
        check = self._by_kind.get(entry.kind)
        if fields.get("type") != entry.kind or entry.stream_id is not None or check is None:
            self._misfiled(entry)
            return
        self.others.add(entry.index)
        check(entry, view)

    def _context(self, entry: StoredEntry, view: UnitOfWork) -> None:
        self._deliveries.context(entry, parse_context(entry.body).collector)
        if view.deliveries.context_index(entry.leaf_hash) != entry.index:
            self._unlisted(entry)

    def _finding(self, entry: StoredEntry, view: UnitOfWork) -> None:
        finding = parse_finding(entry.body)
        key = finding_key(finding)
        if view.evidence.finding(key) != PendingFinding(
            key=key,
            code=finding.finding,
            device=finding.device,
            body=entry.body,
            index=entry.index,
        ):
            self._unlisted(entry)
        self._keys.require_signed(
            entry, key_id=finding.signed_by, usage="node", at=finding.found_at
        )

    def _registration(self, entry: StoredEntry, view: UnitOfWork) -> None:
        registration = parse_record(entry.body)
        here, behind = entry.index, entry.index + 1
        made: EnrolledKey | RevokedKey | EnrolledMeter | None = None
        rows: Sequence[EnrolledKey | RevokedKey | EnrolledMeter] = ()
        if isinstance(registration, KeyRegistration):
            made = enrolled_key(registration, index=here, digest=entry.leaf_hash)
            self._keys.add(made)
            rows = view.enrolments.keys(first=here, end=behind)
        elif isinstance(registration, KeyRevocation):
            made = revoked_key(registration, index=here, digest=entry.leaf_hash)
            self._keys.revoke(made)
            rows = view.enrolments.revocations(first=here, end=behind)
        elif isinstance(registration, DeviceRegistration):
            made = EnrolledMeter(index=here, digest=entry.leaf_hash, meter=registration.meter)
            rows = view.enrolments.meters(first=here, end=behind)
        if list(rows) != [made]:
            self._unlisted(entry)
        self._keys.require_authority(entry, registration)

    def _stream(self, stream_id: int, view: UnitOfWork) -> StreamHead | None:
        if stream_id not in self._stored:
            try:
                self._stored[stream_id] = view.streams.get(stream_id)
            except TraceNodeError:
                self._stored[stream_id] = None
        return self._stored[stream_id]

    def _misfiled(self, entry: StoredEntry) -> None:
        self._found.add(
            "row",
            "entry {index}: its kind, stream or number in the database is not what the record says",
            index=entry.index,
        )

    def _unlisted(self, entry: StoredEntry) -> None:
        self._found.add(
            "index_row",
            "entry {index}: the row by which this {kind} is found is missing or wrong",
            index=entry.index,
            kind=entry.kind,
        )
