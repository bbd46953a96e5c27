"""A boundary asked for step by step on the terminal: what comes of it, and answers that are wrong."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.bundles import meter_of
from support.command import Done, command
from support.wired import started_home

from api.cli.stating import open_log
from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.crypto.sm3 import sm3
from trace_node.ids import DeviceId, RegisterId
from trace_node.services.boundary_draft import BoundaryDraft, registers_for
from trace_node.services.statement_leaves import leaves

ENTITY = ("示范公司", "91350000MA00000000", "福建省某市", "李明")
CONTACT = ("王芳", "碳管理员", "carbon@example.cn", "")
PURCHASED = packaged_methods().newest("cn.purchased_energy")
PLACE = ("works", "主厂区", "site", "y", "owned and run by the entity", "y", "n")
METHOD = ("cn.purchased_energy@1", "cn.grid.average", "CN", "2023", "n")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return started_home(tmp_path_factory.mktemp("configure") / "home")


def configure(home: Path, monkeypatch: pytest.MonkeyPatch, *answers: str, **env: str) -> Done:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{each}\n" for each in answers)))
    return command("account", "configure", "--home", home, "-o", "json", **env)


def logged(home: Path, name: str) -> dict:
    shown = command(
        "account", "points", "2026-10", "--boundary", name, "--home", home, "-o", "json"
    )
    assert shown.code == 0, shown.err
    return json.loads(shown.out)


def answer_of(done: Done) -> dict:
    """What it prints at the end, behind its questions."""
    assert done.code == 0, (done.out, done.err)
    return json.loads(done.out[done.out.rindex("{") :])


def on_record(home: Path, name: str) -> list[Boundary]:
    with open_log(home) as (_settings, _files, store), store.view() as view:
        contents = [each.content for each in leaves(view, BOUNDARY)]
    return [each for each in contents if isinstance(each, Boundary) and each.name == name]


SOURCES = (
    *("y", "grid", "外购电力", "2"),  # electricity occurs: one source
    "meter-1/energy",  # bought
    "zero",
    "no direct supply",  # non-fossil
    "zero",
    "nothing is sold",  # sold
    "n",  # no other source
    *("n", "no heat is bought", "n", "no steam", "n", "no hot water"),
)


def test_six_steps_become_a_boundary_on_record(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[S2-11.5]: enterprise, units, industry, sources with their meters, confirmation."""
    licence = tmp_path / "licence.pdf"
    licence.write_bytes(b"the licence")
    answers = (
        *("plant", "", *ENTITY, *CONTACT),
        *(str(tmp_path / "missing.pdf"), str(licence), "营业执照", ""),
        *(*PLACE, *METHOD, *SOURCES, "王芳"),
    )
    done = configure(home, monkeypatch, *answers)
    assert answer_of(done)["version"] == 1
    for step in range(1, 4):
        assert f"Step {step} of 6" in done.out
    assert "grid  外购电力" in done.out
    assert "EL_bought <- meter-1/energy" in done.out
    assert "missing.pdf is no file" in done.out
    (point,) = logged(home, "plant")["points"]
    assert (point["meter"], point["symbol"], point["category"]) == (
        "meter-1/energy",
        "EL_bought",
        "electricity",
    )
    (content,) = on_record(home, "plant")
    assert content.entity.name == ENTITY[0]
    assert [each.reach for each in content.entity.contacts] == ["carbon@example.cn"]
    (proof,) = content.entity.proofs
    assert (proof.title, proof.digest) == ("营业执照", sm3(b"the licence"))
    assert content.industries[0].not_occurring["steam"] == "no steam"
    assert content.confirmed_by == "王芳"
    again = configure(home, monkeypatch, *answers)
    assert answer_of(again)["version"] == 2


def test_a_wrong_answer_is_told_and_asked_for_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = (
        *("no good name!", "other", "2026-13-01", "2026-01-01"),
        *(ENTITY[0], "bad code with spaces", *ENTITY[1:], "", ""),
        *("works", "主厂区", "moon", "site", "y", "owned", "y", "n"),
        *("cn.no_such_method@1", *METHOD, *SOURCES, "王芳"),
    )
    done = configure(home, monkeypatch, *answers)
    assert answer_of(done)["boundary"] == "other"
    assert len(on_record(home, "other")) == 1
    for told in ("name:", "valid_from:", "answer:", "there is no 'moon' among them"):
        assert told in done.out


def test_every_unit_is_asked_for_its_own_values(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[S2-11.5]: two works by one method; a name that is taken is asked for again."""
    answers = (
        *("two", "", *ENTITY, "n" * 81, "", ""),
        *("works", "主厂区", "site", "y", "owned", "n"),
        *("east", "东厂", "east", "west", "西厂", "", "n"),
        *(*METHOD, *METHOD, *SOURCES),
        *("y", "grid", "grid-w", "外购电力", "2", "entry", "zero", "none", "zero", "none", "n"),
        *("n", "no heat is bought", "n", "no steam", "n", "no hot water", "王芳"),
    )
    done = configure(home, monkeypatch, *answers)
    assert answer_of(done)["boundary"] == "two"
    assert "answer: east is the name of another one" in done.out
    assert "answer: grid is the name of another one" in done.out
    (content,) = on_record(home, "two")
    assert content.entity.contacts == ()
    fed = {(each.source, each.symbol) for each in content.feeds}
    symbols = ("EL_bought", "EL_nonfossil", "EL_sold")
    assert fed == {(source, symbol) for source in ("grid", "grid-w") for symbol in symbols}


def test_a_register_that_no_method_takes_is_not_offered() -> None:
    """A three-phase meter counts reactive energy too; that must not end the questions."""
    meter = meter_of(DeviceId("meter-1"))
    (energy,) = meter.meter_registers
    reactive = replace(
        energy, name=RegisterId("reactive"), quantity="reactive_energy", unit="kvarh"
    )
    heat = replace(energy, name=RegisterId("heat"), quantity="heat", unit="kWh")
    both = replace(meter, meter_registers=(reactive, energy, heat))
    found = registers_for(PURCHASED.symbols["EL_bought"], PURCHASED, [both])
    assert [each.name for each in found] == [energy.name]


def test_names_of_activity_data_do_not_run_together() -> None:
    draft, symbols = BoundaryDraft(head={}), PURCHASED.symbols
    for name in ("EL_bought", "EL_sold"):
        point = draft.point_for(symbols[name], source="s" * 32)
        draft.entered(point, source="s" * 32)
    first, second = (str(each["name"]) for each in draft.entries)
    assert first != second
    assert len(second) == 32


def test_what_is_broken_off_logs_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = configure(home, monkeypatch, "half", "", *ENTITY)
    assert done.complaint[1] == "input.answer"
    assert done.remedy
    assert on_record(home, "half") == []


def test_it_is_asked_in_chinese(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = configure(home, monkeypatch, "half", "", TN_LANG="zh")
    assert "第 1 步" in done.out
