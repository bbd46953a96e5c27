"""Reports as PDF/A-3b by typst: the one home of that library.

Fixed times, no system fonts but the one that is named, and no network: the same report, the same
font file and the same version of typst give the same bytes. PDF/A makes typst refuse a character
that the font does not have, so no page ever shows a box in place of a word.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

import typst

from trace_node import canonical_json
from trace_node.accounting.report.content import Block, Cell, Quantity, Report, Table, detail_note
from trace_node.accounting.report.errors import ReportError
from trace_node.accounting.report.facts import Attachment
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import ConfigError

FAMILIES: Final = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN")
FONT_FOLDERS: Final = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/google-noto-sans-cjk-fonts"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/share/fonts"),
)
# Ids and digests have no spaces: a line may end where their parts meet.
_JOINT: Final = re.compile(r"[/:@_\[\]-]|\.(?=[A-Za-z])|[0-9A-Za-z]{10}(?=[0-9A-Za-z])")
_GAP: Final = "\u200b"
_STANDARD: Final = "a-3b"
_BEHIND: Final = "Libertinus Serif"  # comes with typst: signs that fonts of Chinese lack


class FontError(ConfigError):
    """There is no font that has the Chinese characters of a report."""

    code = "report.font"


def write_pdf(
    report: Report,
    *,
    organisation: str,
    attachments: Sequence[Attachment] = (),
    font_folders: Sequence[Path] = FONT_FOLDERS,
) -> bytes:
    """The report as PDF/A-3b, with files inside.

    Args:
        report: The report.
        organisation: Author of the document.
        attachments: Files that travel inside it.
        font_folders: Where fonts are looked for, the first with a known family first.

    Raises:
        FontError: No folder holds a known family of Chinese characters.
        ReportError: The font lacks a character of the report, or a file inside has a bad name.
    """
    fonts, family = find_fonts(font_folders)
    members = {"main.typ": files(__package__).joinpath("report.typ").read_bytes()}
    for each in attachments:
        if each.name in {*members, "report.json"} or not each.name.isascii() or "/" in each.name:
            raise ReportError(
                "{field}: {name} is no plain file name, or is there twice",
                field="attachments",
                name=repr(each.name),
                remedy="give each file a name of its own, in ASCII and without folders",
                code="report.attachment",
            )
        members[each.name] = each.body
    data = _data(report, organisation=organisation, attachments=attachments, family=family)
    members["report.json"] = canonical_json.encode(data)
    day = date.fromisoformat(report.prepared_on)
    try:
        # The hints of the library know one file only; it takes several, by name.
        made = typst.compile(  # type: ignore[call-overload]
            members,
            format="pdf",
            font_paths=fonts,
            ignore_system_fonts=True,
            pdf_standards=_STANDARD,
            timestamp=int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()),
        )
    except typst.TypstError as error:
        raise ReportError(
            "{field}: the page cannot be made with the font {family}: {detail}",
            field="font",
            family=family,
            detail=str(error)[:300],
            remedy="install a font with every character of the report, such as the Debian package"
            " fonts-noto-cjk",
            code="report.page",
        ) from error
    assert isinstance(made, bytes)  # noqa: S101 (a PDF is one file)
    return made


def find_fonts(folders: Sequence[Path]) -> tuple[typst.Fonts, str]:
    """The fonts of the first folder with a known family, and that family.

    Raises:
        FontError: No folder holds one.
    """
    for folder in folders:
        if not folder.is_dir():
            continue
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder]
        )
        known = set(fonts.families())
        for family in FAMILIES:
            if family in known:
                return fonts, family
    raise FontError(
        "{field}: no font with Chinese characters in {folders}",
        field="font_folders",
        folders=", ".join(map(str, folders)),
        families=", ".join(FAMILIES),
        remedy="install one of {families}, such as by: apt install fonts-noto-cjk",
    )


def _data(
    report: Report, *, organisation: str, attachments: Sequence[Attachment], family: str
) -> JsonObject:
    day = date.fromisoformat(report.prepared_on)
    return {
        "attachments": [[each.name, each.mime, each.description] for each in attachments],
        "cover": [list(line) for line in report.cover],
        "day": [day.year, day.month, day.day],
        "families": [family, _BEHIND],
        "notice": report.notice,
        "organisation": organisation,
        "sections": [
            {"blocks": [_block(block) for block in section.blocks], "title": section.heading}
            for section in report.sections
        ],
        "subtitle": report.subtitle,
        "title": report.heading,
    }


def _block(block: Block) -> JsonValue:
    return block if isinstance(block, str) else _table(block)


def _table(table: Table) -> JsonObject:
    rows = () if table.detail else table.rows
    return {
        "columns": [column.heading for column in table.columns],
        "detail": table.detail,
        "note": detail_note(table),
        "numbers": [column.number for column in table.columns],
        "rows": [list(map(folded, row)) for row in rows],
        "title": table.heading,
        "weights": [column.weight for column in table.columns],
    }


def folded(cell: Cell) -> str:
    """A text whose long words, ids and digests a line may end in; a number stays in one piece."""
    if isinstance(cell, Quantity):
        return cell.text
    return _JOINT.sub(lambda found: found[0] + _GAP, cell)
