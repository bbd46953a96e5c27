"""Plans for the use of allowances, and what became of them (配额使用方案, KSSJ/YY25-2023 8 b)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trace_node.canonical_json import JsonObject
from trace_node.period import Period, PeriodKind, parse_period, period_of, periods_between
from trace_node.quota.board.errors import BoardInputError
from trace_node.quota.board.position import Movement
from trace_node.quota.ledger.kinds import Instrument, Kind

FIRST_YEAR, LAST_YEAR = 2000, 2200
MAX_TONNES = 10**12
MAX_NOTE = 500
_TRADES = frozenset({Kind.LISTED, Kind.BLOCK, Kind.AUCTION, Kind.PRIMARY_AUCTION})


class Act(StrEnum):
    """What is planned for a month.

    Attributes:
        HOLD: Allowances held at its end.
        SELL: Allowances sold in it.
        BUY: Allowances bought in it.
        OFFSET: CCER used for compliance in it.
        CARRY_OVER: Allowances carried over in it.
    """

    HOLD = "hold"
    SELL = "sell"
    BUY = "buy"
    OFFSET = "offset"
    CARRY_OVER = "carry_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One quantity of a plan.

    Attributes:
        month: The month.
        act: What is planned.
        tonnes: Whole tonnes, 0 to 10^12.
    """

    month: Period
    act: Act
    tonnes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePlan:
    """A version of the plan for one obligation year (配额使用方案).

    Attributes:
        organisation: Whose plan.
        year: Obligation year; the plan reaches to the end of the year after, when it is settled.
        version: From 1 on.
        made_at: When it was made.
        made_by: Who made it.
        note: What they had to say, at most 500 characters.
        lines: What is planned, by month; of one month and act at most one.

    Raises:
        BoardInputError: A line or the year breaks its rule.
    """

    organisation: str
    year: int
    version: int
    made_at: datetime
    made_by: str
    note: str
    lines: tuple[PlanLine, ...]

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise _wrong("year", "must be from 2000 to 2200", code="board.plan.year")
        if len(self.note) > MAX_NOTE:
            raise _wrong("note", "has more than 500 characters", code="board.plan.note")
        seen: set[tuple[str, Act]] = set()
        for line in self.lines:
            place = f"{line.month.name} {line.act.value}"
            if line.month.kind is not PeriodKind.MONTH or not (
                self.year <= line.month.start.year <= self.year + 1
            ):
                raise _wrong(
                    place, "is no month of the year or the one after", code="board.plan.month"
                )
            if not 0 <= line.tonnes <= MAX_TONNES:
                raise _wrong(
                    place, "must be whole tonnes from 0 to 10^12", code="board.plan.tonnes"
                )
            if (line.month.name, line.act) in seen:
                raise _wrong(place, "is planned twice", code="board.plan.twice")
            seen.add((line.month.name, line.act))

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "lines": [
                {"act": line.act.value, "month": line.month.name, "tonnes": line.tonnes}
                for line in self.lines
            ],
            "made_at": self.made_at.isoformat(),
            "made_by": self.made_by,
            "note": self.note,
            "organisation": self.organisation,
            "version": self.version,
            "year": self.year,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """What was planned for a month, and what happened.

    Attributes:
        month: The month.
        act: What was planned.
        planned: Whole tonnes; None where nothing was planned.
        actual: Whole tonnes that the mirror shows; None for a month that has not begun.
        unconfirmed: Of these, what no registry or exchange has confirmed.
        is_over: Whether nothing can be added to the month any more.
    """

    month: Period
    act: Act
    planned: int | None
    actual: int | None
    unconfirmed: int
    is_over: bool

    def to_json(self) -> JsonObject:
        """What is shown; ``difference`` is what happened less what was planned."""
        both = self.planned is not None and self.actual is not None
        return {
            "act": self.act.value,
            "actual": self.actual,
            "difference": (self.actual or 0) - (self.planned or 0) if both else None,
            "is_over": self.is_over,
            "month": self.month.name,
            "planned": self.planned,
            "unconfirmed": self.unconfirmed,
        }


def compare(
    plan: UsagePlan, movements: Sequence[Movement] | None, *, seen_to: datetime
) -> tuple[PlanRow, ...]:
    """Every month from the first of the plan's year to its last line or to now, act by act.

    Args:
        plan: The plan.
        movements: What happened, from the beginning on; None where nothing is known of it.
        seen_to: Instant up to which the mirror knows what happened.
    """
    planned = {(line.month.name, line.act): line.tonnes for line in plan.lines}
    rows = []
    for month in _months(plan, seen_to):
        begun = movements is not None and month.start <= seen_to
        for act in Act:
            want = planned.get((month.name, act))
            actual, unconfirmed = _happened(movements or (), month, act) if begun else (None, 0)
            if want is not None or actual:
                rows.append(
                    PlanRow(
                        month=month,
                        act=act,
                        planned=want,
                        actual=actual,
                        unconfirmed=unconfirmed,
                        is_over=month.end <= seen_to,
                    )
                )
    return tuple(rows)


def _months(plan: UsagePlan, seen_to: datetime) -> list[Period]:
    """From January of the year to the last month planned or seen, at most to its settlement."""
    first = parse_period(f"{plan.year}-01")
    settled = parse_period(f"{plan.year + 1}-12").start
    last = max((line.month.start for line in plan.lines), default=first.start)
    end = max(last, min(seen_to, settled))
    return list(
        periods_between(first.start, period_of(end, PeriodKind.MONTH).end, PeriodKind.MONTH)
    )


def _happened(movements: Sequence[Movement], month: Period, act: Act) -> tuple[int, int]:
    """Tonnes of an act in a month and, of these, what nobody has confirmed."""
    if act is Act.HOLD:
        to_date = [
            each
            for each in movements
            if each.instrument is Instrument.ALLOWANCE
            and (each.year, each.month) <= (month.start.year, month.start.month)
        ]
        held = sum(each.received - each.given for each in to_date)
        return held, sum(each.unconfirmed for each in to_date)
    chosen = [
        each
        for each in movements
        if (each.year, each.month) == (month.start.year, month.start.month) and _is_act(each, act)
    ]
    tonnes = sum(each.received if act is Act.BUY else each.given for each in chosen)
    return tonnes, min(tonnes, sum(each.unconfirmed for each in chosen))


def _is_act(each: Movement, act: Act) -> bool:
    if act is Act.OFFSET:
        return each.kind is Kind.OFFSET_USE
    if each.instrument is not Instrument.ALLOWANCE:
        return False
    return each.kind is Kind.CARRY_OVER if act is Act.CARRY_OVER else each.kind in _TRADES


def _wrong(field: str, why: str, *, code: str) -> BoardInputError:
    return BoardInputError(
        "{field}: " + why, field=field, remedy="correct the plan and send it again", code=code
    )
