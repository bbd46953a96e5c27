"""The archive in a folder: what it refuses, and what it must never write over."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.stores import IDENTITY, OPAQUE_IDENTITY

from trace_node.crypto.sm3 import sm3
from trace_node.errors import ConfigError, StateError
from trace_node.ports.archive import ArchivedEntries, ArchivedItem
from trace_node.ports.entries import Span, StoredCheckpoint
from trace_node.store.archive_file import FileArchive
from trace_node.store.archive_frames import PART_BYTES, ArchiveDamagedError, parts_of

SPANS = (Span(first_index=0, count=1, fresh=False), Span(first_index=1, count=1, fresh=True))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[FileArchive]:
    archive = FileArchive(tmp_path / "archive")
    archive.open(IDENTITY)
    yield archive
    archive.close()


def entries(first: int, count: int, *, size: int = 3, **more: object) -> ArchivedEntries:
    return ArchivedEntries(first_index=first, bodies=[bytes(size)] * count, **more)


def checkpoint(size: int) -> StoredCheckpoint:
    sealed_at = datetime(2026, 11, 21, tzinfo=UTC)
    return StoredCheckpoint(size=size, root=bytes(32), note=b"note", sealed_at=sealed_at)


def segment(archive: FileArchive) -> Path:
    return max((archive.folder / "segments").glob("*.tna"))


def reopened(archive: FileArchive) -> list[ArchivedItem]:
    archive.close()
    archive.open(IDENTITY)
    return list(archive.read())


def test_what_was_added_comes_back_in_order(archive: FileArchive) -> None:
    archive.append(entries(0, 3, spans={2: SPANS}))
    archive.append_checkpoint(checkpoint(2))
    archive.append(entries(3, 1))
    first, made, last = reopened(archive)
    assert (first.first_index, len(first.bodies), first.spans) == (0, 3, {2: SPANS})
    assert made == checkpoint(2)
    assert (last.first_index, len(last.bodies)) == (3, 1)
    assert (archive.size(), archive.checkpoint_size()) == (4, 2)


def test_entries_larger_than_a_frame_are_archived_in_parts(archive: FileArchive) -> None:
    """One frame of 4,096 entries of 65,535 bytes could be written but never read again."""
    count = PART_BYTES // 65_535 + 2
    archive.append(entries(0, count, size=65_535))
    found = [(piece.first_index, len(piece.bodies)) for piece in reopened(archive)]
    assert found == [(0, count - 2), (count - 2, 2)]


def test_every_part_has_the_spans_its_received_records_need() -> None:
    whole = entries(10, 4, size=10, spans={9: SPANS, 11: SPANS, 13: SPANS})
    parts = list(parts_of(whole, bound=20))
    assert [(part.first_index, part.end, sorted(part.spans)) for part in parts] == [
        (10, 12, [9, 11]),
        (12, 14, [11, 13]),
    ]


def test_checkpoints_without_entries_between_them_never_begin_a_segment_twice(
    tmp_path: Path,
) -> None:
    archive = FileArchive(tmp_path / "archive", segment_bytes=1)
    archive.open(IDENTITY)
    archive.append(entries(0, 9))
    for size in (3, 6, 9):
        archive.append_checkpoint(checkpoint(size))
    archive.append(entries(9, 1))
    found = reopened(archive)
    archive.close()
    assert found[1:4] == [checkpoint(3), checkpoint(6), checkpoint(9)]
    assert len(list((archive.folder / "segments").iterdir())) == 2


def test_nothing_is_appended_behind_a_hole(archive: FileArchive) -> None:
    archive.append(entries(0, 9))
    path = segment(archive)
    os.truncate(path, path.stat().st_size - 1)
    archive.close()
    with pytest.raises(ArchiveDamagedError, match="damaged"):
        archive.open(IDENTITY)


def test_a_lost_segment_is_named_when_the_archive_is_opened(archive: FileArchive) -> None:
    archive.append(entries(0, 9))
    path = segment(archive)
    archive.close()
    path.unlink()
    with pytest.raises(ArchiveDamagedError, match=path.name):
        archive.open(IDENTITY)


def test_an_archive_that_lost_its_head_is_not_taken_for_an_empty_one(
    archive: FileArchive,
) -> None:
    archive.append(entries(0, 9))
    archive.close()
    (archive.folder / "head.json").unlink()
    with pytest.raises(ArchiveDamagedError, match=r"head\.json"):
        archive.open(IDENTITY)
    with pytest.raises(ArchiveDamagedError, match=r"head\.json"):
        list(archive.read())


def test_what_was_not_acknowledged_is_written_over(archive: FileArchive) -> None:
    archive.append(entries(0, 2))
    with segment(archive).open("ab") as file:
        file.write(b"half a frame")
    assert len(reopened(archive)) == 1
    archive.append(entries(2, 1))
    assert [piece.first_index for piece in reopened(archive)] == [0, 2]


def test_strange_files_beside_the_segments_are_left_aside(archive: FileArchive) -> None:
    archive.append(entries(0, 2))
    (archive.folder / "segments" / "copy.tna").write_bytes(b"")
    assert len(reopened(archive)) == 1


def test_a_flipped_bit_anywhere_is_found(archive: FileArchive) -> None:
    archive.append(entries(0, 2))
    archive.append_checkpoint(checkpoint(2))
    path = segment(archive)
    sound = path.read_bytes()
    for place in range(len(sound)):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        with pytest.raises(ArchiveDamagedError):
            list(archive.read())


def test_entries_that_do_not_follow_are_refused(archive: FileArchive) -> None:
    with pytest.raises(StateError, match="cannot follow"):
        archive.append(entries(1, 1))
    with pytest.raises(StateError, match="cannot follow"):
        archive.append_checkpoint(checkpoint(1))


def test_the_archive_of_another_log_is_refused(archive: FileArchive) -> None:
    with pytest.raises(ConfigError, match="not of trace-node") as caught:
        archive.open(OPAQUE_IDENTITY)
    assert caught.value.reason == "archive.other_log"


def test_a_second_writer_is_refused_until_the_first_lets_go(archive: FileArchive) -> None:
    second = FileArchive(archive.folder)
    with pytest.raises(StateError, match="another process"):
        second.open(IDENTITY)
    archive.close()
    second.open(IDENTITY)
    second.close()


def test_a_closed_archive_takes_nothing(archive: FileArchive) -> None:
    archive.close()
    with pytest.raises(StateError, match="not open"):
        archive.append(entries(0, 1))


def test_a_document_is_kept_once_under_its_digest(archive: FileArchive) -> None:
    digest = sm3(b"bundle")
    assert not archive.holds_document(digest)
    assert list(archive.documents()) == []
    archive.append_document(digest, b"bundle")
    archive.append_document(sm3(b"a second"), b"a second")
    archive.append_document(digest, b"bundle")
    assert archive.holds_document(digest)
    assert sorted(archive.documents()) == sorted(
        [(digest, b"bundle"), (sm3(b"a second"), b"a second")]
    )
    (archive.folder / "documents" / (digest.hex() + ".new")).write_bytes(b"bun")  # broken off
    assert len(list(archive.documents())) == 2


def test_a_document_under_another_digest_is_refused(archive: FileArchive) -> None:
    with pytest.raises(ArchiveDamagedError):
        archive.append_document(bytes(32), b"bundle")
    assert list(archive.documents()) == []
    archive.close()
    with pytest.raises(StateError):
        archive.append_document(sm3(b"bundle"), b"bundle")
