"""The PACT exchange over HTTP: refusals by their code and status, TLS, proxies and paths (S1-8.1-1)."""

import base64
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.pact import EVENT, Host, certificate, serving_host

from api.metrics import RequestFigures
from api.pact.app import SCHEMA, create_pact_app
from api.pact.server import serving_pact
from trace_node.errors import ConfigError

LIST = "/3/footprints"
PROXY = frozenset({"127.0.0.1"})


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with serving_host(tmp_path_factory.mktemp("host")) as host:
        yield host


@pytest.fixture(scope="module")
def headers(host: Host) -> dict[str, str]:
    return host.bearer("mill", host.admit("mill", address="https://mill.example", client="x"))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"code", "message"}
    assert body["message"]
    return answer.status_code, body["code"]


def test_an_expired_token_is_told_apart(host: Host) -> None:
    old = host.bearer("old", host.admit("old"))
    host.clock.at += timedelta(hours=1)
    answer = host.get(LIST, old)
    host.clock.at -= timedelta(hours=1)
    assert code_of(answer) == (401, "TokenExpired")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_what_is_not_shared_is_access_denied(host: Host, headers: dict[str, str]) -> None:
    hidden = host.publish()
    assert code_of(host.get(f"{LIST}/{hidden.id}", headers)) == (403, "AccessDenied")
    assert hidden.id not in host.get(LIST, headers).text


@pytest.mark.parametrize("authorization", ["", "Basic bWlsbDp4", "Bearer", "Token x"])
def test_without_a_bearer_token_nothing_is_listed(host: Host, authorization: str) -> None:
    given = {"Authorization": authorization} if authorization else {}
    assert code_of(host.get(LIST, given)) == (400, "BadRequest")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=ten",
        "limit=1&limit=2",
        "limit=9999999999999999999",
        "after=x",
        "validOn=2026-01-01",
        "validOn=2026-02-30T00:00:00Z",
        "validOn=2026-01-01T00:00:00Z&validOn=2026-01-02T00:00:00Z",
        "status=Active&status=Deprecated",
        "$filter=created+ge+'2026'",
        "colour=red",
        "&".join(["productId=urn:a"] * 201),
    ],
)
def test_a_filter_that_is_none_is_refused(host: Host, headers: dict[str, str], query: str) -> None:
    answer = host.client.get(f"{host.url}{LIST}?{query}", headers=headers)
    assert code_of(answer) == (400, "BadRequest")


def test_an_event_of_another_version_is_not_implemented(
    host: Host, headers: dict[str, str]
) -> None:
    kind = "org.wbcsd.pathfinder.ProductFootprintRequest.Created.v1"
    assert code_of(host.send(headers, "", {}, type=kind)) == (501, "NotImplemented")


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"{", EVENT),
        (b"[]", EVENT),
        (b'{"a":"\xff"}', EVENT),
        (b"{}", "application/json"),
        (b"{}", ""),
        (b"x" * (4 * 1024 * 1024 + 1), EVENT),
    ],
)
def test_a_body_that_is_no_event_is_refused(
    host: Host, headers: dict[str, str], body: bytes, media_type: str
) -> None:
    answer = host.client.post(
        f"{host.url}/3/events", content=body, headers={**headers, "Content-Type": media_type}
    )
    assert code_of(answer) == (400, "BadRequest")


def test_paths_and_methods_that_are_none(host: Host, headers: dict[str, str]) -> None:
    assert code_of(host.get("/2/footprints", headers)) == (404, "NotFound")
    assert code_of(host.get("/3/footprints/", headers)) == (404, "NotFound")
    assert code_of(host.get("/api/v1/Board", headers)) == (404, "NotFound")
    answer = host.client.post(f"{host.url}{LIST}", headers=headers)
    assert code_of(answer) == (400, "BadRequest")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ("grant_type=password", "unsupported_grant_type"),
        ("", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("&".join(["a=b"] * 30), "invalid_request"),
    ],
)
def test_a_token_form_that_is_none_is_refused(host: Host, form: str, error: str) -> None:
    answer = host.client.post(
        f"{host.url}/auth/token",
        content=form,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=("mill", "x"),
    )
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    "authorization", ["", "Basic", "Basic %%%", "Bearer x", "Basic bWlsbA==", "Basic /w=="]
)
def test_credentials_that_are_none_are_refused(host: Host, authorization: str) -> None:
    answer = host.client.post(
        f"{host.url}/auth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": authorization},
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_the_extension_leads_to_the_proof_and_its_schema_is_there(
    host: Host, headers: dict[str, str]
) -> None:
    shown = host.publish()
    host.desk.footprints.share(shown.id, "mill")
    (extension,) = host.get(f"{LIST}/{shown.id}", headers).json()["data"]["extensions"]
    assert extension["data"]["proof"]["leafDigest"] == "sm3:" + "9f" * 32
    assert extension["data"]["proof"]["bundle"].startswith("https://")
    answer = host.client.get(extension["dataSchema"])
    assert answer.json() == dict(SCHEMA)


