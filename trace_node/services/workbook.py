"""Registry files as tables of texts: CSV, and Excel workbooks without formulas, macros or links.

A workbook is a zip of XML: its sizes are bounded before anything is unpacked, and a document that
declares entities is refused unparsed.
"""

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from trace_node.errors import TooLargeError
from trace_node.quota.registry import form
from trace_node.quota.registry.cells import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    CellError,
    Grid,
    RegistryFileError,
    refusal_of,
)

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 64 * 1024 * 1024
MAX_MEMBERS: Final = 64
CSV: Final = "csv"
XLSX: Final = "xlsx"
FORMS: Final = (CSV, XLSX)
_ACTIVE: Final = ("vba", "macro", "externallink", "embedding", "activex", "oleobject", "ctrlprop")
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t")
_BOM: Final = "\ufeff"


def read_grid(raw: bytes, *, file_form: str, sheets: Collection[str] = form.KINDS) -> Grid:
    """The table of a file.

    Args:
        raw: The bytes.
        file_form: ``csv`` or ``xlsx``.
        sheets: Names that the sheet of a workbook may have.

    Raises:
        TooLargeError: The file, or what it unpacks to, is over its bound.
        RegistryFileError: It is not of that form, or holds formulas, macros or links.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise TooLargeError(
            "{field}: {size} bytes, more than {bound}",
            field="file",
            size=len(raw),
            bound=MAX_FILE_BYTES,
            remedy="split the statement by account or time",
        )
    return _read_csv(raw) if file_form == CSV else _read_xlsx(raw, sheets)


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV in UTF-8 with a byte order mark, which spreadsheet programs look for."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return (_BOM + text.getvalue()).encode()


def write_xlsx(
    rows: Iterable[Sequence[str]], *, kind: str, notes: Iterable[Sequence[str]] | None = None
) -> bytes:
    """Rows as a workbook with a sheet of the kind's name and one of notes.

    Args:
        rows: The rows.
        kind: Name of the sheet.
        notes: What the other sheet says; that of a registry's statement if left out.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = kind
    for row in rows:
        sheet.append(list(row))
    for letter, width in zip("ABCDEFGHI", (16, 44, 28, 18, 18, 18, 14, 18, 14), strict=True):
        sheet.column_dimensions[letter].width = width
    second = book.create_sheet(form.NOTES)
    for line in form.notes(kind) if notes is None else notes:
        second.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _read_csv(raw: bytes) -> Grid:
    try:
        text = raw.decode("utf-8").removeprefix(_BOM)
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable("CSV in UTF-8", str(error)) from error
    grid = _bounded(CSV, rows)
    bad = [
        _cell(grid.sheet, row, column, "{field}: formulas are refused", "write the value itself")
        for row, cells in enumerate(grid.rows, 1)
        for column, cell in enumerate(cells, 1)
        if cell.startswith(_FORMULA_SIGNS)
    ]
    if bad:
        raise refusal_of(bad)
    return grid


def _read_xlsx(raw: bytes, sheets: Collection[str]) -> Grid:
    _require_plain(raw)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        try:
            return _sheet(book, sheets)
        finally:
            book.close()
    except RegistryFileError:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        SyntaxError,  # of the XML, by whichever parser openpyxl has found
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        EOFError,
        OSError,
    ) as error:
        # the library tells damage by whatever its parsing stumbles over
        raise _unreadable("an Excel workbook (.xlsx)", str(error)) from error


def _require_plain(raw: bytes) -> None:
    """Bound the archive, and refuse what can act or refer to something outside."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES:
                raise TooLargeError(
                    "{field}: unpacks to {count} parts of {size} bytes in all",
                    field="file",
                    count=len(members),
                    size=unpacked,
                    remedy="keep one statement in a file, without pictures",
                )
            for member in members:
                name = member.filename.lower()
                if any(word in name for word in _ACTIVE):
                    raise _active(member.filename)
                if name.endswith((".xml", ".rels")):
                    _require_no_entities(archive.read(member), member.filename)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _unreadable("an Excel workbook (.xlsx)", str(error)) from error


def _require_no_entities(part: bytes, name: str) -> None:
    """A part in another encoding than ASCII-compatible ones would hide what is looked for."""
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\0" in part:
        raise _active(name)


def _sheet(book: Any, sheets: Collection[str]) -> Grid:  # noqa: ANN401 - the library has no types
    names = [name for name in book.sheetnames if name != form.NOTES]
    if len(names) != 1 or names[0] not in sheets:
        raise RegistryFileError(
            "{field}: the workbook has the sheets {names}",
            names=", ".join(repr(name[:40]) for name in book.sheetnames[:8]),
            expected=", ".join(sheets),
            remedy="keep one sheet named as in the template ({expected}), and notes",
            code="registry.file.sheet",
        )
    sheet = book[names[0]]
    bad: list[CellError] = []
    rows: list[tuple[str, ...]] = []
    found = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS + 1)
    for number, cells in enumerate(found, 1):
        texts = [_text(cell, names[0], (number, place), bad) for place, cell in enumerate(cells, 1)]
        rows.append(tuple(texts))
    if bad:
        raise refusal_of(bad)
    return _bounded(names[0], rows)


def _text(cell: Any, sheet: str, place: tuple[int, int], bad: list[CellError]) -> str:  # noqa: ANN401
    value = cell.value
    if value is None:
        return ""
    row, column = place
    if getattr(cell, "data_type", "") in ("f", "e"):
        bad.append(
            _cell(
                sheet,
                row,
                min(column, MAX_COLUMNS),
                "{field}: formulas are refused",
                "write the value itself",
            )
        )
        return ""
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _bounded(sheet: str, rows: Sequence[tuple[str, ...]]) -> Grid:
    """The table without the blank rows at its end.

    Raises:
        TooLargeError: It has more rows, columns or characters in a cell than permitted.
    """
    kept = list(rows)
    while kept and not any(cell.strip() for cell in kept[-1]):
        kept.pop()
    widest = max((len(_trimmed(row)) for row in kept), default=0)
    longest = max((len(cell) for row in kept for cell in row), default=0)
    for found, bound, what in (
        (len(kept), MAX_ROWS, "rows"),
        (widest, MAX_COLUMNS, "columns"),
        (longest, MAX_CELL, "characters in a cell"),
    ):
        if found > bound:
            raise TooLargeError(
                "{field}: {found} {what}, at most {bound}",
                field="file",
                found=found,
                what=what,
                bound=bound,
                remedy="split the statement, or fill in a fresh template",
            )
    return Grid(sheet=sheet, rows=tuple(_trimmed(row) for row in kept))


def _trimmed(row: Sequence[str]) -> tuple[str, ...]:
    """A row without the empty cells at its end."""
    cells = list(row)
    while cells and not cells[-1].strip():
        cells.pop()
    return tuple(cells)


def _cell(sheet: str, row: int, column: int, why: str, remedy: str) -> CellError:
    return CellError(why, sheet=sheet, row=row, column=min(column, MAX_COLUMNS), remedy=remedy)


def _active(part: str) -> RegistryFileError:
    return RegistryFileError(
        "{field}: holds a macro, a link, an object or an entity: {part}",
        part=repr(part[:80]),
        remedy="save it as a plain .xlsx without them, or as CSV",
        code="registry.file.active",
    )


def _unreadable(what: str, detail: str) -> RegistryFileError:
    return RegistryFileError(
        "{field}: is not {what}: {detail}",
        what=what,
        detail=detail[:120],
        remedy="save it again in that form",
        code="registry.file.form",
    )
