"""What other systems are answered: every query interface over real HTTP."""

import base64
import json
from datetime import datetime, timedelta

import pytest
from support.builders import NOW, key
from support.served import BEGIN, Api, Story

from trace_node.crypto import signed_record
from trace_node.metering.records.digests import record_digest
from trace_node.tlog.hasher import SM3
from trace_node.tlog.verify import verify_inclusion

pytestmark = pytest.mark.usefixtures("story")
ENERGY = {"device": "meter-1", "meter_register": "energy"}
ALL = {"from_": "2026-11-20T00:00:00Z", "to_": "2026-11-22T00:00:00Z"}


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def at(minutes: int) -> str:
    return (BEGIN + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_points_describe_what_is_registered(api: Api, story: Story) -> None:
    points = api.data("Points")["points"]
    assert [(point["meter_register"], point["unit"], point["kind"]) for point in points] == [
        ("energy", "kWh", "counter"),
        ("power", "kW", "gauge"),
    ]
    energy = points[0]
    assert (energy["minimum"], energy["maximum"]) == ("0.00", "999999.98")
    assert energy["has_readings"] is True
    assert energy["registration_index"] < story.first
    assert api.data("Points", device="meter-2") == {"points": []}


def test_readings_come_with_unit_origin_and_state(api: Api, story: Story) -> None:
    data = api.data("Readings", **ENERGY, from_=at(59), to_=at(62))
    assert (data["unit"], data["next_page"], data["pending_entries"]) == ("kWh", None, 0)
    last, failed, after = data["readings"]
    assert last == {
        "index": story.first + 59,
        "observed_at": at(59),
        "collected_at": "2026-11-21T03:10:00.000Z",
        "value": "69.00",
        "reason": None,
        "flags": [],
        "origin": "simulator",
        "clock": "synchronised",
        "state": "final",
    }
    assert (failed["value"], failed["reason"], failed["flags"]) == (None, "timeout", ["failed"])
    assert (failed["index"], failed["state"]) == (story.second, "checkpointed")
    assert (after["value"], after["state"]) == ("71.00", "checkpointed")


def test_a_reading_out_of_range_is_flagged(api: Api) -> None:
    data = api.data("Readings", device="meter-1", meter_register="power", **ALL)
    assert data["unit"] == "kW"
    assert [(row["value"], row["flags"]) for row in data["readings"]] == [
        ("5.5", []),
        ("6.5", []),
        ("9999.9", ["out_of_range"]),
    ]


@pytest.mark.parametrize("limit", [1, 7, 149, 150, 1000])
def test_pages_give_every_reading_once(api: Api, limit: int) -> None:
    seen, page = [], None
    while True:
        more = {} if page is None else {"page": page}
        data = api.data("Readings", **ENERGY, **ALL, limit=limit, **more)
        assert len(data["readings"]) <= limit
        seen += [row["index"] for row in data["readings"]]
        page = data["next_page"]
        if page is None:
            break
    whole = api.data("Readings", **ENERGY, **ALL, limit=1000)["readings"]
    assert seen == [row["index"] for row in whole]
    assert len(seen) == len(set(seen)) == 150
    assert [row["observed_at"] for row in whole] == sorted(row["observed_at"] for row in whole)


def test_times_may_be_in_another_zone(api: Api) -> None:
    utc = api.data("Readings", **ENERGY, from_="2026-11-21T00:10:00Z", to_="2026-11-21T00:20:00Z")
    china = api.data(
        "Readings", **ENERGY, from_="2026-11-21T08:10:00+08:00", to_="2026-11-21T08:20:00.0+08:00"
    )
    assert utc == china
    assert len(utc["readings"]) == 10


def test_totals_of_an_hour(api: Api) -> None:
    query = {
        "period": "hour",
        "from_": "2026-11-21T09:30:00+08:00",
        "to_": "2026-11-21T09:31:00+08:00",
    }
    (total,) = api.data("PeriodTotals", **ENERGY, **query)["totals"]
    assert (total["period"], total["from"], total["to"]) == (
        "2026-11-21T09",
        "2026-11-21T01:00:00.000Z",
        "2026-11-21T02:00:00.000Z",
    )
    assert (total["total"], total["unit"]) == ("60.00", "kWh")
    assert (total["minimum"], total["maximum"]) == ("60.00", "119.00")
    # one reading failed: its neighbours lie two minutes apart
    assert (total["least_step"], total["greatest_step"]) == ("1.00", "2.00")
    assert (total["samples"], total["coverage"]["valid"], total["coverage"]["expected"]) == (
        *(59, 59),
        60,
    )
    assert (total["flags"], total["is_complete"]) == ([], True)


def test_totals_of_every_kind_agree(api: Api) -> None:
    range_ = {"from_": "2026-11-21T09:00:00+08:00", "to_": "2026-11-21T10:00:00+08:00"}
    sums = {}
    for kind, count in (("hour", 1), ("quarter-hour", 4), ("minute", 60), ("second", 3600)):
        totals = api.data("PeriodTotals", **ENERGY, period=kind, **range_)["totals"]
        assert len(totals) == count
        cents = [total["total"].replace(".", "") for total in totals]
        sums[kind] = sum(int(each) for each in cents)
    assert set(sums.values()) == {6000}
    for kind in ("day", "month", "year"):
        (total,) = api.data("PeriodTotals", **ENERGY, period=kind, **range_)["totals"]
        assert (total["is_complete"], total["coverage"]["is_enough"]) == (False, False)


def test_a_period_without_readings_is_shown_as_a_gap(api: Api) -> None:
    range_ = {"from_": "2026-11-21T03:00:00+08:00", "to_": "2026-11-21T05:00:00+08:00"}
    totals = api.data("PeriodTotals", **ENERGY, period="hour", **range_)["totals"]
    assert [(total["total"], total["samples"], total["flags"]) for total in totals] == [
        (None, 0, ["gap"]),
        (None, 0, ["gap"]),
    ]
    assert [total["is_complete"] for total in totals] == [True, True]


def test_a_gauge_has_no_total_but_least_and_greatest_values(api: Api) -> None:
    query = {"device": "meter-1", "meter_register": "power", "period": "hour"}
    (total,) = api.data("PeriodTotals", **query, from_=at(0), to_=at(1))["totals"]
    assert (total["total"], total["minimum"], total["maximum"]) == (None, "5.5", "6.5")
    assert (total["sample_sum"], total["samples"]) == ("12.0", 2)


def test_findings_are_signed_and_in_the_log(api: Api, story: Story) -> None:
    findings = api.data("Findings")["findings"]
    gap = next(each for each in findings if each["finding"] == "seq_gap")
    assert (gap["device"], decoded(gap["boot"])) == ("meter-1", story.boot)
    assert (gap["seq_from"], gap["seq_to"]) == (story.gap_seq - 2, story.gap_seq - 1)
    entry = api.node.services.reader.entry(gap["index"])
    assert record_digest(entry.body) == decoded(gap["digest"])
    signed_record.verify(entry.body, key("node").public)
    assert gap["signed_by"] == key("node").public.key_id
    assert api.data("Findings", device="meter-2") == {"findings": []}
    assert len(api.data("Findings", limit=1)["findings"]) == 1


def test_a_conflict_carries_its_proof(api: Api, story: Story) -> None:
    (conflict,) = api.data("Conflicts")["conflicts"]
    body = decoded(conflict["body"])
    assert body == story.conflict
    assert (conflict["kind"], conflict["device"], conflict["seq"]) == ("repeat", "meter-1", 3)
    assert conflict["known_index"] == story.first + 3
    delivery = decoded(conflict["delivery"])
    signed_record.verify(delivery, key("collector").public)
    assert SM3.leaf(body) == decoded(conflict["leaf_hash"])
    fields = json.loads(delivery)
    verify_inclusion(
        hasher=SM3,
        index=conflict["position"],
        size=fields["count"],
        leaf_hash=SM3.leaf(body),
        proof=[decoded(step) for step in conflict["path"]],
        root=decoded(fields["root"]),
    )


def test_progress_of_the_log_and_of_entries(api: Api, story: Story) -> None:
    indexes = [story.first, story.second, story.third, 10_000]
    data = api.data("Progress", indexes=indexes)
    assert data["final"] == data["mined"] == story.anchored
    assert data["checkpointed"] == data["durable"] == story.sealed
    assert data["received"] > story.third
    assert data["entries"] == [
        {"index": story.first, "state": "final"},
        {"index": story.second, "state": "checkpointed"},
        {"index": story.third, "state": "received"},
        {"index": 10_000, "state": None},
    ]
    assert data["lags"] == [{"name": "readings", "entries": 0}]
    assert api.data("Progress")["entries"] == []


def test_knowledge_of_entries_step_by_step(api: Api, story: Story) -> None:
    known, sealed, received = api.data(
        "Knowledge", indexes=[story.first, story.second, story.third]
    )["rows"]
    assert known["checkpoint_size"] == story.anchored
    assert known["anchor"]["block_time"] == "2026-11-21T03:10:05.000Z"
    assert known["anchor"]["size"] == story.anchored
    assert known["received_lag_ms"] == 3 * 3600 * 1000
    assert known["anchored_lag_ms"] == 3 * 3600 * 1000 + 5000
    assert known["stands_out"] is False
    assert (sealed["anchor"], sealed["checkpoint_size"]) == (None, story.sealed)
    assert (received["checkpoint_size"], received["sealed_at"]) == (None, None)


def test_what_was_anchored_long_after_its_time_stands_out(api: Api, story: Story) -> None:
    (late,) = api.data("Knowledge", indexes=[story.late_index])["rows"]
    assert (late["anchor"], late["stands_out"]) == (None, True)
    query = {**ENERGY, "from_": at(0), "to_": at(2), "late_after_s": 3 * 3600}
    rows = api.data("Knowledge", **query)["rows"]
    assert [row["stands_out"] for row in rows] == [True, False]
    assert [row["index"] for row in rows] == [story.first, story.first + 1]


def test_a_registration_is_known_without_being_a_reading(api: Api) -> None:
    (row,) = api.data("Knowledge", indexes=[0])["rows"]
    assert (row["observed_at"], row["received_at"], row["stands_out"]) == (None, None, False)
    assert datetime.fromisoformat(row["sealed_at"]) == NOW
