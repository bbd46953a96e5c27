"""Compiled contracts are used only when they are the ones that were built."""

import json
import shutil
from pathlib import Path

import pytest

from chain.artifacts import ABI_FOLDER, ArtifactError, UnknownArtifactError, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ABI_FOLDER, tmp_path / "abi"))


def test_the_registry_is_complete() -> None:
    artifact = load()
    assert artifact.name == "CheckpointRegistry"
    assert artifact.compiler.startswith("0.8.37+")
    assert artifact.runtime_code in artifact.bytecode
    assert {"anchor", "head", "openLog"} <= {item.get("name") for item in artifact.abi}
    assert len(artifact.input_digest) == len(artifact.digest) == 64


def test_one_changed_byte_is_refused(folder: Path) -> None:
    path = folder / "CheckpointRegistry.json"
    path.write_bytes(path.read_bytes().replace(b"0x6080", b"0x6180", 1))
    with pytest.raises(ArtifactError, match="digest") as caught:
        load(folder=folder)
    assert caught.value.reason == "chain.artifact"
    assert "infra/scripts/contracts" in caught.value.remedy


@pytest.mark.parametrize("name", ["Nothing", "", "../sources", "sources", "checkpointRegistry"])
def test_a_name_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UnknownArtifactError):
        load(name)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b" " * (1024 * 1024 + 1)])
def test_a_spoilt_list_of_digests_is_refused(folder: Path, content: bytes) -> None:
    (folder / "sources.json").write_bytes(content)
    with pytest.raises(ArtifactError):
        load(folder=folder)


def test_a_list_without_digests_knows_no_contract(folder: Path) -> None:
    (folder / "sources.json").write_text(json.dumps({"artifacts": []}), "utf-8")
    with pytest.raises(UnknownArtifactError):
        load(folder=folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "CheckpointRegistry.json").unlink()
    with pytest.raises(ArtifactError, match="cannot be read"):
        load(folder=folder)
