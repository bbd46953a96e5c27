"""What all bundle files share: one canonical form, a type with its version, a digest of the file.

A file is at most its type's bound long; the type is the last member of the canonical form, so it is
known, and the bound applied, before anything is parsed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from trace_node.canonical_json import JsonObject, decode_object, encode, encode_trusted
from trace_node.crypto.sm3 import sm3
from trace_node.errors import TooLargeError
from trace_node.ids import from_base64url, to_base64url
from trace_node.tlog.bundle_errors import BundleDigestError, BundleFormatError

CARBON_PROOF = "carbon-proof@v1"
PERIOD_PROOF = "period-proof@v1"
EMISSION_PROOF = "emission-proof@v1"
STATEMENT_PROOF = "statement-proof@v1"
MAX_BYTES: Mapping[str, int] = {
    CARBON_PROOF: 65_536,  # a proof from a log of 10 million leaves needs 8 kB
    PERIOD_PROOF: 67_108_864,  # about 100,000 readings
    EMISSION_PROOF: 67_108_864,
    STATEMENT_PROOF: 67_108_864,
}
MAX_FILE_BYTES = max(MAX_BYTES.values())
_TYPE_AT_END = re.compile(rb'"type":"([A-Za-z0-9@._-]{1,64})"\}\Z')
_TAIL = 80  # no less than the longest match
_DIGEST_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFile:
    """A file in canonical form, of a known type, not looked into further.

    Attributes:
        type: One of ``MAX_BYTES``.
        members: The whole object.
        digest: The digest that the file itself states; 32 bytes.
    """

    type: str
    members: JsonObject
    digest: bytes

    def require_type(self, expected: str) -> None:
        """Require the file to be of the type ``expected``.

        Raises:
            BundleFormatError: It is of another; code ``bundle.version``.
        """
        if self.type != expected:
            raise BundleFormatError(
                "{field}: is {found}, expected {expected}",
                field="type",
                found=self.type,
                expected=expected,
                code="bundle.version",
            )

    def require_digest(self) -> bytes:
        """Require the file's digest to be the one that it states, and give it.

        Raises:
            BundleDigestError: It is another.
        """
        computed = file_digest(self.members)
        if computed != self.digest:
            raise BundleDigestError(
                "{field}: the file states {stated}, its content gives {computed}",
                field="digest",
                stated=to_base64url(self.digest),
                computed=to_base64url(computed),
                remedy="get the file again from where it was made; it was changed on the way",
            )
        return computed


def read_bundle_file(raw: bytes) -> BundleFile:
    """Read the outer form of a bundle.

    Args:
        raw: The whole file.

    Raises:
        TooLargeError: Longer than the bound of its type; it was not parsed.
        CanonicalFormError: Not in canonical form: other spelling, repeated keys, trailing bytes.
        BundleFormatError: Of a type or version not known here, or without a digest.
    """
    claimed = claimed_type(raw)
    bound = MAX_BYTES.get(claimed, MAX_BYTES[CARBON_PROOF])
    if len(raw) > bound:
        raise TooLargeError(
            "{field}: {size} bytes; a file of type {type} has at most {bound}",
            field="file",
            size=len(raw),
            type=claimed or "carbon-proof@v1",
            bound=bound,
            code="bundle.too_large",
        )
    members = decode_object(raw, max_bytes=bound)
    kind = members.get("type")
    if not isinstance(kind, str) or kind not in MAX_BYTES:
        raise BundleFormatError(
            "{field}: {found} is not known here; known are {known}",
            field="type",
            found=repr(kind)[:80],
            known=", ".join(sorted(MAX_BYTES)),
            remedy="use a newer trace-node to check it",
            code="bundle.version",
        )
    return BundleFile(type=kind, members=members, digest=_stated_digest(members))


def claimed_type(raw: bytes) -> str:
    """The type that a file claims at its end; empty when it claims none. Nothing is parsed."""
    found = _TYPE_AT_END.search(raw[-_TAIL:])
    return found.group(1).decode("ascii") if found else ""


def write_bundle_file(members: JsonObject) -> bytes:
    """Write a bundle: add the digest to its members and give the canonical form.

    Args:
        members: Everything but the member ``digest``, with the member ``type``.

    Raises:
        TooLargeError: The file would be over the bound of its type.
        CanonicalFormError: A member cannot be written in canonical form.
    """
    raw = encode({**members, "digest": to_base64url(file_digest(members))})
    bound = MAX_BYTES[str(members["type"])]
    if len(raw) > bound:
        raise TooLargeError(
            "{field}: would have {size} bytes; a file of type {type} has at most {bound}",
            field="file",
            size=len(raw),
            type=members["type"],
            bound=bound,
            remedy="choose a shorter period or fewer meters",
            code="bundle.too_large",
        )
    return raw


def file_digest(members: JsonObject) -> bytes:
    """SM3 of the type, a line feed and the canonical form without the member ``digest``.

    The type in front keeps this digest apart from leaf hashes (0x00), node hashes (0x01) and
    digests of raw exchanges (0x02).
    """
    rest = {name: value for name, value in members.items() if name != "digest"}
    return sm3(str(members["type"]).encode("ascii") + b"\n" + encode_trusted(rest))


def _stated_digest(members: JsonObject) -> bytes:
    stated = members.get("digest")
    if not isinstance(stated, str):
        raise BundleFormatError("{field}: must be a string of base64url", field="digest")
    return from_base64url(stated, size=_DIGEST_SIZE, field="digest")
