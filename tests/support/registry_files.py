"""Registry statements for tests: rows in the form of the template, as CSV and as a workbook."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import openpyxl

from trace_node.period import SHANGHAI
from trace_node.quota.registry import form
from trace_node.quota.registry.statement import Holding, RegistryStatement, SerialRange
from trace_node.services.workbook import write_csv

AS_OF = "2026-01-31 23:59:59"
HOLDING = ("CEA24", "registry", "1", "1000", "1000")
MOVE = ("T-1", "transfer_out", "2026-01-05", "CEA24", "1001", "1400", "400", "ACC-2", "92.50")


def rows(
    lines: Sequence[Sequence[object]],
    *,
    kind: str = form.HOLDINGS,
    registry: str = form.ALLOWANCE,
    account: str = "ACC-1",
    number: str = "ST-1",
    as_of: str = AS_OF,
) -> list[list[Any]]:
    """The rows of a statement."""
    table: list[list[Any]] = [list(row) for row in form.template_rows(registry, kind)]
    for row, value in ((3, account), (4, number), (5, as_of)):
        table[row][2] = value
    return [*table, *([*line] for line in lines)]


def csv_file(lines: Sequence[Sequence[object]] = (HOLDING,), **head: str) -> bytes:
    return write_csv([[str(cell) for cell in row] for row in rows(lines, **head)])


def xlsx_file(
    lines: Sequence[Sequence[object]] = (HOLDING,), *, sheet: str | None = None, **head: str
) -> bytes:
    """A workbook; cells keep the type they have here."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet or head.get("kind", form.HOLDINGS)
    for row in rows(lines, **head):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def statement(
    lines: Sequence[tuple[str, str, int, int]],
    *,
    account: str = "ACC-1",
    number: str = "ST-1",
    registry: str = form.ALLOWANCE,
) -> RegistryStatement:
    """A holdings statement from (product, place, first, last)."""
    return RegistryStatement(
        registry=registry,
        kind=form.HOLDINGS,
        account=account,
        number=number,
        as_of=datetime(2026, 1, 31, 23, 59, 59, tzinfo=SHANGHAI),
        holdings=tuple(
            Holding(
                row=row,
                units=SerialRange(product=product, first=first, last=last),
                place=place,
            )
            for row, (product, place, first, last) in enumerate(lines, 10)
        ),
    )
