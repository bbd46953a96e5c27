"""Rows of Excel forms, and a form as a person fills it in."""

import io
from collections.abc import Sequence

import openpyxl

ENTRIES = "".join(
    f'\n[[entries]]\nname = "{name}"\nsource = "grid"\n'
    for name in ("product.output", "heat.supplied", "load.mean")
)
"""What a boundary says of activity data from documents."""

OUTPUT = [
    "product.output",
    "grid",
    "2026-10",
    "812.5",
    "t",
    "产量日报 10 月",
    "最终",
    "invoice.pdf",
]
REPORT = [
    *("2025-12-07-A", "B-2025-1207", "coal.bituminous", "入厂", "2025-12-07", "3120.55", "t"),
    *("2025-12-07", "2025-12-09", "2025-12-11", "2025-12-12", "某煤质检测中心"),
    *("CMA 150000000001", "MZ-2025-0331", "report.pdf"),
]
AGAIN = ["2025-12-07-A", *[""] * (len(REPORT) - 1)]
VALUES = (
    ["元素碳", "空气干燥基", "0.6120", "", "GB/T 476-2008", "0.6113 0.6127"],
    ["水分", "收到基", "0.125", "", "GB/T 211-2017", ""],
    ["水分", "ad", "0.023", "1", "GB/T 212-2008", ""],
    ["低位发热量", "收到基", "20.908", "GJ/t", "GB/T 213-2008", ""],
)


def filled(form: bytes, rows: Sequence[Sequence[object]]) -> bytes:
    """A form as a person fills it in, below what it begins with."""
    book = openpyxl.load_workbook(io.BytesIO(form))
    sheet = book[book.sheetnames[0]]
    for number, row in enumerate(rows, 3):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
