"""What is shipped: four packages, the contract's artifact, migrations and messages; nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_top_level_names(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"trace_node", "collectors", "chain", "api"}


@pytest.mark.parametrize(
    "name",
    [
        "chain/abi/CheckpointRegistry.json",
        "api/locale/zh_CN/LC_MESSAGES/trace_node.mo",
        "trace_node/py.typed",
        "collectors/py.typed",
        "chain/py.typed",
        "api/py.typed",
    ],
)
def test_data_is_shipped(names: set[str], name: str) -> None:
    assert name in names


def test_migrations_are_shipped(names: set[str]) -> None:
    assert [name for name in names if name.startswith("trace_node/store/migrations/versions/0001")]


def test_a_node_of_the_wheel_needs_no_checkout(names: set[str]) -> None:
    assert not [name for name in names if name.startswith(("tests/", "infra/", "contracts/"))]
