"""Records that carry an SM2 signature over the rest of themselves (docs/spec/signed-record.md).

What is signed is the canonical JSON of the object without its member ``signature``. The bytes are
the record: they are kept and hashed as they were built or received.
"""

from dataclasses import dataclass

from trace_node import canonical_json
from trace_node.canonical_json import MAX_RECORD_BYTES, JsonObject, JsonValue
from trace_node.crypto import sm2
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.signer import Signer
from trace_node.errors import InputError, TooLargeError
from trace_node.ids import KeyId, from_base64url, to_base64url

MEMBER = "signature"

_MEMBERS = ("algorithm", "key", "value")
_KEY_ID_LENGTH = 32
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSignature:
    """The signature of a record (记录签名).

    Args:
        key: The id of the key that is said to have signed.
        value: The signature in DER, not yet verified.
    """

    key: KeyId
    value: bytes


def sign(fields: JsonObject, signer: Signer) -> bytes:
    """Return the bytes of the record: ``fields`` and the member ``signature`` over them.

    Args:
        fields: The record without a signature.
        signer: The key; its id goes into the record.

    Raises:
        InputError: ``fields`` already has a member ``signature``, or has no canonical form.
        TooLargeError: The record would exceed 65,535 bytes.
        NoProviderError: No library may sign.
    """
    if MEMBER in fields:
        raise InputError(
            "{field}: the record is already signed", field=MEMBER, code="input.record.signed"
        )
    value = signer.sign(canonical_json.encode(fields))
    signature: JsonValue = {
        "algorithm": sm2.ALGORITHM,
        "key": signer.public.key_id,
        "value": to_base64url(value),
    }
    raw = canonical_json.encode_trusted({**fields, MEMBER: signature})
    if len(raw) > MAX_RECORD_BYTES:
        raise TooLargeError(
            "the record has {size} bytes, at most {bound} are allowed",
            size=len(raw),
            bound=MAX_RECORD_BYTES,
        )
    return raw


def signature_of(record: JsonObject) -> RecordSignature:
    """Read the member ``signature`` of a parsed record, without verifying anything.

    Raises:
        InputError: The member is missing, has other members, another algorithm, or its texts are
            not a key id and canonical base64url. Whether the value is strict DER, ``verify`` says.
    """
    member = record.get(MEMBER)
    if not isinstance(member, dict) or tuple(sorted(member)) != _MEMBERS:
        raise InputError(
            "{field}: must be an object of algorithm, key and value",
            field=MEMBER,
            code="input.record.unsigned",
        )
    if member["algorithm"] != sm2.ALGORITHM:
        raise InputError(
            "{field}: must be {algorithm}",
            field="signature.algorithm",
            algorithm=sm2.ALGORITHM,
            code="input.record.algorithm",
        )
    key, value = member["key"], member["value"]
    if not isinstance(key, str) or len(key) != _KEY_ID_LENGTH or not _HEX.issuperset(key):
        raise InputError(
            "{field}: must be {length} lower-case hex digits",
            field="signature.key",
            length=_KEY_ID_LENGTH,
            code="input.record.key",
        )
    if not isinstance(value, str):
        raise InputError(
            "{field}: must be a string", field="signature.value", code="input.record.value"
        )
    der = from_base64url(value, size=None, field="signature.value")
    return RecordSignature(key=KeyId(key), value=der)


def verify(record: bytes | JsonObject, public: sm2.PublicKey) -> None:
    """Check that ``record`` was signed by ``public``.

    Args:
        record: The record's bytes, which must be canonical, or the object read from them.
        public: The key that must have signed; the caller decides whether it may.

    Raises:
        InputError: Not canonical, or see ``signature_of``.
        SignatureError: Names another key (``integrity.signature.key``), or does not verify.
    """
    fields = canonical_json.decode_object(record) if isinstance(record, bytes) else record
    signature = signature_of(fields)
    if signature.key != public.key_id:
        raise SignatureError(
            "{field}: names the key {named}, not {expected}",
            field="signature.key",
            named=signature.key,
            expected=public.key_id,
            code="integrity.signature.key",
        )
    sm2.verify(public, signed_bytes(fields), signature.value)


def signed_bytes(record: JsonObject) -> bytes:
    """Return the bytes that a record's signature covers: all members but ``signature``.

    Raises:
        CanonicalFormError: The record holds a value that has no canonical form.
    """
    return canonical_json.encode({name: record[name] for name in record if name != MEMBER})
