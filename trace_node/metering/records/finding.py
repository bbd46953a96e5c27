"""What the node found wrong in a device chain or a value: ``finding@1``."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.crypto.signer import Signer
from trace_node.ids import DeviceId, KeyId, LeafIndex
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    SALT_BYTES,
    Code,
    read_bytes,
    read_code,
    read_integer,
    read_name,
    read_object,
    read_time,
    require_keys,
)
from trace_node.record.signing import open_signed, sign_record
from trace_node.record.writing import write_bytes, write_time

FINDING: Final = "finding@1"
FINDING_KEYS: Final = frozenset(
    {
        *("boot", "detail", "device", "finding", "found_at", "salt", "seq_from", "seq_to"),
        *("subjects", "type"),
    }
)
MAX_SUBJECTS: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding (异常发现): the node's signed statement that something does not fit.

    Attributes:
        salt: 16 random bytes.
        finding: Code of what was found; docs/spec/records.md lists those in use.
        device: Name of the device.
        boot: 16 bytes that name the run of the collector.
        seq_from: First position in (device, boot) concerned.
        seq_to: Last position concerned, not before ``seq_from``.
        subjects: Leaf indexes of the records concerned, rising, at most 1024; may be empty.
        detail: What is to be said about it; permitted JSON values only.
        found_at: The node's clock; whole milliseconds.
        signed_by: Key id of the node's key.
    """

    salt: bytes
    finding: Code
    device: DeviceId
    boot: bytes
    seq_from: int
    seq_to: int
    subjects: tuple[LeafIndex, ...]
    detail: JsonObject
    found_at: datetime
    signed_by: KeyId


def finding_from_fields(fields: JsonObject, *, signed_by: KeyId) -> Finding:
    """Read the members of a ``finding@1`` without its signature.

    Raises:
        RecordError: A member breaks its rule.
    """
    require_keys(fields, FINDING_KEYS)
    seq_from = read_integer(fields, "seq_from", minimum=0)
    return Finding(
        salt=read_bytes(fields, "salt", size=SALT_BYTES),
        finding=read_code(fields, "finding"),
        device=DeviceId(read_name(fields, "device")),
        boot=read_bytes(fields, "boot", size=SALT_BYTES),
        seq_from=seq_from,
        seq_to=read_integer(fields, "seq_to", minimum=seq_from),
        subjects=_read_subjects(fields),
        detail=read_object(fields, "detail"),
        found_at=read_time(fields, "found_at"),
        signed_by=signed_by,
    )


def finding_to_fields(finding: Finding) -> JsonObject:
    """Write the members of a ``finding@1`` without its signature, unchecked but for the time."""
    return {
        "boot": write_bytes(finding.boot),
        "detail": finding.detail,
        "device": finding.device,
        "finding": finding.finding,
        "found_at": write_time(finding.found_at, field="found_at"),
        "salt": write_bytes(finding.salt),
        "seq_from": finding.seq_from,
        "seq_to": finding.seq_to,
        "subjects": list(finding.subjects),
        "type": FINDING,
    }


def build_finding(finding: Finding, *, signer: Signer) -> bytes:
    """The exact bytes of a finding, signed by the node's key.

    Raises:
        RecordError: A field breaks its rule, or ``signer`` is not the key named in ``signed_by``.
        CanonicalFormError: ``detail`` holds a value that canonical JSON does not permit.
    """
    fields = finding_to_fields(finding)
    finding_from_fields(fields, signed_by=finding.signed_by)
    return sign_record(fields, signer=signer, signed_by=finding.signed_by, field="signed_by")


def parse_finding(raw: bytes) -> Finding:
    """Read the bytes of a ``finding@1``; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or a member breaks its rule.
    """
    fields, signed_by = open_signed(raw, FINDING)
    return finding_from_fields(fields, signed_by=signed_by)


def _read_subjects(fields: JsonObject) -> tuple[LeafIndex, ...]:
    items = fields["subjects"]
    if isinstance(items, list) and len(items) <= MAX_SUBJECTS:
        indexes = [item for item in items if isinstance(item, int) and not isinstance(item, bool)]
        rising = all(left < right for left, right in pairwise(indexes))
        if len(indexes) == len(items) and rising and (not indexes or indexes[0] >= 0):
            return tuple(LeafIndex(index) for index in indexes)
    raise RecordError(
        "{field}: must be a list of at most {bound} leaf indexes, each larger than the one before",
        field="subjects",
        bound=MAX_SUBJECTS,
        remedy="sort the indexes and name each once",
        code="record.subjects",
    )
