"""What a report says, in the order it says it: sections, sentences and tables, in no file format.

The report is a Chinese document: its words are its content, as those of a method file are, and stay
the same whatever language the reader's screen has, so that the same content is the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise

MOST_PLACES: Final = 6
NOTHING: Final = "—"
_GRID: Final = Decimal(1).scaleb(-MOST_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number of a table: exact, and as it is printed.

    Attributes:
        value: The exact value.
    """

    value: Decimal

    @property
    def text(self) -> str:
        """The value as printed: plain digits, at most six places, half to even."""
        return f"{self.shown:f}"

    @property
    def shown(self) -> Decimal:
        """The value as rounded for printing; a value with fewer places keeps its own."""
        places = -int(self.value.as_tuple().exponent)
        with precise():
            if places > MOST_PLACES:
                return self.value.quantize(_GRID, rounding=ROUND_HALF_EVEN)
            return self.value if places > 0 else self.value.quantize(Decimal(1))


Cell = str | Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        heading: Its heading.
        weight: Its share of the width of the page, against the other columns.
        number: Whether it holds numbers, which are set flush right.
    """

    heading: str
    weight: int = 2
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; every one is a sheet of the workbook.

    Attributes:
        id: Name of its sheet, 1 to 31 characters, unique in the report.
        heading: What it shows.
        columns: Its columns.
        rows: Its rows, each as long as the columns.
        detail: Whether it is too long for paper: then only the workbook holds its rows, and the
            page names the sheet.
    """

    id: str
    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    detail: bool = False


Block = str | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A numbered section.

    Attributes:
        heading: Its heading with its number.
        blocks: Paragraphs and tables, in order.
    """

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report.

    Attributes:
        heading: Title of the document.
        subtitle: Whose and of when.
        notice: What every page has to say, such as that it is a demonstration; empty for nothing.
        cover: Lines of the cover: a label and what stands behind it.
        sections: The sections.
        prepared_on: ``2026-01-15``: the only date the files carry.
    """

    heading: str
    subtitle: str
    notice: str
    cover: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    prepared_on: str

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        return tuple(
            block
            for section in self.sections
            for block in section.blocks
            if isinstance(block, Table)
        )


def text_of(cell: Cell) -> str:
    """A cell as printed."""
    return cell if isinstance(cell, str) else cell.text


def table(
    name: str,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[Cell, ...]],
    *,
    detail: bool = False,
) -> Table:
    """A table, with one row that says there is nothing where it has none."""
    nothing = (("无", *[""] * (len(columns) - 1)),)
    return Table(
        id=name, heading=title, columns=tuple(columns), rows=tuple(rows) or nothing, detail=detail
    )


def detail_note(given: Table) -> str:
    """What paper says in place of a table that only the workbook holds."""
    return f"{given.heading}：共 {len(given.rows)} 行，见 Excel 工作簿的工作表“{given.id}”。"
