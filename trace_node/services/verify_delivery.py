"""The rules behind the checks 8 to 12: from the trust root's device authority down to the record.

Each function returns what it has established or raises; ``verify_proof`` and ``verify_period`` call
them in order. Everything given to a function as an object was established before.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from trace_node.crypto import signed_record
from trace_node.errors import InputError
from trace_node.ids import KeyId
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.context import Context, parse_context
from trace_node.metering.records.delivery import Delivery, parse_delivery
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.key_registration import KeyRegistration, parse_key_registration
from trace_node.record.writing import write_time
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.hasher import SM3
from trace_node.tlog.trust_root_form import TrustedKey, TrustRoot
from trace_node.tlog.verify import verify_inclusion

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def open_collector(raw: bytes, *, root: TrustRoot) -> KeyRegistration:
    """Read a key registration and require a device authority of the trust root to have signed it.

    Raises:
        InputError: It is not a ``key-registration@1``.
        SignatureError: The signature does not verify.
        EvidenceError: Signed by a key that the trust root does not name, for another log, or not a
            collector's key.
    """
    registration = parse_key_registration(raw)
    require_signed_by(
        raw,
        named=registration.signed_by,
        keys=root.device_authorities,
        field="collector",
        code="collector.authority",
    )
    if registration.origin != root.origin:
        raise EvidenceError(
            "{field}: the key is registered for the log {found}, not for {expected}",
            field="collector.log",
            found=registration.origin,
            expected=root.origin,
            code="collector.log",
        )
    if registration.usage != "collector":
        raise EvidenceError(
            "{field}: the key is registered as the key of a {found}, not of a collector",
            field="collector.usage",
            found=registration.usage,
            code="collector.usage",
        )
    return registration


def require_signed_by(
    raw: bytes, *, named: KeyId, keys: Sequence[TrustedKey], field: str, code: str
) -> None:
    """Require a record's signature to be of one of ``keys`` and to verify.

    Raises:
        EvidenceError: The key that the signature names is not among them; by ``code``.
        SignatureError: The signature does not verify.
    """
    for key in keys:
        public = key.public
        if public.key_id == named:
            signed_record.verify(raw, public)
            return
    raise EvidenceError(
        "{field}: signed by the key {key}, which the trust root does not name for this",
        field=field,
        key=named,
        remedy="if the key is right, get the newest trust root from its owner",
        code=code,
    )


def open_delivery(raw: bytes, *, collector: KeyRegistration, root: TrustRoot) -> Delivery:
    """Read a delivery and require the registered collector to have signed it for this log.

    Raises:
        InputError: It is not a ``delivery@1``.
        SignatureError: The signature does not verify.
        EvidenceError: For another log, or by another collector.
    """
    delivery = parse_delivery(raw)
    if delivery.origin != root.origin:
        raise EvidenceError(
            "{field}: the delivery is for the log {found}, not for {expected}",
            field="delivery.log",
            found=delivery.origin,
            expected=root.origin,
            code="delivery.log",
        )
    if delivery.collector != collector.key.key_id:
        raise EvidenceError(
            "{field}: the delivery is of the collector {found}, the registration of {expected}",
            field="delivery.collector",
            found=delivery.collector,
            expected=collector.key.key_id,
            code="delivery.collector",
        )
    signed_record.verify(raw, collector.key)
    return delivery


def require_not_revoked(delivery: Delivery, *, index: int, root: TrustRoot) -> Delivery:
    """Require that the trust root had not revoked the collector's key; gives the delivery.

    The order of the log decides, which is anchored; a time could be stated by whoever has the key.

    Args:
        delivery: The delivery.
        index: Leaf index of it, or of a record that it brought.
        root: The trust root.

    Raises:
        EvidenceError: It had; code ``collector.revoked``.
    """
    for revoked in root.revoked_keys:
        if revoked.key_id == delivery.collector and index >= revoked.from_index:
            raise EvidenceError(
                "{field}: the collector's key {key} was revoked at leaf {revoked}, this is {index}",
                field="delivery.collector",
                key=delivery.collector,
                revoked=revoked.from_index,
                index=index,
                code="collector.revoked",
            )
    return delivery


def require_delivered(
    leaf: bytes, *, delivery: Delivery, index: int, path: Sequence[bytes]
) -> Delivery:
    """Require ``leaf`` to be record ``index`` of a delivery; returns the delivery.

    Delivery roots are SM3 whatever the hash of the log is.

    Raises:
        ProofError: It is not.
    """
    verify_inclusion(
        hasher=SM3,
        leaf_hash=SM3.leaf(leaf),
        index=index,
        size=delivery.count,
        proof=path,
        root=delivery.root,
    )
    return delivery


def open_context(raw: bytes, *, delivery: Delivery, collector: KeyRegistration) -> Context:
    """Read a context and require it to be the delivery's, of its collector and organisation.

    Raises:
        InputError: It is not a ``context@1``.
        EvidenceError: The delivery names another, or it is of another collector or organisation.
    """
    context = parse_context(raw)
    if record_digest(raw) != delivery.context:
        raise EvidenceError(
            "{field}: the delivery names another context", field="context", code="context.digest"
        )
    if not collector.speaks_for(context.collector):
        raise EvidenceError(
            "{field}: the context is of the collector {found}, the delivery of {expected}",
            field="context.collector",
            found=context.collector,
            expected=collector.key.key_id,
            code="context.collector",
        )
    if context.organisation != collector.organisation:
        raise EvidenceError(
            "{field}: the context is of {found}, the collector's key is registered for {expected}",
            field="context.organisation",
            found=context.organisation,
            expected=collector.organisation,
            code="context.organisation",
        )
    return context


def require_context_of(
    record: ChainedRecord, *, context: Context, delivery: Delivery, leaf_index: int
) -> Context:
    """Require a record to name its delivery's context, and to be younger than the head it saw.

    Raises:
        EvidenceError: The record names another context or boot, or stands in the log before a head
            that its collector saw when it made it.
    """
    if record.context != delivery.context:
        raise EvidenceError(
            "{field}: the leaf names another context", field="leaf.context", code="context.leaf"
        )
    if record.boot != context.boot:
        raise EvidenceError(
            "{field}: the leaf is of another boot than its context",
            field="leaf.boot",
            code="context.boot",
        )
    head = context.head
    if head is not None and head.origin == delivery.origin and head.size > leaf_index:
        raise EvidenceError(
            "{field}: the collector saw a log of {size} leaves before it made leaf {index}",
            field="context.head.size",
            size=head.size,
            index=leaf_index,
            code="context.head",
        )
    return context


def open_record(leaf: bytes, *, collector: KeyRegistration, context: bytes = b"") -> ChainedRecord:
    """Read the record of a device and require the collector's key to have been valid for it.

    What was collected under a key whose place this one took, is older than its registration.

    Args:
        leaf: The record.
        collector: The registration of the key that delivered it.
        context: The context that comes with it, looked into only for whose key it names.

    Raises:
        InputError: It is neither a ``reading@1`` nor an ``event@1``.
        EvidenceError: It was collected before the key was valid, or when it no longer was.
    """
    record = read_chained(leaf)
    require_valid(
        collector,
        at=instant_of(record.collected_at_ms),
        taken_over=is_taken_over(context, collector=collector),
    )
    return record


def is_taken_over(context: bytes, *, collector: KeyRegistration) -> bool:
    """Whether a context is of a key whose place the collector's key took; check 12 verifies it."""
    try:
        return parse_context(context).collector in collector.replaces
    except InputError:
        return False


def require_valid(collector: KeyRegistration, *, at: datetime, taken_over: bool = False) -> None:
    """Require a collector's key to be valid at an instant; of what it took over, not yet ended.

    Raises:
        EvidenceError: It is not yet, or no longer.
    """
    if at < collector.valid_from and not taken_over:
        raise EvidenceError(
            "{field}: the collector's key is valid from {valid_from} only; collected at {at}",
            field="leaf.collected_at",
            valid_from=write_time(collector.valid_from, field="valid_from"),
            at=write_time(at, field="collected_at"),
            code="collector.not_yet_valid",
        )
    if at >= collector.valid_to:
        raise EvidenceError(
            "{field}: the collector's key was valid until {valid_to}; collected at {at}",
            field="leaf.collected_at",
            valid_to=write_time(collector.valid_to, field="valid_to"),
            at=write_time(at, field="collected_at"),
            code="collector.expired",
        )


def instant_of(milliseconds: int) -> datetime:
    """Milliseconds since the epoch as an aware time in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)
