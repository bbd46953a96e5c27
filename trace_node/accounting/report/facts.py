"""What a report is made from: results, inventory figures and what stands around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from trace_node.accounting.inventory.compared import Compared
from trace_node.accounting.inventory.completeness import CategoryState
from trace_node.accounting.inventory.figures import SpanFigure
from trace_node.accounting.inventory.inventory import Overlap
from trace_node.accounting.inventory.sources import SourceRow
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.report.clean import CleanFacts
from trace_node.accounting.report.template import Template
from trace_node.accounting.report_kind import ReportKind
from trace_node.accounting.standing import Standing
from trace_node.accounting.uncertainty.budget import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRow:
    """What one gas of one source adds to the inventory of one purpose in one period.

    Attributes:
        purpose: What the figure is for.
        method: ``id@version``.
        scope: 1, 2 or 3.
        category: Source category of the method.
        source: Emission source.
        gas: The gas.
        period: Name of the period, such as ``2026-03``.
        role: Emission or sink.
        mass: Tonnes of the gas; of a sink, tonnes taken up.
        value: Tonnes of CO2 or CO2e with the GWP set of the purpose; of a sink, taken up.
        u: Standard uncertainty of ``value``; None where it was not determined.
        standing: How far it stands.
        leaves: Leaf indexes it rests on.
    """

    purpose: Purpose
    method: str
    scope: int
    category: str
    source: str
    gas: str
    period: str
    role: Role
    mass: Decimal
    value: Decimal
    u: Decimal | None = None
    standing: Standing = Standing.FINAL
    leaves: tuple[int, ...] = ()


class InventoryFigures(Protocol):
    """The inventory of the period of a report."""

    @property
    def rows(self) -> Sequence[InventoryRow]:
        """Its rows; none is of a purpose that no result has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountedResult:
    """A result of a unit in a period.

    Attributes:
        unit: The accounting unit.
        period: Name of the period.
        method: The method, exactly that of the result.
        result: The result.
        leaf: Leaf index of its emission record; None where it is not logged.
        standing: How far it stands.
        sources: Title of the only source of a category, where it has one only.
        titles: Titles of sources by id.
        budgets: Uncertainty of a total, by the id of the total.
        findings: What speaks against activity data: its name and the code of the finding.
    """

    unit: str
    period: str
    method: Method
    result: Result
    leaf: int | None = None
    standing: Standing = Standing.FINAL
    sources: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    findings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanTotal:
    """The figure of one purpose over the span (报告期合计).

    Attributes:
        purpose: What it is for.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        figure: The figure, with what rounding took or gave.
        budget: Its uncertainty, errors of one cause taken together; None where none of its figures
            was evaluated.
        unevaluated: Leaves of figures whose uncertainty was not evaluated.
        unstated: Sources of whose error nothing is known.
    """

    purpose: Purpose
    unit: str
    gwp_set: str
    figure: SpanFigure
    budget: Budget | None = None
    unevaluated: tuple[int, ...] = ()
    unstated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """A line of the source-data table (活动数据来源一览表, standard 002, 12.2).

    Attributes:
        name: Name of the device, or of the document of manual data.
        model: Its type; empty for a document.
        location: Where it is installed.
        frequency: How often it is read.
        accuracy: Accuracy class or stated uncertainty.
        calibration: Prescribed interval of calibration.
        calibrated_until: Until when the certificate holds; empty for none.
        source: Emission source its data belongs to.
        activity: Activity data it gives.
        leaf: Leaf index that introduces it; None where there is none.
    """

    name: str
    model: str
    location: str
    frequency: str
    accuracy: str
    calibration: str
    calibrated_until: str
    source: str
    activity: str
    leaf: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A change of a closed period by a later leaf (调整).

    Attributes:
        period: The period.
        unit: The accounting unit.
        figure: Id of the total.
        before: Value of the figure before.
        after: Value after.
        reason: Why.
        leaf: Leaf index of the adjustment.
    """

    period: str
    unit: str
    figure: str
    before: Decimal
    after: Decimal
    reason: str
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that travels inside the report.

    Attributes:
        name: File name, ASCII.
        body: Its bytes.
        description: What it is.
        mime: Its media type.
    """

    name: str
    body: bytes
    description: str
    mime: str = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """The state of the log that the leaves of a report are checked against.

    Attributes:
        origin: Origin of the log.
        size: Number of leaves.
        root: 32-byte root.
    """

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """All that a report says.

    Attributes:
        kind: What it may be used for.
        organisation: Whose report.
        registration: Registration data: a label and a value each.
        boundary: Name of the reporting boundary.
        boundary_leaf: Leaf index of its version; None where it is not logged.
        period: Name of the period as a whole, such as ``2026``.
        prepared_on: Day of the report.
        results: Results of all units and periods.
        inventory: The inventory.
        sources: The source-data table.
        categories: Every source category of every method: present, declared absent or missing.
        clean: Clean energy: a statistic of its own, never netted.
        totals: Sums of the span by purpose; none where they were not made.
        comparisons: What was measured beside the results.
        register: Every emission source of the boundary, accounted for or not.
        template: The industry it is made for; None where its methods are of several.
        adjustments: Adjustments inside the period.
        gaps: What no result covers: unit, method, first instant, first instant after it, and the
            sources that the result there was made without; empty for all.
        overlaps: Records that do not count because others state the same.
        log: State of the log; None where nothing is logged.
        attachments: Files inside the PDF.
        demonstration: Why a demonstration is none of a real plant; empty for other kinds.
    """

    kind: ReportKind
    organisation: str
    registration: tuple[tuple[str, str], ...]
    boundary: str
    boundary_leaf: int | None
    period: str
    prepared_on: date
    results: tuple[AccountedResult, ...]
    inventory: InventoryFigures
    sources: tuple[DataSource, ...]
    categories: tuple[CategoryState, ...]
    clean: CleanFacts = field(default_factory=CleanFacts)
    totals: tuple[SpanTotal, ...] = ()
    comparisons: tuple[Compared, ...] = ()
    register: tuple[SourceRow, ...] = ()
    template: Template | None = None
    adjustments: tuple[Adjustment, ...] = ()
    gaps: tuple[tuple[str, str, str, str, str], ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    log: LogState | None = None
    attachments: tuple[Attachment, ...] = ()
    demonstration: str = ""
