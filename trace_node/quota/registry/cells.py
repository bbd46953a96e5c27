"""A table of texts, wherever it came from, and what is wrong in which of its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node.errors import InputError

MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 24
MAX_CELL: Final = 200
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A sheet of texts.

    Attributes:
        sheet: Name of the sheet; ``csv`` for a file of one table.
        rows: Texts by row and column, from the first row on; empty text for an empty cell.
    """

    sheet: str
    rows: tuple[tuple[str, ...], ...]

    def at(self, row: int, column: int) -> str:
        """Text of a cell, both from 1; empty where there is none."""
        cells = self.rows[row - 1] if row <= len(self.rows) else ()
        return cells[column - 1].strip() if column <= len(cells) else ""

    def is_blank(self, row: int) -> bool:
        """Whether nothing stands in a row."""
        return row > len(self.rows) or not any(cell.strip() for cell in self.rows[row - 1])


class CellError(InputError):
    """One cell breaks a rule."""

    code: ClassVar[str] = "registry.cell"

    def __init__(
        self, why: str, *, sheet: str, row: int, column: int, remedy: str, **params: str | int
    ) -> None:
        """Keep the place, so that every cell can be shown where it stands."""
        self.place = f"{sheet}!{_LETTERS[column - 1]}{row}"
        self.at = (row, column)
        super().__init__(why, field=self.place, remedy=remedy, code=None, **params)


class RegistryFileError(InputError):
    """A registry's file cannot be read as a statement; nothing of it was kept.

    Attributes:
        cells: Every cell that breaks a rule; empty where the file as a whole does.
    """

    code: ClassVar[str] = "registry.file"

    def __init__(
        self,
        template: str,
        /,
        *,
        field: str = "file",
        remedy: str,
        code: str | None = None,
        cells: Sequence[CellError] = (),
        **params: str | int,
    ) -> None:
        """Keep the cells."""
        super().__init__(template, field=field, remedy=remedy, code=code, **params)
        self.cells = tuple(cells)


def refusal_of(cells: Sequence[CellError], *, code: str = "registry.cell") -> RegistryFileError:
    """One refusal that keeps every bad cell with its rule and remedy, and names the first."""
    cells = sorted(cells, key=lambda cell: cell.at)
    return RegistryFileError(
        "{field}: {count} cells break a rule, the first of them {place}",
        count=len(cells),
        place=cells[0].place,
        remedy="correct the cells named and import the file again; nothing was kept",
        code=code,
        cells=cells,
    )
