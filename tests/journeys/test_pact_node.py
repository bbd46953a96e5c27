"""A node with its PACT exchange as its operator runs it, and a partner's host that asks it."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.command import command
from support.node_process import NodeProcess, free_port, make_home, run
from support.pact import Host, certificate, document, serving_host

from api import node_client
from api.pact.partner_host import HttpPartnerHost
from trace_node.accounting.pact.event import EventType
from trace_node.services.pact_outbox import PactOutbox

pytestmark = pytest.mark.timeout(300)


BOTH = (
    'pact_url = "https://pact.example"\npact_certificate = "c"\npact_key = "k"\n'
    'pact_proxies = ["127.0.0.1"]\n'
)


class Works:
    """A node's home, its public address and the certificate of both hosts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.tls = certificate(folder)
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        more = (
            f'pact_url = "{self.url}"\npact_port = {port}\npact_interval = 1\n'
            f'pact_certificate = "{self.tls[0]}"\npact_key = "{self.tls[1]}"\n'
        )
        self.folder, self.home = folder, make_home(folder / "home", more=more)

    def pact(self, *arguments: object, stdin: str = "") -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", StringIO(stdin))
            done = command("pact", *arguments, "--home", self.home)
        assert done.code == 0, (done.out, done.err)
        return done.out

    def publish(self, *arguments: object, **changes: Any) -> str:
        path = self.folder / "footprint.json"
        foreign = {"proof__origin": "trace-node.local/elsewhere/sm3"}
        path.write_text(json.dumps(document(**foreign | changes)), encoding="utf-8")
        return str(
            json.loads(self.pact("publish", path, "--by", "anna", *arguments, "-o", "json"))["id"]
        )


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    works = Works(tmp_path_factory.mktemp("pact") / "works")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(works.tls[0]))
        node_client.tls_context.cache_clear()
        yield works
    node_client.tls_context.cache_clear()


@pytest.fixture(scope="module")
def mill(works: Works) -> Iterator[Host]:
    with serving_host(works.folder / "mill", tls=works.tls) as mill:
        yield mill


@pytest.fixture(scope="module")
def node(works: Works) -> Iterator[NodeProcess]:
    with NodeProcess(works.home, SSL_CERT_FILE=str(works.tls[0])) as node:
        yield node.ready()


def wait_for(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_from_publishing_to_an_answered_request(
    works: Works, mill: Host, node: NodeProcess
) -> None:
    own = mill.admit("works", address=works.url, client="mill")
    secret = works.pact(
        "partner", "mill", "--address", mill.url, "--client", "works", stdin=own + "\n"
    ).strip()
    first = works.publish()
    works.pact("share", first, "mill")
    second = works.publish("--supersedes", first)

    host = Host(
        store=mill.store, desk=mill.desk, url=works.url, clock=mill.clock, client=mill.client
    )
    headers = host.bearer("mill", secret)
    listed = host.get("/3/footprints", headers).json()["data"]
    assert [(each["id"], each["status"]) for each in listed] == [
        (first, "Deprecated"),
        (second, "Active"),
    ]
    plain = works.url.replace("https", "http")
    for url in (f"{plain}/3/footprints", f"{plain}/auth/token"):
        with pytest.raises(httpx.TransportError):
            httpx.get(url, headers=headers, trust_env=False)
    # The node's own interface does not answer for the exchange.
    assert httpx.get(f"{node.url}/3/footprints", headers=headers).status_code == 404

    request = mill.desk.exchange.request("works", ["urn:gtin:4712345060507"], comment="2025?")
    sending = PactOutbox(mill.store, host=HttpPartnerHost(lambda _name: secret), clock=mill.clock)
    assert sending.send_due() == 1
    (asked,) = json.loads(works.pact("requests", "-o", "json"))
    assert (asked["id"], asked["answer"]) == (request, "open")
    works.pact("answer", asked["number"], "--footprint", second)

    def fulfilled() -> Any:
        with mill.store.view() as view:
            events = [each.event for each in view.pact_events.newest_received(limit=10)]
        return next((each for each in events if each.request == request), None)

    answer = wait_for(fulfilled)
    assert answer.type is EventType.REQUEST_FULFILLED
    assert [each["id"] for each in answer.data["pfs"]] == [second]
    sent = json.loads(works.pact("outbox", "-o", "json"))
    assert {each["type"] for each in sent} == {"published", "request_fulfilled"}
    wait_for(
        lambda: all(
            each["state"] == "delivered" for each in json.loads(works.pact("outbox", "-o", "json"))
        )
    )
    assert secret not in node.output
    assert own not in node.output
    assert (works.home / "keys" / "pact-mill.secret").stat().st_mode & 0o077 == 0

    works.pact("revoke", "mill")
    assert host.get("/3/footprints", headers).status_code == 400


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ('pact_url = "http://pact.example"\n', "pact_url"),
        ('pact_url = "https://pact.example/"\n', "pact_url"),
        ('pact_url = "https://pact.example"\n', "pact_certificate"),
        ('pact_url = "https://pact.example"\npact_key = "k.pem"\n', "pact_certificate"),
        (BOTH, "pact_certificate"),
    ],
)
def test_an_exchange_without_tls_does_not_start(tmp_path: Path, setting: str, field: str) -> None:
    home = make_home(tmp_path / "home", more=setting)
    done = run("up", "--home", home)
    assert done.returncode == 2
    assert field in done.stderr


def test_commands_name_what_is_wrong(works: Works, node: NodeProcess) -> None:
    del node  # its start made the database
    home = ("--home", works.home)
    bad = works.folder / "bad.json"
    bad.write_text(json.dumps(document(footprint__pcf__ipccCharacterizationFactors=["AR5"])))
    own = works.folder / "own.json"
    own.write_text(json.dumps(document()))
    sheet = ("--by", "anna", "--footprint", 0)
    cases = {
        ("publish", own, "--by", "anna"): "is of this log",
        ("publish", own, "--by", "anna", "--bundle", "https://x.example/7"): "--footprint",
        ("publish", own, *sheet): "leaf 0 is no footprint",
        ("publish", bad, "--by", "anna"): "AR6",
        ("publish", works.tls[0], "--by", "anna"): "not JSON",
        ("partner", "Mill"): "lower-case",
        ("partner", "x", "--address", "http://x.example", "--client", "y"): "https",
        ("partner", "x", "--address", "https://x.example"): "go together",
        ("answer", 99, "--reject", "no"): "no request 99",
        ("answer", 99): "--reject",
        ("share", "none", "mill"): "no footprint none",
        ("revoke", "nobody"): "no partner nobody",
        ("request", "mill", "--product", "4712345"): "URN",
    }
    for arguments, words in cases.items():
        done = command("pact", *arguments, *home)
        assert done.code in (1, 2), arguments
        assert words in done.err, (arguments, done.err)
