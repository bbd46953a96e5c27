"""Is a delivery what it says, and may it be logged? Everything that needs no look at the log's end.

The order of the checks: bounds, framing, the delivery's own record and context, the destination,
the collector's key and signature, count and root, then each record. So nothing costly is done for
somebody who has no key. Nothing here writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from trace_node.clock import Clock
from trace_node.crypto import signed_record
from trace_node.ids import KeyId, Origin
from trace_node.metering.records.context import Context, parse_context
from trace_node.metering.records.delivered import Columns
from trace_node.metering.records.delivery import Delivery, parse_delivery
from trace_node.metering.records.wire import WireDelivery, decode_delivery, require_consistent
from trace_node.period import to_ms
from trace_node.ports.registry import EnrolledKey
from trace_node.services.delivery_read import Read, read_here
from trace_node.services.delivery_records import RecordCheck
from trace_node.services.enrolled import EnrolmentBook, public_key
from trace_node.services.ingest_errors import CollectorKeyError, DeliveryError
from trace_node.services.seen_heads import SeenHeads
from trace_node.tlog.hasher import SM3

DEFAULT_TOLERANCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDelivery:
    """A delivery that may be logged, if the log's end agrees.

    Attributes:
        wire: The bytes of its entries.
        delivery: The delivery record, whose signature was verified.
        digest: Its record digest.
        context: The context record.
        columns: What ingest needs of each record, in order.
        leaf_hashes: Leaf hash of each record, in order.
        received_at: When it was checked; whole milliseconds.
        lost_head: Size of the head of this log that its context names and the log lacks; None if
            it names none, or one that fits.
    """

    wire: WireDelivery
    delivery: Delivery
    digest: bytes
    context: Context
    columns: Columns
    leaf_hashes: Sequence[bytes]
    received_at: datetime
    lost_head: int | None


class DeliveryCheck:
    """Checks deliveries to one log.

    Args:
        origin: Origin of the log.
        book: What is enrolled.
        heads: Compares heads that collectors saw with the log.
        clock: The node's clock.
        tolerance: By how much a record's times may lie ahead of it.
        read: Reads the records, here or elsewhere.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        book: EnrolmentBook,
        heads: SeenHeads,
        clock: Clock,
        tolerance: timedelta = DEFAULT_TOLERANCE,
        read: Read = read_here,
    ) -> None:
        self._origin = origin
        self._book = book
        self._heads = heads
        self._clock = clock
        self._read = read
        self._records = RecordCheck(book=book, tolerance=tolerance)

    def check(self, body: bytes) -> CheckedDelivery:
        """Check the body of one delivery.

        Raises:
            TooLargeError: Over a bound; it was not parsed.
            InputError: The framing, a record or the delivery is wrong; ``ingest.log`` for another
                log, ``ingest.root``, ``ingest.device``, ``ingest.meter_register`` and others.
            CollectorKeyError: The key is not enrolled, not valid now, or of another organisation.
            SignatureError: The signature does not verify.
        """
        wire = decode_delivery(body)
        delivery = parse_delivery(wire.delivery)
        context = parse_context(wire.context)
        require_consistent(delivery, wire)
        self._require_destination(delivery)
        now = self._clock.now()
        self._require_signed(wire.delivery, delivery, context, now=now)
        read = self._read(body, wire.records)
        _require_root(delivery, read.root)
        columns = self._records.require_fit(
            wire.records,
            read.together,
            context=delivery.context,
            boot=context.boot,
            now_ms=to_ms(now),
        )
        return CheckedDelivery(
            wire=wire,
            delivery=delivery,
            digest=SM3.leaf(wire.delivery),
            context=context,
            columns=columns,
            leaf_hashes=read.leaf_hashes,
            received_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
            lost_head=self._heads.lost(context.head),
        )

    def _require_destination(self, delivery: Delivery) -> None:
        if delivery.origin != self._origin:
            raise DeliveryError(
                "{field}: the delivery is signed for the log {named}, this is {origin}",
                field="log",
                named=delivery.origin,
                origin=self._origin,
                remedy="send it to the log it was signed for",
                code="ingest.log",
            )

    def _require_signed(
        self, raw: bytes, delivery: Delivery, context: Context, *, now: datetime
    ) -> None:
        key = self._collector_key(delivery.collector, now=now)
        if not key.speaks_for(context.collector):
            raise DeliveryError(
                "{field}: the context is of the collector {named}, the delivery of {collector}",
                field="collector",
                named=context.collector,
                collector=delivery.collector,
                remedy="deliver records under the context of the collector that took them; a key"
                " that takes its place is enrolled with --replaces KEY_ID",
                code="ingest.context",
            )
        if key.organisation != context.organisation:
            raise CollectorKeyError(
                "{field}: the key is enrolled for {enrolled}, the context names {named}",
                field="organisation",
                enrolled=key.organisation,
                named=context.organisation,
                remedy="name the organisation the key is enrolled for",
                code="ingest.organisation",
            )
        signed_record.verify(raw, public_key(key.point))

    def _collector_key(self, key_id: KeyId, *, now: datetime) -> EnrolledKey:
        usage = "collector"
        require_not_revoked(key_id, revoked=self._book.current.revocation(key_id) is not None)
        key = self._book.current.key(key_id, usage=usage, at=now)
        if key is None:
            key = self._book.renew_if_stale().key(key_id, usage=usage, at=now)
        if key is None:
            raise CollectorKeyError(
                "{field}: the key {key} is not enrolled as a collector's, or not valid now",
                field="collector",
                key=key_id,
                remedy="enrol the collector's key by a registration that the device CA signed",
            )
        return key


def require_not_revoked(key_id: KeyId, *, revoked: bool) -> None:
    """Require that a collector's key was not revoked.

    Raises:
        CollectorKeyError: It was; code ``ingest.key_revoked``.
    """
    if revoked:
        raise CollectorKeyError(
            "{field}: the key {key} was revoked: nothing that it signs is taken in",
            field="collector",
            key=key_id,
            remedy="give the collector a new key, enrolled with --replaces {key}: it delivers what"
            " waits in the spool",
            code="ingest.key_revoked",
        )


def _require_root(delivery: Delivery, root: bytes) -> None:
    if root != delivery.root:
        raise DeliveryError(
            "{field}: the records that came have another root than the one that was signed",
            field="root",
            remedy="send exactly the records that were signed, in their order",
            code="ingest.root",
        )
