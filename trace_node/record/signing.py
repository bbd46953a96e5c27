"""How signed records are closed and opened; the convention itself is in ``trace_node.crypto``."""

from trace_node.canonical_json import JsonObject, decode_object
from trace_node.crypto import signed_record
from trace_node.crypto.signer import Signer
from trace_node.ids import KeyId
from trace_node.record.errors import RecordError
from trace_node.record.fields import require_type


def sign_record(fields: JsonObject, *, signer: Signer, signed_by: KeyId, field: str) -> bytes:
    """Sign checked fields and give the exact bytes of the record.

    Args:
        fields: All members but the signature.
        signer: The key that signs.
        signed_by: Key id the record says it is signed by.
        field: Name of the field that says so, for the error.

    Raises:
        RecordError: ``signer`` is another key.
        TooLargeError: The record would be longer than 65,535 bytes.
    """
    if signer.public.key_id != signed_by:
        raise RecordError(
            "{field}: the record names the key {named}, the signer is {signer}",
            field=field,
            named=signed_by,
            signer=signer.public.key_id,
            remedy="sign with the key the record names",
            code="record.signer",
        )
    return signed_record.sign(fields, signer)


def open_signed(raw: bytes, record_type: str) -> tuple[JsonObject, KeyId]:
    """Read a signed record's members and the id of the key it names; verifies nothing.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or no signature.
        InputError: The signature is not of the form that signed records have.
    """
    fields = decode_object(raw)
    require_type(fields, record_type)
    return split_signature(fields)


def split_signature(fields: JsonObject) -> tuple[JsonObject, KeyId]:
    """Part a signed record into its members without the signature and the key id in it.

    Raises:
        RecordError: It has no signature.
        InputError: The signature is not of the form that signed records have.
    """
    if "signature" not in fields:
        raise RecordError(
            "{field}: missing in a record of type {type}",
            field="signature",
            type=repr(fields.get("type")),
            remedy="sign the record",
            code="record.signature",
        )
    key = signed_record.signature_of(fields).key
    return {name: value for name, value in fields.items() if name != "signature"}, key
