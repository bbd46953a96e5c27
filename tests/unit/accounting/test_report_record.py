"""docs/spec/report.md: the example of the record and of the file of devices; what they refuse."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from support.builders import key
from support.statement_samples import STATED_AT

from trace_node.accounting.errors import LibraryFileError
from trace_node.accounting.records.report import ReportMade
from trace_node.accounting.report.device_file import Device, read_devices
from trace_node.accounting.report_kind import ReportKind
from trace_node.errors import InputError
from trace_node.ids import OrganisationId
from trace_node.record.errors import RecordError
from trace_node.record.statement import build_statement
from trace_node.services.statement_types import parse_statement

SPEC = Path(__file__).resolve().parents[3] / "docs" / "spec" / "report.md"
TEXT = SPEC.read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```json report\n(.+)\n```$", TEXT, re.MULTILINE)
(DEVICES,) = re.findall(r"^```toml\n(.+?)```$", TEXT, re.MULTILINE | re.DOTALL)
MADE = ReportMade(
    organisation=OrganisationId("plant-a"),
    boundary="plant",
    period="2026-10/2026-11",
    kind=ReportKind.INTERNAL,
    prepared_on=date(2026, 12, 3),
    figures=(4711, 4712),
    files={"docx": bytes(32), "pdf": b"\x01" * 32, "xlsx": b"\x02" * 32},
)


def test_the_example_is_what_its_fields_give() -> None:
    assert MADE.to_fields() == json.loads(EXAMPLE)
    assert ReportMade.from_fields(json.loads(EXAMPLE)) == MADE


def test_every_member_has_a_row() -> None:
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", TEXT, re.MULTILINE))
    assert rows >= ReportMade.KEYS


def test_it_is_a_statement_of_the_log() -> None:
    raw = build_statement(MADE, salt=bytes(16), stated_at=STATED_AT, signer=key("node"))
    assert parse_statement(raw).content == MADE
    assert MADE.topic == "plant-a plant 2026-10/2026-11 internal"


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("files", {"pdf": "AA"}, "record.files"),
        ("period", "soon", "record.period"),
        ("kind", "draft", "record.kind"),
        ("figures", [2, 1], "record.figures"),
        ("prepared_on", "2026-02-30", "record.prepared_on"),
    ],
)
def test_a_member_that_breaks_its_rule_is_named(member: str, value: object, code: str) -> None:
    with pytest.raises(RecordError) as caught:
        ReportMade.from_fields(json.loads(EXAMPLE) | {member: value})
    assert caught.value.reason == code


def test_the_file_of_devices_is_read() -> None:
    assert read_devices(DEVICES.encode(), file="devices.toml") == {
        "grid.in": Device(
            name="关口电能表",
            model="DTZ-100",
            location="总降压站",
            accuracy="0.2S",
            calibration="每 6 年",
            calibrated_until="2031-05-31",
        )
    }


def test_a_device_that_is_named_twice_or_has_other_keys_is_refused() -> None:
    for text in (DEVICES + DEVICES, DEVICES + 'colour = "red"\n', 'point = "x"\n'):
        with pytest.raises(LibraryFileError):
            read_devices(text.encode(), file="devices.toml")
    with pytest.raises(InputError):
        read_devices(b"[", file="devices.toml")