def test_a_proxy_is_believed_only_where_it_is_named(tmp_path: Path) -> None:
    with serving_host(tmp_path, proxies=PROXY) as host:
        secret = host.admit("mill")
        given: Any = {"data": {"grant_type": "client_credentials"}, "auth": ("mill", secret)}
        path = f"{host.url}/auth/token"
        https = {"X-Forwarded-Proto": "https"}
        assert host.client.post(path, **given, headers=https).status_code == 200
        for said in ({}, {"X-Forwarded-Proto": "http"}, {"Forwarded": "proto=https"}):
            assert code_of(host.client.post(path, **given, headers=said)) == (403, "AccessDenied")
        twice = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")]
        assert code_of(host.client.post(path, **given, headers=twice)) == (403, "AccessDenied")
    with serving_host(tmp_path / "other", proxies=frozenset({"192.0.2.1"})) as host:
        found = host.client.get(f"{host.url}/.well-known/openid-configuration", headers=https)
        assert code_of(found) == (403, "AccessDenied")


def test_it_may_live_under_a_path(tmp_path: Path) -> None:
    with serving_host(tmp_path, path="/pact/works") as host:
        headers = host.bearer("mill", host.admit("mill"))
        for _ in range(2):
            host.desk.footprints.share(host.publish().id, "mill")
        answer = host.get(LIST, headers, limit=1)
        assert answer.links["next"]["url"].startswith(f"{host.url}{LIST}?")
        assert host.client.get(answer.links["next"]["url"], headers=headers).status_code == 200


def test_the_link_names_the_host_that_was_asked(host: Host, headers: dict[str, str]) -> None:
    for _ in range(2):
        host.desk.footprints.share(host.publish().id, "mill")
    asked = {**headers, "Host": "pact.works.example:8443"}
    answer = host.get(LIST, asked, limit=1)
    assert answer.links["next"]["url"].startswith("https://pact.works.example:8443/3/footprints?")
    crooked = {**headers, "Host": "evil.example/x>"}
    answer = host.get(LIST, crooked, limit=1)
    assert answer.status_code == 400 or "evil" not in answer.headers["link"]


def test_a_certificate_that_does_not_fit_its_key_is_refused(host: Host, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = certificate(tmp_path / "a"), certificate(tmp_path / "b")
    app = create_pact_app(host.desk, figures=RequestFigures())
    with (
        socket.socket() as listener,
        pytest.raises(ConfigError) as refusal,
        serving_pact(app, listener, certificate=one[0], key=other[1]),
    ):
        pass
    assert refusal.value.field == "pact_certificate"


def test_a_secret_is_never_kept_nor_a_token_logged(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    secret = host.admit("shy")
    with caplog.at_level("INFO"):
        token = host.bearer("shy", secret)["Authorization"].removeprefix("Bearer ")
    basic = base64.b64encode(f"shy:{secret}".encode()).decode()
    assert not any(word in caplog.text for word in (secret, token, basic))
    with host.store.view() as view:
        shy = view.partners.get("shy")
    assert shy is not None
    assert secret.encode() not in shy.secret


def test_a_partner_that_asks_too_often_waits_and_others_do_not(tmp_path: Path) -> None:
    with serving_host(tmp_path / "host", rate=3) as host:
        eager = host.bearer("eager", host.admit("eager"))
        other = host.bearer("other", host.admit("other"))
        assert [host.get(LIST, eager).status_code for _ in range(2)] == [200, 200]  # and the token
        answer = host.get(LIST, eager)
        assert code_of(answer) == (429, "BadRequest")
        assert answer.headers["retry-after"] == "20"
        assert host.get(LIST, other).status_code == 200
        host.clock.at += timedelta(seconds=20)
        assert [host.get(LIST, eager).status_code for _ in range(2)] == [200, 429]
        wrong = {"auth": ("other", "wrong"), "data": {"grant_type": "client_credentials"}}
        for _ in range(4):
            assert host.client.post(f"{host.url}/auth/token", **wrong).status_code == 401
        assert host.get(LIST, other).status_code == 200
