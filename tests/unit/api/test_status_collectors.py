"""What ``trace-node status`` tells of the collectors: whether anything is kept back, and why.

Shows S0-9.4.3-a (links are shown by status).
"""

import json
from pathlib import Path

import pytest
from support.command import command
from support.wired import new_home

from api.home import Home
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.spool_notes import Alarm
from collectors.runtime.status import (
    CollectorStatus,
    DestinationStatus,
    SpoolStatus,
    write_status,
)
from collectors.runtime.stored_delivery import OutboxCounts, Refusal


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_home(tmp_path_factory.mktemp("made") / "home")


def status_of(name: str) -> CollectorStatus:
    meter = LinkMeter(f"device:{name}")
    meter.answered(round_trip_ns=25_000_000, now_ms=1_795_230_000_000)
    meter.failed("timeout", now_ms=1_795_230_001_000)
    meter.failed("timeout", now_ms=1_795_230_002_000)
    return CollectorStatus(
        at="2026-11-21T03:00:05.000Z",
        collector=f"key-of-{name}",
        organisation="plant",
        boot="00",
        software="trace-node",
        running=True,
        clock="synchronised",
        devices=2,
        degraded=[name],
        spool=SpoolStatus(level="high", used_bytes=9, most_bytes=10, free_disk_bytes=1, fault=""),
        destinations=[
            DestinationStatus(
                name="node",
                url="http://127.0.0.1:1",
                log="main",
                records=OutboxCounts(unpacked=1, pending=2, acknowledged=4, refused=8),
                standstill="HTTP 403 ingest.key: the key is not enrolled",
                refusals=[Refusal(device=name, records=8, answer="HTTP 400 ingest.device")],
            ),
            DestinationStatus(
                name="platform",
                url="http://127.0.0.1:2",
                log="main",
                records=OutboxCounts(unpacked=7, pending=0, acknowledged=0, refused=0),
                standstill="",
                refusals=[],
                waiting="by hand",
            ),
        ],
        links=[meter.report(now_ms=1_795_230_003_000)],
        outages=[],
        alarms=[
            Alarm(
                code="destination_setup",
                subject="node",
                raised_ms=1_795_230_000_000,
                last_ms=1_795_230_001_000,
                times=3,
                detail="HTTP 403 ingest.key",
            )
        ],
    )


def test_what_keeps_records_back_is_shown_with_the_nodes_words(home: Path, tmp_path: Path) -> None:
    Home(home).collector_status.parent.mkdir(exist_ok=True)
    write_status(Home(home).collector_status, status_of("own"))
    write_status(tmp_path / "other.json", status_of("other"))
    arguments = ("status", "--home", home, "--collector", tmp_path / "other.json")
    said = json.loads(command(*arguments, "-o", "json").out)
    assert [each["collector"] for each in said["collectors"]] == ["key-of-own", "key-of-other"]
    own = said["collectors"][0]
    assert (own["running"], own["spool"], own["degraded"]) == (True, "high", ["own"])
    destination, by_hand = own["destinations"]
    assert (by_hand["waiting"], by_hand["undelivered"], by_hand["trouble"]) == ("by hand", 7, "")
    assert destination == {
        "name": "node",
        "undelivered": 11,
        "waiting": "",
        "refused": 8,
        "not_final": 4,
        "trouble": "HTTP 403 ingest.key: the key is not enrolled; own: 8 (HTTP 400 ingest.device)",
    }
    (alarm,) = own["alarms"]
    assert (alarm["code"], alarm["about"], alarm["times"]) == ("destination_setup", "node", 3)
    link = said["links"][0]
    assert (link["link"], link["round_trip_us"]) == ("device:own", 25_000)
    assert (link["sent"], link["lost"], link["outages"]) == (3, 2, 1)
    assert link["down_since"] is not None
    text = command(*arguments).out
    assert "the key is not enrolled" in text
    assert "device:other" in text


def test_a_damaged_file_is_named(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{")
    done = command("status", "--home", home, "--collector", path)
    assert (done.code, done.complaint[1]) == (2, "collector.status")
    assert str(path) in done.complaint[0]
