"""Alerts reach a program and a mailbox over real sockets, signed and encrypted (S0-7.1.2-a3)."""

import email
import email.policy
import json
import socket
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from support.boards import case, position, rules, year_of
from support.listeners import listening, mail_server, self_signed

from api.cli.board_text import ACTS, NOTES
from api.notify.email import Email, MailServer
from api.notify.errors import ChannelConfigError, ChannelError
from api.notify.message import LEVELS, REASONS, text_of
from api.notify.webhook import Webhook, signature
from api.settings import Settings
from api.wiring.board import channels_of
from trace_node.clock import FixedClock
from trace_node.crypto.sm3 import hmac_sm3
from trace_node.quota.board.alert import RISING, Alert, drafts_of
from trace_node.quota.board.case import Note
from trace_node.quota.board.compute import board_of
from trace_node.quota.board.level import Level, Reason
from trace_node.quota.board.plan import Act

NOW = datetime(2026, 7, 15, 1, tzinfo=UTC)
CLOCK = FixedClock(NOW)
PASSWORD = "pass word"  # noqa: S105 - of a server that this test makes
WRONG = "wrong one"
SECRET = b"a secret of both sides"


def alert() -> Alert:
    """The running year of plant-a has emission and nothing to cover it: red."""
    emission = year_of(2026, dict.fromkeys(range(1, 7), 10_000))
    given = case("2026-07-15 09:00", emission, position=position())
    (draft,) = drafts_of(board_of(given, rules=rules()), told={}, periods=99)
    return Alert(number=7, draft=draft, acknowledgement=None)


def webhook(url: str, **changes: Any) -> Webhook:
    values: dict[str, Any] = {"secret": SECRET, "origin": "log", "language": "en", "clock": CLOCK}
    return Webhook(url, **(values | changes))


def mailer(
    port: int, certificate: Path | None, to: str = "li@plant.example", **changes: Any
) -> Email:
    server = MailServer(
        host="127.0.0.1",
        port=port,
        security="starttls",
        authority=certificate,
        user="",
        password="",
        sender="node@plant.example",
    )
    return Email(to, server=replace(server, **changes), language="zh_CN", clock=CLOCK)


def test_a_program_gets_the_alert_with_a_signature_it_can_check() -> None:
    with listening() as heard:
        webhook(f"{heard.url}/hook?key=hidden").send(alert(), attempt=2)
    ((path, headers, body),) = heard.requests
    assert path == "/hook?key=hidden"
    told = json.loads(body)
    assert (told["alert"], told["attempt"], told["level"]) == (7, 2, "red")
    assert told["detail"]["balance"]["value"].startswith("-")
    stamp = headers["X-Trace-Node-Timestamp"]
    assert stamp == str(int(NOW.timestamp()))
    expected = hmac_sm3(SECRET, stamp.encode() + b"." + body).hex()
    assert headers["X-Trace-Node-Signature"] == f"sm3={expected}"
    assert headers["X-Trace-Node-Alert"] == "7"
    assert webhook(f"http://u:p@{heard.url[7:]}/hook?key=hidden").target == f"{heard.url}/hook"


def test_another_tool_computes_the_same_signature(tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"1784077200." + b'{"alert":7}')
    said = subprocess.run(
        ["openssl", "dgst", "-sm3", "-hmac", SECRET.decode(), str(body)],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert said.split()[-1] == signature(SECRET, "1784077200", b'{"alert":7}')


@pytest.mark.parametrize("status", [302, 400, 500])
def test_any_answer_but_success_is_a_failure(status: int) -> None:
    with listening() as heard:
        heard.status = status
        with pytest.raises(ChannelError) as failed:
            webhook(f"{heard.url}/hook?key=hidden").send(alert(), attempt=1)
    assert len(heard.requests) == 1  # a redirection is not followed
    assert f"HTTP {status}" in failed.value.message
    assert "hidden" not in failed.value.message


def test_nobody_listening_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ChannelError):
        webhook(f"http://127.0.0.1:{port}/").send(alert(), attempt=1)
    with pytest.raises(ChannelError):
        mailer(port, None).send(alert(), attempt=1)


