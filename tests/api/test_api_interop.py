"""Opaque entries by HTTP: what was answered is committed, in order, and everything is bounded."""

import asyncio
import secrets
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import httpx
import pytest
from support.http_load import load
from support.node_app import INTEROP_LOG, InteropApp, interop_app
from support.served import stream_until_answered
from support.servers import serving

from trace_node.ports.entries import OPAQUE
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tree import MemoryTree

PATH = f"/interop/v1/{INTEROP_LOG}/add"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteropApp]:
    with interop_app(tmp_path_factory.mktemp("interop")) as made:
        yield made


@pytest.fixture(scope="module")
def url(node: InteropApp) -> Iterator[str]:
    with serving(node.app) as base:
        yield base


def add(url: str, entry: bytes, **headers: str) -> httpx.Response:
    return httpx.post(url + PATH, content=entry, headers=headers, trust_env=False)


def test_an_entry_is_committed_when_its_index_is_answered(node: InteropApp, url: str) -> None:
    entry = secrets.token_bytes(200)
    size = node.reader.state().size
    answer = add(url, entry)
    assert (answer.status_code, answer.text) == (200, str(size))
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    stored = node.reader.entry(size)
    assert (stored.body, stored.kind, stored.leaf_hash) == (entry, OPAQUE, SM3.leaf(entry))


@pytest.mark.parametrize("length", [0, 1, 65_535])
def test_entries_of_every_length(node: InteropApp, url: str, length: int) -> None:
    entry = secrets.token_bytes(length)
    index = int(add(url, entry).text)
    assert node.reader.entry(index).body == entry


def test_the_same_entry_again_is_another_leaf(url: str) -> None:
    assert int(add(url, b"same").text) + 1 == int(add(url, b"same").text)


def test_many_clients_at_once_get_indexes_without_gap(node: InteropApp, url: str) -> None:
    first = node.reader.state().size
    entries = [secrets.token_bytes(40) for _ in range(400)]
    with httpx.Client(trust_env=False) as client, ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda entry: int(client.post(url + PATH, content=entry).text), entries)
        )
    assert sorted(answers) == list(range(first, first + len(entries)))
    stored = node.reader.entries(first, first + len(entries))
    by_index = dict(zip(answers, entries, strict=True))
    assert [entry.body for entry in stored] == [by_index[index] for index in sorted(by_index)]
    state = node.reader.state()
    tree = MemoryTree(hasher=SM3, leaf_hashes=node.reader.leaf_hashes(0, state.size))
    assert tree.root() == state.root


def test_the_load_generator_is_answered(node: InteropApp, url: str) -> None:
    before = node.reader.state().size
    bodies = iter([b"%d" % number for number in range(200)])
    _, times = asyncio.run(load(url + PATH, bodies, connections=8, media_type="text/plain"))
    assert len(times) == 200
    assert node.reader.state().size == before + 200


def test_an_entry_that_is_too_long(node: InteropApp, url: str) -> None:
    size = node.reader.state().size
    answer = add(url, bytes(65_536))
    assert (answer.status_code, answer.json()["code"]) == (413, "200002")
    endless, sent = stream_until_answered(url, PATH)
    assert endless.startswith(b"HTTP/1.1 413 ")
    assert sent < 1 << 24
    assert node.reader.state().size == size


def test_other_paths_and_methods(url: str) -> None:
    for method, path, status, reason, code in (
        ("POST", "/interop/v1/other/add", 404, "not_found.log", "303021"),
        ("POST", f"/interop/v1/{INTEROP_LOG}/remove", 404, "not_found.path", "303020"),
        ("POST", "/interop/v1/", 404, "not_found.path", "303020"),
        ("GET", PATH, 405, "input.method", "200008"),
    ):
        answer = httpx.request(method, url + path, trust_env=False)
        given = (answer.status_code, answer.json()["data"]["reason"], answer.json()["code"])
        assert given == (status, reason, code)
        assert answer.json()["data"]["request_id"] == answer.headers["X-Request-ID"]
        assert answer.headers.get("Allow") == ("POST" if status == 405 else None)


def test_everything_else_is_answered_as_ever(url: str) -> None:
    assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"status": "ok"}
    add(url, b"counted")
    shown = httpx.get(f"{url}/metrics", trust_env=False).text
    route = 'route="/interop/v1/{log}/add",status="200"'
    assert f'tracenode_http_requests_total{{method="POST",{route}}}' in shown


def test_a_client_that_leaves_in_the_middle_adds_nothing(node: InteropApp, url: str) -> None:
    size = node.reader.state().size
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as wire:
        wire.sendall(
            b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf" % PATH.encode()
        )
    assert int(add(url, b"after").text) == size
    assert node.reader.entry(size).body == b"after"


def test_an_error_of_the_software_ends_one_request(tmp_path: Path) -> None:
    def fail(_entries: object) -> NoReturn:
        message = "secret detail"
        raise RuntimeError(message)

    with interop_app(tmp_path, add_opaque=fail) as node, serving(node.app) as url:
        answers = [add(url, b"entry"), add(url, b"entry")]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (500, "100000")
        assert "secret" not in answer.text


def test_a_full_queue_says_when_to_come_back(tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    with interop_app(tmp_path, capacity=3) as node, serving(node.app) as url:
        with node.store.unit_of_work() as held:
            held.entries.locked_state()  # the writer cannot begin its next commit
            clients = []
            while not answers:  # none is answered before the queue is full
                assert len(clients) < 6
                clients.append(threading.Thread(target=lambda: answers.append(add(url, b"waits"))))
                clients[-1].start()
                clients[-1].join(timeout=0.2)
        for each in clients:
            each.join(timeout=30)
        size = node.reader.state().size
    refused = next(answer for answer in answers if answer.status_code == 429)
    taken = [answer for answer in answers if answer.status_code != 429]  # two may be refused
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert (refused.json()["code"], refused.json()["data"]["reason"]) == (
        *("100004", "unavailable.busy"),
    )
    assert sorted(int(answer.text) for answer in taken) == list(range(size))
    assert len(taken) == 4  # one in the writer's hands, three in the queue
