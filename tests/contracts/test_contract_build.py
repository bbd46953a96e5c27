"""The kept artifacts are what the kept sources give, bit for bit, wherever they are compiled."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = json.loads((ROOT / "contracts/sources.json").read_text(encoding="utf-8"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def node() -> str:
    program = shutil.which("node")
    if program is None or not (ROOT / "contracts/node_modules/solc").is_dir():
        pytest.skip("no compiler: install Node 20 and run infra/scripts/contracts --install")
    return program


def test_sources_are_the_ones_that_were_compiled() -> None:
    own = {path for path in SUMMARY["sources"] if not path.startswith("@")}
    for path in own:
        assert _digest(ROOT / "contracts" / path) == SUMMARY["sources"][path], (
            f"{path}: infra/scripts/contracts --write"
        )
    written = {path.relative_to(ROOT / "contracts").as_posix() for path in _solidity_files()}
    assert written == own


def _solidity_files() -> list[Path]:
    folders = (ROOT / "contracts/src", ROOT / "contracts/test")
    return [path for folder in folders for path in folder.rglob("*.sol")]


@pytest.mark.usefixtures("node")
def test_imported_packages_are_the_pinned_ones() -> None:
    imported = {path for path in SUMMARY["sources"] if path.startswith("@")}
    assert {path.split("/")[1] for path in imported} == {"contracts"}
    for path in imported:
        found = _digest(ROOT / "contracts/node_modules" / path)
        assert found == SUMMARY["sources"][path], f"{path}: infra/scripts/contracts --install"


def test_artifacts_are_the_ones_that_were_built() -> None:
    for path, digest in SUMMARY["artifacts"].items():
        assert _digest(ROOT / path) == digest
    assert _digest(ROOT / "chain/abi/sources.json") == _digest(ROOT / "contracts/sources.json")


def test_settings_are_the_decided_ones() -> None:
    assert SUMMARY["compiler"].startswith("0.8.37+")
    for name, runs in {"checkpoint": 10000, "ledger": 1}.items():
        assert SUMMARY["builds"][name]["settings"] == {
            "evmVersion": "paris",
            "optimizer": {"enabled": True, "runs": runs},
            "viaIR": False,
            "metadata": {"bytecodeHash": "none"},
        }
    built = [path for build in SUMMARY["builds"].values() for path in build["artifacts"]]
    assert built == list(SUMMARY["artifacts"])


@pytest.mark.solc
@pytest.mark.timeout(600)
def test_recompiling_elsewhere_gives_the_same_bytes(node: str, tmp_path: Path) -> None:
    copy = tmp_path / "some where" / "contracts"
    shutil.copytree(
        ROOT / "contracts", copy, ignore=shutil.ignore_patterns("node_modules", "sources.json")
    )
    (copy / "src/Sm3.sol").unlink()
    (copy / "node_modules").symlink_to(ROOT / "contracts/node_modules")
    subprocess.run([node, "build.mjs"], cwd=copy, check=True, capture_output=True, timeout=500)
    for path in ["contracts/sources.json", "contracts/src/Sm3.sol", *SUMMARY["artifacts"]]:
        assert _digest(copy.parent / path) == _digest(ROOT / path), path


@pytest.mark.solc
@pytest.mark.timeout(600)
def test_check_names_what_differs(node: str, tmp_path: Path) -> None:
    for folder in ("contracts", "chain/abi", "tests/contracts/artifacts"):
        ignored = shutil.ignore_patterns("node_modules")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    (tmp_path / "contracts/node_modules").symlink_to(ROOT / "contracts/node_modules")
    artifact = tmp_path / "chain/abi/CheckpointRegistry.json"
    artifact.write_text(artifact.read_text(encoding="utf-8").replace("6080", "6081", 1), "utf-8")
    command = [node, "build.mjs", "--check"]
    done = subprocess.run(
        command,
        cwd=tmp_path / "contracts",
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 1
    assert "chain/abi/CheckpointRegistry.json" in done.stderr
