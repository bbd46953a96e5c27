"""Footprints over HTTP: back, forward, again, and the public page of a batch."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest
from support.footprint_log import Colliery
from support.node_app import make_app, node_app
from support.served import Api, bearer
from support.servers import serving

from api.services import FootprintServices
from api.tokens import Role
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.services.footprint_forward import ForwardWalk
from trace_node.services.footprints import FootprintDesk
from trace_node.tlog import tlog_proof
from trace_node.tlog.hasher import SM3


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Colliery, int]]:
    with node_app(tmp_path_factory.mktemp("footprint")) as node, ExitStack() as stack:
        store = node.plant.store
        desk = FootprintDesk(store=store, library=packaged_factors())
        both = FootprintServices(desk=desk, walk=ForwardWalk(store))
        node.services = replace(node.services, footprints=both)
        url = stack.enter_context(serving(make_app(node)))
        client = stack.enter_context(httpx.Client(trust_env=False, timeout=30))
        mine = Colliery(node.plant)
        mine.fill()
        index = mine.log(FootprintRecord.of(desk.compute("on-rail"), item="own-1:pcf")).index
        node.settle()
        node.anchor()
        yield Api(node=node, url=url, client=client), mine, index


@pytest.fixture
def api(served: tuple[Api, Colliery, int]) -> Api:
    return served[0]


def ask(api: Api, name: str, role: Role = Role.VERIFIER, **query: Any) -> httpx.Response:
    return api.client.post(f"{api.url}/api/v1/{name}", json=query, headers=bearer(api.token(role)))


def test_a_batch_is_shown_with_everything_it_leads_back_to(
    served: tuple[Api, Colliery, int],
) -> None:
    api, mine, _ = served
    data = ask(api, "FootprintQuery", batch="on-rail").json()["data"]
    assert {each["stage"] for each in data["stages"]} == {"mining", "washing", "transport", "use"}
    assert data["gate"]["complete"]
    assert not data["downstream"]["complete"]
    assert [gap["code"] for gap in data["gaps"]] == ["use"]
    leaves = {link["index"] for part in data["parts"] for link in part["links"]}
    assert {mine.leaves["reading"], mine.leaves["shaft"]} <= leaves
    assert {each["row"] for each in data["factors"]} == {
        "cn.grid.avg.national.2023",
        "gwp100.ar6.ch4_fossil",
    }
    assert ask(api, "FootprintQuery", batch="on-rail", parts=False).json()["data"]["parts"] == []


def test_a_footprint_on_record_is_computed_again(served: tuple[Api, Colliery, int]) -> None:
    api, _, index = served
    again = ask(api, "FootprintRecompute", index=index).json()["data"]
    assert again == ask(api, "FootprintQuery", batch="on-rail").json()["data"]
    missing = ask(api, "FootprintRecompute", index=0)
    assert (missing.status_code, missing.json()["data"]["reason"]) == (404, "footprint.none")


def test_a_reading_is_followed_forward(served: tuple[Api, Colliery, int]) -> None:
    api, mine, _ = served
    data = ask(api, "FootprintForward", index=mine.leaves["reading"]).json()["data"]
    assert data["batches"][0]["batch"] == "raw"
    assert data["ends"] == ["middlings", "stone"]
    of_batch = ask(api, "FootprintForward", batch="clean").json()["data"]
    assert [each["batch"] for each in of_batch["batches"]] == ["clean", "on-rail"]
    assert ask(api, "FootprintForward").json()["data"]["reason"] == "input.one_of"
    assert ask(api, "FootprintForward", index=2**40).status_code == 404
    assert ask(api, "FootprintForward", batch="lost").status_code == 404


def test_another_enterprise_sees_neither_batch_nor_what_rests_on_it(api: Api) -> None:
    other = bearer(api.node.token(Role.ENTERPRISE, "port-b"))
    post = api.client.post
    for name in ("FootprintQuery", "BatchLink"):
        answer = post(f"{api.url}/api/v1/{name}", json={"batch": "on-rail"}, headers=other)
        assert answer.status_code == 403, name
    found = post(f"{api.url}/api/v1/FootprintForward", json={"batch": "clean"}, headers=other)
    assert found.json()["data"] == {"batches": [], "ends": [], "statements": []}


def page(api: Api, language: str) -> httpx.Response:
    link = ask(api, "BatchLink", Role.OPERATOR, batch="on-rail").json()["data"]
    return api.client.get(api.url + link["path"], headers={"Accept-Language": language})


def test_the_page_of_a_batch_is_open_to_its_link_alone(api: Api) -> None:
    shown = page(api, "en")
    assert shown.status_code == 200
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script" not in shown.text
    assert "cradle to gate" in shown.text
    assert "not burnt yet" in shown.text
    path = f"{api.url}/evidence/v1/batches/"
    code = re.search(r"batches/on-rail/qr\?link=([\w-]{43})", shown.text)
    assert code is not None
    assert api.client.get(f"{path}clean", params={"link": code[1]}).status_code == 403
    assert api.client.get(f"{path}on-rail", params={"link": "x" * 43}).status_code == 403
    assert api.client.get(f"{path}on-rail").status_code == 400


def test_the_page_speaks_chinese(api: Api) -> None:
    shown = page(api, "zh-CN")
    assert '<html lang="zh-CN">' in shown.text
    for word in ("开采", "洗选", "运输", "摇篮到大门"):
        assert word in shown.text


def test_the_record_on_the_page_is_in_the_log(served: tuple[Api, Colliery, int]) -> None:
    """[S0-7.2.1-c3]: whoever has the page can check the record against the signed checkpoint."""
    api, mine, index = served
    links = re.findall(r'href="([^"]+)"', page(api, "en").text)
    record, proof = (api.client.get(api.url + each) for each in links)
    assert record.json()["batch"] == "on-rail"
    offline = tlog_proof.parse(proof.content)
    assert offline.index == index
    assert SM3.leaf(record.content) == mine.leaf(index).digest
    tlog_proof.verify(
        offline,
        leaf_hash=SM3.leaf(record.content),
        checkpoint=offline.stated_checkpoint,
        hasher=SM3,
    )


def test_a_batch_without_a_record_has_no_proof(api: Api) -> None:
    link = ask(api, "BatchLink", Role.OPERATOR, batch="raw").json()["data"]
    shown = api.client.get(api.url + link["path"], headers={"Accept-Language": "en"})
    assert "not on record yet" in shown.text
    refused = api.client.get(api.url + link["path"].replace("?", "/proof?"))
    assert (refused.status_code, refused.json()["data"]["reason"]) == (404, "footprint.none")


def test_the_qr_code_is_an_image(api: Api) -> None:
    link = ask(api, "BatchLink", Role.ENTERPRISE, batch="on-rail").json()["data"]
    shown = api.client.get(api.url + link["qr_path"])
    assert shown.headers["Content-Type"] == "image/svg+xml"
    assert shown.content.startswith(b"<?xml")
