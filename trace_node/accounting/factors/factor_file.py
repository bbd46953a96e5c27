"""Files of factors (TOML), and those of the package."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import Confidence, FactorKind, FactorRow, FactorStatus
from trace_node.accounting.table import Table
from trace_node.toml_text import read_toml

MAX_BYTES: Final = 1_048_576
MAX_LINE_BYTES: Final = 2_000
_FORM: Final = "docs/spec/factor-library.md"
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,119}")


def read_factors(raw: bytes, *, file: str) -> tuple[FactorRow, ...]:
    """Read a file of factors: one ``scheme`` and an array ``factor``.

    Args:
        raw: The file.
        file: Its name in errors.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        LibraryFileError: A table breaks the form; the message names place and key.
    """
    top = read_toml(raw, file=file, most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES)
    table = Table(top, file, _FORM)
    scheme = table.match("scheme", _ID, "must be a dotted lower-case name")
    rows = tuple(_row(item, scheme) for item in table.tables("factor"))
    table.end()
    return rows


@cache
def packaged_factors() -> FactorLibrary:
    """The factors that come with the program."""
    folder = files("trace_node.accounting") / "data" / "factors"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return FactorLibrary(
        row for name in names for row in read_factors((folder / name).read_bytes(), file=name)
    )


def _row(table: Table, scheme: str) -> FactorRow:
    row = FactorRow(
        id=table.match("id", _ID, "must be a dotted lower-case name"),
        name_zh=table.text("name_zh"),
        name_en=table.text("name_en"),
        kind=table.word("kind", FactorKind),
        substance=table.text("substance", ""),
        value=table.number("value"),
        unit=table.text("unit"),
        basis=table.text("basis", ""),
        region=table.text("region", ""),
        scheme=scheme,
        applies_to=table.texts("applies_to"),
        gwp_set=table.text("gwp_set", ""),
        source_year=table.take("source_year", int) if table.holds("source_year") else None,
        valid_from=table.day("valid_from"),
        valid_to=table.day("valid_to"),
        supersedes=table.text("supersedes", ""),
        source=table.text("source"),
        second_source=table.text("second_source") if table.holds("second_source") else None,
        confidence=table.word("confidence", Confidence),
        status=table.word("status", FactorStatus),
        note=table.text("note", ""),
    )
    table.end()
    return row
