"""Wire models: reports, evidence packages, what a form brought in."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import Digest, Index, Name, WireModel
from trace_node.accounting.report_kind import ReportKind

Span = Annotated[str, Field(max_length=40, examples=["2026-10", "2026-Q4", "2026-10/2027-03"])]


class ReportQuery(WireModel):
    """Which report of this node's organisation, and in which form.

    Attributes:
        boundary: Name of the boundary.
        period: A month, quarter, year or day, or two of them with a stroke between.
        kind: What it may be used for.
        form: Which file; ``zip`` is all three.
        demonstration: Why it is a demonstration, where the boundary does not say it.
        attach: Whether the bundle of every figure travels inside the PDF.
        template: Industry template, such as ``coal``; the one of the methods if left out.
    """

    boundary: Name
    period: Span
    kind: Annotated[ReportKind, Field(strict=False)] = ReportKind.INTERNAL
    form: Literal["pdf", "docx", "xlsx", "zip"] = "pdf"
    demonstration: Annotated[str, Field(max_length=300)] = ""
    attach: bool = True
    template: Annotated[str, Field(max_length=40)] = ""


class ReportOfQuery(WireModel):
    """Whether a file is one of a report.

    Attributes:
        sm3: SM3 of the file.
    """

    sm3: Digest


class ReportOf(WireModel):
    """The report that a file belongs to.

    Attributes:
        index: Its leaf.
        record: What the log says of it.
    """

    index: Index
    record: dict[str, object]


class PackageQuery(WireModel):
    """Which evidence package.

    Attributes:
        boundary: Name of the boundary.
        period: A month, or another span.
    """

    boundary: Name
    period: Span


class Imported(WireModel):
    """What became of a form.

    Attributes:
        leaves: Where each record is, in the order of the rows.
        empty: Rows without a figure.
    """

    leaves: tuple[Index, ...]
    empty: int
