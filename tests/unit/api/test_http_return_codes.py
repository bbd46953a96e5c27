"""The table of return codes: well-formed, without doubles, and about reasons that exist."""

import re
from http import HTTPStatus
from pathlib import Path

import pytest

from api.return_codes import KINDS, REASONS, STATUSES, SUCCESS, answer_to
from trace_node import errors
from trace_node.record.errors import RecordError
from trace_node.services.ingest_errors import CollectorKeyError, LogStoppedError

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"[0-3](00|02|03)\d{3}")


def test_codes_have_the_form_of_the_standard() -> None:
    codes = [answer.code for _, answer in KINDS] + list(REASONS.values())
    assert all(CODE.fullmatch(code) for code in codes)
    assert SUCCESS == "000000"
    assert not any(code.startswith("0") for code in codes)


def test_no_code_is_given_twice() -> None:
    codes = [answer.code for _, answer in KINDS] + list(REASONS.values())
    assert len(set(codes)) == len(codes)


def test_the_first_digit_says_whose_fault_it_is() -> None:
    for kind, answer in KINDS:
        of_the_caller = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
        if kind is not errors.BusyError:
            assert of_the_caller == (not answer.code.startswith("1"))


@pytest.mark.parametrize("reason", [*REASONS, *STATUSES])
def test_every_reason_is_one_that_the_code_gives(reason: str) -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("api", "trace_node")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "return_codes.py"
    ]
    spelled = [reason, re.sub(r"\.\w+$", ".{field}", reason), re.sub(r"\.\w+$", ".{key}", reason)]
    spelled.append(re.sub(r"_\w+$", "_{field}", reason))
    marks = [f'"{reason}.', *(f'"{each}"' for each in spelled)]
    assert any(mark in text for text in sources for mark in marks), reason


def test_a_kind_is_recognised_by_its_finest_class() -> None:
    for kind, answer in KINDS:
        if kind is errors.BusyError:
            assert answer_to(kind("text")) == answer
        elif kind is not errors.TraceNodeError:
            assert answer_to(kind("text", code="no.such")) == answer


def test_a_reason_without_a_code_has_that_of_its_part() -> None:
    unknown_member = RecordError("text", code="record.colour")
    assert answer_to(unknown_member).code == REASONS["record"]
    assert answer_to(RecordError("text", code="record.unit")).code == REASONS["record.unit"]
    other = errors.InputError("text", code="other.reason")
    assert answer_to(other).code == "200001"


def test_statuses_that_http_tells_apart() -> None:
    assert answer_to(errors.AccessError("text", code="access.no_token")).status == 401
    assert answer_to(errors.AccessError("text", code="access.role")).status == 403
    assert answer_to(errors.InputError("text", code="input.media_type")).status == 415
    assert answer_to(errors.StateError("text", code="prove.not_sealed")).status == 409
    assert answer_to(LogStoppedError("text")).status == 503
    assert answer_to(CollectorKeyError("text")).status == 403
