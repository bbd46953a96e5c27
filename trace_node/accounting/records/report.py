"""A report was made: what it says of which figures, and the digests of its files: ``report@1``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from trace_node.accounting.records.emission_parts import read_leaves
from trace_node.accounting.report_kind import ReportKind
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.record.errors import RecordError
from trace_node.record.fields import read_bytes, read_choice, read_name, read_object, read_text
from trace_node.record.statement_fields import read_day
from trace_node.record.writing import write_bytes

REPORT: Final = "report@1"
FORMS: Final = ("docx", "pdf", "xlsx")
_SPAN: Final = re.compile(r"[0-9][0-9QT:/-]{3,40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMade:
    """A report that was made (报告入链): whoever has a file of it can find it here by its SM3.

    Attributes:
        organisation: Whose report.
        boundary: Name of the reporting boundary.
        period: The span of time as it was asked for, such as ``2026`` or ``2026-10/2026-11``.
        kind: What it may be used for.
        prepared_on: The day it carries.
        figures: Leaf indexes of the emission records in it, ascending.
        files: 32-byte SM3 of each file, by its form: ``docx``, ``pdf`` and ``xlsx``.
    """

    TYPE: ClassVar[str] = REPORT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"boundary", "figures", "files", "kind", "organisation", "period", "prepared_on"}
    )

    organisation: OrganisationId
    boundary: str
    period: str
    kind: ReportKind
    prepared_on: date
    figures: tuple[int, ...]
    files: Mapping[str, bytes]

    @property
    def topic(self) -> str:
        """Organisation, boundary, period and kind."""
        return f"{self.organisation} {self.boundary} {self.period} {self.kind}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "ReportMade":
        """Read its members."""
        files = read_object(fields, "files")
        if tuple(sorted(files)) != FORMS:
            raise RecordError(
                "{field}: must be one digest for each of {forms}",
                field="files",
                forms=", ".join(FORMS),
                remedy="name the SM3 of each of the three files",
                code="record.files",
            )
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            boundary=read_name(fields, "boundary"),
            period=read_text(fields, "period", _SPAN, "a period, or two with / between them"),
            kind=ReportKind(read_choice(fields, "kind", frozenset(ReportKind))),
            prepared_on=read_day(fields, "prepared_on"),
            figures=read_leaves(fields, "figures"),
            files={form: read_bytes(files, form) for form in FORMS},
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "boundary": self.boundary,
            "figures": list(self.figures),
            "files": {form: write_bytes(digest) for form, digest in self.files.items()},
            "kind": self.kind.value,
            "organisation": self.organisation,
            "period": self.period,
            "prepared_on": self.prepared_on.isoformat(),
        }
