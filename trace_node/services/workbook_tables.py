"""Tables of texts as an Excel workbook; the same tables give the same bytes."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from trace_node.errors import TooLargeError
from trace_node.services.report_zip import steady_zip
from trace_node.services.tables import Sheet

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS: Final = 1_048_575  # below the heading
MAX_CELL: Final = 32_767
_EXACT_DIGITS: Final = 15  # of a number that a spreadsheet keeps without loss
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_EPOCH: Final = datetime(1980, 1, 1)  # noqa: DTZ001 (a workbook says when it was made, without zone)
_NARROW, _WIDE = 10, 60


def write_tables_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Every table as a sheet.

    A decimal is a number with all its places if a spreadsheet keeps it without loss, else a text;
    a text never becomes a formula.

    Raises:
        TooLargeError: A table has more rows, or a cell more characters, than a sheet can hold.
    """
    book = openpyxl.Workbook(write_only=True)
    book.properties.creator = book.properties.lastModifiedBy = "trace-node"
    book.properties.created = book.properties.modified = _EPOCH
    for each in sheets:
        _add_sheet(book, each)
    out = io.BytesIO()
    # The library's own way to save puts the time of now into the file.
    ExcelWriter(book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)).save()
    return steady_zip(out.getvalue())


def _add_sheet(book: Any, table: Sheet) -> None:  # noqa: ANN401 - the library has no types
    _require_room(table)
    sheet = book.create_sheet(table.name)
    sheet.freeze_panes = "A2"
    for place, heading in enumerate(table.columns):
        longest = max((len(row[place]) for row in table.rows[:200]), default=0)
        width = min(_WIDE, max(_NARROW, len(heading), longest) + 2)
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
    sheet.append([_text(sheet, heading) for heading in table.columns])
    for row in table.rows:
        sheet.append([_cell(sheet, text) for text in row])


def _cell(sheet: Any, text: str) -> Any:  # noqa: ANN401 - the library has no types
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    if not _NUMBER.fullmatch(text) or len(digits) > _EXACT_DIGITS:
        return _text(sheet, text)
    made = WriteOnlyCell(sheet, value=Decimal(text))
    places = len(text.partition(".")[2])
    made.number_format = "0." + "0" * places if places else "0"
    return made


def _text(sheet: Any, text: str) -> Any:  # noqa: ANN401 - the library has no types
    made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
    made.data_type = "s"  # the library takes what begins with = for a formula
    return made


def _require_room(table: Sheet) -> None:
    longest = max((len(cell) for row in table.rows for cell in row), default=0)
    for found, bound, what in (
        (len(table.rows), MAX_ROWS, "rows"),
        (longest, MAX_CELL, "characters in a cell"),
    ):
        if found > bound:
            raise TooLargeError(
                "{field}: {found} {what}; a sheet holds at most {bound}",
                field=table.name,
                found=found,
                what=what,
                bound=bound,
                remedy="ask for less at a time, or take the answer as JSON",
                code="workbook.size",
            )
