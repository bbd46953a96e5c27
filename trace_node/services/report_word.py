"""Reports as Word documents: the one home of python-docx."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from itertools import chain
from typing import Final
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor

from trace_node.accounting.report.content import Column, Report, Table, detail_note, text_of
from trace_node.services.report_zip import steady_zip

FONT: Final = "Noto Sans CJK SC"
_RED: Final = RGBColor(0xB0, 0x00, 0x20)
_WIDTH_TWIPS: Final = 14_000
_BORDER: Final = '<w:{0} w:val="single" w:sz="4" w:color="888888"/>'
_SIDES: Final = ("top", "left", "bottom", "right", "insideH", "insideV")


def write_docx(report: Report, *, organisation: str) -> bytes:
    """The report as a Word document (.docx); the same report gives the same bytes.

    Args:
        report: The report; it was checked for characters that XML cannot hold.
        organisation: Author of the document.
    """
    document = docx.Document()
    _set_properties(document, report, organisation)
    _set_page(document, report)
    document.add_heading(report.heading, level=0)
    document.add_paragraph(report.subtitle)
    if report.notice:
        document.add_paragraph().add_run(report.notice).font.color.rgb = _RED
    rows = [(label, text) for label, text in report.cover]
    _add_table(document, (Column(heading="项目"), Column(heading="内容", weight=5)), rows)
    for section in report.sections:
        document.add_heading(section.heading, level=1)
        for block in section.blocks:
            if isinstance(block, str):
                document.add_paragraph(block)
            else:
                _add_block(document, block)
    out = io.BytesIO()
    document.save(out)
    return steady_zip(out.getvalue())


def _set_properties(document: Document, report: Report, organisation: str) -> None:
    day = date.fromisoformat(report.prepared_on)
    properties = document.core_properties
    properties.title = f"{report.heading} {report.subtitle}"
    properties.author = properties.last_modified_by = organisation
    properties.comments = report.notice
    properties.language = "zh-CN"
    properties.revision = 1
    properties.created = properties.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _set_page(document: Document, report: Report) -> None:
    """A4 across, with the notice in the head of every page, and a font for Chinese."""
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Pt(842), Pt(595)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Pt(48)
    head = page.header.paragraphs[0]
    head.add_run(f"{report.heading}  {report.subtitle}  ")
    head.add_run(report.notice).font.color.rgb = _RED
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        properties = style.element.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        for each in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(each), None)
        for each in ("w:ascii", "w:hAnsi", "w:eastAsia"):
            fonts.set(qn(each), FONT)


def _add_block(document: Document, block: Table) -> None:
    if block.detail:
        document.add_paragraph(detail_note(block))
        return
    document.add_heading(block.heading, level=2)
    rows = [tuple(text_of(cell) for cell in row) for row in block.rows]
    _add_table(document, block.columns, rows)


def _add_table(
    document: Document, columns: Sequence[Column], rows: Sequence[tuple[str, ...]]
) -> None:
    """The table as XML at once: cell by cell, the library takes the square of the size."""
    whole = sum(column.weight for column in columns)
    widths = [_WIDTH_TWIPS * column.weight // whole for column in columns]
    right = [column.number for column in columns]
    head = _row(
        [column.heading for column in columns], widths, [False] * len(columns), is_header=True
    )
    body = chain([head], (_row(row, widths, right, is_header=False) for row in rows))
    borders = "".join(_BORDER.format(side) for side in _SIDES)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    xml = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{_WIDTH_TWIPS}" w:type="dxa"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(body)}</w:tbl>"
    )
    end = document.add_paragraph()  # Word wants a paragraph behind a table
    end._p.addprevious(parse_xml(xml))  # noqa: SLF001 (the library offers no other place)


def _row(
    texts: Sequence[str], widths: Sequence[int], right: Sequence[bool], *, is_header: bool
) -> str:
    cells = "".join(
        _cell(text, width, at_right=at_right, bold=is_header)
        for text, width, at_right in zip(texts, widths, right, strict=True)
    )
    repeated = "<w:tblHeader/>" if is_header else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{cells}</w:tr>"


def _cell(text: str, width: int, *, at_right: bool, bold: bool) -> str:
    align = '<w:jc w:val="right"/>' if at_right else ""
    weight = "<w:b/>" if bold else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr>'
        f'<w:spacing w:after="0"/>{align}</w:pPr><w:r><w:rPr>{weight}<w:sz w:val="15"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )
