"""Evidence is kept whole and never overwritten."""

from pathlib import Path

import pytest

from chain.errors import ChainConfigError
from chain.evidence_folder import EvidenceFolder


def test_it_is_there_afterwards(tmp_path: Path) -> None:
    where = EvidenceFolder(tmp_path / "a" / "b").save("one.json", b"content")
    assert Path(where).read_bytes() == b"content"


def test_saving_again_changes_nothing(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    assert folder.save("one.json", b"content") == folder.save("one.json", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["one.json"]


def test_other_content_does_not_replace_it(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    first, second = folder.save("one.json", b"first"), folder.save("one.json", b"second")
    assert first != second
    assert (Path(first).read_bytes(), Path(second).read_bytes()) == (b"first", b"second")
    assert folder.save("one.json", b"second") == second


@pytest.mark.parametrize("name", ["", "../one.json", "/etc/passwd", ".hidden", "a/b", "a" * 200])
def test_a_name_that_leads_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ChainConfigError):
        EvidenceFolder(tmp_path).save(name, b"")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ChainConfigError) as caught:
        EvidenceFolder(tmp_path / "file").save("one.json", b"")
    assert caught.value.reason == "chain.evidence"
