"""The demo plant's coal batch: from meters on sockets to a page, back to leaves, altered and named.

Masses and methane are numbers of this test; the electricity is what the simulated meters counted.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.collector_setup import PLANT
from support.command import command
from support.field import connect_collector, enrol_collector
from support.node_process import (
    LOG,
    NodeProcess,
    Process,
    complaint,
    free_port,
    get,
    post_json,
    run,
    run_well,
)
from support.steel import logged_readings

pytestmark = pytest.mark.timeout(600)  # a node, its chain, a collector and twenty commands
NAME = "coal-mine"
METERS = {"shaft": "CM-EM-01", "washer": "CM-EM-02"}
GRID = "cn.grid.avg.national.2023"
ITEM = "own-1:0610.mining.energy.001"

STAGE = """unit = "{unit}"
stage = "{stage}"
period = "{month}"
item = "{item}"

[[lines]]
source = "power"
gas = "CO2"
activity = "{kwh}"
unit = "kWh"
factor = "{factor}"
u = "0.001"
links = [{first}, {last}]
"""
METHANE = """
[[lines]]
source = "mine-air"
gas = "CH4"
mass = "12.5"
u = "0.5"
links = [{first}]
"""
BOUGHT = """batch = "bought"
product = "coal.clean"
mass = 100
item = "{item}"
supplier = "Mill"
"""
ARRIVAL = """event = "arrival"
kind = "deliver"
unit = "quay"
item = "{item}"
inputs = [{{ batch = "bought", mass = 100 }}]
outputs = [{{ batch = "heap", product = "coal.clean", mass = 100 }}]
legs = [{{ mode = "belt", km = 1, factor = "0.01", gwp_set = "AR6", evidence = "{document}" }}]
"""
EVENTS = {
    "cut": """event = "cut"
kind = "extract"
unit = "shaft"
stage = "mining"
period = "{month}"
throughput = 2000
item = "{item}"
links = [{first}]
[[outputs]]
batch = "raw"
product = "coal.raw"
mass = 1000
""",
    "wash": """event = "wash"
kind = "feed"
unit = "washer"
stage = "washing"
period = "{month}"
throughput = 1000
item = "{item}"
allocation = "energy"
[[inputs]]
batch = "raw"
mass = 1000
[[outputs]]
batch = "clean"
product = "coal.clean"
mass = 600
ncv = 25
[[outputs]]
batch = "middlings"
product = "coal.middlings"
mass = 200
ncv = "12.5"
[[outputs]]
batch = "stone"
product = "stone"
mass = 200
reject = true
""",
    "train": """event = "train"
