"""What the public conformance suite of PACT 3 demands of a host, by its case numbers, over TLS.

The cases were looked up in wbcsd/pact-conformance-service (V3) and written anew.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from support.pact import Host, certificate, serving_host

from api import node_client
from api.pact.partner_host import HttpPartnerHost
from trace_node.accounting.pact.event import Event, EventType
from trace_node.ports.pact import Answer
from trace_node.services.pact_outbox import PactOutbox

LIST = "/3/footprints"


@dataclass(kw_only=True)
class Case:
    """A host with three footprints shared, and the partner's own host that gets its events."""

    host: Host
    partner: Host
    secret: str
    headers: dict[str, str]
    outbox: PactOutbox
    asking: PactOutbox
    ids: list[str]

    def list(self, **params: Any) -> list[dict[str, Any]]:
        answer = self.host.get(LIST, self.headers, **params)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    @property
    def first(self) -> dict[str, Any]:
        return self.list()[0]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder: Path = tmp_path_factory.mktemp("pact")
    tls = certificate(folder)
    with (
        pytest.MonkeyPatch.context() as patch,
        serving_host(folder / "owner", tls=tls) as host,
        serving_host(folder / "recipient", tls=tls) as partner,
    ):
        patch.setenv("SSL_CERT_FILE", str(tls[0]))
        node_client.tls_context.cache_clear()
        own = partner.admit("owner", address=host.url, client="recipient")
        secret = host.admit("recipient", address=partner.url, client="owner", answers_itself=True)
        ids = [
            host.publish().id,
            host.publish(
                footprint__productIds=["urn:gtin:1", "urn:gtin:2"],
                footprint__companyIds=["urn:company:other"],
                footprint__productClassifications=["urn:class:2"],
                footprint__pcf__geographyCountry=None,
                footprint__pcf__geographyCountrySubdivision="CN-SX",
                footprint__validityPeriodStart="2026-06-01T00:00:00Z",
                footprint__validityPeriodEnd="2027-06-01T00:00:00Z",
            ).id,
            host.publish(footprint__pcf__geographyCountry="KR").id,
        ]
        for each in ids:
            host.desk.footprints.share(each, "recipient")
        outbox = PactOutbox(host.store, host=HttpPartnerHost(lambda _name: own), clock=host.clock)
        asking = PactOutbox(
            partner.store, host=HttpPartnerHost(lambda _name: secret), clock=partner.clock
        )
        assert outbox.send_due() == 3  # the notices that the three are shared
        yield Case(
            host=host,
            partner=partner,
            secret=secret,
            headers=host.bearer("recipient", secret),
            outbox=outbox,
            asking=asking,
            ids=ids,
        )
    node_client.tls_context.cache_clear()


