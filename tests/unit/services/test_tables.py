"""Answers as tables and as a workbook, read again by a library that did not write it."""

import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from trace_node.errors import TooLargeError
from trace_node.services.tables import Sheet, tables_of
from trace_node.services.workbook_tables import write_tables_xlsx

ANSWER = {
    "period": "2026-10",
    "standing": {"word": "final", "gaps": 0},
    "empty": None,
    "rows": [
        {"source": "boiler", "mass": "1.250", "leaves": [4, 5]},
        {
            "source": "=1+1",
            "is_sink": True,
            "mass": "12345678901234567.5",
            "parts": [{"n": 1}, {"n": 2}],
        },
    ],
}
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), texts)
answers = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abcd"), inner, max_size=3)
    ),
    max_leaves=12,
)


def test_plain_members_and_each_list_of_objects_are_a_table() -> None:
    answer, rows, parts = tables_of(ANSWER)
    assert answer == Sheet(
        name="answer",
        columns=("name", "value"),
        rows=(
            ("period", "2026-10"),
            ("standing.word", "final"),
            ("standing.gaps", "0"),
            ("empty", ""),
        ),
    )
    assert (rows.name, rows.columns) == ("rows", ("source", "mass", "leaves", "is_sink"))
    assert rows.rows == (
        ("boiler", "1.250", "4 5", ""),
        ("=1+1", "12345678901234567.5", "", "true"),
    )
    assert parts == Sheet(name="rows.parts", columns=("row", "n"), rows=(("2", "1"), ("2", "2")))


@pytest.mark.parametrize("answer", [[], {}, None, "x", [1, 2]])
def test_an_answer_without_rows_is_a_table_too(answer: object) -> None:
    (only,) = tables_of(answer)
    assert only.name == "answer"


def test_names_of_sheets_are_short_plain_and_unlike() -> None:
    long = "a" * 40
    names = [each.name for each in tables_of({f"x{long}": [{}], f"y{long}": [{}], "a/b": [{}]})]
    assert len({name.lower() for name in names}) == 3
    assert all(1 <= len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def leaves(value: object) -> list[str]:
    """Every plain value of an answer, as its text."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in leaves(each)]
    if isinstance(value, list):
        return [text for each in value for text in leaves(each)]
    return [] if value is None else [json.dumps(value) if isinstance(value, bool) else str(value)]


@given(answers)
def test_nothing_of_an_answer_is_left_out(answer: object) -> None:
    cells = [cell for sheet in tables_of(answer) for row in sheet.rows for cell in row]
    held = " ".join(cells)
    assert [text for text in leaves(answer) if text not in held] == []


class TestWorkbook:
    def test_numbers_are_numbers_and_texts_are_texts(self) -> None:
        raw = write_tables_xlsx(tables_of(ANSWER))
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        assert book.sheet_names == ["answer", "rows", "rows.parts"]
        heading, boiler, odd = book.get_sheet_by_name("rows").to_python()
        assert heading == ["source", "mass", "leaves", "is_sink"]
        assert Decimal(str(boiler[1])) == Decimal("1.25")
        assert odd[0] == "=1+1"  # a text, not a formula
        assert odd[1] == "12345678901234567.5"  # more digits than a spreadsheet keeps

    def test_the_same_answer_gives_the_same_bytes(self) -> None:
        assert write_tables_xlsx(tables_of(ANSWER)) == write_tables_xlsx(tables_of(ANSWER))

    def test_what_no_sheet_can_hold_is_refused(self) -> None:
        long = Sheet(name="x", columns=("a",), rows=(("y" * 32_768,),))
        with pytest.raises(TooLargeError) as caught:
            write_tables_xlsx([long])
        assert caught.value.reason == "workbook.size"

    def test_signs_that_xml_forbids_are_replaced(self) -> None:
        raw = write_tables_xlsx([Sheet(name="x", columns=("a",), rows=(("b\x07c",),))])
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
        assert sheet.to_python()[1] == ["b\ufffdc"]
