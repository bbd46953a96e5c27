"""A record that is handed to a node over HTTP: its refusal in the reader's language."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from api.cli.handing_in import post_record
from trace_node.errors import InputError, TraceNodeError

REFUSAL = {"code": "200007", "message": "不行", "data": {"reason": "input.x", "remedy": "改正 {a}"}}


class Refusing(BaseHTTPRequestHandler):
    asked: list[str | None] = []  # noqa: RUF012  of the one server of this file

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(self.headers["Accept-Language"])
        raw = json.dumps(REFUSAL).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_language_is_asked_for_and_the_remedy_is_kept(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TN_LANG", "zh_CN")
    with pytest.raises(InputError) as caught:
        post_record(url, b"{}")
    assert Refusing.asked == ["zh_CN"]
    error: TraceNodeError = caught.value
    assert (error.message, error.reason) == ("不行", "input.x")
    assert error.remedy == "改正 {a}"  # the node's words, whatever they hold
