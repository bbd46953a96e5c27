"""Deliveries that must be refused, over real HTTP: each with its own status, reason and code."""

import json
import re
import secrets
import socket
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from support.builders import NOW, Run, device_registration, key, key_registration
from support.node_app import make_app, node_app
from support.served import Api, stream_until_answered
from support.servers import serving

from trace_node.canonical_json import encode
from trace_node.errors import BusyError
from trace_node.ids import OrganisationId, Origin
from trace_node.metering.records.wire import MAX_BODY_BYTES, MEDIA_TYPE, encode_delivery
from trace_node.services.delivery_write import Acknowledgement
from trace_node.services.ingest_errors import LogStoppedError

HOUR = timedelta(hours=1)


def changed(raw: bytes, **members: object) -> bytes:
    """A record with members replaced, or left out where the new value is ``...``."""
    fields = json.loads(raw) | members
    return encode({name: value for name, value in fields.items() if value is not ...})


def one(**reading: object) -> Callable[[Run], bytes]:
    return lambda run: run.deliver([run.reading(**reading)])


def altered(**members: object) -> Callable[[Run], bytes]:
    return lambda run: run.deliver([changed(run.reading(), **members)])


def forged(run: Run) -> bytes:
    """Signed by somebody else in the name of the collector."""
    records = [run.reading()]
    mine, theirs = run.delivery(records), run.delivery(records, signer="thief")
    fields, other = json.loads(mine), json.loads(theirs)
    fields["signature"]["value"] = other["signature"]["value"]
    return encode_delivery(delivery=encode(fields), context=run.context, records=records)


def swapped(run: Run) -> bytes:
    """A record that is not the one that was signed."""
    signed, other = run.reading("1.00"), run.reading("2.00")
    return encode_delivery(delivery=run.delivery([signed]), context=run.context, records=[other])


def too_few(run: Run) -> bytes:
    records = [run.reading(), run.reading()]
    return encode_delivery(delivery=run.delivery(records), context=run.context, records=records[:1])


def foreign_context(run: Run) -> bytes:
    records = [run.reading()]
    return encode_delivery(delivery=run.delivery(records), context=Run().context, records=records)


def twice(run: Run) -> bytes:
    record = run.reading()
    return run.deliver([record, record])


def repeated_key(run: Run) -> bytes:
    raw = run.reading()
    return run.deliver([raw.replace(b'"unit":"kWh"', b'"unit":"kWh","unit":"kWh"')])


def spaced(run: Run) -> bytes:
    return run.deliver([run.reading().replace(b'":', b'": ', 1)])


def of_other_organisation(_run: Run) -> bytes:
    run = Run(organisation=OrganisationId("plant-b"))
    return run.deliver([run.reading()])


def of_unknown_key(_run: Run) -> bytes:
    run = Run(collector="stranger")
    return run.deliver([run.reading()])


def for_another_log(_run: Run) -> bytes:
    run = Run(origin=Origin("trace-node.local/plant-b/sm3"))
    return run.deliver([run.reading()])


@dataclass(frozen=True)
class Case:
    """A delivery, and how it is to be refused."""

    make: Callable[[Run], bytes]
    status: int
    reason: str
    code: str
    field: str = ""


