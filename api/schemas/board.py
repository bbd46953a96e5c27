"""Wire models: boards; they are read from the domain's JSON, so that the two cannot differ."""

from typing import Literal

from pydantic import Field

from api.schemas.base import DecimalText, WireModel

LevelName = Literal["green", "yellow", "orange", "red"]
StandingName = Literal["verified", "unconfirmed", "provisional", "estimate"]


class SourceRow(WireModel):
    """One thing that a figure came from.

    Attributes:
        kind: ``leaf``, ``obligation``, ``arrear``, ``holding``, ``order``, ``rule``,
            ``ledger-rule``, ``method``, ``mirror`` or ``price``.
        ref: Which one: leaf index, number, id with version, height of the mirror.
        digest: Its digest; empty where it has none.
        draft: Whether it is a draft rule or method.
    """

    kind: str
    ref: str
    digest: str
    draft: bool


class FigureRow(WireModel):
    """A figure with how far it stands and what it came from.

    Attributes:
        value: The number.
        unit: ``tCO2e``, ``CNY`` or ``CNY/t``.
        standing: How far it stands.
        sources: What it came from.
    """

    value: DecimalText
    unit: str
    standing: StandingName
    sources: tuple[SourceRow, ...]


class RatingRow(WireModel):
    """A colour and what decided it."""

    level: LevelName
    reason: str


class MirrorRow(WireModel):
    """Block of the ledger that an answer is of, and the chain's newest.

    ``time`` is in seconds since the epoch; ``stopped`` says why no order may be sent, or is empty.
    """

    height: int
    head: int
    time: int
    final: bool
    stopped: str


class FormulaRow(WireModel):
    """A step of a method."""

    symbol: str
    formula: str
    unit: str


class ForecastMonth(WireModel):
    """A month of a forecast; ``inputs`` are those of the formula where it is estimated."""

    month: int
    value: DecimalText
    estimated: bool
    inputs: dict[str, str]


class ForecastRow(WireModel):
    """How the rest of a year was estimated; ``growth`` is null where it is unknown."""

    method: str
    formulas: tuple[FormulaRow, ...]
    growth: DecimalText | None
    months: tuple[ForecastMonth, ...]
    total: FigureRow


class DebtRow(WireModel):
    """What is owed for a year, and how far it is paid."""

    obligation: FigureRow
    surrendered: FigureRow
    offset: FigureRow
    offset_in_progress: FigureRow
    outstanding: FigureRow
    set_aside: FigureRow
    overdue: FigureRow
    deadline: str
    deadline_source: SourceRow | None


class SupplyRow(WireModel):
    """What there is for a year."""

    held: FigureRow
    expected_allocation: FigureRow | None
    issued: FigureRow | None
    to_come: FigureRow | None
    available: FigureRow


class ClassHoldingRow(WireModel):
    """Units of one class by place; ``counted`` for the year, ``set_aside`` for debts."""

    class_id: int = Field(alias="class")
    code: str
    instrument: str
    vintage: int
    registry: int
    trading: int
    frozen: int
    pending: int
    admitted: bool
    presumed: bool
    set_aside: int
    counted: int


class CcerRow(WireModel):
    """How far CCER may stand in for allowances."""

    cap: FigureRow
    reserved: FigureRow
    held: FigureRow
    still_usable: FigureRow


class AdviceRow(WireModel):
    """How the units that are missing can be had, and what that or nothing costs."""

    missing: FigureRow
    ccer_to_use: FigureRow
    ccer_to_buy: FigureRow
    allowances_to_buy: FigureRow
    cost: FigureRow | None
    cost_without_ccer: FigureRow | None
    penalty_from: FigureRow | None
    penalty_to: FigureRow | None


class YearBoardRow(WireModel):
    """One obligation year of an enterprise; see docs/operations.md."""

    year: int
    kind: Literal["obligation", "provisional", "budget"]
    rating: RatingRow | None
    emitted: FigureRow | None
    expected: FigureRow | None
    forecast: ForecastRow | None
    debt: DebtRow | None
    supply: SupplyRow
    remaining: FigureRow | None
    balance: FigureRow | None
    exhausted_on: str | None
    classes: tuple[ClassHoldingRow, ...]
    ccer: CcerRow | None
    advice: AdviceRow | None
    notes: tuple[str, ...]


class OldDebtRow(WireModel):
    """What is owed from before."""

    kind: Literal["obligation", "arrear"]
    number: int
    year: int
    open: FigureRow
    set_aside: FigureRow


class RiseRow(WireModel):
    """How many months running emission has risen."""

    periods: int
    last: str
    before: FigureRow | None
    now: FigureRow | None


class QuotaBoard(WireModel):
    """The board of an enterprise: the year before and the year that runs."""

    organisation: str
    now: str
    legal_record: str
    mirror: MirrorRow | None
    rating: RatingRow | None
    years: tuple[YearBoardRow, ...]
    old_debts: tuple[OldDebtRow, ...]
    rise: RiseRow
    thresholds: tuple[SourceRow, ...]


class EnterpriseRow(WireModel):
    """One enterprise in the regulator's view; ``fault`` says why a board cannot be computed."""

    organisation: str
    year: int | None
    kind: str | None
    rating: RatingRow | None
    obligation: FigureRow | None
    surrendered: FigureRow | None
    offset: FigureRow | None
    outstanding: FigureRow | None
    shortfall: FigureRow | None
    overdue: FigureRow | None
    year_balance: FigureRow | None
    fault: str


class QuotaOverview(WireModel):
    """All enterprises."""

    now: str
    legal_record: str
    enterprises: tuple[EnterpriseRow, ...]
