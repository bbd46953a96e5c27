"""Logs are JSON, carry the request id, and no secret reaches them."""

import io
import json
import logging

import pytest

from api import access_log


@pytest.fixture
def lines() -> io.StringIO:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    access_log.configure(stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer SECRET",
        "GET /evidence/v1/bundles/1?link=SECRET&x=1",
        "postgresql://user:SECRET@127.0.0.1/db",
        "passphrase=SECRET",
    ],
)
def test_secrets_in_text_are_masked(text: str, lines: io.StringIO) -> None:
    logging.getLogger("some.module").info("event %s", text)
    line = json.loads(lines.getvalue())
    assert "SECRET" not in lines.getvalue()
    assert access_log.MASK in line["event"]


def test_the_port_of_an_address_is_no_secret(lines: io.StringIO) -> None:
    shown = "http://127.0.0.1:8010 and http://[::1]:8011/x gave no answer"
    logging.getLogger("x").warning("%s", shown)
    assert json.loads(lines.getvalue())["event"] == shown


def test_secrets_in_fields_are_masked(lines: io.StringIO) -> None:
    logging.getLogger("x").warning("made", extra={"token": "SECRET", "reason": "中文"})
    line = json.loads(lines.getvalue())
    assert line["token"] == access_log.MASK
    assert line["reason"] == "中文"
    assert line["level"] == "warning"
    assert line["logger"] == "x"


def test_an_exception_is_on_the_same_line(lines: io.StringIO) -> None:
    try:
        int("x")
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert "ValueError" in json.loads(lines.getvalue())["exception"]
