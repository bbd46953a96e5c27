"""Reports as Excel workbooks: each table is a sheet; the same report gives the same bytes."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from trace_node.accounting.report.content import Cell, Quantity, Report, Table
from trace_node.services.report_zip import steady_zip

COVER: Final = "封面"
_WIDTH_OF_WEIGHT: Final = 8
_SPECIAL: Final = ("=", "#")  # a formula, a code of an error


def write_report_xlsx(report: Report, *, organisation: str) -> bytes:
    """The cover and every table, those too long for paper included.

    Numbers are numbers, with the places of the page: a spreadsheet counts in binary, and the exact
    value is in the result. A text never becomes a formula.

    Args:
        report: The report; its texts were checked to be printable.
        organisation: Author of the workbook.
    """
    book = openpyxl.Workbook(write_only=True)
    day = date.fromisoformat(report.prepared_on)
    properties = book.properties
    properties.creator = properties.lastModifiedBy = organisation
    properties.title = f"{report.heading} {report.subtitle}"
    properties.created = properties.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    cover = book.create_sheet(COVER)
    lines = ((report.heading, report.subtitle), ("提示", report.notice), *report.cover)
    for line in lines:
        cover.append(_cells(cover, line))
    for table in report.tables:
        _add_sheet(book, table, report.notice)
    out = io.BytesIO()
    # The library's own way to save puts the time of now into the file.
    ExcelWriter(book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)).save()
    return steady_zip(out.getvalue())


def _add_sheet(book: Any, table: Table, notice: str) -> None:  # noqa: ANN401 - no types
    sheet = book.create_sheet(table.id)
    sheet.freeze_panes = "A3"
    for number, column in enumerate(table.columns, 1):
        width = _WIDTH_OF_WEIGHT * column.weight
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append(_cells(sheet, (table.heading, notice)))
    sheet.append(_cells(sheet, [column.heading for column in table.columns]))
    for row in table.rows:
        sheet.append(_cells(sheet, row))


def _cells(sheet: Any, row: Sequence[Cell]) -> list[Any]:  # noqa: ANN401 - no types
    return [_cell(sheet, cell) for cell in row]


def _cell(sheet: Any, cell: Cell) -> Any:  # noqa: ANN401 - no types
    if isinstance(cell, Quantity):
        made = WriteOnlyCell(sheet, value=cell.shown)
        places = -int(cell.shown.as_tuple().exponent)
        made.number_format = "0." + "0" * places if places else "0"
        return made
    if not cell.startswith(_SPECIAL):
        return cell  # as it is: the library makes one cell for a row of these
    made = WriteOnlyCell(sheet, value=cell)
    made.data_type = "s"  # the library takes what begins with = for a formula
    return made
