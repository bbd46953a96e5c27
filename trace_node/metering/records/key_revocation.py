"""The signed record that ends a collector's key at once: ``key-revocation@1``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.crypto.signer import Signer
from trace_node.ids import KeyId, Origin
from trace_node.record.fields import (
    SALT_BYTES,
    read_bytes,
    read_key_id,
    read_origin,
    read_time,
    require_keys,
)
from trace_node.record.signing import sign_record
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes, write_time

KEY_REVOCATION: Final = "key-revocation@1"
KEY_REVOCATION_KEYS: Final = frozenset({"key_id", "log", "reason", "revoked_at", "salt", "type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevocation:
    """A key revocation (密钥吊销): a collector's key that counts no longer from this leaf on.

    Attributes:
        salt: 16 random bytes.
        origin: Origin of the log; member ``log``.
        key_id: Id of the collector's key.
        reason: Why, 1 to 500 printable characters in one line.
        revoked_at: Since when the key is not to be trusted, as the authority states it. What was
            logged before this leaf stays all the same.
        signed_by: Key id of the device CA's key.
    """

    salt: bytes
    origin: Origin
    key_id: KeyId
    reason: str
    revoked_at: datetime
    signed_by: KeyId


def key_revocation_from_fields(fields: JsonObject, *, signed_by: KeyId) -> KeyRevocation:
    """Read the members of a ``key-revocation@1`` without its signature.

    Raises:
        RecordError: A member breaks its rule.
    """
    require_keys(fields, KEY_REVOCATION_KEYS)
    return KeyRevocation(
        salt=read_bytes(fields, "salt", size=SALT_BYTES),
        origin=read_origin(fields, "log"),
        key_id=read_key_id(fields, "key_id"),
        reason=read_line(fields, "reason"),
        revoked_at=read_time(fields, "revoked_at"),
        signed_by=signed_by,
    )


def key_revocation_to_fields(revocation: KeyRevocation) -> JsonObject:
    """Write the members of a ``key-revocation@1`` without its signature, unchecked."""
    return {
        "key_id": revocation.key_id,
        "log": revocation.origin,
        "reason": revocation.reason,
        "revoked_at": write_time(revocation.revoked_at, field="revoked_at"),
        "salt": write_bytes(revocation.salt),
        "type": KEY_REVOCATION,
    }


def build_key_revocation(revocation: KeyRevocation, *, signer: Signer) -> bytes:
    """The exact bytes of a key revocation, signed by the device CA's key.

    Raises:
        RecordError: A field breaks its rule, or ``signer`` is not the key named in ``signed_by``.
    """
    fields = key_revocation_to_fields(revocation)
    key_revocation_from_fields(fields, signed_by=revocation.signed_by)
    return sign_record(fields, signer=signer, signed_by=revocation.signed_by, field="signed_by")
