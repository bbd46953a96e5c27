"""A terminal reports what it collected, a platform configures it: over the network, or by files.

Two nodes, a collector and a meter as processes; the meter replays a day of a steel works.
"""

import json
import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.collector_setup import PLANT
from support.command import Done, command
from support.field import enrol_collector
from support.forms import ENTRIES, OUTPUT, filled
from support.node_process import (
    LOG,
    ORIGIN,
    NodeProcess,
    Process,
    make_home,
    post_json,
    run_well,
)
from support.steel import DEVICE, KG_PER_KWH, METER_REGISTER, STEEL_BOUNDARY, Table, table
from support.wired import load, new_home, up

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
PLATFORM, LAPTOP = "platform", "laptop"
COLLECTOR = f"""
format = "collector@1"
passphrase_file = "passphrase"
[[destination]]
name = "node"
url = "{{node}}"
log = "{LOG}"
origin = "{ORIGIN}"
[[destination]]
name = "{PLATFORM}"
url = "{{platform}}"
log = "{PLATFORM}"
origin = "trace-node.local/{PLATFORM}/sm3"
report = "by hand"
[[destination]]
name = "{LAPTOP}"
log = "{LAPTOP}"
origin = "trace-node.local/{LAPTOP}/sm3"
report = "file"
"""


def said(done: Done) -> dict:
    assert done.code == 0, (done.out, done.err)
    return json.loads(done.out)


def well(*arguments: object) -> str:
    done = command(*arguments)
    assert done.code == 0, (arguments, done.out, done.err)
    return done.out


@dataclass(frozen=True, kw_only=True)
class Works:
    """A terminal at work: its node, its collector and what its meter showed."""

    node: NodeProcess
    platform: NodeProcess
    collector: Path
    replay: Table
    points: Path
    running: Process

    @property
    def home(self) -> Path:
        return self.node.home

    @property
    def day(self) -> str:
        return self.replay.begin.date().isoformat()

    @property
    def key(self) -> str:
        """The public point of the collector."""
        where = ("--home", self.home, "-o", "json")
        return said(command("keys", "show", self.collector / "collector.key", *where))["point"]

    def readings(self, node: NodeProcess) -> int:
        """How many readings of its meter a node shows."""
        query = {
            "device": DEVICE,
            "meter_register": METER_REGISTER,
            "from": self.replay.begin.isoformat(),
            "to": (self.replay.end + timedelta(hours=1)).isoformat(),
            "limit": 200,
        }
        token = command("tokens", "issue", "look", "--role", "operator", "--home", node.home)
        data = post_json(f"{node.url}/api/v1/Readings", query, token=token.out.strip())["data"]
        return len(data["readings"])

    def status(self, destination: str) -> dict:
        found = json.loads((self.collector / "status.json").read_text())["status"]
        return next(each for each in found["destinations"] if each["name"] == destination)

    def figure(self, boundary: str) -> Decimal:
        """What the terminal accounts for the day by a boundary."""
        where = ("--boundary", boundary, "--home", self.home, "-o", "json")
        (emission,) = said(command("account", "run", "works", self.day, *where))["emissions"]
        (total,) = (each for each in emission["figures"] if each["purpose"] != "auxiliary")
        return Decimal(total["value"])


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[Works]:
    folder = tmp_path_factory.mktemp("works")
    replay = table(data_dir, folder, first=random.randrange(365), days=1)
    home = make_home(folder / "home", organisation="demo-works")
    managed = new_home(folder / PLATFORM, log=PLATFORM, organisation=PLATFORM)
    with ExitStack() as stack:
        shown = ("--free-ports", "--points-out", folder / "points")
        meter = Process(
            folder / "replay.log", "replay", replay.path, "--map", PLANT / "steel.map.toml", *shown
        )
        stack.enter_context(meter)
        meter.wait_for(lambda: "ready" in meter.output.splitlines(), "the meter")
        points, collector = folder / "points" / "steel.points.toml", folder / "collector"
        enrol_collector(collector, points, home, subject="terminal")
        node = stack.enter_context(NodeProcess(home)).ready()
        platform = stack.enter_context(NodeProcess(managed)).ready()
        text = COLLECTOR.format(node=node.url, platform=platform.url)
        (collector / "collector.toml").write_text(text)
        run_well("collect", collector, "--drain")  # or it would read at the next quarter-hour
        running = stack.enter_context(Process(folder / "collect.log", "collect", collector))
        made = Works(
            node=node,
            platform=platform,
            collector=collector,
            replay=replay,
            points=points,
            running=running,
        )
        node.wait_for(lambda: made.readings(node) == replay.rows + 1, "readings")
        yield made


def boundary(folder: Path, name: str) -> Path:
    """A boundary as a platform configures it."""
    file = folder / f"{name}.toml"
    text = STEEL_BOUNDARY.replace('name = "steel"', f'name = "{name}"', 1) + ENTRIES
    file.write_text(text, encoding="utf-8")
    return file


