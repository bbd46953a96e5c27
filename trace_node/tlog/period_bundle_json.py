"""Reading and writing ``period-proof@v1``; strict, and the two are inverse."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from trace_node.canonical_json import JsonObject, JsonValue, decode_object
from trace_node.ids import NAME_PATTERN, to_base64url
from trace_node.tlog.anchor_evidence import anchor_from_json, anchor_to_json
from trace_node.tlog.bundle import (
    hash_name_of,
    optional_anchor,
    record_bytes,
    refuse_reserved,
)
from trace_node.tlog.bundle_errors import BundleFormatError
from trace_node.tlog.bundle_file import PERIOD_PROOF, BundleFile, write_bundle_file
from trace_node.tlog.json_fields import Fields, instant_text
from trace_node.tlog.period_bundle import (
    MAX_DELIVERIES,
    MAX_DEVICES,
    MAX_FINDINGS,
    MAX_HISTORY,
    MAX_RECORDS,
    SCOPES,
    AnchoredCheckpoint,
    DeliveredRecord,
    LoggedRecord,
    PeriodBundle,
    PeriodDelivery,
    PeriodDevice,
)

PERIOD_MEMBERS: Final = frozenset(
    {
        *("anchor", "anchor_offline", "checkpoint", "collectors", "contexts", "deliveries"),
        *("devices", "digest", "findings", "from", "hash", "history", "organisation", "proof"),
        *("scope", "timestamps", "to", "type"),
    }
)
_DELIVERY_MEMBERS: Final = frozenset(
    {"index", "path", "received", "received_index", "record", "records"}
)
_RECORD_MEMBERS: Final = frozenset({"index", "position", "record"})
_LOGGED_MEMBERS: Final = frozenset({"index", "record"})
_DEVICE_MEMBERS: Final = frozenset({"device", "registration"})
_HISTORY_MEMBERS: Final = frozenset({"anchor", "checkpoint"})
_SCOPE_MEMBERS: Final = frozenset({"kind", "name"})
_RESERVED: Final = ("anchor_offline", "timestamps")
_MAX_KEYS: Final = 4096
_MAX_COUNT: Final = 4096  # records of one delivery
_MAX_CHECKPOINT: Final = 131_072  # a C2SP note with its cosignatures
_MAX_HASHES: Final = 4_000_000  # bounded by the file in any case


def format_period_bundle(bundle: PeriodBundle) -> bytes:
    """Write the file.

    Raises:
        TooLargeError: It would have more than 64 MiB.
        CanonicalFormError: A record is not in canonical form.
    """
    return write_bundle_file(
        {
            "anchor": None if bundle.anchor is None else anchor_to_json(bundle.anchor),
            "anchor_offline": None,
            "checkpoint": bundle.checkpoint,
            "collectors": [decode_object(raw) for raw in bundle.collectors],
            "contexts": [decode_object(raw) for raw in bundle.contexts],
            "deliveries": [_delivery_to_json(delivery) for delivery in bundle.deliveries],
            "devices": [_device_to_json(device) for device in bundle.devices],
            "findings": [_logged_to_json(finding) for finding in bundle.findings],
            "from": instant_text(bundle.begin),
            "hash": bundle.hash_name,
            "history": [
                {"anchor": anchor_to_json(entry.anchor), "checkpoint": entry.checkpoint}
                for entry in bundle.history
            ],
            "organisation": bundle.organisation,
            "proof": _hashes(bundle.proof),
            "scope": {"kind": bundle.scope, "name": bundle.scope_name},
            "timestamps": None,
            "to": instant_text(bundle.end),
            "type": PERIOD_PROOF,
        }
    )


def period_bundle_from_file(file: BundleFile) -> PeriodBundle:
    """Read the members of a ``period-proof@v1``; the digest is not looked at here.

    Raises:
        BundleFormatError: A member is missing, not known, not of its form, or out of order.
    """
    fields = Fields(file.members, path="", members=PERIOD_MEMBERS, error=BundleFormatError)
    refuse_reserved(fields, names=_RESERVED)
    scope = fields.inner("scope", members=_SCOPE_MEMBERS)
    bundle = PeriodBundle(
        hash_name=hash_name_of(fields),
        organisation=_name(fields, "organisation"),
        scope=scope.text("kind", most=16),
        scope_name=scope.text("name", least=0, most=128),
        begin=fields.instant("from"),
        end=fields.instant("to"),
        devices=tuple(
            _device_from(device)
            for device in fields.objects("devices", members=_DEVICE_MEMBERS, most=MAX_DEVICES)
        ),
        collectors=fields.records("collectors", most=_MAX_KEYS),
        contexts=fields.records("contexts", most=MAX_DELIVERIES),
        deliveries=_deliveries_from(fields),
        findings=tuple(
            LoggedRecord(index=item.integer("index"), body=record_bytes(item.mapping("record")))
            for item in fields.objects("findings", members=_LOGGED_MEMBERS, most=MAX_FINDINGS)
        ),
        proof=fields.digests("proof", most=_MAX_HASHES),
        checkpoint=fields.text("checkpoint", most=_MAX_CHECKPOINT),
        anchor=optional_anchor(fields),
        history=tuple(
            _history_from(item)
            for item in fields.objects("history", members=_HISTORY_MEMBERS, most=MAX_HISTORY)
        ),
    )
    _require_order(bundle)
    return bundle


def _deliveries_from(fields: Fields) -> tuple[PeriodDelivery, ...]:
    items = fields.objects("deliveries", members=_DELIVERY_MEMBERS, most=MAX_DELIVERIES)
    return tuple(_delivery_from(item) for item in items)


def _history_from(fields: Fields) -> AnchoredCheckpoint:
    anchor = anchor_from_json(
        fields.value("anchor"), path=fields.at("anchor"), error=BundleFormatError
    )
    return AnchoredCheckpoint(
        checkpoint=fields.text("checkpoint", most=_MAX_CHECKPOINT), anchor=anchor
    )


def _require_order(bundle: PeriodBundle) -> None:
    """One period has one file: lists are ascending, and nothing stands twice."""
    _require_scope(bundle)
    if bundle.begin >= bundle.end:
        raise BundleFormatError("{field}: must be after from", field="to")
    for field, items in (("devices", bundle.devices), ("deliveries", bundle.deliveries)):
        if not items:
            raise BundleFormatError("{field}: must hold at least one", field=field)
    _require_ascending("collectors", bundle.collectors)
    _require_ascending("contexts", bundle.contexts)
    _require_ascending("devices", [device.name for device in bundle.devices])
    _require_ascending("deliveries", [item.record.index for item in bundle.deliveries])
    _require_ascending("findings", [item.index for item in bundle.findings])
    _require_ascending("history", [item.anchor.head.size for item in bundle.history])
    for delivery in bundle.deliveries:
        _require_ascending("records", [record.position for record in delivery.records])
    _require_ascending("leaves", [index for index, _ in bundle.leaves()])
    if sum(len(delivery.records) for delivery in bundle.deliveries) > MAX_RECORDS:
        raise BundleFormatError(
            "{field}: more than {most}", field="deliveries.records", most=MAX_RECORDS
        )


def _require_scope(bundle: PeriodBundle) -> None:
    """The name of a scope is the organisation's, that of a boundary, or none at all."""
    if bundle.scope not in SCOPES:
        raise BundleFormatError("{field}: must be organisation, boundary or meters", field="scope")
    name = bundle.scope_name
    fitting = {
        "organisation": name == bundle.organisation,
        "boundary": name != "" and name.isprintable(),
        "meters": name == "",
    }
    if not fitting[bundle.scope]:
        raise BundleFormatError("{field}: does not fit the kind of the scope", field="scope.name")


