"""Registry files: both forms say the same; every bad cell is named; nothing active is opened."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.registry_files import AS_OF, HOLDING, MOVE, csv_file, rows, xlsx_file

from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError, TooLargeError
from trace_node.period import SHANGHAI
from trace_node.quota.registry import form
from trace_node.quota.registry.cells import MAX_COLUMNS, RegistryFileError
from trace_node.quota.registry.statement import RegistryStatement, read_statement
from trace_node.services.workbook import CSV, XLSX, read_grid, write_csv, write_xlsx


def read(raw: bytes, file_form: str) -> RegistryStatement:
    return read_statement(read_grid(raw, file_form=file_form))


def refused(raw: bytes, file_form: str = CSV) -> RegistryFileError:
    with pytest.raises(RegistryFileError) as refusal:
        read(raw, file_form)
    return refusal.value


def test_both_forms_say_the_same() -> None:
    lines = [HOLDING, ("CEA24", "trading", 1001, 1400, 400), ("CEA19-20", "frozen", 7, 7, 1)]
    statement = read(csv_file(lines), CSV)
    assert statement == read(xlsx_file(lines), XLSX)
    assert (statement.registry, statement.account) == ("allowance", "ACC-1")
    assert statement.as_of == datetime(2026, 1, 31, 23, 59, 59, tzinfo=SHANGHAI)
    assert [(each.units.reference, each.place) for each in statement.holdings] == [
        ("CEA24 1-1000", "registry"),
        ("CEA24 1001-1400", "trading"),
        ("CEA19-20 7-7", "frozen"),
    ]
    assert statement.holdings[0].units.digest == sm3(b"CEA24 1-1000")


def test_transactions_are_read() -> None:
    lines = [MOVE, ("T-2", "surrender", "2026-01-06", "CEA24", "1", "10", "10", "", "")]
    statement = read(csv_file(lines, kind=form.TRANSACTIONS), CSV)
    first, second = statement.transactions
    assert (first.number, first.day, first.price) == ("T-1", date(2026, 1, 5), Decimal("92.50"))
    assert (second.operation, second.counterparty, second.price) == ("surrender", "", None)
    typed = [("T-1", "transfer_out", date(2026, 1, 5), "CEA24", 1001, 1400, 400, "ACC-2", 92.5)]
    (found,) = read(xlsx_file(typed, kind=form.TRANSACTIONS), XLSX).transactions
    assert (found.day, found.price) == (first.day, first.price)


def test_a_time_that_the_spreadsheet_program_made_a_time_is_read() -> None:
    raw = xlsx_file(as_of=datetime(2026, 1, 31, 23, 59, 59))  # noqa: DTZ001 - as a sheet has it
    assert read(raw, XLSX).as_of == read(csv_file(), CSV).as_of


@pytest.mark.parametrize("registry", form.REGISTRIES)
@pytest.mark.parametrize("kind", form.KINDS)
def test_a_template_is_a_statement_without_lines_once_its_head_is_filled(
    registry: str, kind: str
) -> None:
    table = form.template_rows(registry, kind)
    for raw, file_form in ((write_csv(table), CSV), (write_xlsx(table, kind=kind), XLSX)):
        assert {cell.place for cell in refused(raw, file_form).cells} == {
            f"{'csv' if file_form == CSV else kind}!C{row}" for row in (4, 5, 6)
        }
    for row, text in ((3, "A-1"), (4, "S-1"), (5, AS_OF)):
        table[row][2] = text
    statement = read(write_xlsx(table, kind=kind), XLSX)
    assert (statement.registry, statement.kind, statement.holdings) == (registry, kind, ())
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(table, kind=kind)))
    assert book.sheetnames == [kind, "notes"]
    assert "数量（吨）" in [cell.value for row in book[kind].iter_rows() for cell in row]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (("", "registry", "1", "10", "10"), "A"),
        (("CEA 24", "registry", "1", "10", "10"), "A"),
        (("CEA24", "here", "1", "10", "10"), "B"),
        (("CEA24", "登记可用", "1", "10", "10"), "B"),
        (("CEA24", "registry", "0", "10", "11"), "C"),
        (("CEA24", "registry", "1", "x", "10"), "D"),
        (("CEA24", "registry", "10", "1", "10"), "D"),
        (("CEA24", "registry", "1", "10", "9"), "E"),
        (("CEA24", "registry", "1", "10", "10.0"), "E"),
        (("CEA24", "registry", "1", "10", "10.5"), "E"),
        (("CEA24", "registry", "1", "10", "1e1"), "E"),
        (("CEA24", "registry", "1", "10", "1,0"), "E"),
        (("CEA24", "registry", "1", "10", "0"), "E"),
        (("CEA24", "registry", "1", "10", "\uff11\uff10"), "E"),
        (("CEA24", "registry", "1", "10", str(10**12 + 1)), "E"),
        (("CEA24", "registry", "1", "10", ""), "E"),
        (("CEA24", "registry", "1", "10", "10", "more"), "F"),
    ],
)
def test_a_bad_cell_is_named(line: tuple[str, ...], column: str) -> None:
    refusal = refused(csv_file([(*HOLDING[:2], "2001", "2001", "1"), line]))
    assert [cell.place for cell in refusal.cells] == [f"csv!{column}11"]
    assert refusal.reason == "registry.cell"
    assert refusal.cells[0].remedy
    assert f"csv!{column}11" in refusal.message
    assert f"csv!{column}11" in refusal.cells[0].message


def test_a_number_with_a_fraction_in_a_workbook_is_refused() -> None:
    refusal = refused(xlsx_file([("CEA24", "registry", 1, 10, 9.5)]), XLSX)
    assert [cell.place for cell in refusal.cells] == ["holdings!E10"]


def test_every_bad_cell_is_told_at_once() -> None:
    lines = [("?", "x", "a", "b", "c"), ("CEA24", "registry", "1", "9", "9")]
    assert [cell.place for cell in refused(csv_file(lines)).cells] == [
        *("csv!A10", "csv!B10", "csv!C10", "csv!D10", "csv!E10"),
    ]


def test_units_listed_twice_are_refused() -> None:
    lines = [
        HOLDING,
        ("CEA24", "trading", "1000", "1001", "2"),
        ("CEA25", "registry", "1", "9", "9"),
    ]
    refusal = refused(csv_file(lines))
    assert [cell.place for cell in refusal.cells] == ["csv!C11"]
    assert "row 10" in refusal.cells[0].message


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"registry": "world"}, "csv!C2"),
        ({"account": "账户"}, "csv!C4"),
        ({"number": ""}, "csv!C5"),
        ({"as_of": "2026-01-31"}, "csv!C6"),
        ({"as_of": "2026-02-30 00:00:00"}, "csv!C6"),
    ],
)
def test_a_bad_head_is_named(changes: dict[str, str], place: str) -> None:
    assert [cell.place for cell in refused(csv_file(**changes)).cells] == [place]


@pytest.mark.parametrize(("row", "column"), [(0, 0), (5, 0), (7, 0), (7, 4)])
def test_another_form_is_refused_by_its_first_odd_cell(row: int, column: int) -> None:
    table = rows([HOLDING])
    table[row][column] = "something"
    refusal = refused(write_csv(table))
    assert refusal.reason == "registry.file.form"
    assert f"{'ABCDE'[column]}{row + 1}" in refusal.message


def test_another_version_of_the_form_is_refused() -> None:
    table = rows([HOLDING])
    table[0][2] = "2"
    assert [cell.place for cell in refused(write_csv(table)).cells] == ["csv!C1"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_formulas_in_csv_are_refused(text: str) -> None:
    refusal = refused(csv_file([(*HOLDING[:4], text)]))
    assert [cell.place for cell in refusal.cells] == ["csv!E10"]
    assert "formula" in refusal.cells[0].message


def test_formulas_in_a_workbook_are_refused() -> None:
    refusal = refused(xlsx_file([("CEA24", "registry", 1, 10, "=D10-C10+1")]), XLSX)
    assert [cell.place for cell in refusal.cells] == ["holdings!E10"]


def with_part(raw: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/vbaProject.bin", b"macro"),
        ("xl/externalLinks/externalLink1.xml", b"<a/>"),
        ("xl/embeddings/oleObject1.bin", b"x"),
        ("xl/worksheets/sheet1.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("xl/worksheets/sheet1.xml", "<!DOCTYPE a><a/>".encode("utf-16")),
    ],
)
def test_what_can_act_is_refused_unopened(name: str, content: bytes) -> None:
    assert refused(with_part(xlsx_file(), name, content), XLSX).reason == "registry.file.active"


@pytest.mark.parametrize("sheet", ["Sheet1", "notes"])
def test_another_sheet_is_refused(sheet: str) -> None:
    assert refused(xlsx_file(sheet=sheet), XLSX).reason == "registry.file.sheet"


@pytest.mark.parametrize(
    ("raw", "file_form"),
    [
        (b"", XLSX),
        (b"PK\x03\x04 not a zip", XLSX),
        (b"\xff\xfe\x00", CSV),
        ("账户".encode("gb18030"), CSV),
        (b'"open', CSV),
        (b"", CSV),
    ],
)
def test_what_is_no_such_file_is_refused(raw: bytes, file_form: str) -> None:
    assert refused(raw, file_form).reason == "registry.file.form"


def test_a_damaged_workbook_is_refused_not_crashed_on() -> None:
    raw = xlsx_file()
    for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"):
        for content in (b"", b"<a", b"<a/>"):
            with pytest.raises(InputError):
                read(with_part(raw, name, content), XLSX)


def test_sizes_are_bounded() -> None:
    bomb = with_part(xlsx_file(), "xl/media/big.txt", b"0" * (64 * 1024 * 1024 + 1))
    many = [("CEA24", "registry", str(n), str(n), "1") for n in range(1, 20_002)]
    for raw, file_form in (
        (b"x" * (8 * 1024 * 1024 + 1), CSV),
        (csv_file([("A" * 201, "registry", "1", "1", "1")]), CSV),
        (csv_file([(*HOLDING, *("",) * MAX_COLUMNS, "x")]), CSV),
        (csv_file(many), CSV),
    ):
        with pytest.raises(TooLargeError):
            read(raw, file_form)
    compressed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(bomb)) as old,
        zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
    assert len(compressed.getvalue()) < 8 * 1024 * 1024
    with pytest.raises(TooLargeError):
        read(compressed.getvalue(), XLSX)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    for file_form in (CSV, XLSX):
        with pytest.raises(InputError):
            read(raw, file_form)


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(1, 50), st.sampled_from(list(form.PLACES))),
        max_size=8,
    )
)
def test_what_is_written_is_read_in_both_forms(pieces: list[tuple[int, int, str]]) -> None:
    at, lines = 1, []
    for gap, size, place in pieces:
        first = at + gap
        at = first + size
        lines.append(("CEA24", place, first, at - 1, size))
    statement = read(csv_file(lines), CSV)
    assert statement == read(xlsx_file(lines), XLSX)
    assert sum(each.units.quantity for each in statement.holdings) == sum(
        size for _gap, size, _place in pieces
    )
