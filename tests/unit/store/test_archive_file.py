"""The archive in a folder: what was acknowledged is there, what is damaged is named."""

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import archive_spec
from support.stores import IDENTITY, OPAQUE_IDENTITY

from trace_node.errors import ConfigError, StateError
from trace_node.ports.archive import ArchivedEntries, ArchivedEvidence, ArchivedItem
from trace_node.ports.entries import Conflict, Span, StoredCheckpoint
from trace_node.store import archive_head, durable_files
from trace_node.store.archive import open_archive
from trace_node.store.archive_file import ArchiveUnavailableError, FileArchive
from trace_node.store.archive_frames import ArchiveDamagedError

SEALED_AT = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=archive_spec.SEALED_MS)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[FileArchive]:
    archive = FileArchive(tmp_path / "archive", segment_bytes=400)
    archive.open(IDENTITY)
    yield archive
    archive.close()


def entries(first: int, count: int = 3) -> ArchivedEntries:
    return ArchivedEntries(
        first_index=first,
        bodies=[b"entry %d" % index for index in range(first, first + count)],
        spans={first: (Span(first_index=0, count=1, fresh=False),)} if first % 2 else {},
    )


def checkpoint(size: int) -> StoredCheckpoint:
    return StoredCheckpoint(
        size=size, root=bytes([size]) * 32, note=b"note of %d\n" % size, sealed_at=SEALED_AT
    )


def conflict(number: int) -> Conflict:
    return Conflict(
        kind="repeat",
        device="meter-1",
        boot=bytes(16),
        seq=number,
        known_index=None if number % 2 else number,
        body=b"body %d" % number,
        leaf_hash=bytes([number]) * 32,
        delivery=b"delivery",
        context=b"context",
        position=number,
        path=(bytes(32), b"\1" * 32),
        received_at=SEALED_AT,
    )


def fill(archive: FileArchive) -> list[ArchivedItem]:
    """Several segments of everything."""
    items: list[ArchivedItem] = []
    for round_number in range(6):
        first = archive.size()
        items.append(entries(first))
        archive.append(entries(first))
        if round_number % 2:
            items.append(checkpoint(archive.size()))
            archive.append_checkpoint(checkpoint(archive.size()))
        else:
            items.append(ArchivedEvidence(conflicts=[conflict(round_number)]))
            archive.append_evidence(ArchivedEvidence(conflicts=[conflict(round_number)]))
    return items


def segments(archive: FileArchive) -> list[Path]:
    return sorted((archive.folder / "segments").iterdir())


class TestFormat:
    def test_the_example_of_the_specification_is_what_it_says(self) -> None:
        examples = archive_spec.examples()
        assert examples["archive.json"] == archive_spec.identity() + "\n"
        assert examples["head.json"] == archive_spec.head() + "\n"
        page = examples["segments/00000000000000000000.tna"]
        assert archive_spec.from_hex(page) == archive_spec.segment()

    def test_the_example_is_what_is_written(self, tmp_path: Path) -> None:
        archive = FileArchive(tmp_path)
        archive.open(IDENTITY)
        archive.append(ArchivedEntries(first_index=0, bodies=archive_spec.ENTRIES))
        archive.append_checkpoint(
            StoredCheckpoint(
                size=2, root=archive_spec.ROOT, note=archive_spec.NOTE, sealed_at=SEALED_AT
            )
        )
        archive.close()
        assert (tmp_path / "archive.json").read_text() == archive_spec.identity()
        assert (tmp_path / "head.json").read_text() == archive_spec.head()
        assert [path.read_bytes() for path in segments(archive)] == [archive_spec.segment()]

    def test_everything_comes_back_in_order(self, archive: FileArchive) -> None:
        items = fill(archive)
        assert len(segments(archive)) > 2
        assert list(archive.read()) == items
        assert (archive.size(), archive.checkpoint_size(), archive.evidence_count()) == (18, 18, 3)
        again = FileArchive(archive.folder)
        assert list(again.read()) == items
        assert again.size() == 18
        assert again.identity() == IDENTITY

    def test_reading_can_begin_later(self, archive: FileArchive) -> None:
        items = fill(archive)
        for first in range(19):
            found = list(archive.read(first))
            assert found == items[len(items) - len(found) :] or not found
            for item in items:
                if isinstance(item, ArchivedEntries) and item.end > first:
                    assert item in found

    def test_an_empty_archive_has_nothing(self, archive: FileArchive, tmp_path: Path) -> None:
        assert list(archive.read()) == []
        assert (archive.size(), archive.checkpoint_size()) == (0, 0)
        assert FileArchive(tmp_path / "nothing").identity() is None