def trust(works: Works, managing: Path) -> None:
    """The terminal trusts whoever manages it."""
    where = ("--home", managing, "-o", "json")
    point = said(command("keys", "show", managing / "keys" / "authority.pem", *where))["point"]
    about = ("--name", "platform", "--reason", "contract", "--home", works.home)
    well("method", "trust", point, *about)


def test_on_line_a_platform_configures_what_was_reported_to_it(
    works: Works, tmp_path: Path
) -> None:
    """[S2-11.4-1] [S2-11.4-a]: reported by hand, configured on the platform, fetched, at work."""
    whose, managed = load(works.home)[0].organisation, works.platform.home
    assert works.status(PLATFORM)["waiting"] == "by hand"
    well("meters", "enrol", works.points, "--home", managed)
    enrol = ("--point", works.key, "--subject", "terminal", "--organisation", whose)
    well("keys", "enrol", *enrol, "--home", managed)
    assert works.readings(works.platform) == 0
    well("readings", "report", works.collector, "--to", PLATFORM)
    count = works.replay.rows + 1
    works.platform.wait_for(lambda: works.readings(works.platform) == count, "reported readings")

    file = boundary(tmp_path, "on-line")
    well("account", "publish", file, "--home", managed)  # by the meters that reported
    strange = tmp_path / "strange.toml"
    strange.write_text(file.read_text("utf-8").replace(DEVICE, "STEEL-EM-99"), "utf-8")
    assert command("account", "publish", strange, "--home", managed).complaint[1] == (
        "boundary.meter"
    )
    issue = ("--role", "enterprise", "--organisation", whose, "--home", managed)
    token = command("tokens", "issue", "theirs", *issue).out.strip()
    node = ("--node", works.platform.url, "--token", token)
    found = said(command("account", "find", *node, "-o", "json"))
    assert found == [{"boundary": f"{whose} on-line", "version": 1}]
    trust(works, managed)
    well("account", "fetch", "on-line", *node, "--home", works.home)
    assert works.figure("on-line") == works.replay.total * KG_PER_KWH / 1000

    form = tmp_path / "form.xlsx"
    well("template", "production", form)
    row = [*OUTPUT[:2], works.day, *OUTPUT[3:-1], ""]
    form.write_bytes(filled(form.read_bytes(), [row]))
    handed = ("--evidence", form, "--by", "王芳", "--home", works.home, "-o", "json")
    (entered,) = said(command("activity", "import", form, *handed))
    again = said(command("activity", "import", form, *handed))
    assert [each["index"] for each in again] == [entered["index"]]


def test_off_line_everything_is_carried_as_files(works: Works, tmp_path: Path) -> None:
    """[S2-11.4-1] [S2-11.4-b]: exported, configured on any computer, imported, at work."""
    whose = load(works.home)[0].organisation
    laptop = new_home(tmp_path / LAPTOP, log=LAPTOP, organisation=PLATFORM)
    with up(laptop):
        pass  # it was started once, and never sees a network again
    data, points, receipt = (tmp_path / name for name in ("data.tnd", "points.toml", "receipt"))
    exported = said(
        command("readings", "export", works.collector, "--to", LAPTOP, "--out", data, "-o", "json")
    )
    assert exported["records"] >= works.replay.rows + 1
    again = command("readings", "export", works.collector, "--to", LAPTOP, "--out", data)
    assert again.complaint[1] == "collected.exists"

    shown = said(command("readings", "show", data, "--points-out", points, "-o", "json"))
    assert (shown["organisation"], shown["point"]) == (whose, works.key)
    assert shown["records"] == exported["records"]
    take = ("readings", "take", data, "--home", laptop, "-o", "json")
    unknown = command(*take)
    assert unknown.code == 1  # the laptop does not know this collector
    assert all("ingest.key" in each for each in json.loads(unknown.out)["refused"])
    well("meters", "enrol", points, "--home", laptop)
    enrol = ("--point", shown["point"], "--subject", "terminal", "--organisation", whose)
    well("keys", "enrol", *enrol, "--home", laptop)
    taken = said(command(*take, "--receipt", receipt))
    assert (taken["records"], taken["refused"]) == (exported["records"], [])
    assert said(command(*take)) == taken  # taken again, nothing is doubled
    elsewhere = command("readings", "take", data, "--home", works.home)
    assert elsewhere.complaint[1] == "collected.log"

    well("readings", "receipt", works.collector, receipt, "--to", LAPTOP)
    works.running.wait_for(
        lambda: works.status(LAPTOP)["records"]["pending"] == 0, "the receipt taken over"
    )
    package = tmp_path / "boundary.json"
    file = boundary(tmp_path, "off-line")
    well("account", "publish", file, "--home", laptop, "--out", package)
    trust(works, laptop)
    well("account", "import", package, "--home", works.home)
    assert works.figure("off-line") == works.replay.total * KG_PER_KWH / 1000
    assert command("fsck", "--no-chain", "--home", laptop).code == 0
