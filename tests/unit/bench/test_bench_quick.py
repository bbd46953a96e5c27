"""The benchmarks still run: all of them with tiny sizes, whatever their figures are."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUN = ROOT / "tests" / "bench" / "run.py"


@pytest.mark.soak  # a minute
@pytest.mark.timeout(600)
def test_every_benchmark_runs(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, str(RUN), "--quick", "--json", str(results), "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    said = json.loads(results.read_text(encoding="utf-8"))
    modules = {path.stem.removeprefix("bench_") for path in RUN.parent.glob("bench_*.py")}
    assert set(said["figures"]) == modules, "every module is in the table of run.py"
    for name, figures in said["figures"].items():
        assert figures, name
        assert all(figure["runs"] for figure in figures), name
    assert {"commit", "processor", "load average", "Python", "OpenSSL"} <= set(said["conditions"])
    assert not list(tmp_path.glob("trace-node-bench-*")), "it cleans up after itself"


def test_an_unknown_benchmark_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(RUN), "--only", "nothing"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "invalid choice" in done.stderr


@pytest.mark.parametrize(
    ("runs", "least", "most", "met"),
    [
        ([1, 9, 10], 9, None, True),
        ([1, 8, 10], 9, None, False),
        ([1, 9, 10], None, 9, True),
        ([1, 9.5, 10], None, 9, False),
        ([1], None, None, None),
    ],
)
def test_a_floor_is_compared_with_the_median(
    monkeypatch: pytest.MonkeyPatch, runs: list[float], least: float, most: float, met: bool
) -> None:
    monkeypatch.syspath_prepend(str(RUN.parent))
    measuring = importlib.import_module("measuring")
    figure = measuring.Figure(name="x", unit="s", runs=runs, at_least=least, at_most=most)
    assert figure.is_met is met
    assert ("not met" in figure.row()) is (met is False)