def test_01_18_a_token_for_the_right_credentials(case: Case) -> None:
    found = case.host.client.get(f"{case.host.url}/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == f"{case.host.url}/auth/token"
    answer = case.host.client.post(
        found["token_endpoint"],
        data={"grant_type": "client_credentials", "scope": "x"},
        auth=("recipient", case.secret),
    )
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"  # noqa: S105  # the kind
    assert answer.json()["expires_in"] == 3600
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["recipient", "stranger", ""])
def test_02_19_no_token_for_wrong_credentials(case: Case, name: str) -> None:
    answer = case.host.client.post(
        f"{case.host.url}/auth/token",
        data={"grant_type": "client_credentials"},
        auth=(name, "wrong"),
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_03_one_footprint_by_its_id(case: Case) -> None:
    answer = case.host.get(f"{LIST}/{case.ids[0]}", case.headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["data"]["id"] == case.ids[0]


def test_04_all_footprints_with_every_member_the_schema_requires(case: Case) -> None:
    found = case.list()
    assert [each["id"] for each in found] == case.ids
    for each in found:
        assert each["specVersion"] == "3.0.0"
        assert each["status"] == "Active"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", each["created"])
        assert each["companyName"]
        assert each["productNameCompany"]
        pcf = each["pcf"]
        for name in (
            "declaredUnitAmount",
            "productMassPerDeclaredUnit",
            "pcfExcludingBiogenicUptake",
            "pcfIncludingBiogenicUptake",
            "fossilGhgEmissions",
            "fossilCarbonContent",
            "exemptedEmissionsPercent",
        ):
            assert re.fullmatch(r"[+-]?\d+(\.\d+)?", pcf[name]), name
        assert pcf["ipccCharacterizationFactors"] == ["AR6"]
        assert sum(name.startswith("geography") for name in pcf) == 1


def test_05_pages_are_linked_and_lose_nothing(case: Case) -> None:
    seen, url = [], f"{case.host.url}{LIST}?limit=1&status=Active"
    while url:
        answer = case.host.client.get(url, headers=case.headers)
        assert answer.status_code == 200
        assert len(answer.json()["data"]) == 1
        seen += [each["id"] for each in answer.json()["data"]]
        again = case.host.client.get(url, headers=case.headers)
        assert again.json() == answer.json()
        link = answer.links.get("next", {}).get("url", "")
        assert not link or httpx.URL(link).netloc == httpx.URL(url).netloc
        assert not link or link.startswith("https://")
        url = link
    assert seen == case.ids


@pytest.mark.parametrize("path", [LIST, f"{LIST}/3a6c14a7-4deb-498a-b5ea-16ce2535b576"])
@pytest.mark.parametrize("token", ["very-invalid-access-token", "recipient.99999999999.b", "a.1.b"])
def test_06_07_an_invalid_token_lists_and_gets_nothing(case: Case, path: str, token: str) -> None:
    answer = case.host.get(path, {"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")


@pytest.mark.parametrize("identifier", ["00000000-0000-0000-0000-000000000000", "no-uuid"])
def test_08_an_unknown_id_is_not_found(case: Case, identifier: str) -> None:
    answer = case.host.get(f"{LIST}/{identifier}", case.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")


@pytest.mark.parametrize("path", ["/auth/token", LIST, f"{LIST}/x", "/3/events"])
def test_09_10_11_17_plain_http_gets_no_answer(case: Case, path: str) -> None:
    plain = case.host.url.replace("https", "http")
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.TransportError):
        client.post(plain + path, headers=case.headers, content=b"{}")


def test_12_13_a_request_is_taken_and_fulfilled_at_the_partners_host(case: Case) -> None:
    wanted = case.first["productIds"]
    event = _answer_to(case, wanted)
    assert event.type is EventType.REQUEST_FULFILLED
    found = event.data["pfs"]
    assert {each["id"] for each in found} == {case.ids[0], case.ids[2]}
    assert all(set(each["productIds"]) <= set(wanted) for each in found)
    with case.host.store.view() as view:
        assert view.pact_events.newest_received(limit=1)[0].answer is Answer.FULFILLED
        assert all(each.delivered for each in view.pact_events.outbox(limit=10))


def test_14_a_request_for_what_is_not_there_is_rejected(case: Case) -> None:
    event = _answer_to(case, ["urn:pact:null"])
    assert event.type is EventType.REQUEST_REJECTED
    assert event.data["error"]["code"] == "NotFound"
    assert event.data["error"]["message"]
    with case.host.store.view() as view:
        assert view.pact_events.newest_received(limit=1)[0].answer is Answer.REJECTED


def test_15_a_notice_of_new_footprints_is_taken(case: Case) -> None:
    data = {"pfIds": ["3a6c14a7-4deb-498a-b5ea-16ce2535b576"]}
    sent = case.host.send(case.headers, "PublishedEvent.3", data, id=str(uuid4()))
    assert (sent.status_code, sent.content) == (200, b"")


def test_16_an_event_with_an_invalid_token_is_refused(case: Case) -> None:
    sent = case.host.send({"Authorization": "Bearer invalid"}, "PublishedEvent.3", {"pfIds": []})
    assert (sent.status_code, sent.json()["code"]) == (400, "BadRequest")


def test_20_to_29_filters_find_what_they_name(case: Case) -> None:
    first, second, third = case.ids
    two = "urn:gtin:2"
    found = {
        (("productId", two),): [second],
        (("productId", two.upper()),): [second],
        (("companyId", "urn:company:other"),): [second],
        (("geography", "CN"),): [first],
        (("geography", "CN-SX"), ("geography", "KR")): [second, third],
        (("geography", ""),): [first, second, third],
        (("classification", "urn:class:2"),): [second],
        (("validOn", "2026-01-01T00:00:00Z"),): [first, third],
        (("validOn", "2026-06-01T00:00:00.000Z"),): [first, second, third],
        (("validAfter", "2026-01-01T00:00:00Z"),): [second],
        (("validAfter", "2025-12-31T00:00:00Z"),): [first, second, third],
        (("validBefore", "2029-01-01T00:00:00Z"),): [second],
        (("validBefore", "2029-01-02T00:00:00+08:00"),): [first, second, third],
        (("status", "Active"),): [first, second, third],
        (("productid", "urn:gtin:1"), ("productId", two)): [second],
        (("status", "active"), ("productId", two)): [second],
        (("companyId", "urn:company:other"), ("companyId", "urn:a"), ("companyId", "urn:b")): [
            second
        ],
    }
    for params, ids in found.items():
        answer = case.host.client.get(case.host.url + LIST, headers=case.headers, params=params)
        assert [each["id"] for each in answer.json()["data"]] == ids, params


@pytest.mark.parametrize(
    "params",
    [
        {"productId": "urn:bogus:product:x"},
        {"companyId": "urn:bogus:company:x"},
        {"geography": "XX"},
        {"classification": "urn:bogus:classification:x"},
        {"validOn": "1900-01-01T00:00:00Z"},
        {"validAfter": "2099-12-31T23:59:59Z"},
        {"validBefore": "1900-01-01T00:00:00Z"},
        {"status": "BogusStatus"},
        {"companyId": "urn:company:other", "productId": "urn:bogus:product:x"},
        {"companyId": ["urn:bogus:1", "urn:bogus:2", "urn:bogus:3"]},
    ],
    ids=str,
)
def test_30_to_39_filters_that_nothing_meets_give_an_empty_list(
    case: Case, params: dict[str, Any]
) -> None:
    assert case.list(**params) == []


def test_40_a_notice_that_names_no_footprint_ids_is_refused(case: Case) -> None:
    data = {"pfIds": ["urn:gtin:4712345060507"]}
    sent = case.host.send(case.headers, "PublishedEvent.3", data, id=str(uuid4()))
    assert (sent.status_code, sent.json()["code"]) == (400, "BadRequest")


def _answer_to(case: Case, products: list[str]) -> Event:
    """The answer that the partner's host has got to a request it sends now."""
    request = case.partner.desk.exchange.request("owner", products, comment="please")
    assert case.asking.send_due() == 1
    assert case.outbox.send_due() == 1
    with case.partner.store.view() as view:
        newest = view.pact_events.newest_received(limit=1)[0].event
    assert newest.request == request
    return newest
