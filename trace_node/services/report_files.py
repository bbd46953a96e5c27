"""One report in its three forms, and the digests by which the log knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.facts import ReportFacts
from trace_node.crypto.sm3 import sm3
from trace_node.errors import ConfigError


class ReportExtraError(ConfigError):
    """The libraries that write reports are not installed."""

    code = "report.extra"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiles:
    """A report as files.

    Attributes:
        pdf: PDF/A-3b with its attachments.
        docx: Word.
        xlsx: Excel, with every table in full.
    """

    pdf: bytes
    docx: bytes
    xlsx: bytes

    @property
    def digests(self) -> dict[str, bytes]:
        """SM3 of each file by its form, 32 bytes each."""
        return {"docx": sm3(self.docx), "pdf": sm3(self.pdf), "xlsx": sm3(self.xlsx)}


def make_report(facts: ReportFacts, *, font_folders: Sequence[Path] | None = None) -> ReportFiles:
    """Write a report; equal facts give equal bytes with the same font and library versions.

    Args:
        facts: What it says.
        font_folders: Where fonts are looked for; None for the folders of the system.

    Raises:
        ReportError: The facts do not fit together, or a text cannot be printed.
        ReportRefusedError: They may not be reported as what they are called.
        FontError: There is no font with Chinese characters.
        ReportExtraError: typst, python-docx or openpyxl is not installed.
    """
    report = compose(facts)
    pdf, word = _writer("report_pdf"), _writer("report_word")
    workbook = _writer("workbook_report")
    folders = pdf.FONT_FOLDERS if font_folders is None else font_folders
    return ReportFiles(
        pdf=pdf.write_pdf(
            report,
            organisation=facts.organisation,
            attachments=facts.attachments,
            font_folders=folders,
        ),
        docx=word.write_docx(report, organisation=facts.organisation),
        xlsx=workbook.write_report_xlsx(report, organisation=facts.organisation),
    )


def _writer(name: str) -> ModuleType:
    """A module that needs a library of the extra ``report``."""
    try:
        return import_module(f"trace_node.services.{name}")
    except ModuleNotFoundError as error:
        raise ReportExtraError(
            "{field}: {library} is not installed",
            field="report",
            library=error.name,
            remedy="install the extra: pip install 'trace-node[report]'",
        ) from error
