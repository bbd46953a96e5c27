"""Checks 8 to 12 of a period bundle: collectors, deliveries, records and contexts.

What holds for one leaf in a single proof holds here for every leaf, by the same rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from trace_node.errors import InputError
from trace_node.ids import KeyId
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.context import Context, SeenHead
from trace_node.metering.records.delivery import Delivery, parse_delivery
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.key_registration import KeyRegistration
from trace_node.services.period_report import ChainLink
from trace_node.services.verify_delivery import (
    instant_of,
    is_taken_over,
    open_collector,
    open_context,
    open_delivery,
    require_context_of,
    require_not_revoked,
    require_valid,
)
from trace_node.services.verify_examination import Examination
from trace_node.services.verify_labels import label_records
from trace_node.tlog.batch_proof import verify_batch
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.hasher import SM3
from trace_node.tlog.period_bundle import PeriodBundle
from trace_node.tlog.trust_root_form import TrustRoot


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRecords:
    """The records of the devices that passed the checks 8 to 12.

    Attributes:
        links: By device, in the order of the log.
        delivery_of: Place of the delivery in the bundle that brought each leaf index.
        contexts: The context of each delivery, in the bundle's order.
    """

    links: Mapping[str, Sequence[ChainLink]]
    delivery_of: Mapping[int, int]
    contexts: Sequence[Context]

    def seen_heads(self) -> Iterator[SeenHead]:
        """The heads that the collectors say they saw."""
        return (context.head for context in self.contexts if context.head is not None)


_Collectors = Mapping[KeyId, Sequence[KeyRegistration]]
_Records = Mapping[int, ChainedRecord]  # by leaf index


def check_records(
    examination: Examination, *, bundle: PeriodBundle, root: TrustRoot | None
) -> PeriodRecords | None:
    """Make the checks 8 to 12; ``None`` when one did not pass.

    Args:
        examination: Where they are recorded.
        bundle: The bundle.
        root: The trust root; ``None`` when it did not pass.
    """
    if root is None:
        return None
    # (8) The collectors' keys.
    collectors = examination.attempt("collector", lambda: _open_collectors(bundle, root=root))
    if collectors is None:
        return None
    # (9) The deliveries.
    deliveries = examination.attempt(
        "delivery.signature",
        lambda: _open_deliveries(bundle, collectors, root=root),
    )
    if deliveries is None:
        return None
    # (10) The records are in them.
    delivered = examination.attempt(
        "delivery.inclusion", lambda: _require_delivered(bundle, deliveries)
    )
    # (11) The records.
    records = examination.attempt(
        "record", lambda: _open_records(bundle, deliveries, collectors=collectors)
    )
    if records is None:
        return None
    # (12) The contexts.
    contexts = examination.attempt(
        "context", lambda: _open_contexts(bundle, deliveries, records, collectors=collectors)
    )
    label_records(examination, records.values())
    if delivered is None or contexts is None:
        return None
    return _by_device(bundle, records, contexts)


def _open_collectors(bundle: PeriodBundle, *, root: TrustRoot) -> _Collectors:
    collectors: dict[KeyId, list[KeyRegistration]] = {}
    for raw in bundle.collectors:
        registration = open_collector(raw, root=root)
        if registration.organisation != bundle.organisation:
            raise EvidenceError(
                "{field}: the file is of {expected}, a collector's key is registered for {found}",
                field="organisation",
                expected=bundle.organisation,
                found=registration.organisation,
                code="collector.organisation",
            )
        collectors.setdefault(registration.key.key_id, []).append(registration)
    return collectors


def _open_deliveries(
    bundle: PeriodBundle, collectors: _Collectors, *, root: TrustRoot
) -> list[Delivery]:
    deliveries = [
        require_not_revoked(
            _open_delivery(item.record.body, collectors, root=root),
            index=item.record.index,
            root=root,
        )
        for item in bundle.deliveries
    ]
    if collectors.keys() - {delivery.collector for delivery in deliveries}:
        raise EvidenceError(
            "{field}: holds registrations that no delivery needs",
            field="collectors",
            code="collector.unused",
        )
    return deliveries


def _open_delivery(raw: bytes, collectors: _Collectors, *, root: TrustRoot) -> Delivery:
    known = collectors.get(parse_delivery(raw).collector)
    if not known:
        raise EvidenceError(
            "{field}: the registration of the key that delivered is not in the file",
            field="collectors",
            code="delivery.collector",
        )
    return open_delivery(raw, collector=known[0], root=root)


def _require_delivered(bundle: PeriodBundle, deliveries: Sequence[Delivery]) -> bool:
    for item, delivery in zip(bundle.deliveries, deliveries, strict=True):
        verify_batch(
            hasher=SM3,
            leaf_hashes=SM3.leaves(record.body for record in item.records),
            indexes=[record.position for record in item.records],
            size=delivery.count,
            proof=item.path,
            root=delivery.root,
        )
    return True


def _open_records(
    bundle: PeriodBundle, deliveries: Sequence[Delivery], *, collectors: _Collectors
) -> _Records:
    devices = {device.name for device in bundle.devices}
    raws = {record_digest(raw): raw for raw in bundle.contexts}
    records: dict[int, ChainedRecord] = {}
    for item, delivery in zip(bundle.deliveries, deliveries, strict=True):
        known = collectors[delivery.collector]
        context = raws.get(delivery.context, b"")
        taken_over = any(is_taken_over(context, collector=each) for each in known)
        for leaf in item.records:
            try:
                record = read_chained(leaf.body)
                at = instant_of(record.collected_at_ms)
                _require_valid_key(known, at=at, taken_over=taken_over)
            except (InputError, EvidenceError) as fault:
                raise _at_leaf(leaf.index, fault) from fault
            if record.device not in devices:
                raise EvidenceError(
                    "leaf {index}: is of the device {device}, which the file does not name",
                    field="device",
                    index=leaf.index,
                    device=record.device,
                    code="record.device",
                )
            records[leaf.index] = record
    return records


def _require_valid_key(known: Sequence[KeyRegistration], *, at: datetime, taken_over: bool) -> None:
    if not any((taken_over or each.valid_from <= at) and at < each.valid_to for each in known):
        # raises, and says whether too early or too late
        require_valid(known[0], at=at, taken_over=taken_over)


def _open_contexts(
    bundle: PeriodBundle,
    deliveries: Sequence[Delivery],
    records: _Records,
    *,
    collectors: _Collectors,
) -> list[Context]:
    contexts = []
    raws = {record_digest(raw): raw for raw in bundle.contexts}
    for item, delivery in zip(bundle.deliveries, deliveries, strict=True):
        raw = raws.get(delivery.context)
        if raw is None:
            raise EvidenceError(
                "{field}: the context of delivery {index} is not in the file",
                field="contexts",
                index=item.record.index,
                code="context.digest",
            )
        known = collectors[delivery.collector]
        fitting = [each for each in known if is_taken_over(raw, collector=each)]
        context = open_context(raw, delivery=delivery, collector=(*fitting, known[0])[0])
        contexts.append(context)
        for leaf in item.records:
            try:
                require_context_of(
                    records[leaf.index], context=context, delivery=delivery, leaf_index=leaf.index
                )
            except EvidenceError as fault:
                raise _at_leaf(leaf.index, fault) from fault
    if raws.keys() - {delivery.context for delivery in deliveries}:
        raise EvidenceError(
            "{field}: holds contexts that no delivery names",
            field="contexts",
            code="context.unused",
        )
    return contexts


def _by_device(
    bundle: PeriodBundle, records: _Records, contexts: Sequence[Context]
) -> PeriodRecords:
    links: dict[str, list[ChainLink]] = {device.name: [] for device in bundle.devices}
    delivery_of: dict[int, int] = {}
    for place, item in enumerate(bundle.deliveries):
        for leaf in item.records:
            record = records[leaf.index]
            digest = record_digest(leaf.body)
            links[record.device].append(ChainLink(record=record, digest=digest, index=leaf.index))
            delivery_of[leaf.index] = place
    return PeriodRecords(
        links={
            device: sorted(chain, key=lambda link: link.index) for device, chain in links.items()
        },
        delivery_of=delivery_of,
        contexts=contexts,
    )


def _at_leaf(index: int, fault: InputError | EvidenceError) -> EvidenceError:
    return EvidenceError(
        "leaf {index}: {detail}",
        field="records",
        index=index,
        detail=fault.message,
        code=fault.reason,
    )
