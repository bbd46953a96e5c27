"""What is put on record and compared from the command line, on a node that was started once."""

import json
from pathlib import Path

import openpyxl
import pytest
from support.command import Done, command
from support.registry_files import HOLDING, csv_file
from support.wired import started_home, up

from trace_node.tlog.hasher import SM3

UNIT = """
[[unit]]
name = "1"
class = "ii"
heat = "500000"
load_factor = "0.75"
verified = "900000"
special_case = "0"
leaves = { electricity = "LEAF" }
"""
DRAFTS = ("cn.ets.allocation.power@1", "cn.ets.top_up.power@1", "ets.verified_relief.ii")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return started_home(tmp_path_factory.mktemp("market") / "home")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("paper") / "minutes.pdf"
    path.write_bytes(b"minutes of a meeting")
    return path


def said(done: Done) -> dict:
    assert done.code == 0, done.err
    return json.loads(done.out)


def log_input(home: Path) -> int:
    arguments = ["log-input", "1", "electricity", "1000000", "--year", "2024", "--unit", "MWh"]
    done = command("allowance", *arguments, "--source", "platform", "--home", home, "-o", "json")
    return said(done)["index"]


def test_a_settlement_needs_approvals_and_then_names_them(
    home: Path, paper: Path, tmp_path: Path
) -> None:
    """[S0-7.2.2-b2]: figures by leaf, drafts by approval, the sheet a leaf."""
    file = tmp_path / "units.toml"
    file.write_text(UNIT.replace("LEAF", str(log_input(home))), encoding="utf-8")
    settle = ["log-sheet", file, "--year", "2024", "--on", "2026-01-12", "--home", home]
    refused = command("allowance", *settle)
    assert refused.complaint[1] == "allocation.draft"
    assert refused.complaint[0].startswith("draft: 3 drafts")
    for draft in DRAFTS:
        done = command(
            *("allowance", "approve-draft", draft, "--year", "2024", "--by", "李明"),
            *("--evidence", paper, "--reason", "the plan is in force", "--home", home),
        )
        assert done.code == 0, done.err
    found = said(command("allowance", *settle, "-o", "json"))
    assert found["result"] == "856550"  # see test_settlement.py for the arithmetic
    assert set(found["approvals"]) == set(DRAFTS)
    text = command("allowance", *settle)
    assert "856550" in text.out
    assert "approval in leaf" in text.out
    assert "legal record" in text.out


def test_a_preview_does_not_take_leaves(tmp_path: Path) -> None:
    file = tmp_path / "units.toml"
    file.write_text(UNIT.replace("LEAF", "1"), encoding="utf-8")
    done = command("allowance", "allocate", file, "--year", "2024")
    assert done.complaint[1] == "allocation.leaf"


def test_what_is_no_draft_is_not_approved(home: Path, paper: Path) -> None:
    done = command(
        *("allowance", "approve-draft", "ets.ccer_cap", "--year", "2024", "--by", "a"),
        *("--evidence", paper, "--reason", "b", "--home", home),
    )
    assert done.complaint[1] == "quota.draft"


def test_statements_are_logged_while_the_node_runs(home: Path) -> None:
    with up(home):
        index = log_input(home)
        again = log_input(home)
    assert index == again


def test_changes_of_the_library_are_logged_once(home: Path) -> None:
    arguments = ("allowance", "log-changes", "--reason", "first release", "--home", home)
    first = said(command(*arguments, "-o", "json"))
    assert len(first) > 90
    assert {row["kind"] for row in first} == {"rule-change@1"}
    assert said(command(*arguments, "-o", "json")) == []
    assert "0 changes logged" in command(*arguments).out


def test_the_rules_for_the_chain_are_printed() -> None:
    arguments = ("allowance", "chain-rules", "--year", "2025", "--class", "3=CEA25")
    rules = said(command(*arguments, "-o", "json"))["rules"]
    assert [rule["name"] for rule in rules][-1] == "admissible 3"
    assert "two regulators" in command(*arguments).out
    for wrong in ("CEA25", "x=CEA25", "3=XYZ"):
        done = command("allowance", "chain-rules", "--year", "2025", "--class", wrong)
        assert done.complaint[1] == "quota.class"


