"""``trace-node measure`` and the bundle of a comparison, as people see them."""

import json
from pathlib import Path

import pytest
from support.accounts import log_boundary, log_content
from support.assessments import CLASS_HALF, accuracy
from support.builders import ORGANISATION
from support.cement import (
    BOUNDARY,
    DAY,
    deliver_flue_gas,
    enter,
    measured,
    plan,
    register_cems,
)
from support.command import Done, command
from support.provable import provable, provable_trust_root
from support.stores import ORIGIN

from trace_node.accounting.records.accuracy import SubjectKind


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A home of a node that is not running, and the leaf of a comparison in it."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "keys").mkdir()
    with provable(folder) as world:
        here = world.plant
        register_cems(here)
        log_boundary(here, BOUNDARY)
        log_content(here, plan())
        for name in ("meal", "meal.carbon", "Q_clinker"):
            log_content(here, accuracy(name, CLASS_HALF, subject=SubjectKind.POINT))
        enter(here)
        deliver_flue_gas(here, hours=23)
        done = measured(here, DAY)
        world.settle()
    (folder / "root.json").write_bytes(provable_trust_root().raw)
    return folder, done.index


def say(home: tuple[Path, int], *words: object, language: str = "en") -> Done:
    """Run a command over the home."""
    env = {
        "TN_HOME": str(home[0]),
        "TN_LOG": ORIGIN.split("/")[-2],
        "TN_ORGANISATION": ORGANISATION,
        "TN_LANG": language,
    }
    return command(*words, **env)


def test_a_comparison_for_people_in_both_languages(home: tuple[Path, int]) -> None:
    """Approaches, E_n, figure and findings; nothing English for a Chinese reader."""
    said = say(home, "measure", "show", home[1])
    assert said.code == 0, said.err
    for text in (
        "mass balance:",
        "E_n calculation / mass balance:",
        "the figure: mass balance, by cn.cement.s3@1 (S3 5.1)",
        "! cems.incomplete: the stacks were not measured in 2 hours",
    ):
        assert text in said.out, text
    said = say(home, "measure", "show", home[1], language="zh")
    for text in (
        "物料平衡法：",
        "取值：物料平衡法，依据 cn.cement.s3@1（S3 5.1）",
        "! cems.incomplete: 排口有 2 个小时没有测量数据",
    ):
        assert text in said.out, (text, said.out)


def test_the_inventory_tells_it(home: tuple[Path, int]) -> None:
    said = say(home, "inventory", "show", DAY[:7], "--boundary", "plant", language="zh")
    assert "企业盘查数值应取物料平衡法的" in said.out
    said = say(home, "inventory", "show", DAY[:7], "--boundary", "plant", "-o", "json")
    rows = json.loads(said.out)["comparisons"]
    (row,) = (each for each in rows if each["period"] == DAY)
    assert (row["figure"], row["leaf"]) == ("mass_balance", home[1])


def test_an_outsider_makes_it_again_from_one_file(home: tuple[Path, int]) -> None:
    folder, leaf = home
    file = folder / "kiln.tnproof"
    assert say(home, "measure", "bundle", leaf, "--out", file).code == 0
    words = ("verify", "--recompute", file, "--trust-root", folder / "root.json", "--offline")
    said = say(home, *words)
    assert (said.code, "computed again from" in said.out) == (3, True)  # the anchor was not asked
    assert "the figure: mass balance" in said.out
    assert say(home, "measure", "bundle", 0, "--out", file).complaint[1] == "measurement.no_record"
