"""Enterprises for tests of the board: emission, bases and positions with few words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from trace_node.period import SHANGHAI
from trace_node.quota.board.case import BoardCase, ExpectedAllocation, YearBasis
from trace_node.quota.board.emission import EmissionYear
from trace_node.quota.board.figure import Figure, Source, SourceKind, Standing
from trace_node.quota.board.position import (
    ArrearLine,
    ClassHolding,
    LedgerMark,
    LedgerPosition,
    Movement,
    ObligationLine,
    RuleNumber,
)
from trace_node.quota.board.rules import BoardRules
from trace_node.quota.ledger.kinds import Admission, Instrument
from trace_node.quota.ledger.state import ArrearContent, Balance, ObligationContent
from trace_node.services.board_rules import BoardLibrary

LIBRARY = BoardLibrary.packaged()
LEAF = b"\7" * 32


def at(text: str) -> datetime:
    """An instant of the civil time of China, such as ``2026-06-30 12:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def rules(text: str = "2026-06-30 12:00") -> BoardRules:
    """The packaged rules of a day."""
    return LIBRARY.on(at(text).date())


def leaf(index: int) -> Source:
    """A leaf as a source."""
    return Source(kind=SourceKind.LEAF, ref=str(index))


def stated(
    tonnes: str | int, *, index: int = 0, standing: Standing = Standing.PROVISIONAL
) -> Figure:
    """A stated figure."""
    return Figure(value=Decimal(tonnes), standing=standing, sources=(leaf(index),))


def year_of(
    year: int, months: Mapping[int, str | int] | None = None, whole: Figure | None = None
) -> EmissionYear:
    """Emission of a year by month."""
    found = {month: stated(value, index=month) for month, value in (months or {}).items()}
    return EmissionYear(year=year, months=found, whole=whole)


def basis(
    *,
    sector: int | None = 1,
    budget: int | None = None,
    to_date: int | None = None,
    through: int = 6,
) -> YearBasis:
    """What was stated of a year."""
    expected = None
    if to_date is not None:
        figure = Figure(value=Decimal(to_date), standing=Standing.ESTIMATE, sources=(leaf(900),))
        expected = ExpectedAllocation(to_date=figure, through=through)
    own = None if budget is None else stated(budget, index=901)
    return YearBasis(sector=sector, budget=own, expected=expected, source=leaf(902))


def held(
    class_id: int,
    vintage: int,
    registry: int,
    *,
    instrument: Instrument = Instrument.ALLOWANCE,
    trading: int = 0,
    frozen: int = 0,
    pending: int = 0,
) -> ClassHolding:
    """Units of a class."""
    code = ("CEA" if instrument is Instrument.ALLOWANCE else "CCER") + str(vintage % 100)
    balance = Balance(registry=registry, trading=trading, frozen=frozen, pending=pending)
    return ClassHolding(
        class_id=class_id, code=code, instrument=instrument, vintage=vintage, balance=balance
    )


def owed(
    year: int, tonnes: int, *, number: int = 1, leaf_digest: bytes = LEAF, **changes: int
) -> ObligationLine:
    """An obligation; its cap is 5 % of it, rounded down."""
    values: dict[str, Any] = {
        "organisation": 1,
        "year": year,
        "sector": 1,
        "cap_version": 1,
        "record": number,
        "tonnes": tonnes,
        "surrendered": 0,
        "cap": tonnes * 500 // 10_000,
        "offset_reserved": 0,
        "offset_used": 0,
    }
    return ObligationLine(
        number=number, content=ObligationContent(**(values | changes)), leaf=leaf_digest
    )


def arrear(number: int, class_id: int, vintage: int, tonnes: int) -> ArrearLine:
    """Units owed back."""
    content = ArrearContent(organisation=1, class_id=class_id, open=tonnes)
    return ArrearLine(number=number, vintage=vintage, content=content)


def admitted(*rows: tuple[int, int, Admission]) -> dict[tuple[int, int], RuleNumber]:
    """Rules of admission: class, year, how."""
    return {
        (class_id, year): RuleNumber(
            rule=f"admissible-{class_id}",
            year=year,
            version=1,
            number=int(how),
            digest=b"\1" * 32,
            draft=False,
        )
        for class_id, year, how in rows
    }


def position(
    *holdings: ClassHolding, final: bool = True, head: int = 1000, **changes: Any
) -> LedgerPosition:
    """What the mirror says at block 1000."""
    mark = LedgerMark(
        height=1000, block_hash=b"\2" * 32, time=1_780_000_000, final=final, head=head
    )
    return LedgerPosition(organisation=1, mark=mark, holdings=holdings, **changes)


def case(
    now: str,
    *emission: EmissionYear,
    bases: Mapping[int, YearBasis] | None = None,
    **changes: Any,
) -> BoardCase:
    """An enterprise that is inside the ETS unless ``bases`` say otherwise."""
    values: dict[str, Any] = {
        "organisation": "plant-a",
        "now": at(now),
        "emission": {each.year: each for each in emission},
        "bases": {2024: basis()} if bases is None else bases,
        "position": None,
        "leaves": {LEAF: 77},
    }
    return BoardCase(**(values | changes))


class Told:
    """Positions that a test sets."""

    def __init__(self) -> None:
        self.found: LedgerPosition | None = None
        self.moved: Sequence[Movement] = ()

    def position(self, organisation: int, *, year: int) -> LedgerPosition | None:
        assert (organisation, year) == (1, 2026)
        return self.found

    def movements(self, organisation: int) -> tuple[LedgerPosition | None, Sequence[Movement]]:
        assert organisation == 1
        return self.found, self.moved
