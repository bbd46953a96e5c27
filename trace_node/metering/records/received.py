"""The node's own leaf for each delivery it took in: ``received@1``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.crypto.signer import Signer
from trace_node.ids import KeyId, LeafIndex
from trace_node.metering.records.delivery import MAX_COUNT
from trace_node.record.fields import (
    SALT_BYTES,
    read_bytes,
    read_integer,
    read_time,
    require_keys,
)
from trace_node.record.signing import open_signed, sign_record
from trace_node.record.writing import write_bytes, write_time

RECEIVED: Final = "received@1"
RECEIVED_KEYS: Final = frozenset(
    {"count", "delivery", "first_index", "received_at", "salt", "type"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An acknowledgement (接收记录): when the node took in a delivery and where its records are.

    Attributes:
        salt: 16 random bytes.
        delivery: 32-byte digest of the delivery record.
        first_index: Leaf index of the first delivered record.
        count: Number of delivered records, 1 to 4096.
        received_at: The node's clock; whole milliseconds.
        signed_by: Key id of the node's key.
    """

    salt: bytes
    delivery: bytes
    first_index: LeafIndex
    count: int
    received_at: datetime
    signed_by: KeyId


def received_from_fields(fields: JsonObject, *, signed_by: KeyId) -> Received:
    """Read the members of a ``received@1`` without its signature.

    Raises:
        RecordError: A member breaks its rule.
    """
    require_keys(fields, RECEIVED_KEYS)
    return Received(
        salt=read_bytes(fields, "salt", size=SALT_BYTES),
        delivery=read_bytes(fields, "delivery"),
        first_index=LeafIndex(read_integer(fields, "first_index", minimum=0)),
        count=read_integer(fields, "count", minimum=1, maximum=MAX_COUNT),
        received_at=read_time(fields, "received_at"),
        signed_by=signed_by,
    )


def received_to_fields(received: Received) -> JsonObject:
    """Write the members of a ``received@1`` without its signature, unchecked but for the time."""
    return {
        "count": received.count,
        "delivery": write_bytes(received.delivery),
        "first_index": received.first_index,
        "received_at": write_time(received.received_at, field="received_at"),
        "salt": write_bytes(received.salt),
        "type": RECEIVED,
    }


def build_received(received: Received, *, signer: Signer) -> bytes:
    """The exact bytes of an acknowledgement, signed by the node's key.

    Raises:
        RecordError: A field breaks its rule, or ``signer`` is not the key named in ``signed_by``.
    """
    fields = received_to_fields(received)
    received_from_fields(fields, signed_by=received.signed_by)
    return sign_record(fields, signer=signer, signed_by=received.signed_by, field="signed_by")


def parse_received(raw: bytes) -> Received:
    """Read the bytes of a ``received@1``; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or a member breaks its rule.
    """
    fields, signed_by = open_signed(raw, RECEIVED)
    return received_from_fields(fields, signed_by=signed_by)
