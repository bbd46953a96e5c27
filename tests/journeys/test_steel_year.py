"""A real steel works' year: from a Modbus TCP meter to a total that a stranger recomputes and checks.

Three days in every run, the whole year in the long campaigns.
"""

import json
import random
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from support.node_process import NodeProcess, get, make_home, post_json, run
from support.steel import (
    DEVICE,
    METER_REGISTER,
    ROWS_OF_A_YEAR,
    logged_readings,
    replayed,
    table,
    year_total,
)

THREE_DAYS = 3 * 96
YEAR_KWH = Decimal("959636.71")


@pytest.mark.parametrize(
    "rows", [THREE_DAYS, pytest.param(None, marks=pytest.mark.soak)], ids=["three days", "year"]
)
@pytest.mark.timeout(3_600)
def test_the_works_readings_become_facts(data_dir: Path, tmp_path: Path, rows: int | None) -> None:
    replay = table(data_dir, tmp_path, rows=rows)
    if rows is None:
        assert (replay.rows, replay.total) == (ROWS_OF_A_YEAR, YEAR_KWH)
    home = make_home(tmp_path / "home", organisation="demo-works")
    with replayed(tmp_path, home, replay) as node:
        token = node.token()
        readings = logged_readings(node, token)
        require_every_row(readings, replay.rows, replay.total)
        total = year_total(node, token)
        assert total["unit"] == "kWh"
        assert total["samples"] == replay.rows + (rows is not None)
        if rows is None:
            assert Decimal(total["total"]) == YEAR_KWH
            assert total["is_complete"]
            assert total["coverage"]["is_enough"]
        else:
            require_days(node, token, replay.total)
        index, record = random.choice(readings)
        require_shown_as_replay(node, token, record)
        require_verifies(node, token, index, record, tmp_path)


def require_every_row(readings: list, rows: int, total: Decimal) -> None:
    """One reading a row and one for the zero, each quarter of an hour, adding up to the digit."""
    records = [record for _, record in readings]
    assert len(records) == rows + 1
    assert {record["origin"] for record in records} == {"replay"}
    assert {record["observed_by"] for record in records} == {"meter"}
    assert records[0]["observed_at"] == "2017-12-31T16:00:00.000Z"
    assert [record["seq"] for record in records] == sorted(record["seq"] for record in records)
    values = [Decimal(record["value"]) for record in records]
    assert values[0] == 0
    assert sum((b - a for a, b in pairwise(values)), Decimal(0)) == total


def require_days(node: NodeProcess, token: str, total: Decimal) -> None:
    """The totals of the three days, exact and complete, add up to the column's sum."""
    query = {
        "device": DEVICE,
        "meter_register": METER_REGISTER,
        "period": "day",
        "from": "2017-12-31T16:00:00Z",
        "to": "2018-01-03T16:00:00Z",
    }
    found = post_json(f"{node.url}/api/v1/PeriodTotals", query, token=token)["data"]["totals"]
    assert [each["period"] for each in found] == ["2018-01-01", "2018-01-02", "2018-01-03"]
    assert sum(Decimal(each["total"]) for each in found) == total
    assert all(each["coverage"]["is_enough"] for each in found)


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