class TestOrder:
    def test_entries_go_on_without_gap(self, archive: FileArchive) -> None:
        for wrong in (1, 3):
            with pytest.raises(StateError) as refusal:
                archive.append(entries(wrong))
            assert refusal.value.reason == "archive.order"

    def test_a_checkpoint_comes_after_its_entries_and_its_forerunners(
        self, archive: FileArchive
    ) -> None:
        archive.append(entries(0))
        archive.append_checkpoint(checkpoint(2))
        for wrong in (1, 2, 4):
            with pytest.raises(StateError) as refusal:
                archive.append_checkpoint(checkpoint(wrong))
            assert refusal.value.reason == "archive.order"

    def test_only_an_open_archive_is_written(self, tmp_path: Path) -> None:
        with pytest.raises(StateError) as refusal:
            FileArchive(tmp_path).append(entries(0))
        assert refusal.value.reason == "archive.closed"

    def test_only_one_process_writes(self, archive: FileArchive) -> None:
        with pytest.raises(StateError) as refusal:
            FileArchive(archive.folder).open(IDENTITY)
        assert refusal.value.reason == "archive.locked"
        archive.close()
        other = FileArchive(archive.folder)
        other.open(IDENTITY)
        other.close()

    def test_the_archive_of_another_log_is_refused(self, archive: FileArchive) -> None:
        archive.close()
        with pytest.raises(ConfigError) as refusal:
            FileArchive(archive.folder).open(OPAQUE_IDENTITY)
        assert refusal.value.reason == "archive.other_log"


class TestDamage:
    def test_flipped_bytes_are_found(self, archive: FileArchive) -> None:
        fill(archive)
        for path in segments(archive):
            sound = path.read_bytes()
            for place in range(0, len(sound), 3):
                path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
                with pytest.raises(ArchiveDamagedError) as refusal:
                    list(archive.read())
                assert path.name in refusal.value.message
            path.write_bytes(sound)

    def test_a_segment_that_is_gone_or_cut_is_found(self, archive: FileArchive) -> None:
        fill(archive)
        for path in segments(archive):
            sound = path.read_bytes()
            for rest in (sound[:-1], sound[:60], b""):
                path.write_bytes(rest)
                with pytest.raises(ArchiveDamagedError):
                    list(archive.read())
            path.unlink()
            with pytest.raises(ArchiveDamagedError):
                list(archive.read())
            path.write_bytes(sound)

    @pytest.mark.parametrize(
        "content",
        [b"", b"{}", b"[]", b'{"size":1}', archive_spec.head().replace("2,", "-2,").encode()],
    )
    def test_a_damaged_head_is_found(self, archive: FileArchive, content: bytes) -> None:
        fill(archive)
        (archive.folder / "head.json").write_bytes(content)
        with pytest.raises(ArchiveDamagedError) as refusal:
            FileArchive(archive.folder).size()
        assert "head.json" in refusal.value.message

    def test_an_older_head_does_not_fit_newer_segments(self, archive: FileArchive) -> None:
        archive.append(entries(0))
        older = (archive.folder / "head.json").read_bytes()
        archive.append(entries(3))
        (archive.folder / "head.json").write_bytes(older)
        found = list(FileArchive(archive.folder).read())
        assert found == [entries(0)]  # the second was never acknowledged, as far as this one knows

    def test_what_was_not_acknowledged_is_written_over(self, archive: FileArchive) -> None:
        archive.append(entries(0))
        archive.close()
        path = segments(archive)[-1]
        path.write_bytes(path.read_bytes() + b"E\0\0half a frame")
        again = FileArchive(archive.folder)
        again.open(IDENTITY)
        assert list(again.read()) == [entries(0)]
        again.append(entries(3))
        again.close()
        assert list(FileArchive(archive.folder).read()) == [entries(0), entries(3)]


