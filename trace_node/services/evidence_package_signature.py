"""Who put an evidence package together: the signature over its manifest.

The bundles say what holds. What is lacking, the manifest alone says, and a gap could be taken out
of it on the way; so the node signs it.
"""

from collections.abc import Sequence
from typing import Final

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.crypto import signed_record
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm2 import PublicKey
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError
from trace_node.ids import KeyId, to_base64url
from trace_node.services.evidence_package_form import SIGNATURE, SIGNED, PackageError

_MEMBERS: Final = frozenset({"manifest", "origin", signed_record.MEMBER, "type"})
_AGAIN: Final = "get the package again from where it was made"


def sign_manifest(manifest: bytes, *, origin: str, signer: Signer) -> bytes:
    """The file ``signature.json`` for a manifest.

    Args:
        manifest: Bytes of the manifest.
        origin: Origin of the log.
        signer: Key of the node that makes the package.
    """
    return signed_record.sign(_fields(manifest, origin=origin), signer)


def require_signed(
    raw: bytes | None, manifest: bytes, *, origin: str, keys: Sequence[PublicKey]
) -> KeyId:
    """Require a node of the trust root to have signed a manifest; its key id.

    Args:
        raw: The file; None where the package has none.
        manifest: Bytes of the manifest.
        origin: Origin that the manifest names.
        keys: The node keys of the trust root.

    Raises:
        PackageError: There is no signature, or it is not over this manifest, or not by one of
            these keys, or does not verify.
    """
    if raw is None:
        raise PackageError(
            "{field}: nobody signed the manifest",
            field=SIGNATURE,
            remedy="ask for the package that the node made: what it lacks is not vouched for here",
            code="package.unsigned",
        )
    try:
        return _signer_of(raw, manifest, origin=origin, keys=keys)
    except (InputError, SignatureError) as error:
        raise PackageError(
            "{field}: is no signature of a node over this manifest: {detail}",
            field=SIGNATURE,
            detail=error.message,
            remedy=_AGAIN,
            code="package.signature",
        ) from error


def _signer_of(raw: bytes, manifest: bytes, *, origin: str, keys: Sequence[PublicKey]) -> KeyId:
    record = canonical_json.decode_object(raw)
    expected = _fields(manifest, origin=origin)
    stated = {name: record[name] for name in record if name != signed_record.MEMBER}
    if record.keys() != _MEMBERS or stated != expected:
        raise PackageError("{field}: names another manifest", field="manifest", remedy=_AGAIN)
    named = signed_record.signature_of(record).key
    for key in keys:
        if key.key_id == named:
            signed_record.verify(record, key)
            return named
    raise SignatureError(
        "{field}: {key} is no key of a node of the trust root",
        field="signature.key",
        key=named,
        remedy="compare the trust root with its owner",
        code="integrity.signature.key",
    )


def _fields(manifest: bytes, *, origin: str) -> JsonObject:
    return {"manifest": to_base64url(sm3(manifest)), "origin": origin, "type": SIGNED}
