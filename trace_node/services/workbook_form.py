"""Empty Excel forms: text cells, lists to choose from, notes."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.writer.excel import ExcelWriter

from trace_node.quota.registry import form
from trace_node.services.report_zip import steady_zip

LAST_ROW: Final = 20_000  # rows of the lists to choose from; a form is read no further
_TEXT: Final = "@"  # or a spreadsheet would make a date of 2025-12
_WIDTH: Final = 18
_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001 (a workbook says when it was made, without zone)


def write_form_xlsx(
    columns: Mapping[str, str],
    rows: Sequence[Sequence[str]],
    *,
    sheet: str,
    choices: Mapping[str, Sequence[str]],
    notes: Sequence[str],
) -> bytes:
    """A form: ids in the first row, Chinese names in the second, then rows to begin with.

    Args:
        columns: Chinese name of each column, by id.
        rows: What is filled in already.
        sheet: Name of the sheet.
        choices: What a cell may say, by the id of its column, where there is a list.
        notes: What the second sheet says.
    """
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    page.append(list(columns))
    page.append(list(columns.values()))
    for row in rows:
        page.append(list(row))
    for place, name in enumerate(columns, 1):
        letter = get_column_letter(place)
        page.column_dimensions[letter].width = _WIDTH
        page[f"{letter}1"].font = Font(color="808080")
        page[f"{letter}2"].font = Font(bold=True)
        page[f"{letter}2"].fill = PatternFill("solid", fgColor="E8EEF4")
        page[f"{letter}2"].alignment = Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[letter].number_format = _TEXT
        for number in range(3, len(rows) + 3):
            page[f"{letter}{number}"].number_format = _TEXT
        if name in choices:
            _offer(page, f"{letter}3:{letter}{LAST_ROW}", choices[name])
    page.freeze_panes = "A3"
    second = book.create_sheet(form.NOTES)
    second.column_dimensions["A"].width = 100
    for line in notes:
        second.append([line])
    book.properties.created = book.properties.modified = _EPOCH
    out = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)).save()
    return steady_zip(out.getvalue())


def _offer(page: Any, cells: str, words: Sequence[str]) -> None:  # noqa: ANN401 - no types
    offer = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    offer.add(cells)
    page.add_data_validation(offer)
