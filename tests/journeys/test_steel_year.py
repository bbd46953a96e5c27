"""A real steel works' year: from a Modbus TCP meter to a total that a stranger recomputes and checks.

The whole year in the long campaigns, thirty days of it in the short ones.
"""

import json
import random
from datetime import UTC, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pypdf
import pytest
from support.node_process import NodeProcess, get, make_home, post_json, run, run_well
from support.reports import has_font
from support.soak_size import soak
from support.steel import (
    BEGIN_OF_THE_YEAR,
    DAYS_OF_THE_YEAR,
    DEVICE,
    KG_PER_KWH,
    METER_REGISTER,
    STEEL_BOUNDARY,
    STEEL_FACTOR,
    WHY,
    Table,
    logged_readings,
    replayed,
    table,
    totals,
)

END_OF_THE_YEAR = BEGIN_OF_THE_YEAR + timedelta(days=DAYS_OF_THE_YEAR)
YEAR_ROWS, YEAR_KWH = 35_040, Decimal("959636.71")


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_the_works_readings_become_facts(data_dir: Path, tmp_path: Path) -> None:
    days = soak(full=DAYS_OF_THE_YEAR, short=30)
    first = random.randint(0, DAYS_OF_THE_YEAR - days)
    replay = table(data_dir, tmp_path, first=first, days=days)
    home = make_home(tmp_path / "home", organisation="demo-works")
    with replayed(tmp_path, home, replay) as node:
        token = node.token()
        readings = logged_readings(node, token)
        require_every_row(readings, replay)
        require_days(node, token, replay)
        require_year(node, token, replay)
        require_inventory(node, home, replay, tmp_path)
        index, record = random.choice(readings)
        require_shown_as_replay(node, token, record)
        require_verifies(node, token, index, record, tmp_path)


def require_every_row(readings: list, replay: Table) -> None:
    """One reading a row and one for the zero, each quarter of an hour, adding up to the digit."""
    records = [record for _, record in readings]
    assert len(records) == replay.rows + 1
    assert {record["origin"] for record in records} == {"replay"}
    assert {record["observed_by"] for record in records} == {"meter"}
    quarter, begin = timedelta(minutes=15), replay.begin.astimezone(UTC).replace(tzinfo=None)
    due = [f"{(begin + n * quarter).isoformat()}.000Z" for n in range(replay.rows + 1)]
    assert [record["observed_at"] for record in records] == due
    assert [record["seq"] for record in records] == sorted(record["seq"] for record in records)
    values = [Decimal(record["value"]) for record in records]
    assert values[0] == 0
    assert tuple(b - a for a, b in pairwise(values)) == replay.usage


def require_days(node: NodeProcess, token: str, replay: Table) -> None:
    """The total of each day is the sum of its rows, exact and complete."""
    found = totals(node, token, period="day", begin=replay.begin, end=replay.end)
    named = [(replay.begin + timedelta(days=n)).date().isoformat() for n in range(replay.days)]
    assert [each["period"] for each in found] == named
    assert [Decimal(each["total"]) for each in found] == list(
        map(replay.of_day, range(replay.days))
    )
    assert all(each["coverage"]["is_enough"] for each in found)


def require_year(node: NodeProcess, token: str, replay: Table) -> None:
    """The year holds every row but one at its end; its total is exact, or open where rows lack."""
    (year,) = totals(node, token, period="year", begin=BEGIN_OF_THE_YEAR, end=END_OF_THE_YEAR)
    assert year["unit"] == "kWh"
    assert year["samples"] == replay.rows + (replay.end < END_OF_THE_YEAR)
    if replay.days < DAYS_OF_THE_YEAR:
        assert not year["coverage"]["is_enough"]
        return
    assert (replay.rows, replay.total) == (YEAR_ROWS, YEAR_KWH)
    assert Decimal(year["total"]) == YEAR_KWH
    assert year["is_complete"]
    assert year["coverage"]["is_enough"]


def require_inventory(node: NodeProcess, home: Path, replay: Table, folder: Path) -> None:
    """[S2-9.4-b] [S2-11.5]: scope 2 of each period from the readings, marked a demonstration.

    The plant is Korean and the library holds no Korean factor: a named Chinese one stands in.
    """
    file = folder / "boundary.toml"
    file.write_text(STEEL_BOUNDARY, encoding="utf-8")
    run_well("account", "boundary", file, "--home", home)
    periods = periods_of(replay)
    leaves = {}
    for period in periods:
        said = run_well(
            "account", "run", "works", period, "--boundary", "steel", "--home", home, "-o", "json"
        )
        (emission,) = json.loads(said)["emissions"]
        assert "Korean" in emission["demonstration"]
        assert {each["row"] for each in emission["factors"]} == {STEEL_FACTOR}
        leaves[period] = emission["leaf"]
    span = f"{periods[0]}/{periods[-1]}"
    shown = json.loads(
        run_well("inventory", "show", span, "--boundary", "steel", "--home", home, "-o", "json")
    )
    assert shown["gaps"] == []
    assert len(shown["demonstrations"]) == 1
    (scope,) = shown["by_scope"]
    assert (scope["scope"], scope["gas"]) == ("2", "CO2")
    assert Decimal(scope["value"]) == replay.total * KG_PER_KWH / 1000
    assert [each["period"] for each in shown["by_period"]] == periods
    last = leaves[periods[-1]]
    again = json.loads(run_well("recompute", last, "--home", home, "-o", "json"))
    assert again["same"]
    require_outsider(node, home, last, folder)
    require_package(node, home, periods[-1], folder)
    if has_font():
        require_report(home, span, sorted(leaves.values()), folder)


