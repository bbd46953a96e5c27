"""The import rules bite: code that breaks one of them fails the check, rule by rule."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("trace_node", "collectors", "chain", "api")
# Where a line breaks the rule, and only one that could not slip by another.
VIOLATIONS = {
    "journey": ("collectors/runtime/spool.py", "import chain.light"),
    "core": ("trace_node/tlog/tree.py", "import trace_node.metering.meter"),
    "domains-are-pure": ("trace_node/metering/rollup.py", "import time"),
    "core-is-plain": ("trace_node/services/prove.py", "import httpx"),
    "adapters-serve-ports": ("chain/events.py", "import trace_node.services.prove"),
    "web3-only-in-chain": ("api/settings.py", "import eth_account"),
    "py-evm-only-in-embedded": ("chain/sender.py", "import eth"),
    "cryptography-only-in-crypto": ("api/tokens.py", "import cryptography"),
    "pymodbus-only-in-collectors": ("collectors/runtime/poller.py", "import pymodbus"),
    "openpyxl-only-in-workbooks": ("api/routers/registry.py", "import openpyxl"),
    "typst-only-in-report-pdf": ("trace_node/services/report_word.py", "import typst"),
    "docx-only-in-report-word": ("trace_node/services/report_pdf.py", "import docx"),
    "pint-only-in-dimension": ("trace_node/accounting/table.py", "import pint"),
    "sql-only-in-store": ("api/metrics.py", "import sqlalchemy"),
    "fastapi-only-in-api": ("collectors/source.py", "import typer"),
    "one-wiring": ("api/routers/queries.py", "import trace_node.store.database"),
    "offline-check": ("trace_node/tlog/note.py", "import pydantic"),
    "no-cycles": ("api/demo/processes.py", "import api.cli.options"),
}
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the check says of a copy of the sources with every violation in it, on one line."""
    copy = tmp_path_factory.mktemp("sources")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "*.json", "locale")
        shutil.copytree(ROOT / package, copy / package, ignore=ignored)
    for file, line in VIOLATIONS.values():
        with (copy / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{line}\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, (done.stdout, done.stderr)
    return " ".join(done.stdout.split())


def test_every_rule_has_a_violation() -> None:
    assert [contract["id"] for contract in CONTRACTS] == list(VIOLATIONS)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_a_violation_breaks_it(verdicts: str, contract: dict) -> None:
    assert f"{contract['name']} BROKEN" in verdicts
