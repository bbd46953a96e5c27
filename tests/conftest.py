"""Shared settings of all tests: hypothesis profiles and where the public vectors are."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def _outside(variable: str, default: Path, what: str) -> Path:
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(f"{what} are not at {folder}; set {variable} to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def vectors_dir() -> Path:
    """The folder of public test vectors, which are not part of this repository."""
    return _outside("TN_VECTORS", ROOT.parent / "shared" / "vectors", "the public vectors")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of public data sets, which are not part of this repository."""
    return _outside("TN_DATA", ROOT.parent / "shared" / "data", "the public data sets")


# Who asks for one of these needs what it stands for, whether his test says so or not.
NEEDED_BY = {
    "vectors_dir": "vectors",
    "data_dir": "vectors",
    "strace": "strace",
    "anvil_engine": "anvil",
}


# The folders whose files take longest, first: a long file that begins last leaves a worker idle.
LONGEST = ("journeys", "contracts", "behaviour", "api")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with what its fixtures need, so that ``TN_REQUIRE`` cannot overlook one."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in NEEDED_BY:
                item.add_marker(NEEDED_BY[fixture])
    items.sort(key=_turn)  # whatever order they have been given otherwise


def _turn(item: pytest.Item) -> int:
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where ``TN_REQUIRE`` names a back end or vector set, a skip of its tests is a failure."""
    report = yield
    required = set(os.environ.get("TN_REQUIRE", "").split())
    missing = required.intersection(mark.name for mark in item.iter_markers())
    if report.skipped and missing and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{', '.join(sorted(missing))} is required here, but: {why}"
    return report