class TestFaults:
    """Each write fails, with and without effect; then the archive is opened anew."""

    @pytest.mark.parametrize("takes_effect", [False, True])
    @pytest.mark.parametrize("step", ["append_durably", "write_head", "flush_folder"])
    def test_a_failed_append_leaves_a_sound_archive(
        self,
        archive: FileArchive,
        monkeypatch: pytest.MonkeyPatch,
        step: str,
        takes_effect: bool,
    ) -> None:
        archive.append(entries(0))
        from trace_node.store import archive_file  # noqa: PLC0415

        real = getattr(archive_file, step)

        def failing(*args: object, **kwargs: object) -> None:
            if takes_effect:
                real(*args, **kwargs)
            raise OSError(errno.EIO, "input/output error")

        archive._segment_bytes = 0  # a new segment, so that every step is made
        with monkeypatch.context() as patched:
            patched.setattr(archive_file, step, failing)
            with pytest.raises(ArchiveUnavailableError) as refusal:
                archive.append(entries(3))
            assert refusal.value.reason == "archive.io"
        written = archive.size()
        assert written == (6 if step == "write_head" and takes_effect else 3)
        for going_on in (archive, FileArchive(archive.folder)):
            if going_on is not archive:
                archive.close()
                going_on.open(IDENTITY)
            first = going_on.size()
            going_on.append(entries(first))
            assert list(going_on.read())[-1] == entries(first)
            going_on.close() if going_on is not archive else None

    def test_a_full_disk_has_its_own_error(
        self, archive: FileArchive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(durable_files.os, "pwrite", full)
        with pytest.raises(ArchiveUnavailableError) as refusal:
            archive.append(entries(0))
        assert "No space left" in refusal.value.message

    def test_a_replaced_file_is_old_or_new(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "file"
        durable_files.replace_durably(path, b"old and long")
        durable_files.replace_durably(path, b"new")
        assert path.read_bytes() == b"new"

        def broken(*_: object) -> None:
            raise OSError(errno.EIO, "input/output error")

        monkeypatch.setattr(durable_files.os, "fsync", broken)
        with pytest.raises(OSError, match="input/output"):
            durable_files.replace_durably(path, b"newer")
        assert path.read_bytes() == b"new"


class TestUrl:
    def test_a_file_url_names_a_folder(self, tmp_path: Path) -> None:
        folder = tmp_path / "second place"
        archive = open_archive(folder.as_uri())
        assert isinstance(archive, FileArchive)
        assert archive.folder == folder

    @pytest.mark.parametrize(
        "url", ["", "s3://bucket/x", "file:relative", "file://host/x", "/absolute", "file:"]
    )
    def test_other_urls_are_refused(self, url: str) -> None:
        with pytest.raises(ConfigError) as refusal:
            open_archive(url)
        assert refusal.value.reason == "archive.url"
        assert "file:///" in refusal.value.remedy

    def test_the_same_disk_is_noticed(self, archive: FileArchive, tmp_path: Path) -> None:
        assert archive.shares_disk_with(tmp_path)

    def test_a_folder_that_cannot_be_made_has_its_own_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(ArchiveUnavailableError):
            FileArchive(tmp_path / "file" / "archive").open(IDENTITY)


def test_the_head_is_written_as_it_is_read(tmp_path: Path) -> None:
    head = archive_head.ArchiveHead(
        segment="00000000000000000007.tna",
        length=5,
        size=9,
        checkpoint=8,
        evidence=2,
        digest=b"\7" * 32,
    )
    archive_head.write_head(tmp_path, head)
    assert archive_head.read_head(tmp_path) == head