def test_a_mailbox_gets_the_alert_encrypted_and_in_its_language(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with mail_server(certificate, login=("node", PASSWORD)) as box:
        mailer(box.port, certificate, user="node", password=PASSWORD).send(alert(), attempt=3)
    ((recipient, encrypted, raw),) = box.mail
    assert (recipient, encrypted) == ("li@plant.example", True)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Subject"] == "plant-a，履约年度 2026：红色"
    assert mail["Message-ID"] == "<board-alert-7-3@plant.example>"
    body = mail.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text_of(alert(), "zh_CN")


def test_mail_is_never_sent_in_the_clear_or_to_a_stranger(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with mail_server(None) as plain, pytest.raises(ChannelError):
        mailer(plain.port, certificate).send(alert(), attempt=1)
    assert plain.mail == []
    with mail_server(certificate) as strange, pytest.raises(ChannelError) as refused:
        mailer(strange.port, self_signed(tmp_path, "127.0.0.2")).send(alert(), attempt=1)
    assert "certificate" in refused.value.message.lower()
    assert strange.mail == []


def test_what_the_mail_server_refuses_is_told_without_the_password(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with mail_server(certificate, login=("node", "right")) as box:
        with pytest.raises(ChannelError) as wrong:
            mailer(box.port, certificate, user="node", password=WRONG).send(alert(), attempt=1)
        assert wrong.value.message.startswith("li@plant.example: 535")
        assert WRONG not in wrong.value.message
    with mail_server(certificate) as box:
        box.refuses.add("li@plant.example")
        with pytest.raises(ChannelError) as unknown:
            mailer(box.port, certificate).send(alert(), attempt=1)
        assert "no such mailbox" in unknown.value.message
    with mail_server(certificate) as box, pytest.raises(ChannelConfigError):
        mailer(box.port, tmp_path / "missing.pem").send(alert(), attempt=1)


def test_every_level_reason_note_and_act_has_its_words() -> None:
    assert set(NOTES) == set(Note)
    assert set(ACTS) == {act.value for act in Act}
    assert set(LEVELS) == {level.value for level in Level}
    assert set(REASONS) == {reason.value for reason in Reason} | {RISING}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"board_webhooks": ("https://a.example/",)}, "board_webhook_secret"),
        ({"board_mail_to": ("a@b.example",)}, "board_mail_server"),
        (
            {"board_mail_to": ("a@b.example",), "board_mail_server": "mail.example:587"},
            "board_mail_from",
        ),
        (
            {
                "board_mail_to": ("a@b.example",),
                "board_mail_server": "mail.example:25",
                "board_mail_from": "n@b.example",
                "board_mail_security": "none",
            },
            "board_mail_security",
        ),
    ],
)
def test_a_channel_that_cannot_work_is_refused(
    given: dict[str, Any], field: str, tmp_path: Path
) -> None:
    with pytest.raises(ChannelConfigError) as refused:
        channels_of(Settings(home=tmp_path, **given), clock=CLOCK)
    assert refused.value.field == field


def test_channels_are_made_from_the_settings(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        board_webhooks=("https://a.example/x", "http://127.0.0.1:9/y"),
        board_webhook_secret=SecretStr("s"),
        board_mail_to=("a@b.example", "c@b.example"),
        board_mail_from="n@b.example",
        board_mail_server="mail.example:587",
    )
    made = channels_of(settings, clock=CLOCK)
    assert [(each.name, each.target) for each in made] == [
        ("webhook", "https://a.example/x"),
        ("webhook", "http://127.0.0.1:9/y"),
        ("email", "a@b.example"),
        ("email", "c@b.example"),
    ]
