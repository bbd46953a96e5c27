"""Volume and average price of a product and month, and when they may be shown at all (公开披露)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from trace_node.period import SHANGHAI

PRICE_PLACES: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """An executed trade whose price is known here.

    Attributes:
        product: Code of the class.
        at: Second since the epoch from which it could be executed.
        tonnes: Whole tonnes.
        price: CNY a tonne.
        seller: Number of the selling organisation on the ledger.
        buyer: Number of the buying one.
    """

    product: str
    at: int
    tonnes: int
    price: Decimal
    seller: int
    buyer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """What keeps a single price from being inferred; from the rule library.

    Attributes:
        trades: Fewest trades.
        parties: Fewest organisations on each side.
    """

    trades: int
    parties: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFigure:
    """What may be shown of a product and month.

    Attributes:
        product: Code of the class.
        month: First day.
        trades: Number of trades.
        volume: Whole tonnes.
        amount: Sum of price times tonnes, CNY.
    """

    product: str
    month: date
    trades: int
    volume: int
    amount: Decimal


def average(amount: Decimal, volume: int) -> Decimal:
    """Average price, weighted by tonnes, half-up to the fen."""
    return (amount / volume).quantize(PRICE_PLACES, rounding=ROUND_HALF_UP)


def month_of(second: int) -> date:
    """First day of the month of an instant, in Beijing."""
    return datetime.fromtimestamp(second, UTC).astimezone(SHANGHAI).date().replace(day=1)


def month_after(month: date) -> date:
    """First day of the month that follows."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def figures(trades: Iterable[Trade], *, threshold: Threshold) -> tuple[MonthFigure, ...]:
    """The figures of each product and month that reach the threshold; the others are left out.

    Months are the only period: with two kinds of period, the difference of their figures would
    give away a part that is too small to be shown.
    """
    groups: dict[tuple[str, date], list[Trade]] = defaultdict(list)
    for trade in trades:
        groups[trade.product, month_of(trade.at)].append(trade)
    return tuple(
        MonthFigure(
            product=product,
            month=month,
            trades=len(members),
            volume=sum(trade.tonnes for trade in members),
            amount=sum((trade.price * trade.tonnes for trade in members), Decimal(0)),
        )
        for (product, month), members in sorted(groups.items())
        if may_be_shown(members, threshold=threshold)
    )


def may_be_shown(trades: Iterable[Trade], *, threshold: Threshold) -> bool:
    """Enough trades, and enough organisations on each side, that nobody learns a single price."""
    members = list(trades)
    sides = ({trade.seller for trade in members}, {trade.buyer for trade in members})
    enough = all(len(side) >= threshold.parties for side in sides)
    return len(members) >= threshold.trades and enough
