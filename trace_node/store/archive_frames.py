"""The bytes of an archive: frames chained by their digests (docs/spec/archive.md).

A frame is ``kind ‖ length ‖ payload ‖ digest``: one byte, 32 bits, the payload, and SM3 over the
digest before, the kind, the length and the payload. So no frame can be changed, left out or moved
without the next digest saying so.
"""

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from trace_node import canonical_json
from trace_node.canonical_json import CanonicalFormError
from trace_node.crypto.sm3 import new_sm3
from trace_node.errors import IntegrityError
from trace_node.period import to_ms
from trace_node.ports.archive import ArchivedEntries
from trace_node.ports.entries import Span, StoredCheckpoint
from trace_node.store.columns import from_ms

MAGIC = b"trace-node-archive@1\n"
DIGEST_BYTES = 32
HEAD_BYTES = len(MAGIC) + DIGEST_BYTES
FIRST_DIGEST = bytes(DIGEST_BYTES)  # before the first frame of the first segment
MAX_PAYLOAD = 64 * 1024 * 1024
PART_BYTES = 16 * 1024 * 1024  # of entries in one frame; their spans come on top

ENTRIES = b"E"
CHECKPOINT = b"C"
EVIDENCE = b"X"

_HEAD = struct.Struct(">cI")
_ENTRIES_HEAD = struct.Struct(">QII")  # first index, number of entries, bytes of the spans
_CHECKPOINT_HEAD = struct.Struct(">QQ32s")  # size, sealed at, root
_LENGTH = struct.Struct(">H")


class ArchiveDamagedError(IntegrityError):
    """A frame of the archive is damaged, cut off or missing."""

    code = "archive.damaged"


def frame(kind: bytes, payload: bytes, *, before: bytes) -> tuple[bytes, bytes]:
    """The bytes of a frame, and its digest.

    Args:
        kind: ``E``, ``C`` or ``X``.
        payload: At most 64 MiB.
        before: Digest of the frame before.
    """
    head = _HEAD.pack(kind, len(payload))
    running = new_sm3(before + head)
    running.update(payload)
    digest = running.digest()
    return head + payload + digest, digest


def read_segment(
    path: Path, *, end: int | None, before: bytes | None
) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The frames of a segment as (kind, payload, digest), checked one by one.

    Args:
        path: The segment.
        end: Bytes of it that count; None for all.
        before: Digest of the last frame of the segment before; None if it was not read.

    Raises:
        ArchiveDamagedError: A frame is cut off or has another digest, or the segment does not
            follow the one before.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        end = length if end is None else end
        head = file.read(HEAD_BYTES)
        stated = head[len(MAGIC) :]
        if head[: len(MAGIC)] != MAGIC or before not in {None, stated} or length < end:
            raise damaged(path.name, min(length, end))
        yield from _frames(file, name=path.name, end=end, before=stated)


def _frames(
    file: BinaryIO, *, name: str, end: int, before: bytes
) -> Iterator[tuple[bytes, bytes, bytes]]:
    place = file.tell()
    while place < end:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise damaged(name, place)
        kind, length = _HEAD.unpack(head)
        if length > MAX_PAYLOAD or place + _HEAD.size + length + DIGEST_BYTES > end:
            raise damaged(name, place)
        payload, digest = file.read(length), file.read(DIGEST_BYTES)
        running = new_sm3(before + head)
        running.update(payload)
        if running.digest() != digest:
            raise damaged(name, place)
        yield kind, payload, digest
        before, place = digest, file.tell()


def holds(path: Path, *, length: int, digest: bytes) -> bool:
    """Whether a segment is there and its first ``length`` bytes end in the digest ``digest``."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        file.seek(max(length - DIGEST_BYTES, 0))
        return file.read(DIGEST_BYTES) == digest


def parts_of(entries: ArchivedEntries, *, bound: int = PART_BYTES) -> Iterator[ArchivedEntries]:
    """Entries in parts that fit a frame: each of ``bound`` bytes at most, or of one entry.

    A part that begins with a received record has the spans of the delivery right before it.
    """
    start, size = 0, 0
    for place, body in enumerate(entries.bodies):
        if size and size + len(body) > bound:
            yield _part(entries, start, place)
            start, size = place, 0
        size += len(body)
    yield _part(entries, start, len(entries.bodies))


def _part(entries: ArchivedEntries, start: int, end: int) -> ArchivedEntries:
    first, last = entries.first_index + start, entries.first_index + end
    return ArchivedEntries(
        first_index=first,
        bodies=entries.bodies[start:end],
        spans={at: spans for at, spans in entries.spans.items() if first - 1 <= at < last},
    )


def encode_entries(entries: ArchivedEntries) -> bytes:
    """The payload of a frame of entries."""
    spans = canonical_json.encode(
        {
            str(index): [[span.first_index, span.count, span.fresh] for span in spans]
            for index, spans in entries.spans.items()
        }
    )
    parts = [_ENTRIES_HEAD.pack(entries.first_index, len(entries.bodies), len(spans)), spans]
    for body in entries.bodies:
        parts += [_LENGTH.pack(len(body)), body]
    return b"".join(parts)


def decode_entries(payload: bytes, *, name: str) -> ArchivedEntries:
    """Read the payload of a frame of entries.

    Raises:
        ArchiveDamagedError: It is none, although its digest is right.
    """
    try:
        first, count, length = _ENTRIES_HEAD.unpack_from(payload)
        place = _ENTRIES_HEAD.size + length
        spans = canonical_json.decode_object(
            payload[_ENTRIES_HEAD.size : place], max_bytes=MAX_PAYLOAD
        )
        bodies: list[bytes] = []
        for _ in range(count):
            (size,) = _LENGTH.unpack_from(payload, place)
            place += _LENGTH.size
            bodies.append(payload[place : place + size])
            place += size
        if place != len(payload):
            raise damaged(name, place)
        return ArchivedEntries(
            first_index=first,
            bodies=bodies,
            spans={int(index): _spans(items) for index, items in spans.items()},
        )
    except (struct.error, CanonicalFormError, TypeError, ValueError) as error:
        raise damaged(name, 0) from error


def encode_checkpoint(checkpoint: StoredCheckpoint) -> bytes:
    """The payload of a frame of a checkpoint."""
    head = (checkpoint.size, to_ms(checkpoint.sealed_at), checkpoint.root)
    return _CHECKPOINT_HEAD.pack(*head) + checkpoint.note


def decode_checkpoint(payload: bytes, *, name: str) -> StoredCheckpoint:
    """Read the payload of a frame of a checkpoint.

    Raises:
        ArchiveDamagedError: It is none, although its digest is right.
    """
    try:
        size, sealed_at, root = _CHECKPOINT_HEAD.unpack_from(payload)
    except struct.error as error:
        raise damaged(name, 0) from error
    return StoredCheckpoint(
        size=size,
        root=root,
        note=payload[_CHECKPOINT_HEAD.size :],
        sealed_at=from_ms(sealed_at),
    )


def _spans(items: object) -> Sequence[Span]:
    if not isinstance(items, list):
        raise TypeError(type(items).__name__)
    return tuple(
        Span(first_index=int(first), count=int(count), fresh=bool(fresh))
        for first, count, fresh in items
    )


def damaged(name: str, place: int) -> ArchiveDamagedError:
    """The error that names a segment and a byte of it."""
    return ArchiveDamagedError(
        "{field}: the frame at byte {place} is damaged",
        field=name,
        place=place,
        remedy="restore this file from a copy, or begin a new archive from the database",
    )
