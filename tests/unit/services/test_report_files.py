"""The report as PDF/A, Word and Excel, opened again by libraries that did not write it."""

import io
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdf
import pytest
from python_calamine import CalamineWorkbook
from support.reports import BUNDLE, needs_font, pit_facts

from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.content import Quantity, Report, text_of
from trace_node.accounting.report.errors import ReportError
from trace_node.accounting.report.facts import Attachment
from trace_node.crypto.sm3 import sm3
from trace_node.services.report_files import ReportFiles, make_report
from trace_node.services.report_pdf import FontError, folded, write_pdf
from trace_node.services.report_word import write_docx
from trace_node.services.workbook_report import write_report_xlsx

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def report() -> Report:
    return compose(pit_facts())


@pytest.fixture(scope="module")
def files() -> ReportFiles:
    return make_report(pit_facts())


def plain(text: str) -> str:
    """Text without the ends of lines and the places where lines may end."""
    return re.sub(r"[\s\u200b]", "", text)


def printed(report: Report) -> set[str]:
    """Every text that belongs on paper."""
    return {
        report.heading,
        report.notice,
        *(section.heading for section in report.sections),
        *(
            text_of(cell)
            for one in report.tables
            if not one.detail
            for row in one.rows
            for cell in row
        ),
        *(column.heading for one in report.tables if not one.detail for column in one.columns),
    }


@needs_font
class TestPdf:
    def test_the_same_facts_give_the_same_bytes(self, files: ReportFiles) -> None:
        assert make_report(pit_facts()) == files
        assert files.digests["pdf"] == sm3(files.pdf)

    def test_another_figure_gives_other_bytes(self, files: ReportFiles) -> None:
        facts = pit_facts()
        changed = make_report(replace(facts, results=facts.results[:1]))
        assert changed.pdf != files.pdf
        assert changed.docx != files.docx
        assert changed.xlsx != files.xlsx

    def test_it_holds_every_word_and_figure(self, files: ReportFiles, report: Report) -> None:
        pages = pypdf.PdfReader(io.BytesIO(files.pdf)).pages
        whole = plain("".join(page.extract_text() for page in pages))
        assert [text for text in printed(report) if plain(text) not in whole] == []
        assert "温室气体盘查报告书" in whole

    def test_every_page_says_that_it_is_a_demonstration(self, files: ReportFiles) -> None:
        for page in pypdf.PdfReader(io.BytesIO(files.pdf)).pages:
            assert "演示报告，不是任何企业的排放声明" in plain(page.extract_text())

    def test_it_says_that_it_is_pdf_a_3b(self, files: ReportFiles) -> None:
        root = pypdf.PdfReader(io.BytesIO(files.pdf)).trailer["/Root"]
        metadata = root["/Metadata"].get_data().decode()
        assert "<pdfaid:part>3</pdfaid:part>" in metadata
        assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata

    def test_the_bundle_travels_inside(self, files: ReportFiles) -> None:
        assert pypdf.PdfReader(io.BytesIO(files.pdf)).attachments["report.tnproof"] == [BUNDLE]

    def test_its_fonts_are_embedded_subsets(self, files: ReportFiles) -> None:
        fonts = re.findall(rb"/FontFile[23]? ", files.pdf)
        assert fonts
        assert len(files.pdf) < 1_000_000  # the fonts in full have tens of millions of bytes

    def test_a_character_without_a_glyph_is_refused(self) -> None:
        facts = pit_facts(boundary="边界\U000e0041x")
        with pytest.raises(ReportError) as caught:
            write_pdf(replace(compose(pit_facts()), subtitle="\u1c80"), organisation="x")
        assert caught.value.reason == "report.page"
        assert "fonts-noto-cjk" in caught.value.remedy
        with pytest.raises(ReportError):
            compose(facts)

    @pytest.mark.parametrize("name", ["main.typ", "report.json", "../x", "证据"])
    def test_a_file_inside_has_a_plain_name_of_its_own(self, report: Report, name: str) -> None:
        odd = Attachment(name=name, body=b"x", description="x")
        with pytest.raises(ReportError) as caught:
            write_pdf(report, organisation="x", attachments=[odd])
        assert caught.value.reason == "report.attachment"


@pytest.mark.parametrize(
    "text",
    [
        "components/ElectricityHeatEmission.jsx",
        f"sm3:{bytes(32).hex()}",
        "cn.ndrc.coal.2014.open_pit@1",
    ],
)
def test_a_line_can_end_inside_what_would_run_into_the_next_cell(text: str) -> None:
    parts = folded(text).split("\u200b")
    assert "".join(parts) == text
    assert max(map(len, parts)) <= 11


def test_a_number_stays_in_one_piece() -> None:
    assert folded(Quantity(value=Decimal("12345678901234.567891"))) == "12345678901234.567891"


def test_without_a_font_nothing_is_printed(report: Report, tmp_path: Path) -> None:
    with pytest.raises(FontError) as caught:
        write_pdf(report, organisation="x", font_folders=[tmp_path])
    assert caught.value.reason == "report.font"
    assert "apt install fonts-noto-cjk" in caught.value.remedy


def test_the_workbook_holds_every_table(report: Report) -> None:
    raw = write_report_xlsx(report, organisation="x")
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    assert book.sheet_names == ["封面", *(one.id for one in report.tables)]
    for one in report.tables:
        rows = book.get_sheet_by_name(one.id).to_python()
        assert rows[0][:2] == [one.heading, report.notice]
        assert rows[1][: len(one.columns)] == [column.heading for column in one.columns]
        assert len(rows) == len(one.rows) + 2
        for found, expected in zip(rows[2:], one.rows, strict=True):
            for value, cell in zip(found, expected, strict=False):
                if isinstance(cell, Quantity):
                    assert Decimal(repr(value)) == cell.shown
                else:
                    assert value == cell


def test_a_text_never_becomes_a_formula(report: Report) -> None:
    evil = replace(report, cover=(("组织", '=HYPERLINK("http://x")'),))
    raw = write_report_xlsx(evil, organisation="x")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets" in name]
    assert not any(b"<f>" in sheet for sheet in sheets)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_name("封面").to_python()
    assert ["组织", '=HYPERLINK("http://x")'] in rows


def test_the_word_document_holds_every_word_and_figure(report: Report) -> None:
    raw = write_docx(report, organisation="x")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        tree = ET.fromstring(archive.read("word/document.xml"))  # noqa: S314 (our own file)
        head = archive.read("word/header1.xml").decode()
    paragraphs = {
        "".join(text.text or "" for text in paragraph.iter(f"{WORD}t"))
        for paragraph in tree.iter(f"{WORD}p")
    }
    assert printed(report) - paragraphs == set()
    assert report.notice in head


@pytest.mark.parametrize("write", [write_docx, write_report_xlsx])
def test_office_files_carry_no_time_but_the_day_of_the_report(
    report: Report, write: object
) -> None:
    raw = write(report, organisation="x")  # type: ignore[operator]
    assert raw == write(report, organisation="x")  # type: ignore[operator]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-01-15T00:00:00Z"}
