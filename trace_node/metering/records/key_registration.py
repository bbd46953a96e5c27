"""The signed record that says whose a public key is: ``key-registration@1`` and ``@2``.

Version 2 is that of a collector's key which takes the place of others: it may deliver what was
collected under them.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from trace_node.canonical_json import JsonObject, JsonValue, decode_object
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import KeyId, OrganisationId, Origin
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    SALT_BYTES,
    read_bytes,
    read_choice,
    read_key_id,
    read_name,
    read_optional,
    read_origin,
    read_text,
    read_time,
    require_keys,
    require_type,
)
from trace_node.record.signing import sign_record, split_signature
from trace_node.record.writing import write_bytes, write_time

KEY_REGISTRATION: Final = "key-registration@1"
KEY_REGISTRATION_KEYS: Final = frozenset(
    {
        *("address", "key", "key_id", "log", "organisation", "salt", "subject", "type", "usage"),
        *("valid_from", "valid_to"),
    }
)
KEY_REPLACEMENT: Final = "key-registration@2"
KEY_REPLACEMENT_KEYS: Final = KEY_REGISTRATION_KEYS | {"replaces"}
MAX_REPLACED: Final = 16
USAGES: Final = frozenset({"collector", "log", "node", "witness"})
POINT_BYTES: Final = 65
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRegistration:
    """A key registration (密钥登记): a public key, what it is for, whose it is and how long.

    Attributes:
        salt: 16 random bytes.
        origin: Origin of the log; member ``log``.
        key: The SM2 public key.
        usage: ``collector``, ``log``, ``node`` or ``witness``.
        subject: Name of the device or program that holds the private key.
        organisation: Name of the organisation.
        valid_from: First instant at which the key counts.
        valid_to: First instant at which it no longer counts, after ``valid_from``.
        address: Address on the chain that is bound to the key, in EIP-55 form; None without.
        signed_by: Key id of the device CA's key.
        replaces: Ids of the keys whose place it takes: 1 to 16 in version 2, none in version 1.
    """

    salt: bytes
    origin: Origin
    key: PublicKey
    usage: str
    subject: str
    organisation: OrganisationId
    valid_from: datetime
    valid_to: datetime
    address: str | None
    signed_by: KeyId
    replaces: tuple[KeyId, ...] = ()

    @property
    def type(self) -> str:
        """Type and version of the record."""
        return KEY_REPLACEMENT if self.replaces else KEY_REGISTRATION

    def speaks_for(self, collector: KeyId) -> bool:
        """Whether it may deliver what was collected under that key: its own, or one replaced."""
        return collector == self.key.key_id or collector in self.replaces


def key_registration_from_fields(fields: JsonObject, *, signed_by: KeyId) -> KeyRegistration:
    """Read the members of a ``key-registration``, either version, without its signature.

    Raises:
        RecordError: A member breaks its rule, or ``key_id`` is not that of ``key``.
        InputError: ``key`` is not a point of the curve.
    """
    replacing = fields.get("type") == KEY_REPLACEMENT
    require_keys(fields, KEY_REPLACEMENT_KEYS if replacing else KEY_REGISTRATION_KEYS)
    registration = KeyRegistration(
        salt=read_bytes(fields, "salt", size=SALT_BYTES),
        origin=read_origin(fields, "log"),
        key=PublicKey.from_point(read_bytes(fields, "key", size=POINT_BYTES)),
        usage=read_choice(fields, "usage", USAGES),
        subject=read_name(fields, "subject"),
        organisation=OrganisationId(read_name(fields, "organisation")),
        valid_from=read_time(fields, "valid_from"),
        valid_to=read_time(fields, "valid_to"),
        address=read_optional(fields, "address", _read_address),
        signed_by=signed_by,
        replaces=_read_replaces(fields) if replacing else (),
    )
    if read_key_id(fields, "key_id") != registration.key.key_id:
        raise RecordError(
            "{field}: is not the id of the key, which is {expected}",
            field="key_id",
            expected=registration.key.key_id,
            remedy="compute it from the 65 bytes of the point",
            code="record.key_id",
        )
    if registration.valid_from >= registration.valid_to:
        raise RecordError(
            "{field}: must be after valid_from",
            field="valid_to",
            remedy="give the key a time in which it counts",
            code="record.valid_to",
        )
    return registration


def key_registration_to_fields(registration: KeyRegistration) -> JsonObject:
    """Write the members of a ``key-registration`` without its signature, unchecked."""
    replaced: JsonValue = [*registration.replaces]
    more: JsonObject = {"replaces": replaced} if registration.replaces else {}
    return more | {
        "address": registration.address,
        "key": write_bytes(registration.key.point),
        "key_id": registration.key.key_id,
        "log": registration.origin,
        "organisation": registration.organisation,
        "salt": write_bytes(registration.salt),
        "subject": registration.subject,
        "type": registration.type,
        "usage": registration.usage,
        "valid_from": write_time(registration.valid_from, field="valid_from"),
        "valid_to": write_time(registration.valid_to, field="valid_to"),
    }


def build_key_registration(registration: KeyRegistration, *, signer: Signer) -> bytes:
    """The exact bytes of a key registration, signed by the device CA's key.

    Raises:
        RecordError: A field breaks its rule, or ``signer`` is not the key named in ``signed_by``.
    """
    fields = key_registration_to_fields(registration)
    key_registration_from_fields(fields, signed_by=registration.signed_by)
    return sign_record(fields, signer=signer, signed_by=registration.signed_by, field="signed_by")


def parse_key_registration(raw: bytes) -> KeyRegistration:
    """Read the bytes of a ``key-registration``; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or a member breaks its rule.
        InputError: The key is not a point of the curve.
    """
    fields = decode_object(raw)
    version = KEY_REPLACEMENT if fields.get("type") == KEY_REPLACEMENT else KEY_REGISTRATION
    require_type(fields, version)
    fields, signed_by = split_signature(fields)
    return key_registration_from_fields(fields, signed_by=signed_by)


def _read_address(fields: JsonObject, key: str) -> str:
    return read_text(fields, key, _ADDRESS, "0x and 40 hexadecimal digits")


def _read_replaces(fields: JsonObject) -> tuple[KeyId, ...]:
    found = fields["replaces"]
    if isinstance(found, list) and 0 < len(found) <= MAX_REPLACED:
        keys = tuple(read_key_id({"replaces": each}, "replaces") for each in found)
        own = fields["key_id"]
        if len(set(keys)) == len(keys) and own not in keys and fields["usage"] == "collector":
            return keys
    raise RecordError(
        "{field}: must be 1 to {bound} ids of other keys of collectors, each once",
        field="replaces",
        bound=MAX_REPLACED,
        remedy="name the keys whose place a collector's key takes; otherwise use version 1",
        code="record.replaces",
    )