def _require_ascending(field: str, values: Sequence[str] | Sequence[int] | Sequence[bytes]) -> None:
    for place, (earlier, later) in enumerate(pairwise(values)):
        if earlier >= later:  # type: ignore[operator]  # both are of one type
            raise BundleFormatError(
                "{field}: must ascend strictly; item {place} does not",
                field=field,
                place=place + 1,
                code="bundle.order",
            )


def _delivery_to_json(delivery: PeriodDelivery) -> JsonObject:
    return {
        "index": delivery.record.index,
        "path": _hashes(delivery.path),
        "received": decode_object(delivery.received.body),
        "received_index": delivery.received.index,
        "record": decode_object(delivery.record.body),
        "records": [
            {
                "index": record.index,
                "position": record.position,
                "record": decode_object(record.body),
            }
            for record in delivery.records
        ],
    }


def _delivery_from(fields: Fields) -> PeriodDelivery:
    fields.array("records", least=1, most=_MAX_COUNT)
    return PeriodDelivery(
        record=LoggedRecord(
            index=fields.integer("index"), body=record_bytes(fields.mapping("record"))
        ),
        received=LoggedRecord(
            index=fields.integer("received_index"), body=record_bytes(fields.mapping("received"))
        ),
        records=tuple(
            DeliveredRecord(
                index=record.integer("index"),
                position=record.integer("position", most=_MAX_COUNT - 1),
                body=record_bytes(record.mapping("record")),
            )
            for record in fields.objects("records", members=_RECORD_MEMBERS, most=_MAX_COUNT)
        ),
        path=fields.digests("path", most=_MAX_COUNT),
    )


def _device_to_json(device: PeriodDevice) -> JsonObject:
    return {
        "device": device.name,
        "registration": (
            None if device.registration is None else decode_object(device.registration)
        ),
    }


def _device_from(fields: Fields) -> PeriodDevice:
    registration = None
    if not fields.is_null("registration"):
        registration = record_bytes(fields.mapping("registration"))
    return PeriodDevice(name=_name(fields, "device"), registration=registration)


def _logged_to_json(item: LoggedRecord) -> JsonObject:
    return {"index": item.index, "record": decode_object(item.body)}


def _hashes(hashes: Iterable[bytes]) -> list[JsonValue]:
    return [to_base64url(value) for value in hashes]


def _name(fields: Fields, member: str) -> str:
    name = fields.text(member, most=64)
    if not NAME_PATTERN.fullmatch(name):
        raise BundleFormatError("{field}: is not a name", field=fields.at(member))
    return name
