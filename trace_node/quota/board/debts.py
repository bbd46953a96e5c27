"""What an enterprise owes, oldest first, and the units set aside for it."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from trace_node.quota.board.case import BoardCase
from trace_node.quota.board.claims import Claim, SetAside, Units
from trace_node.quota.board.figure import Figure, Standing, together
from trace_node.quota.board.holdings import Holdings, orders_of, standing_of
from trace_node.quota.board.position import ArrearLine, LedgerPosition, ObligationLine
from trace_node.quota.board.year_board import OldDebt

EARLIER = "earlier"
TO_GIVE_BACK = "to_give_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Obligations of one year on the ledger, taken together.

    Attributes:
        lines: The obligations, one for each sector.
        tonnes: Whole tonnes owed for the year.
        surrendered: Allowances handed in.
        offset: CCER that count.
        in_progress: CCER set aside and not used yet, within the cap.
        cap: Greatest CCER that count.
        reserved: CCER set aside or used.
        outstanding: What is still owed.
    """

    lines: tuple[ObligationLine, ...]
    tonnes: int
    surrendered: int
    offset: int
    in_progress: int
    cap: int
    reserved: int
    outstanding: int

    @classmethod
    def of(cls, lines: tuple[ObligationLine, ...]) -> "Owed":
        """Add up obligations; the cap of each holds for itself."""
        contents = [line.content for line in lines]
        used = [min(one.offset_used, one.cap) for one in contents]
        kept = [min(one.offset_reserved, one.cap) for one in contents]
        progress = [max(k - u, 0) for k, u in zip(kept, used, strict=True)]
        return cls(
            lines=lines,
            tonnes=sum(one.tonnes for one in contents),
            surrendered=sum(one.surrendered for one in contents),
            offset=sum(used),
            in_progress=sum(progress),
            cap=sum(one.cap for one in contents),
            reserved=sum(one.offset_reserved for one in contents),
            outstanding=sum(one.outstanding for one in contents),
        )


def figure_of(tonnes: int, *lines: ObligationLine | ArrearLine, of: LedgerPosition) -> Figure:
    """A quantity that the ledger states of obligations or arrears."""
    return Figure(
        value=Decimal(tonnes),
        standing=standing_of(of),
        sources=together([of.mark.source()], [line.source() for line in lines], orders_of(of)),
    )


def nothing(position: LedgerPosition | None) -> Figure:
    """A quantity of nothing: as the ledger says, or unconfirmed where none is followed."""
    if position is None:
        return Figure(value=Decimal(0), standing=Standing.UNCONFIRMED, sources=())
    return figure_of(0, of=position)


def old_claims(case: BoardCase, holdings: Holdings) -> list[Claim]:
    """Claims of arrears and of obligations of the years before both, oldest first."""
    position = case.position
    if position is None:
        return []
    arrears = [
        Claim(
            name=f"arrear-{line.number}",
            tonnes=line.content.open,
            serves=partial(_pays_arrear, holdings, line),
        )
        for line in position.arrears
    ]
    older = [
        Claim(
            name=f"obligation-{line.number}",
            tonnes=line.content.outstanding,
            serves=partial(serves_year, holdings, line.content.year),
        )
        for line in sorted(position.obligations, key=lambda one: (one.content.year, one.number))
        if line.content.year < case.year - 1 and line.content.outstanding
    ]
    return arrears + older


def old_debts(case: BoardCase, holdings: Holdings, shared: SetAside) -> tuple[OldDebt, ...]:
    """The same debts as they are shown."""
    position = case.position
    if position is None:
        return ()
    found = []
    for arrear in position.arrears:
        taken = shared.taken[f"arrear-{arrear.number}"]
        found.append(
            OldDebt(
                kind="arrear",
                number=arrear.number,
                year=arrear.vintage,
                open=figure_of(arrear.content.open, arrear, of=position),
                set_aside=holdings.figure(sum(taken.values()), taken, year=arrear.vintage),
            )
        )
    for line in position.obligations:
        taken_for = shared.taken.get(f"obligation-{line.number}")
        if taken_for is not None:
            year = line.content.year
            found.append(
                OldDebt(
                    kind="obligation",
                    number=line.number,
                    year=year,
                    open=figure_of(line.content.outstanding, line, of=position),
                    set_aside=holdings.figure(sum(taken_for.values()), taken_for, year=year),
                )
            )
    return tuple(sorted(found, key=lambda debt: (debt.year, debt.kind, debt.number)))


def serves_year(holdings: Holdings, year: int, units: Units) -> bool:
    """Whether units may be handed in for a year."""
    return holdings.serves(units.class_id, units.vintage, year)


def of_vintage(vintage: int, units: Units) -> bool:
    """Whether units are of a vintage."""
    return units.vintage == vintage


def _pays_arrear(holdings: Holdings, line: ArrearLine, units: Units) -> bool:
    same = units.class_id == line.content.class_id
    return same or holdings.serves(units.class_id, units.vintage, line.vintage)
