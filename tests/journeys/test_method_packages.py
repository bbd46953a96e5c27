"""A management platform publishes methods; an enterprise finds, verifies and keeps them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.accounts import GRID
from support.command import Done, command
from support.node_process import NodeProcess, make_home
from support.wired import load, started_home

from trace_node.accounting.methods.method_library import packaged_methods

STEEL = packaged_methods().newest("cn.ets.steel.2024.enterprise").ref
OWN = """
id = "own.kiln"
version = {version}
title_zh = "窑炉"
title_en = "kiln"
source = "document and clause"
literal = "E = m * e"
missing_data = "none"
[[categories]]
id = "kiln"
title_zh = "窑炉燃烧"
title_en = "kiln"
scope = 1
group = "combustion"
[[symbols]]
id = "m"
source = "activity"
unit = "t[fuel]"
item = "fuel_quantity"
title_zh = "燃料量"
title_en = "fuel"
[[symbols]]
id = "e"
source = "activity"
unit = "tCO2/t[fuel]"
item = "fuel_factor"
title_zh = "排放因子"
title_en = "factor"
[[steps]]
id = "E"
formula = "{formula}"
unit = "tCO2"
mark = "O"
clause = "1"
category = "kiln"
gas = "CO2"
title_zh = "窑炉排放"
title_en = "kiln"
[[totals]]
id = "total"
purpose = "enterprise"
unit = "tCO2"
add = ["E"]
title_zh = "合计"
title_en = "total"
"""


POINTS = """
format = "point-list@1"
organisation = "{organisation}"
[[line]]
name = "hall"
controller = "tcp://127.0.0.1:15020"
[[line.device]]
name = "EM-77"
kind = "electricity_meter"
slave_id = 1
serial = "2026-0077"
interval = "15m"
byte_order = "CDAB"
[[line.device.field]]
name = "energy"
address = 0
type = "UINT32"
decimals = 0
quantity = "active_energy"
unit = "kWh"
kind = "counter"
minimum = 0
maximum = 999999
capacity = 1000000
"""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The node of the management side, which runs, and how it is reached."""

    home: Path
    url: str
    token: str
    point: str

    def ask(self, *arguments: object) -> Done:
        return command("method", *arguments, "--node", self.url, "--token", self.token)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    home = make_home(tmp_path_factory.mktemp("platform") / "home", organisation="platform")
    with NodeProcess(home) as node:
        node.ready()
        issued = command("tokens", "issue", "plant", "--role", "enterprise", "--home", home)
        key = command("keys", "show", home / "keys" / "authority.pem", "--home", home, "-o", "json")
        yield Platform(home=home, url=node.url, token=issued.out.strip(), point=said(key)["point"])


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return started_home(tmp_path_factory.mktemp("enterprise") / "home")


def said(done: Done) -> dict:
    assert done.code == 0, done.err
    return json.loads(done.out)


def refused(done: Done) -> str:
    assert done.remedy
    return done.complaint[1]


def test_a_package_is_found_fetched_and_kept(
    platform: Platform, enterprise: Path, tmp_path: Path
) -> None:
    missing = platform.ask("fetch", STEEL, "--home", enterprise)
    assert refused(missing) == "accounting.method.unreleased"
    file = tmp_path / "steel.json"
    publish = ("method", "publish", STEEL, "--home", platform.home, "--out", file, "-o", "json")
    leaf = said(command(*publish))["index"]
    assert said(command(*publish))["index"] == leaf
    found = said(platform.ask("find", "-o", "json"))
    assert STEEL in {row["method"] for row in found}
    wrong = command("method", "find", "--node", platform.url, "--token", "none")
    assert wrong.complaint[1].startswith("access.")

    stranger = platform.ask("fetch", STEEL, "--home", enterprise)
    assert refused(stranger) == "integrity.signature.publisher"
    offline = command("method", "import", file, "--home", enterprise)
    assert refused(offline) == "integrity.signature.publisher"
    trust = ("method", "trust", platform.point, "--name", "platform", "--reason", "contract")
    assert command(*trust, "--home", enterprise).code == 0
    kept = said(platform.ask("fetch", STEEL, "--home", enterprise, "-o", "json"))
    carried = said(command("method", "import", file, "--home", enterprise, "-o", "json"))
    assert carried == kept
    shown = said(command("method", "show", STEEL, "--home", enterprise, "-o", "json"))
    assert shown["leaf"] == kept["index"]
    assert shown["definition"]["id"] == STEEL.partition("@")[0]

    again = tmp_path / "again.json"
    assert command("method", "export", STEEL, again, "--home", enterprise).code == 0
    assert again.read_bytes() == file.read_bytes()
    file.write_bytes(file.read_bytes().replace(b'"version":1', b'"version":2', 1))
    altered = command("method", "import", file, "--home", enterprise)
    assert altered.complaint[1] in {"record.digest", "integrity.signature.mismatch"}
    assert command("fsck", "--no-chain", "--home", enterprise).code == 0