def require_outsider(node: NodeProcess, home: Path, leaf: int, folder: Path) -> None:
    """A stranger computes the figure again; an altered factor is named."""
    node.wait_final(leaf + 1, seconds=300)
    bundle, root = folder / "figure.tnproof", folder / "root-of-the-figure.json"
    run_well("account", "bundle", leaf, "--out", bundle, "--home", home)
    root.write_bytes(get(f"{node.url}/evidence/v1/trust-root"))
    live = run(
        *("verify", "--recompute", bundle, "--trust-root", root),
        *("--rpc", node.chain_url, "-o", "json"),
    )
    assert live.returncode == 0, live
    assert json.loads(live.stdout)["emission"]["leaves"] >= 4
    altered = folder / "altered-figure.tnproof"
    altered.write_bytes(bundle.read_bytes().replace(b'"value":"0.5306"', b'"value":"0.5307"'))
    refused = run("verify", "--recompute", altered, "--trust-root", root, "--offline")
    assert refused.returncode == 1
    assert STEEL_FACTOR in refused.stdout


def require_package(node: NodeProcess, home: Path, period: str, folder: Path) -> None:
    """The evidence of the last period in one file, which a stranger checks against the chain."""
    package, root = folder / "package.zip", folder / "root-of-the-figure.json"
    run_well("package", "make", period, "--boundary", "steel", "--out", package, "--home", home)
    live = run(
        *("package", "check", package, "--trust-root", root, "--rpc", node.chain_url, "-o", "json")
    )
    checked = json.loads(live.stdout)
    assert checked["faults"] == []
    bundles = {each["file"].partition("/")[0]: each for each in checked["bundles"]}
    assert bundles.keys() == {"emissions", "readings", "statements.tnproof"}
    assert {each["anchored"] for each in bundles.values()} == {"live_chain"}
    assert not any(each["failed"] for each in bundles.values())
    assert bundles["emissions"]["signed"] == bundles["statements.tnproof"]["signed"] == "passed"


def require_report(home: Path, span: str, leaves: list[int], folder: Path) -> None:
    """The report says on every page that it is a demonstration, and the log knows its files."""
    out = folder / "reports"
    make = ("report", "make", span, "--boundary", "steel", "--home", home, "--out", out)
    refused = run(*make, "--kind", "compliance")
    assert refused.returncode != 0
    assert "Korean" in refused.stderr
    made = json.loads(run_well(*make, "--kind", "demonstration", "-o", "json"))
    pdf = next(Path(name) for name in made["files"] if name.endswith(".pdf"))
    for page in pypdf.PdfReader(pdf).pages:
        assert "演示报告" in page.extract_text()
        assert WHY in " ".join(page.extract_text().split())
    found = json.loads(run_well("report", "check", pdf, "--home", home, "-o", "json"))
    assert (found["leaf"], found["figures"]) == (made["leaf"], leaves)
    altered = folder / "altered.pdf"
    altered.write_bytes(pdf.read_bytes() + b"\n")
    assert run("report", "check", altered, "--home", home).returncode != 0


def periods_of(replay: Table) -> list[str]:
    """Its months where it is the whole year, else its days."""
    if replay.days == DAYS_OF_THE_YEAR:
        return [f"2018-{month:02}" for month in range(1, 13)]
    days = (replay.begin + timedelta(days=n) for n in range(replay.days))
    return [day.date().isoformat() for day in days]


def require_shown_as_replay(node: NodeProcess, token: str, record: dict) -> None:
    """Whoever asks for the reading is told that it is a replay."""
    at = record["observed_at"]
    query = {
        "device": DEVICE,
        "meter_register": METER_REGISTER,
        "from": at,
        "to": at.replace(".000Z", ".001Z"),
    }
    (row,) = post_json(f"{node.url}/api/v1/Readings", query, token=token)["data"]["readings"]
    assert (row["origin"], row["state"]) == ("replay", "final")
    assert Decimal(row["value"]) == Decimal(record["value"])
    assert row["collected_at"][:4] > row["observed_at"][:4]


def require_verifies(node: NodeProcess, token: str, index: int, record: dict, folder: Path) -> None:
    """A stranger with the bundle, the trust root and an endpoint finds it true, and no other."""
    bundle, root = folder / "reading.tnproof", folder / "trust-root.json"
    bundle.write_bytes(get(f"{node.url}/evidence/v1/bundles/{index}", token=token))
    root.write_bytes(get(f"{node.url}/evidence/v1/trust-root"))
    assert bundle.stat().st_size <= 8_192
    offline = run("verify", bundle, "--trust-root", root, "--offline", "-o", "json")
    assert offline.returncode == 3, offline
    live = run("verify", bundle, "--trust-root", root, "--rpc", node.chain_url, "-o", "json")
    assert live.returncode == 0, live
    report = json.loads(live.stdout)
    assert report["record"]["origin"] == "replay"
    assert report["record"]["value"] == record["value"]
    shown = run("verify", bundle, "--trust-root", root, "--rpc", node.chain_url)
    assert "replay" in shown.stdout
    altered = folder / "altered.tnproof"
    raw = bytearray(bundle.read_bytes())
    raw[random.randrange(len(raw))] ^= 1
    altered.write_bytes(raw)
    assert run("verify", altered, "--trust-root", root, "--offline").returncode == 1