kind = "load"
unit = "railway"
item = "{item}"
[[inputs]]
batch = "clean"
mass = 600
[[outputs]]
batch = "at-port"
product = "coal.clean"
mass = 594
ncv = 25
[[legs]]
mode = "rail"
km = 500
factor = "0.008"
gwp_set = "AR6"
evidence = "{document}"
empty = "0.5"
""",
}


@dataclass
class Mine:
    """The running node and what was read."""

    node: NodeProcess
    folder: Path
    readings: dict[str, list[tuple[int, dict[str, Any]]]]

    @property
    def words(self) -> dict[str, str]:
        """What the forms of all events share."""
        month = datetime.now(UTC).strftime("%Y-%m")
        first = str(self.readings["shaft"][0][0])
        return {"month": month, "item": ITEM, "first": first, "document": "A" * 43}

    def command(self, *words: object) -> Any:
        """A command over the home, as JSON."""
        return json.loads(run_well(*words, "--home", self.node.home, "-o", "json"))

    def form(self, name: str, text: str, **words: str) -> Path:
        """A form on disk."""
        path = self.folder / f"{name}.toml"
        path.write_text(text.format(**self.words | words), encoding="utf-8")
        return path

    def stage(self, unit: str, stage: str, more: str = "") -> int:
        """Log the emission of a unit: what its meter counted from the first reading to the last."""
        (first, begin), (last, end) = self.readings[unit][0], self.readings[unit][-1]
        kwh = Decimal(end["value"]) - Decimal(begin["value"])
        words = {"unit": unit, "stage": stage, "kwh": str(kwh), "factor": GRID}
        words |= {"first": str(first), "last": str(last)}
        form = self.form(unit, STAGE + more, **words)
        return int(self.command("batch", "stage", form)["index"])


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mine]:
    folder = tmp_path_factory.mktemp("coal")
    home, collector = folder / "home", folder / "collector"
    names = ("--organisation", "demo-works", "--log", LOG, "--chain-port", "0")
    run_well("init", "--home", home, *names, "--port", free_port())
    with (home / "trace-node.toml").open("a", encoding="utf-8") as file:
        file.write("seal_interval = 1\nanchor_interval = 1\npact_port = 0\n")
        file.write('pact_url = "https://mine.example"\npact_proxies = ["127.0.0.1"]\n')
    with ExitStack() as stack:
        out = folder / "points"
        plant = PLANT / f"{NAME}.plant.toml"
        words = ("simulate", plant, "--free-ports", "--points-out", out)
        meters = stack.enter_context(Process(folder / "simulate.log", *words))
        meters.wait_for(lambda: "ready" in meters.output.splitlines(), "the meters")
        points = out / f"{NAME}.points.toml"
        text = points.read_text(encoding="utf-8").replace('interval = "5s"', 'interval = "1s"')
        points.write_text(text, encoding="utf-8")
        enrol_collector(collector, points, home, subject=NAME)
        node = stack.enter_context(NodeProcess(home)).ready()
        connect_collector(collector, node.url)
        collecting = stack.enter_context(Process(folder / "collect.log", "collect", collector))
        node.wait_final(40)
        collecting.stop()
        node.wait_final(node.size())
        yield Mine(node=node, folder=folder, readings=_energy(node))
        node.stop()


def _energy(node: NodeProcess) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    found = logged_readings(node, node.token())
    return {
        unit: [
            (index, record)
            for index, record in found
            if (record["device"], record["meter_register"]) == (device, "active_energy")
            and record["value"] is not None
        ]
        for unit, device in METERS.items()
    }


@pytest.fixture(scope="module")
def batch(mine: Mine) -> dict[str, int]:
    """Everything on record: both stages, three events, the footprint."""
    found = {
        "shaft": mine.stage("shaft", "mining", METHANE),
        "washer": mine.stage("washer", "washing"),
    }
    for name, text in EVENTS.items():
        form = mine.form(name, text)
        found[name] = int(mine.command("batch", "record", form)["index"])
    found["footprint"] = int(mine.command("footprint", "log", "at-port")["index"])
    return found


def test_the_batch_leads_back_to_the_meters(mine: Mine, batch: dict[str, int]) -> None:
    """[S0-7.2.1-b1] [S0-7.2.1-c1]: factors of stage and month come from the plant's own meters."""
    found = mine.command("footprint", "show", "at-port")
    stages = {each["stage"]: Decimal(each["value"]) for each in found["stages"] if each["value"]}
    assert set(stages) == {"mining", "washing", "transport"}
    begin, end = mine.readings["shaft"][0], mine.readings["shaft"][-1]
    kwh = Decimal(end[1]["value"]) - Decimal(begin[1]["value"])
    assert kwh > 0
    power = (kwh * Decimal("0.5306") / 1000).quantize(Decimal("1e-9"))  # tCO2 of the shaft
    mined = (power + Decimal("12.5") * Decimal("29.8")) * 1000 / 2000  # kg per t of raw coal
    assert stages["mining"] == (mined * 1000 * Decimal("0.857142857") / 594).quantize(
        Decimal("1e-9")
    )
    leaves = {link["index"] for part in found["parts"] for link in part["links"]}
    assert {begin[0], end[0], batch["shaft"], batch["washer"], batch["train"]} <= leaves
    assert found["gate"]["complete"]
    assert [gap["code"] for gap in found["gaps"]] == ["use"]


def test_a_stranger_asks_over_http_and_gets_the_same(mine: Mine, batch: dict[str, int]) -> None:
    token = mine.node.token("verifier")
    api = f"{mine.node.url}/api/v1"
    shown = post_json(f"{api}/FootprintQuery", {"batch": "at-port"}, token=token)["data"]
    again = post_json(f"{api}/FootprintRecompute", {"index": batch["footprint"]}, token=token)[
        "data"
    ]
    assert shown == again == mine.command("footprint", "show", "at-port")
    reading = mine.readings["washer"][0][0]
    ahead = post_json(f"{api}/FootprintForward", {"index": reading}, token=token)["data"]
    assert [each["batch"] for each in ahead["batches"]] == [
        "clean",
        "middlings",
        "stone",
        "at-port",
    ]


def test_the_page_behind_the_qr_code_shows_the_batch(mine: Mine, batch: dict[str, int]) -> None:
    assert batch
    code = mine.folder / "code.svg"
    words = ("--base", mine.node.url, "--qr", code, "--home", mine.node.home)
    url = run_well("footprint", "link", "at-port", *words).strip()
    page = get(url).decode()
    assert "at-port" in page
    assert code.read_bytes().startswith(b"<?xml")


def test_what_is_told_is_read_by_people_too(mine: Mine, batch: dict[str, int]) -> None:
    home = ("--home", mine.node.home)
    text = run_well("footprint", "show", "at-port", *home, TN_LANG="zh_CN")
    assert "开采" in text
    assert "尚未燃用" in text
    same = run_well("footprint", "recompute", batch["footprint"], *home)
    assert "the footprint of at-port is the same" in same
    ahead = run_well("footprint", "forward", "--batch", "raw", *home)
    assert "at-port" in ahead
    message, code, remedy = complaint(run("footprint", "show", "lost", *home))
    assert "lost" in message
    assert code == "footprint.batch.none"
    assert remedy


