"""What accounting rests on, put on record from the command line: factors, reports, entries."""

import json
from pathlib import Path

import pytest
from support.command import Done, command
from support.wired import started_home, up

DRAFT = "cn.ets.steel.2024.ncv.washed_coking_coal"
PIT = "cn.ndrc.coal.2014.open_pit@1"
OWN = """
scheme = "own.plant_a"
[[factor]]
id = "own.plant_a.grid.kr.2018"
name_zh = "韩国电网排放因子"
name_en = "Grid of Korea"
kind = "grid"
value = "0.4594"
unit = "tCO2/MWh"
region = "KR"
applies_to = ["electricity"]
source = "operator of the grid, table 3"
confidence = "medium"
status = "draft"
"""
REPORT = """
substance = "coal.bituminous"
sample = "2025-12-07-A"
sampled_from = "received"
period = "2025-12-07"
quantity = "3120.55"
unit = "t"
laboratory = "某煤质检测中心"
report = "MZ-2025-0331"
sampled_on = 2025-12-07
tested_on = "2025-12-09"
issued_on = "2025-12-11"
received_on = "2025-12-12"
[[values]]
parameter = "carbon"
value = "0.6120"
unit = "1"
basis = "ar"
standard = "GB/T 476-2008"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return started_home(tmp_path_factory.mktemp("accounting") / "home")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("paper") / "report.pdf"
    path.write_bytes(b"what was printed")
    return path


def said(done: Done) -> dict:
    assert done.code == 0, done.err
    return json.loads(done.out)


def refused(done: Done) -> str:
    assert done.remedy
    return done.complaint[1]


def test_the_library_is_looked_up(home: Path) -> None:
    rows = said(command("factor", "list", "--kind", "gwp", "--home", home, "-o", "json"))
    assert {row["row"]["kind"] for row in rows} == {"gwp"}
    assert len(rows) > 20
    drafts = command("factor", "list", "--status", "draft", "--home", home)
    assert DRAFT in drafts.out
    shown = said(command("factor", "show", DRAFT, "--home", home, "-o", "json"))
    assert (shown["status"], shown["row"]["id"]) == ("draft", DRAFT)
    assert shown["row"]["source"] in command("factor", "show", DRAFT, "--home", home).out
    assert refused(command("factor", "show", "no.such", "--home", home)) == "accounting.factor.none"


def approve(home: Path, paper: Path, row: str, by: str = "李明", proposer: str = "王芳") -> Done:
    return command(
        *("factor", "approve", row, "--proposed-by", proposer, "--by", by, "--evidence", paper),
        *("--reason", "compared with the print", "--home", home, "-o", "json"),
    )


def test_a_draft_is_approved_by_a_second_person(home: Path, paper: Path) -> None:
    assert refused(approve(home, paper, DRAFT, by="王芳")) == "record.approved_by"
    leaf = said(approve(home, paper, DRAFT))["index"]
    shown = said(command("factor", "show", DRAFT, "--home", home, "-o", "json"))
    assert (shown["approval"], shown["status"]) == (leaf, "draft")
    active = said(command("factor", "list", "--status", "active", "--home", home, "-o", "json"))
    code = refused(approve(home, paper, active[0]["row"]["id"]))
    assert code == "accounting.factor.status"


def test_a_factor_of_ones_own_needs_another_person(home: Path, paper: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    enter = [
        *("factor", "import", file, "--by", "王芳", "--evidence", paper),
        *("--reason", "the library holds no factor of that grid", "--home", home, "-o", "json"),
    ]
    file.write_text(OWN.replace('status = "draft"', 'status = "forbidden"'), encoding="utf-8")
    assert refused(command(*enter)) == "record.row"
    file.write_text(OWN, encoding="utf-8")
    with up(home):
        leaf = said(command(*enter))["index"]
    row = "own.plant_a.grid.kr.2018"
    shown = said(command("factor", "show", row, "--home", home, "-o", "json"))
    assert (shown["leaf"], shown["approval"]) == (leaf, None)
    by_hand = approve(home, paper, row, by="王芳", proposer="someone")
    assert refused(by_hand) == "accounting.approval.person"
    assert said(approve(home, paper, row))["index"] > leaf
    file.write_text(OWN.replace("0.4594", "0.3"), encoding="utf-8")
    assert refused(command(*enter)) == "accounting.factor.changed"


def test_the_library_is_released_by_the_authority(home: Path) -> None:
    first = said(
        command("factor", "release", "2026-11", "--note", "first", "--home", home, "-o", "json")
    )
    assert first["kind"] == "factor-release@1"
    again = command("factor", "release", "2026-12", "--note", "same", "--home", home, "-o", "json")
    assert said(again) == first
    assert "2026-11" in again.err


def test_an_unconfirmed_term_is_approved(home: Path, paper: Path) -> None:
    words = ("--proposed-by", "王芳", "--by", "李明", "--reason", "stoichiometry")
    options = (*words, "--evidence", paper, "--home", home, "-o", "json")
    assert said(command("method", "approve", PIT, "E_expl", *options))["topic"].endswith("E_expl")
    done = command("method", "approve", PIT, "no_such", *options)
    assert refused(done) == "accounting.approval.step"
    assert "E_expl" in done.err
    unknown = command("method", "approve", "no.such@1", "E", *options)
    assert refused(unknown) == "accounting.method.none"


def add_report(home: Path, paper: Path, file: Path, text: str) -> Done:
    file.write_text(text, encoding="utf-8")
    return command("laboratory", "add", file, "--evidence", paper, "--home", home, "-o", "json")


def test_a_sample_dated_anew_is_flagged(home: Path, paper: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.toml"
    percent = add_report(home, paper, file, REPORT.replace("0.6120", "61.20"))
    assert refused(percent) == "laboratory.percent"
    assert refused(add_report(home, paper, file, REPORT + "\nmore = 1\n")).startswith("record.")
    first = said(add_report(home, paper, file, REPORT))["index"]
    assert said(command("laboratory", "list", "--home", home, "-o", "json"))[0]["findings"] == []
    moved = REPORT.replace('tested_on = "2025-12-09"', 'tested_on = "2025-12-06"')
    second = said(add_report(home, paper, file, moved))["index"]
    (row,) = said(command("laboratory", "list", "--home", home, "-o", "json"))
    codes = {finding["code"] for finding in row["findings"]}
    assert (row["index"], codes) == (
        second,
        {"laboratory.tested_before_sampled", "laboratory.re_dated"},
    )
    both = said(command("laboratory", "list", "--all", "--home", home, "-o", "json"))
    assert [(each["index"], each["holds"]) for each in both] == [(first, False), (second, True)]
    text = command("laboratory", "list", "--home", home, TN_LANG="zh_CN")
    assert "laboratory.re_dated" in text.out
    assert "2025-12-06" in text.out


def test_an_entry_is_corrected_by_a_later_one(home: Path, paper: Path) -> None:
    def add(quantity: str, *more: str) -> Done:
        return command(
            *("activity", "add", "diesel.forklifts", "2025-12", quantity, "--unit", "t"),
            *("--source", "transport", "--document", "发票 1", "--evidence", paper),
            *("--by", "王芳", *more, "--home", home, "-o", "json"),
        )

    assert refused(add("12,48")) == "record.quantity"
    first = said(add("12.480"))["index"]
    assert said(add("12.480"))["index"] == first
    assert refused(add("13.000")) == "activity.replaces"
    second = said(add("13.000", "--correct"))["index"]
    (row,) = said(command("activity", "list", "--home", home, "-o", "json"))
    assert (row["index"], row["record"]["quantity"]) == (second, "13.000")
    assert row["record"]["replaces"]["index"] == first
    text = command("activity", "list", "--all", "--home", home)
    assert "12.480 t" in text.out
    assert "13.000 t" in text.out
    assert command("fsck", "--no-chain", "--home", home).code == 0


def test_a_method_says_which_of_its_items_a_register_can_be(home: Path) -> None:
    """[S2-9.2-b] [S2-9.2-c]: source category, gas, formula and data item, by the unit."""
    listed = ("account", "items", "cn.ndrc.coal.2014.underground@1", "--home", home)
    found = json.loads(command(*listed, "--unit", "10^4Nm3", "-o", "json").out)["items"]
    vent = next(row for row in found if row["symbol"] == "Q_vent")
    assert (vent["category"], vent["unit"]) == ("underground_ch4", "1e4Nm3[CH4]")
    assert vent["terms"][0]["gas"] == "CH4"
    assert vent["terms"][0]["formula"].endswith("* rho_CH4")
    assert {row["category"] for row in found} >= {"combustion_gas", "flare", "underground_co2"}
    text = command(*listed, "--unit", "t").out
    assert "FC * carbon * OF" in text
    assert "Q_vent" not in text
    wrong = command(*listed, "--unit", "furlong")
    assert wrong.complaint[1] == "accounting.dimension.unit"
    nowhere = command("account", "points", "2026-10", "--boundary", "plant", "--home", home)
    assert nowhere.complaint[1] == "boundary.none"
