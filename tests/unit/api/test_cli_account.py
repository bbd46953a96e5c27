"""``trace-node account``, ``inventory``, ``recompute`` and ``verify --recompute``, as people see them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.accounts import GRID, accounts, deliver_hours, hourly_meter, log_boundary, request
from support.builders import ORGANISATION, Run
from support.command import Done, command
from support.provable import provable, provable_trust_root
from support.stores import ORIGIN


@dataclass(frozen=True)
class AccountHome:
    """A folder, the leaf of a figure of a month, and the URL of its database."""

    folder: Path
    leaf: int
    database: str


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountHome]:
    """A home of a node that is not running, with the figure of a month."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "keys").mkdir()
    with provable(folder) as world:
        hourly_meter(world.plant)
        log_boundary(
            world.plant, GRID.replace("version = 1", 'version = 1\ndemonstration = "a try"')
        )
        deliver_hours(world.plant, Run())
        (done,) = accounts(world.plant).account(request())
        world.settle()
        (folder / "root.json").write_bytes(provable_trust_root().raw)
        (folder / "boundary.toml").write_text(GRID, encoding="utf-8")
        yield AccountHome(folder=folder, leaf=done.index, database=world.url)


def say(home: AccountHome, *words: object) -> Done:
    """Run a command over the home."""
    env = {
        "TN_HOME": str(home.folder),
        "TN_DATABASE_URL": home.database,
        "TN_LOG": ORIGIN.split("/")[-2],
        "TN_ORGANISATION": ORGANISATION,
        "TN_LANG": "en",
    }
    return command(*words, **env)


def test_an_inventory_for_people_and_for_programs(home: AccountHome) -> None:
    """Every figure, mass and gap is on the page, and it says that it is a demonstration."""
    said = say(home, "inventory", "show", "2026-Q4", "--boundary", "plant", "--per", "100")
    assert said.code == 0, said.err
    for text in (
        "missing",
        "DEMONSTRATION: a try",
        "enterprise   0.493458 tCO2",
        "works grid",
        "2026-10",
        "gap: works cn.purchased_energy@1",
        "CO2: gross 0.493458 t, sinks 0 t, net 0.493458 t",
    ):
        assert text in said.out, text
    said = say(
        home, "inventory", "show", "2026-10", "--boundary", "plant", "--per", "100", "-o", "json"
    )
    shown = json.loads(said.out)
    assert shown["leaves"] == [home.leaf]
    assert shown["intensities"][0]["value"] == "0.00493458"


def test_no_clean_energy_is_no_row(home: AccountHome) -> None:
    said = say(home, "inventory", "clean", "2026-10", "--boundary", "plant", "-o", "json")
    found = json.loads(said.out)["clean_energy"]
    assert (found["records"], found["totals"], found["deducted"]) == ([], [], [])
    assert (found["deducted_mwh"], found["uncovered_mwh"]) == ("0", "0")


def test_two_spans_side_by_side(home: AccountHome) -> None:
    said = say(home, "inventory", "compare", "2026-09", "2026-10", "--boundary", "plant")
    assert "enterprise   - -> 0.493458 tCO2" in said.out
    said = say(
        home, "inventory", "compare", "2026-09", "2026-10", "--boundary", "plant", "-o", "json"
    )
    assert json.loads(said.out)["changes"][0]["before"] is None


def test_a_figure_with_its_leaves_computed_again(home: AccountHome) -> None:
    folder, leaf = home.folder, home.leaf
    said = say(home, "recompute", leaf)
    assert said.code == 0, said.err
    assert "the same digits" in said.out
    assert "cn.grid.avg.national.2023" in said.out
    assert json.loads(say(home, "recompute", leaf, "-o", "json").out)["same"] is True
    assert "grid.in" in say(home, "account", "show", leaf).out
    assert json.loads(say(home, "account", "show", leaf, "-o", "json").out)["period"] == "2026-10"
    assert say(home, "recompute", leaf - 1).complaint[1] == "account.no_emission"
    bundle = folder / "figure.tnproof"
    assert say(home, "account", "bundle", leaf, "--out", bundle).code == 0
    words = ("verify", "--recompute", bundle, "--trust-root", folder / "root.json", "--offline")
    said = say(home, *words)
    assert "enterprise = 0.493458 tCO2" in said.out
    assert "DEMONSTRATION: a try" in said.out
    assert (said.code, json.loads(say(home, *words, "-o", "json").out)["outcome"]["signed"]) == (
        3,
        "passed",
    )


def test_recompute_asks_for_a_bundle_of_a_figure(home: AccountHome) -> None:
    folder = home.folder
    other = folder / "other.tnproof"
    other.write_text("{}")
    words = ("verify", "--recompute", other, "--trust-root", folder / "root.json", "--offline")
    said = say(home, *words)
    assert said.code == 2
    assert "no emission bundle" in said.err


def test_numbers_and_boundaries_that_are_none(home: AccountHome) -> None:
    said = say(home, "inventory", "show", "2026", "--boundary", "plant", "--per", "much")
    assert said.complaint[1] == "boundary.activity"
    assert say(home, "inventory", "show", "2026", "--boundary", "b").complaint[1] == "boundary.none"