def test_an_outsider_computes_the_same_digits(mine: Mine, batch: dict[str, int]) -> None:
    """[S0-7.2.1-c3] [S0-6.1-c1]: with a file and a trust root, without the node."""
    home, file = mine.node.home, mine.folder / "at-port.tnproof"
    mine.node.wait_final(batch["footprint"] + 1)
    run_well("footprint", "bundle", batch["footprint"], "--to", file, "--home", home)
    live = ("--rpc", mine.node.chain_url)
    words = ("verify", file, "--trust-root", home / "trust-root.json", "--recompute", *live)
    done = run(*words)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "the same digits" in done.stdout
    assert "at-port" in done.stdout
    raw, value = file.read_bytes(), mine.readings["shaft"][0][1]["value"]
    changed = raw.replace(f'"value":"{value}"'.encode(), b'"value":"0.00"')
    assert changed != raw
    file.write_bytes(changed)
    assert run(*words).returncode == 1


SHEET = {
    "companyName": "Demo works",
    "companyIds": ["urn:company:demo-works"],
    "productDescription": "Washed coal, bulk",
    "productIds": ["urn:gtin:4712345060507"],
    "productNameCompany": "Washed coal",
    "pcf": {"geographyCountry": "CN", "fossilCarbonContent": "0.58"},
}


def here(mine: Mine, *words: object) -> Any:
    """A command over the home in this process, as JSON where it gives some."""
    done = command(*words, "--home", mine.node.home)
    assert done.code == 0, (done.out, done.err)
    return json.loads(done.out) if "json" in words else done.out


def test_partners_are_told_what_is_on_record(mine: Mine, batch: dict[str, int]) -> None:
    """The published figure is that of the leaf; nothing behind the gate is inside."""
    sheet = mine.folder / "sheet.json"
    sheet.write_text(json.dumps(SHEET), encoding="utf-8")
    words = ("--by", "anna", "--footprint", batch["footprint"], "-o", "json")
    told = here(mine, "pact", "publish", sheet, *words)
    shown = here(mine, "footprint", "show", "at-port", "-o", "json")
    assert Decimal(told["kgCO2e"]) * 1000 == Decimal(shown["gate"]["value"])


def test_an_altered_reading_is_named(mine: Mine, batch: dict[str, int]) -> None:
    """The database is changed behind the node's back; the check of the figure tells which leaf."""
    index, record = mine.readings["shaft"][0]
    home = mine.node.home
    with closing(sqlite3.connect(home / "node.db")) as connection:
        (body,) = connection.execute(
            "SELECT body FROM entries WHERE leaf_index = ?", (index,)
        ).fetchone()
        was = f'"value":"{record["value"]}"'.encode()
        altered = body.replace(was, b'"value":"0.00"')
        assert altered != body
        _put(connection, index, altered)
        done = run("footprint", "recompute", batch["footprint"], "--home", home)
        _put(connection, index, body)
    message, code, _ = complaint(done)
    assert code == "footprint.altered.leaf"
    assert f"leaf {index} " in message
    assert run("footprint", "recompute", batch["footprint"], "--home", home).returncode == 0


def _put(connection: sqlite3.Connection, index: int, body: bytes) -> None:
    connection.execute("UPDATE entries SET body = ? WHERE leaf_index = ?", (body, index))
    connection.commit()


def test_a_hand_over_is_signed_by_both_nodes(mine: Mine) -> None:
    """[S0-7.2.1-b4]: the port has a home of its own; only a point and two files change hands."""
    here(mine, "batch", "supply", mine.form("bought", BOUGHT))
    port, home = mine.folder / "port", ("--home", mine.node.home)
    assert command("init", "--home", port, "--organisation", "port-b", "--log", "port").code == 0
    shown = command("keys", "show", port / "keys" / "node.pem", "--home", port, "-o", "json")
    enrol = ("keys", "enrol", "--point", json.loads(shown.out)["point"], "--subject", "port-node")
    bad = command(*enrol, "--usage", "node", "--organisation", "no name", *home)
    assert bad.complaint[1] == "record.organisation"
    here(mine, *enrol, "--usage", "node", "--organisation", "port-b")
    prepared, signed = mine.folder / "arrival.json", mine.folder / "signed.json"
    here(mine, "batch", "prepare", mine.form("arrival", ARRIVAL), "--to", prepared)
    done = command("batch", "countersign", prepared, "--to", signed, "--home", port)
    assert done.code == 0, done.err
    altered = mine.folder / "altered.json"
    altered.write_bytes(signed.read_bytes().replace(b'"km":"1"', b'"km":"9"'))
    refused = command("batch", "record", altered, *home)
    assert refused.complaint[1] == "integrity.signature.receiver"
    assert here(mine, "batch", "record", signed, "-o", "json")["index"]
    assert here(mine, "footprint", "show", "heap", "-o", "json")["organisation"] == "port-b"
