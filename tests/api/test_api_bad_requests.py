"""Queries that must be refused, over real HTTP: each with its own status, reason and code."""

import json

import httpx
import pytest
from support.builders import ORGANISATION
from support.served import Api, bearer, stream_until_answered

from api.i18n import translations
from api.tokens import Role
from trace_node.ids import OrganisationId

RANGE = {"from": "2026-11-21T00:00:00Z", "to": "2026-11-21T01:00:00Z"}
ENERGY = {"device": "meter-1", "meter_register": "energy", **RANGE}

# interface, query, status, reason, code, field
REFUSED = {
    "field missing": ("Readings", {"device": "meter-1"}, 400, "input.missing_field", "200005", "meter_register"),
    "field unknown": ("Points", {"devise": "meter-1"}, 400, "input.unknown_field", "200006", "devise"),
    "field by its inner name": ("PeriodBundle", {**RANGE, "begin": RANGE["from"]}, 400, "input.unknown_field", "200006", "begin"),
    "text for a number": ("Findings", {"limit": "5"}, 400, "input.field", "200007", "limit"),
    "yes for a number": ("Findings", {"limit": True}, 400, "input.field", "200007", "limit"),
    "fraction for an index": ("Progress", {"indexes": [1.5]}, 400, "input.field", "200007", "indexes.0"),
    "limit too high": ("Findings", {"limit": 1001}, 400, "input.field", "200007", "limit"),
    "limit zero": ("Readings", {**ENERGY, "limit": 0}, 400, "input.field", "200007", "limit"),
    "index negative": ("BundleLink", {"index": -1}, 400, "input.field", "200007", "index"),
    "index over 2^53": ("BundleLink", {"index": 2**53}, 400, "input.field", "200007", "index"),
    "too many indexes": ("Progress", {"indexes": [0] * 1001}, 400, "input.field", "200007", "indexes"),
    "name with a space": ("Points", {"device": "meter 1"}, 400, "input.field", "200007", "device"),
    "name too long": ("Points", {"device": "m" * 65}, 400, "input.field", "200007", "device"),
    "time without a zone": ("Readings", {**ENERGY, "from": "2026-11-21T00:00:00"}, 400, "input.field", "200007", "from"),
    "time with microseconds": ("Readings", {**ENERGY, "from": "2026-11-21T00:00:00.000001Z"}, 400, "input.field", "200007", "from"),
    "no such day": ("Readings", {**ENERGY, "from": "2026-02-30T00:00:00Z"}, 400, "input.field", "200007", "from"),
    "time as a number": ("Readings", {**ENERGY, "from": 1795219860}, 400, "input.field", "200007", "from"),
    "unknown kind of period": ("PeriodTotals", {**ENERGY, "period": "week"}, 400, "input.field", "200007", "period"),
    "page of no form": ("Readings", {**ENERGY, "page": "next"}, 400, "input.field", "200007", "page"),
    "range reversed": ("Readings", {**ENERGY, "to": RANGE["from"]}, 400, "input.range", "200012", "to"),
    "page of another query": ("Readings", {**ENERGY, "page": "0-1"}, 400, "input.page", "200013", "page"),
    "knowledge of nothing": ("Knowledge", {}, 400, "input.choice", "200011", "indexes"),
    "knowledge of two things": ("Knowledge", {"indexes": [0], **ENERGY}, 400, "input.choice", "200011", "indexes"),
    "knowledge of half a thing": ("Knowledge", {"device": "meter-1"}, 400, "input.choice", "200011", "indexes"),
    "knowledge beyond the log": ("Knowledge", {"indexes": [2**40]}, 404, "log.no_entry", "303027", ""),
    "readings of no meter": ("Readings", {**ENERGY, "device": "meter-9"}, 404, "not_found.point", "303025", "meter_register"),
    "totals of no meter": ("PeriodTotals", {**ENERGY, "device": "meter-9", "period": "day"}, 404, "totals.unknown_meter_register", "303028", "device"),
    "totals of no meter register": ("PeriodTotals", {**ENERGY, "meter_register": "x", "period": "day"}, 404, "totals.unknown_meter_register", "303028", "meter_register"),
    "totals of an empty range": ("PeriodTotals", {**ENERGY, "to": RANGE["from"], "period": "day"}, 400, "totals.range", "200016", "to"),
    "too many periods": ("PeriodTotals", {**ENERGY, "to": "2026-11-22T00:00:00Z", "period": "second"}, 400, "totals.periods", "200017", "to"),
    "bundle of an empty period": ("PeriodBundle", {"from": RANGE["from"], "to": RANGE["from"]}, 400, "prove.period", "200019", "to"),
    "bundle of no meter": ("PeriodBundle", {**RANGE, "meters": ["meter-9"]}, 400, "prove.unknown_device", "200021", "meters"),
}  # fmt: skip


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_query_is_refused_for_its_own_reason(api: Api, name: str) -> None:
    interface, query, status, reason, code, field = REFUSED[name]
    answer = api.ask(interface, token=api.token(Role.OPERATOR), **query)
    envelope = answer.json()
    data = envelope["data"]
    assert (answer.status_code, data["reason"], envelope["code"]) == (status, reason, code)
    assert data["field"] == field
    if field:
        assert envelope["message"].startswith(f"{field}: ")
    assert data["remedy"] or not field


def test_every_reason_has_a_code_of_its_own() -> None:
    codes = {reason: code for _, _, _, reason, code, _ in REFUSED.values()}
    assert len(set(codes.values())) == len(codes)


