"""The signed record that vouches for a sequence of records: ``delivery@1``."""

from dataclasses import dataclass
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.crypto.signer import Signer
from trace_node.ids import KeyId, Origin
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    SALT_BYTES,
    read_bytes,
    read_integer,
    read_key_id,
    read_origin,
    require_keys,
)
from trace_node.record.signing import open_signed, sign_record
from trace_node.record.writing import write_bytes

DELIVERY: Final = "delivery@1"
DELIVERY_KEYS: Final = frozenset({"collector", "context", "count", "log", "root", "salt", "type"})
MAX_COUNT: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery (交付): a collector's signature over the records it hands over, in their order.

    Attributes:
        salt: 16 random bytes.
        origin: Origin of the log it is meant for; member ``log``.
        collector: Key id of the collector, whose key signs.
        context: 32-byte digest of the context record.
        count: Number of records, 1 to 4096.
        root: 32-byte RFC 9162 root, SM3, over the leaf hashes of the records in order.
    """

    salt: bytes
    origin: Origin
    collector: KeyId
    context: bytes
    count: int
    root: bytes


def delivery_from_fields(fields: JsonObject) -> Delivery:
    """Read the members of a ``delivery@1`` without its signature.

    Raises:
        RecordError: A member breaks its rule.
    """
    require_keys(fields, DELIVERY_KEYS)
    return Delivery(
        salt=read_bytes(fields, "salt", size=SALT_BYTES),
        origin=read_origin(fields, "log"),
        collector=read_key_id(fields, "collector"),
        context=read_bytes(fields, "context"),
        count=read_integer(fields, "count", minimum=1, maximum=MAX_COUNT),
        root=read_bytes(fields, "root"),
    )


def delivery_to_fields(delivery: Delivery) -> JsonObject:
    """Write the members of a ``delivery@1`` without its signature, unchecked."""
    return {
        "collector": delivery.collector,
        "context": write_bytes(delivery.context),
        "count": delivery.count,
        "log": delivery.origin,
        "root": write_bytes(delivery.root),
        "salt": write_bytes(delivery.salt),
        "type": DELIVERY,
    }


def build_delivery(delivery: Delivery, *, signer: Signer) -> bytes:
    """The exact bytes of a delivery, signed by the collector's key.

    Raises:
        RecordError: A field breaks its rule, or ``signer`` is not the collector's key.
    """
    fields = delivery_to_fields(delivery)
    delivery_from_fields(fields)
    return sign_record(fields, signer=signer, signed_by=delivery.collector, field="collector")


def parse_delivery(raw: bytes) -> Delivery:
    """Read the bytes of a ``delivery@1``; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, a member breaks its rule, or not the collector's key signs.
    """
    fields, signed_by = open_signed(raw, DELIVERY)
    return require_collector(delivery_from_fields(fields), signed_by)


def require_collector(delivery: Delivery, signed_by: KeyId) -> Delivery:
    """Return ``delivery`` if its signature names its collector.

    Raises:
        RecordError: It names another key.
    """
    if delivery.collector != signed_by:
        raise RecordError(
            "{field}: the signature names the key {signer}, the delivery names {named}",
            field="collector",
            named=delivery.collector,
            signer=signed_by,
            remedy="sign with the key the record names",
            code="record.signer",
        )
    return delivery
