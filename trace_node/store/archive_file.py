"""The archive in a folder: append-only segments, and a small file that says how far they count.

``head.json`` is replaced after each append was flushed to the disk. What a segment holds beyond the
length it names was never acknowledged and is written over. Byte by byte: docs/spec/archive.md.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from trace_node.errors import ConfigError, StateError, UnavailableError
from trace_node.ports.archive import ArchivedEntries, ArchivedEvidence, ArchivedItem
from trace_node.ports.entries import LogIdentity, StoredCheckpoint
from trace_node.store import archive_frames as frames
from trace_node.store.archive_documents import ArchivedDocuments
from trace_node.store.archive_evidence import decode_evidence, encode_evidence
from trace_node.store.archive_frames import ArchiveDamagedError
from trace_node.store.archive_head import (
    ArchiveHead,
    read_head,
    read_identity,
    write_head,
    write_identity,
)
from trace_node.store.durable_files import append_durably, flush_folder

SEGMENT_BYTES = 64 * 1024 * 1024
_DIGITS = 20
_SEGMENTS = "[0-9]" * _DIGITS + ".tna"


class ArchiveUnavailableError(UnavailableError):
    """The archive's folder cannot be read or written."""

    code = "archive.io"


class FileArchive:
    """See ``trace_node.ports.archive.Archive``.

    Args:
        folder: Where it is; made if need be. Choose another disk than the database's.
        segment_bytes: Size above which a new segment is begun.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self._segment_bytes = segment_bytes
        self._documents = ArchivedDocuments(folder)
        self._lock: int | None = None
        self._head: ArchiveHead | None = None

    def identity(self) -> LogIdentity | None:
        """Which log it holds; None while it holds nothing."""
        with self._translated():
            return read_identity(self.folder)

    def open(self, identity: LogIdentity) -> None:
        """Make the archive that of the log ``identity``, and this process its only writer."""
        with self._translated():
            found = read_identity(self.folder)
            if found is not None and found != identity:
                raise ConfigError(
                    "{field}: {folder} is the archive of {found}, not of {wanted}",
                    field="archive_url",
                    folder=str(self.folder),
                    found=found.origin,
                    wanted=identity.origin,
                    remedy="name a folder of its own for each log's archive",
                    code="archive.other_log",
                )
            self._segments.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            if found is None:
                write_head(self.folder, read_head(self.folder))
                write_identity(self.folder, identity)
            self._head = self._sound_head()

    def size(self) -> int:
        """Number of entries in it, from index 0 on without gap."""
        return self._current().size

    def checkpoint_size(self) -> int:
        """Size of the checkpoint added last; 0 before the first."""
        return self._current().checkpoint

    def append(self, entries: ArchivedEntries) -> None:
        """Add entries; their first index is the present size."""
        head = self._writable()
        if entries.first_index != head.size:
            raise StateError(
                "the archive ends at {size}, entries from {first} on cannot follow",
                size=head.size,
                first=entries.first_index,
                remedy="archive the entries in between first",
                code="archive.order",
            )
        for part in frames.parts_of(entries):
            payload = frames.encode_entries(part)
            self._append(frames.ENTRIES, payload, replace(self._writable(), size=part.end))

    def append_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Add a checkpoint that the archived entries cover."""
        head = self._writable()
        if not head.checkpoint < checkpoint.size <= head.size:
            raise StateError(
                "a checkpoint of {size} leaves cannot follow one of {before} among {end} entries",
                size=checkpoint.size,
                before=head.checkpoint,
                end=head.size,
                remedy="archive its entries first, and checkpoints in their order",
                code="archive.order",
            )
        payload = frames.encode_checkpoint(checkpoint)
        self._append(frames.CHECKPOINT, payload, replace(head, checkpoint=checkpoint.size))

    def append_evidence(self, evidence: ArchivedEvidence) -> None:
        """Add conflicts that follow those it holds."""
        head = self._writable()
        count = head.evidence + len(evidence.conflicts)
        payload = encode_evidence(evidence)
        self._append(frames.EVIDENCE, payload, replace(head, evidence=count))

    def evidence_count(self) -> int:
        """Number of conflicts in it."""
        return self._current().evidence

    def append_document(self, digest: bytes, body: bytes) -> None:
        """Add a document that records name by its SM3; one that it holds stays."""
        self._writable()
        with self._translated():
            self._documents.append(digest, body)

    def holds_document(self, digest: bytes) -> bool:
        """Whether the document with this SM3 is in it."""
        with self._translated():
            return self._documents.holds(digest)

    def documents(self) -> Iterator[tuple[bytes, bytes]]:
        """Every document in it, after its SM3, in the order of these."""
        with self._translated():
            yield from self._documents.read()

    def read(self, first: int = 0) -> Iterator[ArchivedItem]:
        """Everything that was added, in order, from the piece that holds entry ``first`` on."""
        with self._translated():
            head = self._current()
            before: bytes | None = None
            for name in self._names(head, first):
                end = head.length if name == head.segment else None
                for kind, payload, digest in frames.read_segment(
                    self._segments / name, end=end, before=before
                ):
                    before = digest
                    if kind == frames.CHECKPOINT:
                        yield frames.decode_checkpoint(payload, name=name)
                    elif kind == frames.EVIDENCE:
                        yield decode_evidence(payload, name=name)
                    elif kind == frames.ENTRIES:
                        piece = frames.decode_entries(payload, name=name)
                        if piece.end > first:
                            yield piece
                    else:
                        raise frames.damaged(name, 0)
            if before is not None and before != head.digest:
                raise ArchiveDamagedError(
                    "{field}: another frame was acknowledged last",
                    field=head.segment,
                    remedy="restore this file from a copy",
                )

    def close(self) -> None:
        """Let go of it; another process may write to it then."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        self._head = None

    def shares_disk_with(self, path: Path) -> bool:
        """Whether ``path`` lies on the same disk, so that one failure takes both."""
        with self._translated():
            return self.folder.stat().st_dev == path.stat().st_dev

    @property
    def _segments(self) -> Path:
        return self.folder / "segments"

    def _names(self, head: ArchiveHead, first: int) -> list[str]:
        """The segments from the one that holds entry ``first`` on; none before the first append."""
        if not head.segment:
            return []
        names = sorted(path.name for path in self._segments.glob(_SEGMENTS))
        names = [name for name in names if name <= head.segment]
        begun = [name for name in names if int(name[:_DIGITS]) <= first]
        if head.segment not in names or not begun:
            raise ArchiveDamagedError(
                "{field}: the segment that holds entry {first} is missing",
                field=str(self._segments),
                first=first,
                remedy="restore the folder from a copy",
            )
        return names[names.index(begun[-1]) :]

    def _sound_head(self) -> ArchiveHead:
        """The head on the disk, if the segment it names is: nothing is appended behind a hole."""
        head = read_head(self.folder)
        path = self._segments / head.segment
        if head.segment and not frames.holds(path, length=head.length, digest=head.digest):
            raise frames.damaged(head.segment, head.length)
        return head

    def _append(self, kind: bytes, payload: bytes, head: ArchiveHead) -> None:
        name = f"{self.size():0{_DIGITS}}.tna"
        # without entries since, the next segment would have the name of the last
        is_new = name > head.segment and not 0 < head.length < self._segment_bytes
        content, digest = frames.frame(kind, payload, before=head.digest)
        if is_new:
            content = frames.MAGIC + head.digest + content
            head = replace(head, segment=name, length=0)
        self._head = None  # after a failure the disk says what counts
        with self._translated():
            append_durably(self._segments / head.segment, content, at=head.length)
            if is_new:
                flush_folder(self._segments)
            head = replace(head, length=head.length + len(content), digest=digest)
            write_head(self.folder, head)
        self._head = head

    def _current(self) -> ArchiveHead:
        """The head as this process wrote it, or else as it is on the disk."""
        if self._head is not None:
            return self._head
        with self._translated():
            return read_head(self.folder)

    def _writable(self) -> ArchiveHead:
        if self._lock is None:
            raise StateError(
                "the archive {folder} is not open for writing",
                folder=str(self.folder),
                remedy="open it first",
                code="archive.closed",
            )
        return self._current()

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise StateError(
                "another process writes to the archive {folder}",
                folder=str(self.folder),
                remedy="stop the other node, or name another folder",
                code="archive.locked",
            ) from error
        self._lock = lock

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ArchiveUnavailableError(
                "the archive {folder} cannot be used: {detail}",
                folder=str(self.folder),
                detail=error.strerror or type(error).__name__,
                remedy="check that the disk is mounted, has space and may be written",
            ) from error
