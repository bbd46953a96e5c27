"""Wire models: nothing is converted, nothing unknown is taken, everything is bounded."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.schemas.base import Instant, Name, optional_decimal, time_text
from api.schemas.evidence import FindingsQuery, KnowledgeQuery, ProgressQuery
from api.schemas.readings import ReadingsQuery
from api.schemas.totals import PeriodTotalsQuery
from trace_node.period import PeriodKind

INSTANT = TypeAdapter(Instant)
NAME = TypeAdapter(Name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T03:10:00Z", datetime(2026, 11, 21, 3, 10, tzinfo=UTC)),
        ("2026-11-21T11:10:00+08:00", datetime(2026, 11, 21, 3, 10, tzinfo=UTC)),
        ("2026-11-21T03:10:00.5Z", datetime(2026, 11, 21, 3, 10, 0, 500_000, tzinfo=UTC)),
        ("1970-01-01T00:00:00.000Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_with_a_zone(text: str, expected: datetime) -> None:
    assert INSTANT.validate_python(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-21", "2026-11-21T03:10Z", "2026-11-21 03:10:00Z", "2026-11-21T03:10:00"),
        *("2026-11-21T03:10:00.1234Z", "2026-11-21T24:00:00Z", "2026-02-29T00:00:00Z"),
        *("2026-11-21T03:10:00+25:00", "2026-11-21T03:10:60Z", "1969-12-31T23:59:59Z"),
        *("9999-12-31T23:59:59-23:59", "2026-11-21T03:10:00z", " 2026-11-21T03:10:00Z", ""),
        "\uff12026-11-21T03:10:00Z",
    ],
)
def test_texts_that_are_no_times(text: str) -> None:
    with pytest.raises(ValidationError, match="RFC 3339"):
        INSTANT.validate_python(text)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9998, 12, 31)))  # noqa: DTZ001
def test_a_time_that_was_written_is_read_again(naive: datetime) -> None:
    instant = naive.replace(microsecond=naive.microsecond // 1000 * 1000, tzinfo=UTC)
    assert INSTANT.validate_python(time_text(instant)) == instant


@pytest.mark.parametrize("text", ["", "-a", "a b", "a\n", "a" * 65, "表", "a/b"])
def test_texts_that_are_no_names(text: str) -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python(text)


def test_decimals_keep_their_decimals_and_have_no_exponent() -> None:
    assert optional_decimal(Decimal("10.00")) == "10.00"
    assert optional_decimal(Decimal("1E+3")) == "1000"
    assert optional_decimal(Decimal("0E-9")) == "0.000000000"
    assert optional_decimal(None) is None


def test_nothing_is_converted() -> None:
    for wrong in ({"limit": "5"}, {"limit": 5.0}, {"limit": True}, {"device": 5}):
        with pytest.raises(ValidationError):
            FindingsQuery.model_validate(wrong)
    with pytest.raises(ValidationError):
        ProgressQuery.model_validate({"indexes": ["1"]})
    assert ProgressQuery.model_validate({"indexes": [1]}).indexes == (1,)


def test_fields_have_one_name() -> None:
    query = {"device": "a", "meter_register": "b", "from": "2026-11-21T03:10:00Z"}
    whole = {**query, "to": "2026-11-21T03:11:00Z"}
    assert ReadingsQuery.model_validate(whole).limit == 100
    for wrong in (query, {**whole, "end": whole["to"]}, {**whole, "FROM": whole["from"]}):
        with pytest.raises(ValidationError):
            ReadingsQuery.model_validate(wrong)


@pytest.mark.parametrize("kind", list(PeriodKind))
def test_kinds_of_period_are_named_by_their_words(kind: PeriodKind) -> None:
    query = {"device": "a", "meter_register": "b", "period": kind.value}
    range_ = {"from": "2026-11-21T03:10:00Z", "to": "2026-11-21T03:11:00Z"}
    assert PeriodTotalsQuery.model_validate(query | range_).period is kind
    for wrong in (kind.name, kind.value.upper(), 1, None):
        with pytest.raises(ValidationError):
            PeriodTotalsQuery.model_validate(query | range_ | {"period": wrong})


def test_optional_times_may_be_left_out() -> None:
    query = KnowledgeQuery.model_validate({"indexes": [3]})
    assert (query.begin, query.end, query.late_after_s) == (None, None, 86_400)
