"""The trust root ``trust-root@v1``: what a verifier brings along (docs/spec/trust-root.md).

It says which log, which keys and which chain are believed. It is written by its owner (a
consortium, a regulator, the verifier) and never filled from a bundle or a node: its fingerprint is
compared over another way, on paper or by telephone.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from trace_node.canonical_json import decode_object
from trace_node.crypto import signed_record
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError
from trace_node.tlog.bundle_errors import TrustRootError, TrustRootFormatError
from trace_node.tlog.json_fields import instant_text
from trace_node.tlog.trust_root_form import TrustRoot
from trace_node.tlog.trust_root_json import trust_root_from_json, trust_root_to_json

MAX_TRUST_ROOT_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTrustRoot:
    """A trust root with the exact bytes that its owner signed (信任根).

    Attributes:
        root: What it says.
        raw: The file.
        fingerprint: ``sm3:`` and 64 hex digits of SM3(0x00 ‖ file); compared out of band.
    """

    root: TrustRoot
    raw: bytes

    @property
    def digest(self) -> bytes:
        """The digest by which a successor names this trust root: SM3(0x00 ‖ file)."""
        return sm3(b"\x00" + self.raw)

    @property
    def fingerprint(self) -> str:
        """The digest as people compare it: ``sm3:`` and 64 hex digits."""
        return f"sm3:{self.digest.hex()}"


def sign_trust_root(root: TrustRoot, *, owner: Signer) -> SignedTrustRoot:
    """Sign a trust root with its owner's key.

    Raises:
        TrustRootFormatError: A member breaks its rule, or ``owner`` is not the key it names.
    """
    fields = trust_root_to_json(root)
    trust_root_from_json(fields)
    if owner.public.point != root.owner.point:
        raise TrustRootFormatError(
            "{field}: names the key {named}, the signer is {signer}",
            field="owner",
            named=root.owner.public.key_id,
            signer=owner.public.key_id,
            remedy="sign with the owner's key",
            code="trust_root.owner",
        )
    return SignedTrustRoot(root=root, raw=signed_record.sign(fields, owner))


def parse_trust_root(raw: bytes) -> SignedTrustRoot:
    """Read a trust root; signature, time and predecessor are looked at by ``require_*``.

    Raises:
        TooLargeError: More than 65,536 bytes.
        CanonicalFormError: Not in canonical form.
        TrustRootFormatError: A member is missing, not known, or not of its form.
    """
    fields = decode_object(raw, max_bytes=MAX_TRUST_ROOT_BYTES)
    if "signature" not in fields:
        raise TrustRootFormatError(
            "{field}: is missing",
            field="signature",
            remedy="sign it: trace-node trust-root sign",
            code="trust_root.unsigned",
        )
    members = {name: value for name, value in fields.items() if name != "signature"}
    return SignedTrustRoot(root=trust_root_from_json(members), raw=raw)


def require_owner(signed: SignedTrustRoot) -> None:
    """Require the signature of the owner that the trust root names.

    Raises:
        TrustRootError: The signature is malformed, of another key, or does not verify.
    """
    owner = signed.root.owner.public
    try:
        signed_record.verify(signed.raw, owner)
    except (InputError, SignatureError) as fault:
        raise TrustRootError(
            "{field}: the owner's signature does not verify: {detail}",
            field="signature",
            detail=fault.message,
            remedy="get the trust root again from its owner",
            code="trust_root.signature",
        ) from fault


def require_in_force(root: TrustRoot, *, now: datetime) -> None:
    """Require ``now`` to lie between issue (inclusive) and expiry (exclusive).

    Raises:
        TrustRootError: It does not.
    """
    if now < root.issued_at:
        raise TrustRootError(
            "{field}: in force only from {issued_at}",
            field="issued_at",
            issued_at=instant_text(root.issued_at),
            remedy="check the clock of this machine",
            code="trust_root.not_yet_valid",
        )
    if now >= root.expires_at:
        raise TrustRootError(
            "{field}: expired at {expires_at}",
            field="expires_at",
            expires_at=instant_text(root.expires_at),
            remedy="get the newest trust root from its owner and compare its fingerprint",
            code="trust_root.expired",
        )


def require_successor(signed: SignedTrustRoot, *, predecessor: SignedTrustRoot) -> None:
    """Require ``signed`` to be the next version after ``predecessor``, by the same owner.

    An owner who changes the owner's key starts a new line, whose fingerprint is compared anew. So
    does one who takes a revocation back, or moves it to a later leaf: what the key signed would
    count again, and nobody who trusted the version before would notice.

    Raises:
        TrustRootError: The digest, the version, the owner or the log is another, or a key is no
            longer revoked from the leaf on from which it was.
    """
    root, before = signed.root, predecessor.root
    since = {each.key_id: each.from_index for each in root.revoked_keys}
    if root.predecessor != predecessor.digest:
        fault = "predecessor"
    elif root.version != before.version + 1:
        fault = "version"
    elif root.owner.point != before.owner.point:
        fault = "owner"
    elif root.origin != before.origin:
        fault = "origin"
    elif any(since.get(each.key_id, math.inf) > each.from_index for each in before.revoked_keys):
        fault = "revoked_keys"
    else:
        return
    raise TrustRootError(
        "{field}: does not follow from the trust root before it",
        field=fault,
        remedy="check the new fingerprint with the owner before you use it",
        code="trust_root.predecessor",
    )


def require_fingerprint(signed: SignedTrustRoot, *, expected: str) -> None:
    """Require the fingerprint that was compared out of band.

    Args:
        signed: The trust root.
        expected: ``sm3:`` and 64 hex digits.

    Raises:
        TrustRootError: It is another.
    """
    if signed.fingerprint != expected.strip().lower():
        raise TrustRootError(
            "{field}: is {found}, expected {expected}",
            field="fingerprint",
            found=signed.fingerprint,
            expected=expected[:80],
            remedy="ask the owner of the trust root for its fingerprint, not the node",
            code="trust_root.fingerprint",
        )