def test_without_a_token(api: Api) -> None:
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}):
        answer = api.client.post(f"{api.url}/api/v1/Points", json={}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "302002")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["x", "x" * 5000, "Ünknown"])
def test_with_an_unknown_token(api: Api, token: str) -> None:
    headers = {b"Authorization": f"Bearer {token}".encode()}
    answer = api.client.post(f"{api.url}/api/v1/Points", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "302003")
    assert token not in answer.text


def test_with_an_expired_and_a_revoked_token(api: Api) -> None:
    tokens = api.node.services.tokens
    short = tokens.issue(name="short", role=Role.VERIFIER, organisation=None, days=1)
    assert api.ask("Points", token=short).status_code == 200
    api.node.clock.move(seconds=86_400)
    expired = api.ask("Points", token=short)
    assert (expired.status_code, expired.json()["data"]["reason"]) == (401, "access.bad_token")
    assert "short" in expired.json()["message"]
    revoked = api.token()
    assert api.ask("Points", token=revoked).status_code == 200
    tokens.revoke(f"verifier-{ORGANISATION}")
    assert api.ask("Points", token=revoked).status_code == 401


def test_with_a_token_for_another_organisation(api: Api) -> None:
    token = api.node.token(Role.ENTERPRISE, OrganisationId("plant-b"))
    answer = api.ask("Points", token=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "302005")
    everywhere = api.node.token(Role.REGULATOR, None)
    assert api.ask("Points", token=everywhere).status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_who_may_hand_out_links(api: Api, role: Role) -> None:
    answer = api.ask("BundleLink", token=api.token(role), index=0)
    if role in {Role.ENTERPRISE, Role.OPERATOR}:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "302004")


def post(api: Api, body: bytes, media_type: str = "application/json") -> httpx.Response:
    headers = {**bearer(api.token()), "Content-Type": media_type}
    return api.client.post(f"{api.url}/api/v1/Points", content=body, headers=headers)


def test_what_is_no_json_object(api: Api) -> None:
    for body, reason, code in (
        (b"", "input.missing_field", "200005"),
        (b"{", "input.json", "200004"),
        (b"{'device':1}", "input.json", "200004"),
        (b"\xff\xfe{}", "input.json", "200004"),
        (b"[]", "input.field", "200007"),
        (b"null", "input.field", "200007"),
        (b"[" * 60_000, "input.json", "200004"),
    ):
        answer = post(api, body)
        given = (answer.status_code, answer.json()["data"]["reason"], answer.json()["code"])
        assert given == (400, reason, code), body[:20]


def test_a_body_that_is_too_long(api: Api) -> None:
    answer = post(api, json.dumps({"device": "m" * 65_536}).encode())
    assert (answer.status_code, answer.json()["code"]) == (413, "200002")

    token, media_type = f"Authorization: Bearer {api.token()}", "Content-Type: application/json"
    answer, sent = stream_until_answered(api.url, "/api/v1/Points", token, media_type)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in answer.lower()
    assert sent < 1 << 24


def test_another_media_type(api: Api) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = post(api, b"{}", media_type)
        assert (answer.status_code, answer.json()["code"]) == (415, "200003")
    assert post(api, b"{}", "Application/JSON; charset=utf-8").status_code == 200


def test_paths_that_lead_nowhere(api: Api) -> None:
    for path in ("/", "/api/v1/Unknown", "/api/v2/Points", "/interop/v1/plant-a/add", "/%00"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "303020")
        assert answer.json()["data"]["reason"] == "not_found.path"


def test_methods_that_are_not_answered(api: Api) -> None:
    for method, path, allowed in (
        ("GET", "/api/v1/Points", "POST"),
        ("POST", "/healthz", "GET"),
        ("DELETE", "/log/plant-a/checkpoint", "GET"),
        ("HEAD", "/api/v1/Points", "POST"),
    ):
        answer = api.client.request(method, api.url + path)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == allowed
        if method != "HEAD":
            assert (answer.json()["code"], answer.json()["data"]["field"]) == ("200008", "method")


def test_head_answers_as_get_without_a_body(api: Api) -> None:
    for path in ("/healthz", "/openapi.json", "/nowhere"):
        get, head = api.get(path), api.client.head(api.url + path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_a_request_id_is_given_back_or_made(api: Api) -> None:
    given = api.client.get(f"{api.url}/healthz", headers={"X-Request-ID": "a-1B"})
    assert given.headers["X-Request-ID"] == "a-1B"
    for wrong in ("a b", "x" * 65, "a;b", ""):
        made = api.client.get(f"{api.url}/healthz", headers={"X-Request-ID": wrong})
        assert made.headers["X-Request-ID"].isalnum()
        assert made.headers["X-Request-ID"] != wrong


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("zh-CN,zh;q=0.9", "zh_CN"), ("en-GB", "en"), ("fr", "en"), ("x" * 200, "en")],
)
def test_messages_come_in_the_language_asked_for(api: Api, accepted: str, language: str) -> None:
    gettext = translations(language).gettext
    headers = {**bearer(api.token()), "Accept-Language": accepted}
    answer = api.client.post(f"{api.url}/api/v1/Points", json={}, headers=headers)
    assert answer.json()["message"] == gettext("success")
    refused = api.client.post(
        f"{api.url}/api/v1/Points", json={}, headers={"Accept-Language": accepted}
    )
    expected = gettext("{field}: this needs a token").format(field="Authorization")
    assert refused.json()["message"] == expected
