"""Private files are written whole or not at all, and reach the disk before the call returns."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from trace_node.crypto import secret_file
from trace_node.crypto.errors import KeyFileError


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The order in which the calls that matter for a crash are made."""
    seen: list[str] = []

    def watch(name: str) -> None:
        real: Callable[..., object] = getattr(os, name)

        def watched(*arguments: object, **options: object) -> object:
            descriptor_is_folder = (
                name == "fsync" and Path(f"/proc/self/fd/{arguments[0]}").is_dir()
            )
            seen.append("fsync folder" if descriptor_is_folder else name)
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, watched)

    for name in ("fsync", "link"):
        watch(name)
    return seen


def test_a_new_file_is_synced_before_and_after_it_gets_its_name(
    tmp_path: Path, calls: list[str]
) -> None:
    secret_file.create(tmp_path / "new", b"content")
    assert calls == ["fsync", "link", "fsync folder"]
    assert secret_file.read(tmp_path / "new") == b"content"
    assert [item.name for item in tmp_path.iterdir()] == ["new"]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        secret_file.create(tmp_path / "new", b"content")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        secret_file.create(tmp_path / "new", b"content")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_stays(tmp_path: Path) -> None:
    secret_file.create(tmp_path / "name", b"first")
    with pytest.raises(KeyFileError):
        secret_file.create(tmp_path / "name", b"second")
    assert secret_file.read(tmp_path / "name") == b"first"
    assert [item.name for item in tmp_path.iterdir()] == ["name"]


def test_the_largest_file_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    secret_file.create(tmp_path / "most", bytes(secret_file.MAX_SIZE))
    assert len(secret_file.read(tmp_path / "most")) == secret_file.MAX_SIZE
    secret_file.create(tmp_path / "more", bytes(secret_file.MAX_SIZE + 1))
    with pytest.raises(KeyFileError):
        secret_file.read(tmp_path / "more")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    secret_file.create(tmp_path / "good", b"x")
    (tmp_path / "bad").write_bytes(b"x")
    (tmp_path / "bad").chmod(0o644)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        secret_file.read(tmp_path / "good")
        for path in (tmp_path / "bad", tmp_path):
            with pytest.raises(KeyFileError):
                secret_file.read(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