CASES = {
    "nothing": Case(lambda _: b"", 400, "delivery.wire.empty", "203003"),
    "cut off": Case(lambda run: one()(run)[:-1], 400, "delivery.wire.cut_off", "203002"),
    "trailing bytes": Case(lambda run: one()(run) + b"\0", 400, "delivery.wire.cut_off", "203002"),
    "empty entry": Case(
        lambda run: one()(run) + b"\0\0", 400, "delivery.wire.empty_entry", "203004"
    ),
    "not JSON": Case(lambda _: b"\0\1{\0\1{\0\1{", 400, "input.canonical", "203010"),
    "spaces in JSON": Case(spaced, 400, "input.canonical", "203010"),
    "repeated key": Case(repeated_key, 400, "input.canonical.repeated_key", "203011"),
    "fewer records than signed": Case(too_few, 400, "delivery.count", "203007", "count"),
    "another context": Case(foreign_context, 400, "delivery.context", "203008", "context"),
    "another record than signed": Case(swapped, 400, "ingest.root", "203023", "root"),
    "signed for another log": Case(for_another_log, 400, "ingest.log", "203021", "log"),
    "forged signature": Case(forged, 422, "integrity.signature.mismatch", "302020"),
    "unknown collector key": Case(of_unknown_key, 403, "ingest.key", "302010", "collector"),
    "another organisation": Case(
        of_other_organisation, 403, "ingest.organisation", "302011", "organisation"
    ),
    "unknown device": Case(one(device="meter-9"), 400, "ingest.device", "203026", "device"),
    "unknown meter register": Case(
        one(meter_register="water"), 400, "ingest.meter_register", "203027", "meter_register"
    ),
    "no unit": Case(altered(unit=...), 400, "record.unit", "203044", "unit"),
    "empty unit": Case(altered(unit=""), 400, "record.unit", "203044", "unit"),
    "another unit than registered": Case(one(unit="MWh"), 400, "record.unit", "203044", "unit"),
    "other decimals than registered": Case(one(value="1.0"), 400, "record.scale", "203045"),
    "a number instead of text": Case(altered(value=1), 400, "record.value", "203047", "value"),
    "neither value nor reason": Case(altered(value=None), 400, "record.value_or_reason", "203048"),
    "an unknown member": Case(altered(colour="red"), 400, "record.unknown_member", "203043"),
    "an unknown version": Case(altered(type="reading@2"), 400, "record.version", "203041", "type"),
    "observed in the future": Case(
        one(at=NOW + HOUR), 400, "record.future", "203046", "observed_at"
    ),
    "collected in the future": Case(
        one(collected_at=NOW + HOUR), 400, "record.future", "203046", "collected_at"
    ),
    "one record twice": Case(twice, 400, "ingest.twice", "203028"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_delivery_is_refused_for_its_own_reason(api: Api, name: str) -> None:
    case = CASES[name]
    size = api.node.services.reader.state().size
    answer = api.deliver(case.make(Run()))
    assert answer.status_code == case.status, answer.text
    envelope = answer.json()
    data = envelope["data"]
    assert (data["reason"], envelope["code"]) == (case.reason, case.code)
    assert envelope["message"]
    if case.field:
        assert data["field"] == case.field
        assert envelope["message"].startswith(f"{case.field}:")
        assert data["remedy"]
    assert data["request_id"] == answer.headers["X-Request-ID"]
    assert api.node.services.reader.state().size == size


def test_every_reason_has_a_code_of_its_own() -> None:
    codes = {case.reason: case.code for case in CASES.values()}
    assert len(set(codes.values())) == len(codes)


def test_the_same_delivery_again_is_acknowledged_again(api: Api) -> None:
    run = Run()
    body = run.deliver([run.reading(), run.event()])
    first = api.deliver(body)
    size = api.node.services.reader.state().size
    again = api.deliver(body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert api.node.services.reader.state().size == size


def test_a_number_with_other_content_is_a_conflict_and_kept(api: Api) -> None:
    run = Run()
    assert api.deliver(run.deliver([run.reading("1.00")])).status_code == 201
    answer = api.deliver(run.deliver([run.reading("2.00", seq=0, prev=None)]))
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["data"]["reason"]) == (
        *("303010", "ingest.conflict"),
    )
    kept = api.node.services.reader.conflicts()
    assert any(b'"2.00"' in conflict.body for conflict in kept)


def test_a_stream_belongs_to_the_collector_that_began_it(api: Api) -> None:
    run = Run()
    assert api.deliver(run.deliver([run.reading()])).status_code == 201
    api.node.plant.enrolment.enrol(key_registration("collector-2"))
    other = Run(collector="collector-2", boot=run.boot)
    other.next_seq["meter-1"] = 1
    answer = api.deliver(other.deliver([other.reading()]))
    assert (answer.status_code, answer.json()["data"]["reason"]) == (403, "ingest.stream")
    assert answer.json()["code"] == "302012"


def test_a_log_that_is_not_kept_here(api: Api) -> None:
    answer = api.deliver(b"", log="plant-z")
    assert (answer.status_code, answer.json()["code"]) == (404, "303021")
    assert answer.json()["data"]["reason"] == "not_found.log"


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
def test_another_media_type_is_refused_before_the_body_is_read(api: Api, media_type: str) -> None:
    answer = api.deliver(b"x" * 1000, **{"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "200003")
    assert answer.json()["data"]["field"] == "Content-Type"


def test_a_parameter_of_the_media_type_is_no_matter(api: Api) -> None:
    run = Run()
    body = run.deliver([run.reading()])
    assert api.deliver(body, **{"Content-Type": f"{MEDIA_TYPE.upper()}; a=b"}).status_code == 201


def test_a_body_that_says_it_is_too_long_is_refused_unread(api: Api) -> None:
    parts = urlsplit(api.url)
    head = (
        *("POST /ingest/v1/plant-a/deliveries HTTP/1.1", "Host: test"),
        *(f"Content-Type: {MEDIA_TYPE}", f"Content-Length: {MAX_BODY_BYTES + 1}", "", ""),
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as wire:
        wire.sendall("\r\n".join(head).encode())
        answer = wire.recv(65_536)  # not a byte of the body was sent
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"200002"' in answer
    assert b"input.too_large" in answer


def test_a_body_that_does_not_end_is_refused_at_the_bound(api: Api) -> None:
    answer, sent = stream_until_answered(
        api.url,
        "/ingest/v1/plant-a/deliveries",
        f"Content-Type: {MEDIA_TYPE}",
        most=4 * MAX_BODY_BYTES,
    )
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert MAX_BODY_BYTES < sent < 3 * MAX_BODY_BYTES  # what is on the way was sent too


def test_too_many_records(api: Api) -> None:
    run = Run()
    body = run.deliver([run.reading()])
    entry = b"\0\1{"
    answer = api.deliver(body + entry * 4096)
    assert (answer.status_code, answer.json()["data"]["reason"]) == (413, "delivery.too_many")
    assert answer.json()["code"] == "203006"


def test_nonsense_is_never_an_error_of_ours(api: Api) -> None:
    for size in (1, 2, 3, 100, 5000):
        answer = api.deliver(secrets.token_bytes(size))
        assert answer.status_code in {400, 413}, answer.text
        assert re.fullmatch(r"2\d{5}", answer.json()["code"])


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (BusyError("{depth} entries wait", depth=9, retry_after=7), 429, "100004", "7"),
        (LogStoppedError("stopped"), 503, "100021", None),
    ],
)
def test_a_node_that_cannot_take_it_says_when_to_come_back(
    tmp_path: Path, error: Exception, status: int, code: str, retry_after: str | None
) -> None:
    def refuse(_body: bytes) -> "Future[Acknowledgement]":
        raise error

    with node_app(tmp_path, deliver=refuse) as node, serving(make_app(node)) as url:
        answer = httpx.post(
            f"{url}/ingest/v1/plant-a/deliveries",
            content=b"x",
            headers={"Content-Type": MEDIA_TYPE},
            trust_env=False,
        )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers.get("Retry-After") == retry_after
    given = answer.json()["data"]["retry_after"]
    assert given == (None if retry_after is None else int(retry_after))


def test_an_error_of_the_software_tells_nothing_but_its_id(tmp_path: Path) -> None:
    def fail(_body: bytes) -> "Future[Acknowledgement]":
        message = "secret detail"
        raise RuntimeError(message)

    with node_app(tmp_path, deliver=fail) as node, serving(make_app(node)) as url:
        answer = httpx.post(
            f"{url}/ingest/v1/plant-a/deliveries",
            content=b"x",
            headers={"Content-Type": MEDIA_TYPE, "X-Request-ID": "abc-1"},
            trust_env=False,
        )
    assert (answer.status_code, answer.json()["code"]) == (500, "100000")
    assert answer.json()["data"]["request_id"] == "abc-1"
    assert "secret" not in answer.text


def register(api: Api, raw: bytes) -> httpx.Response:
    return api.client.post(f"{api.url}/ingest/v1/plant-a/registrations", content=raw)


def test_a_registration_is_logged_once(api: Api) -> None:
    raw = key_registration("collector-3")
    first, again = register(api, raw), register(api, raw)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    index = first.json()["data"]["index"]
    assert api.node.services.reader.entry(index).body == raw


def test_wrong_registrations(api: Api) -> None:
    run = Run()
    by_a_stranger = json.loads(device_registration())
    by_a_stranger["signature"]["key"] = key("thief").public.key_id
    for raw, status, reason, code in (
        (b"{}", 400, "record.type", "203042"),
        (run.reading(), 400, "enrol.registration", "203070"),
        (encode(by_a_stranger), 403, "enrol.authority", "302013"),
        (b" " * 70_000, 413, "input.too_large", "200002"),
    ):
        answer = register(api, raw)
        assert (answer.status_code, answer.json()["data"]["reason"], answer.json()["code"]) == (
            *(status, reason),
            code,
        )


def test_how_far_the_log_is(api: Api) -> None:
    run = Run()
    assert api.deliver(run.deliver([run.reading()])).status_code == 201
    api.node.settle()
    anchor = api.node.anchor()
    state = api.get("/ingest/v1/plant-a/state").json()["data"]
    assert state["final"]["size"] == anchor.head.size
    assert state["size"] >= anchor.head.size
    assert len(state["final"]["root"]) == 43
    api.node.clock.move(seconds=2)  # what was final a second ago may be told meanwhile
    answer = api.deliver(run.deliver([run.reading()])).json()["data"]
    assert answer["final"] == anchor.head.size