def test_a_new_version_stands_beside_the_old_one(platform: Platform, tmp_path: Path) -> None:
    """[S2-9.2-2]: the library is updated by the management software; old versions stay."""
    file = tmp_path / "kiln.toml"
    publish = ("method", "publish", file, "--home", platform.home, "-o", "json")

    def write(version: int, formula: str) -> None:
        file.write_text(OWN.format(version=version, formula=formula), encoding="utf-8")

    write(1, "m + e")
    assert refused(command("method", "check", file)) == "accounting.dimension"
    assert refused(command(*publish)) == "accounting.dimension"
    write(1, "m * e")
    assert "[O] CO2" in command("method", "check", file).out
    assert said(command("method", "check", file, "-o", "json"))["method"] == "own.kiln@1"
    first = said(command(*publish))["index"]
    write(1, "m * e * 0.99")
    assert refused(command(*publish)) == "accounting.method.version"
    write(2, "m * e * 0.99")
    second = said(command(*publish))["index"]
    rows = said(command("method", "list", "--home", platform.home, "-o", "json"))
    leaves = {row["method"]: row["leaf"] for row in rows if row["method"].startswith("own.kiln")}
    assert leaves == {"own.kiln@1": first, "own.kiln@2": second}
    shown = said(command("method", "show", "own.kiln@1", "--home", platform.home, "-o", "json"))
    assert shown["definition"]["steps"][0]["formula"] == "m * e"
    assert "own.kiln@2" in command("method", "list", "--home", platform.home).out


def test_trust_that_is_taken_back_lets_nothing_more_in(
    platform: Platform, enterprise: Path, tmp_path: Path
) -> None:
    file = tmp_path / "kiln.toml"
    text = OWN.replace("own.kiln", "own.oven").format(version=1, formula="m * e")
    file.write_text(text, encoding="utf-8")
    package = tmp_path / "kiln.json"
    publish = ("method", "publish", file, "--home", platform.home, "--out", package)
    assert command(*publish).code == 0
    trust = ("method", "trust", platform.point, "--name", "platform", "--reason", "contract")
    assert command(*trust, "--home", enterprise).code == 0
    assert command(*trust, "--revoke", "--home", enterprise).code == 0
    late = command("method", "import", package, "--home", enterprise)
    assert refused(late) == "integrity.signature.publisher"
    shown = command("method", "show", "own.oven@1", "--home", enterprise)
    assert refused(shown) == "accounting.method.none"
    assert command("fsck", "--no-chain", "--home", enterprise).code == 0


def test_a_platform_configures_a_boundary_and_the_enterprise_takes_it_over(
    platform: Platform, tmp_path: Path
) -> None:
    """[S2-11.4-1] [S2-11.4-2] [S2-11.4-a] [S2-11.4-b]: on line from the node, off line as files."""
    enterprise = started_home(tmp_path / "home")
    whose = load(enterprise)[0].organisation
    points, file = tmp_path / "points.toml", tmp_path / "boundary.toml"
    points.write_text(POINTS.format(organisation=whose), encoding="utf-8")
    text = GRID.replace("plant-a", whose).replace("meter-1", "EM-77")
    file.write_text(text, encoding="utf-8")
    scope = ("--role", "enterprise", "--organisation", whose, "--home", platform.home)
    token = command("tokens", "issue", "theirs", *scope).out.strip()
    node = ("--node", platform.url, "--token", token)
    mine = ("--home", enterprise)

    anywhere = command("account", "check", file, "--points", points)
    assert anywhere.code == 0, anywhere.err
    file.write_text(text.replace("EM-77", "EM-78"), encoding="utf-8")
    assert refused(command("account", "check", file, "--points", points)) == "boundary.meter"
    file.write_text(text, encoding="utf-8")

    package = tmp_path / "boundary.json"
    publish = ("account", "publish", file, "--home", platform.home, "--out", package)
    assert refused(command(*publish)) == "boundary.meter"  # the platform has no such meter itself
    assert command(*publish, "--points", points).code == 0
    found = said(command("account", "find", *node, "-o", "json"))
    assert found == [{"boundary": f"{whose} plant", "version": 1}]
    trust = ("method", "trust", platform.point, "--name", "platform", "--reason", "contract")
    assert refused(command("account", "fetch", "plant", *node, *mine)) == (
        "integrity.signature.publisher"
    )
    assert command(*trust, *mine).code == 0
    assert refused(command("account", "fetch", "plant", *node, *mine)) == "boundary.meter"
    assert refused(command("account", "fetch", "hall", *node, *mine)) == "boundary.unpublished"

    # A version whose activity is entered from documents needs no meter.
    entered = text.replace('device = "EM-77"\nmeter_register = "energy"\n', "")
    entered = entered.replace("[[meters]]", "[[entries]]").replace("version = 1", "version = 2")
    file.write_text(entered, encoding="utf-8")
    assert command(*publish, "--points", points).code == 0
    fetched = said(command("account", "fetch", "plant", *node, *mine, "-o", "json"))
    carried = said(command("account", "import", package, *mine, "-o", "json"))
    assert carried == fetched
    listed = ("account", "points", "2026-10", "--boundary", "plant", *mine, "-o", "json")
    (point,) = said(command(*listed))["points"]
    assert (point["meter"], point["point"], point["symbol"]) == ("-", "grid.in", "EL_bought")
    assert (point["category"], point["terms"][0]["gas"]) == ("electricity", "CO2")

    package.write_bytes(package.read_bytes().replace(b'"version":2', b'"version":3', 1))
    altered = command("account", "import", package, *mine)
    assert altered.complaint[1] in {"record.digest", "integrity.signature.mismatch"}
    file.write_text(entered.replace(f'"{whose}"', '"another"', 1), encoding="utf-8")
    other = tmp_path / "other.json"
    publish = ("account", "publish", file, "--home", platform.home, "--points", points)
    assert command(*publish, "--out", other).code == 0
    assert refused(command("account", "import", other, *mine)) == "boundary.organisation"
    assert command("fsck", "--no-chain", *mine).code == 0