def test_a_project_gets_its_verdicts(home: Path) -> None:
    """[S0-8-b3]"""
    arguments = [
        *("ccer", "register", "CCER-14-001", "--name", "某海上风电项目"),
        *("--methodology", "CCER-01-001-V01", "--period-from", "2023-01-01"),
        *("--period-to", "2023-12-31", "--quantity", "120000", "--registered-on", "2025-03-06"),
        *("--outside-ets", "--year", "2025", "--year", "2024", "--home", home),
    ]
    done = command(*arguments)
    assert done.code == 0, done.err
    assert "2024  0  no_rule" in done.out
    assert "2025  2  eligible" in done.out
    (project,) = said(command("ccer", "list", "--home", home, "-o", "json"))
    assert project["project"] == "CCER-14-001"
    assert project["digest"] in done.out
    assert "CCER-14-001" in command("ccer", "list", "--home", home).out


def test_an_organisation_binds_its_addresses(home: Path, tmp_path: Path) -> None:
    key = home / "keys" / "authority.pem"  # any SM2 key of this home's passphrase
    file = tmp_path / "binding.json"
    arguments = [
        *("keys", "bind", key, "--organisation", "plant-a", "--legal-name", "甲公司"),
        *("--chain-id", "20260", "--home", home, "--out", file),
    ]
    done = command(*arguments, "--address", "0x" + "AB" * 20)
    assert done.code == 0, done.err
    logged = command("keys", "log-binding", file, "--home", home)
    assert logged.code == 0, logged.err
    assert "0x" + SM3.leaf(file.read_bytes()).hex() in logged.out
    assert "out of band" in done.out
    assert "out of band" in logged.out
    assert command(*arguments, "--address", "0xAB").complaint[1] == "record.addresses"
    file.write_bytes(file.read_bytes().replace(b"plant-a", b"plant-b"))
    forged = command("keys", "log-binding", file, "--home", home)
    assert forged.complaint[1] == "integrity.signature.mismatch"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["holdings", "transactions"])
def test_a_template_is_written_in_chinese(tmp_path: Path, suffix: str, kind: str) -> None:
    file = tmp_path / f"form.{suffix}"
    assert command("registry", "template", file, "--kind", kind).code == 0
    if suffix == "csv":
        text = file.read_text(encoding="utf-8-sig")
        assert "起始序列号" in text
    else:
        assert openpyxl.load_workbook(file).sheetnames == [kind, "notes"]


def test_a_statement_is_imported_whole_or_not_at_all(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "holdings.csv"
    file.write_bytes(csv_file([HOLDING, ("?", "registry", "1", "2", "x")], number="CLI-1"))
    refused = command("registry", "import", file, "--home", home)
    assert refused.complaint[1] == "registry.cell"
    for place in ("csv!A11", "csv!E11"):
        assert place in refused.err
    file.write_bytes(csv_file([HOLDING], number="CLI-1"))
    first = said(command("registry", "import", file, "--home", home, "-o", "json"))
    assert (first["version"], first["fresh"]) == (1, True)
    again = command("registry", "import", file, "--home", home)
    assert "nothing changed" in again.out
    (tmp_path / "holdings.ods").write_bytes(b"x")
    other = command("registry", "import", tmp_path / "holdings.ods", "--home", home)
    assert other.complaint[1] == "registry.file.form"


def test_without_a_ledger_nothing_is_compared_or_published(home: Path) -> None:
    for name in ("compare", "publish"):
        assert command("registry", name, "--home", home).complaint[1] == "not_found.ledger"


def test_a_commitment_is_made_kept_and_not_made_over_another(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "opening.json"
    order = "0x" + "06" * 32
    made = command("registry", "commit", order, "price=92.50", "buyer=plant-b", "--out", file)
    assert made.code == 0, made.err
    assert file.stat().st_mode & 0o077 == 0
    digest = made.out.splitlines()[0]
    kept = command(
        *("registry", "keep", file, "--party", "plant-a", "--party", "plant-b", "--home", home),
        *("-o", "json"),
    )
    assert said(kept) == {"commitment": digest, "parties": "plant-a, plant-b"}
    assert command("registry", "commit", "0x12", "price=1", "--out", tmp_path / "b").code != 0
    assert command("registry", "commit", order, "price=-1", "--out", tmp_path / "c").complaint[
        1
    ] == ("opening")
    before = file.read_bytes()
    assert command("registry", "commit", order, "price=1", "--out", file).code != 0
    assert file.read_bytes() == before
