"""What Excel forms share: the sheet with its headings, and every fault of a row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError
from trace_node.quota.registry.cells import CellError, Grid
from trace_node.services.workbook import XLSX, read_grid

FIRST_ROW: Final = 3  # below the ids and their Chinese names
_MIDNIGHT: Final = " 00:00:00"  # what a cell of a date brings along
_DIGEST: Final = re.compile(r"[0-9A-Fa-f]{64}")

_ALIASES: Final = {"scheme": "certificates", "number": "certificates"}  # members of members

EvidenceOf = Callable[[str], bytes]
"""The SM3 of the document that a cell names; of an empty cell that of the whole form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormImport:
    """Who hands a form in.

    Attributes:
        organisation: Whose figures.
        evidence: The document behind a row, from what its cell ``evidence`` says.
        entered_by: The person.
        corrects: Whether records that are there are corrected.
    """

    organisation: str
    evidence: EvidenceOf
    entered_by: str
    corrects: bool = False


class EvidenceCellError(InputError):
    """A cell names a document that is not at hand."""

    code = "form.evidence"


def evidence_by(files: Mapping[str, bytes], *, default: bytes | None) -> EvidenceOf:
    """Find documents by the name of their file or by their SM3.

    Args:
        files: SM3 of each document at hand, by name.
        default: SM3 of the document of rows that name none; None where each row has to name one.
    """

    def find(cell: str) -> bytes:
        """By its name, else by its SM3."""
        if not cell and default is not None:
            return default
        if cell in files:
            return files[cell]
        if _DIGEST.fullmatch(cell):
            return bytes.fromhex(cell)
        raise EvidenceCellError(
            "{field}: no document {name} is at hand",
            field="evidence",
            name=repr(cell[:80]),
            remedy="write the name of its file, or its SM3 as 64 hex digits",
        )

    return find


def digests(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The SM3 of files by name."""
    return {name: sm3(body) for name, body in files.items()}


class FormSheet:
    """The sheet of a form whose first row names its columns.

    Args:
        raw: The workbook.
        sheet: Name of the sheet.
        columns: Ids of the columns, in order.

    Raises:
        TooLargeError: The file is over its bound.
        RegistryFileError: It is no such workbook.
    """

    def __init__(self, raw: bytes, *, sheet: str, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self.grid: Grid = read_grid(raw, file_form=XLSX, sheets=(sheet,))
        self.bad: list[CellError] = [
            self.cell(1, name, "{field}: must be {expected}", "take a fresh form", expected=name)
            for place, name in enumerate(columns, 1)
            if self.grid.at(1, place) != name
        ]

    def rows(self) -> Sequence[int]:
        """Numbers of the rows that hold data; none where the headings are not those of the form."""
        if self.bad:
            return ()
        last = len(self.grid.rows)
        return [row for row in range(FIRST_ROW, last + 1) if not self.grid.is_blank(row)]

    def said(self, row: int) -> dict[str, str]:
        """The texts of a row by column; a date without the midnight that Excel adds."""
        return {
            name: self.grid.at(row, place).removesuffix(_MIDNIGHT)
            for place, name in enumerate(self._columns, 1)
        }

    def cell(self, row: int, column: str, why: str, remedy: str, **params: str) -> CellError:
        """A fault of a cell; of the first column where there is none of that name."""
        place = self._columns.index(column) + 1 if column in self._columns else 1
        return CellError(why, sheet=self.grid.sheet, row=row, column=place, remedy=remedy, **params)

    def note(self, row: int, error: InputError, *, column: str | None = None) -> None:
        """Keep what is wrong with a row, at the column that the error names."""
        params = {key: str(value) for key, value in error.params.items() if key != "field"}
        where = error.field if column is None else column
        self.bad.append(self.cell(row, where, error.template, error.remedy_template, **params))


def column_of(member: str) -> str:
    """The column that holds a member of a record."""
    return _ALIASES.get(member, member)


def faults_of(
    read: Callable[[JsonObject], object], fields: JsonObject, right: JsonObject
) -> list[InputError]:
    """Every member that breaks a rule: each bad one is put right, and the rest is read again.

    Args:
        read: Reads a record and names the first member that is wrong.
        fields: The members.
        right: Of each member a value that is right.
    """
    left, found = dict(fields), list[InputError]()
    while True:
        try:
            read(left)
        except InputError as error:
            found.append(error)
            name = column_of(error.field)
            if name not in right or left.get(name) == right[name]:
                return found  # the fault is in how members fit together
            left[name] = right[name]
        else:
            return found
