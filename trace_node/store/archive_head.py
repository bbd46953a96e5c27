"""How far an archive counts: the small file that is replaced after every append."""

from dataclasses import dataclass
from pathlib import Path

from trace_node import canonical_json
from trace_node.canonical_json import CanonicalFormError, JsonObject
from trace_node.errors import InputError
from trace_node.ids import Origin, from_base64url, to_base64url
from trace_node.ports.entries import LogIdentity
from trace_node.store.archive_frames import FIRST_DIGEST, ArchiveDamagedError
from trace_node.store.durable_files import replace_durably

FORMAT = "trace-node-archive@1"
HEAD_FILE = "head.json"
IDENTITY_FILE = "archive.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveHead:
    """What was acknowledged; what lies beyond it in a segment was not.

    Attributes:
        segment: Name of the segment that is written to; empty before the first.
        length: Bytes of it that count.
        size: Number of entries in the archive.
        checkpoint: Size of the newest checkpoint in it; 0 before the first.
        evidence: Number of conflicts in it.
        digest: Digest of the last frame.
    """

    segment: str = ""
    length: int = 0
    size: int = 0
    checkpoint: int = 0
    evidence: int = 0
    digest: bytes = FIRST_DIGEST


def read_head(folder: Path) -> ArchiveHead:
    """Read ``head.json``; an archive without one, and without a segment, is empty.

    Raises:
        ArchiveDamagedError: It is not what this program writes, or it is lost.
    """
    path = folder / HEAD_FILE
    if not path.exists():
        if any(folder.glob("segments/*.tna")):
            raise _damaged(path)
        return ArchiveHead()
    fields = _read(path)
    segment, digest = fields.get("segment"), fields.get("digest")
    numbers = [fields.get(name) for name in ("length", "size", "checkpoint", "evidence")]
    whole = [number for number in numbers if isinstance(number, int) and number >= 0]
    if not isinstance(segment, str) or not isinstance(digest, str) or len(whole) < len(numbers):
        raise _damaged(path)
    length, size, checkpoint, evidence = whole
    try:
        return ArchiveHead(
            segment=segment,
            length=length,
            size=size,
            checkpoint=checkpoint,
            evidence=evidence,
            digest=from_base64url(digest, size=len(FIRST_DIGEST), field="digest"),
        )
    except InputError as error:
        raise _damaged(path) from error


def write_head(folder: Path, head: ArchiveHead) -> None:
    """Replace ``head.json``; durable when this returns."""
    fields: JsonObject = {
        "checkpoint": head.checkpoint,
        "digest": to_base64url(head.digest),
        "evidence": head.evidence,
        "length": head.length,
        "segment": head.segment,
        "size": head.size,
    }
    replace_durably(folder / HEAD_FILE, canonical_json.encode(fields))


def read_identity(folder: Path) -> LogIdentity | None:
    """Read ``archive.json``; None where there is no archive.

    Raises:
        ArchiveDamagedError: It is not what this program writes.
    """
    path = folder / IDENTITY_FILE
    if not path.exists():
        return None
    fields = _read(path)
    origin, hash_name, profile = (fields.get(name) for name in ("origin", "hash", "profile"))
    is_ours = fields.get("format") == FORMAT and isinstance(origin, str)
    if not is_ours or not isinstance(hash_name, str) or not isinstance(profile, str):
        raise _damaged(path)
    return LogIdentity(origin=Origin(str(origin)), hash_name=hash_name, profile=profile)


def write_identity(folder: Path, identity: LogIdentity) -> None:
    """Write ``archive.json``; durable when this returns."""
    fields: JsonObject = {
        "format": FORMAT,
        "hash": identity.hash_name,
        "origin": identity.origin,
        "profile": identity.profile,
    }
    replace_durably(folder / IDENTITY_FILE, canonical_json.encode(fields))


def _read(path: Path) -> JsonObject:
    try:
        return canonical_json.decode_object(path.read_bytes())
    except CanonicalFormError as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> ArchiveDamagedError:
    return ArchiveDamagedError(
        "{field}: not what an archive holds here",
        field=str(path),
        remedy="restore the file from a copy, or begin a new archive in an empty folder",
    )
