"""What an enterprise that lacks units can do, and what it costs (对策建议)."""

from dataclasses import dataclass
from decimal import Context, Decimal

from trace_node.canonical_json import JsonObject
from trace_node.quota.board.figure import (
    YUAN,
    Figure,
    Source,
    SourceKind,
    Standing,
    derived,
    of_rule,
    optional_json,
)
from trace_node.quota.rule import Rule

_EXACT = Context(prec=80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices that whoever asks puts in, yuan for one tonne.

    Attributes:
        allowance: Of an allowance; None where none is given.
        ccer: Of a CCER; None where none is given.
    """

    allowance: Decimal | None = None
    ccer: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CcerRoom:
    """How far CCER may stand in for allowances (抵销额度).

    Attributes:
        cap: floor(cap share x obligation), whole tonnes.
        reserved: Set aside or used already, whole tonnes.
        held: Free CCER of the enterprise that may serve the year, whole tonnes.
    """

    cap: Figure
    reserved: Figure
    held: Figure

    @property
    def still_usable(self) -> Figure:
        """Tonnes of CCER that may still be set aside under the cap."""
        left = max(self.cap.value - self.reserved.value, Decimal(0))
        return derived(left, self.cap, self.reserved)

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "cap": self.cap.to_json(),
            "held": self.held.to_json(),
            "reserved": self.reserved.to_json(),
            "still_usable": self.still_usable.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """How the missing units can be had.

    Attributes:
        missing: Whole tonnes that are missing.
        ccer_to_use: Of the CCER held, what may be used for it.
        ccer_to_buy: CCER that may be bought for it under the cap.
        allowances_to_buy: What then remains to be bought, or saved.
        cost: Of both purchases at the prices given; None without the price of an allowance.
        cost_without_ccer: Of buying allowances alone in their place.
        penalty_from: Least fine if nothing is done; None without a price or without a deadline.
        penalty_to: Greatest fine.
    """

    missing: Figure
    ccer_to_use: Figure
    ccer_to_buy: Figure
    allowances_to_buy: Figure
    cost: Figure | None
    cost_without_ccer: Figure | None
    penalty_from: Figure | None
    penalty_to: Figure | None

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "allowances_to_buy": self.allowances_to_buy.to_json(),
            "ccer_to_buy": self.ccer_to_buy.to_json(),
            "ccer_to_use": self.ccer_to_use.to_json(),
            "cost": optional_json(self.cost),
            "cost_without_ccer": optional_json(self.cost_without_ccer),
            "missing": self.missing.to_json(),
            "penalty_from": optional_json(self.penalty_from),
            "penalty_to": optional_json(self.penalty_to),
        }


def advise(
    missing: Figure, *, room: CcerRoom | None, prices: Prices, fines: tuple[Rule, Rule] | None
) -> Advice:
    """Share what is missing between CCER held, CCER to buy and allowances to buy.

    CCER are bought only where their price is given, and is not above that of an allowance.

    Args:
        missing: Whole tonnes, 0 or more.
        room: How far CCER may be used; None where they may not.
        prices: Prices.
        fines: Least and greatest multiple of the price that is the fine; None where none is due.
    """
    usable = Decimal(0) if room is None else min(room.still_usable.value, missing.value)
    held = Decimal(0) if room is None else room.held.value
    use = min(usable, held)
    cheaper = (
        prices.ccer is not None and prices.allowance is not None and prices.ccer <= prices.allowance
    )
    buy = usable - use if cheaper else Decimal(0)
    ccer = () if room is None else (room.still_usable, room.held)
    allowances = derived(missing.value - use - buy, missing, *ccer)
    to_buy = derived(buy, missing, *ccer)
    price = _price("allowance", prices.allowance)
    ccer_price = _price("ccer", prices.ccer)
    cost = _times(allowances, price)
    if cost is not None and buy and ccer_price is not None:
        part = _times(to_buy, ccer_price)
        cost = derived(cost.value + (part.value if part else 0), cost, part, unit=YUAN)
    return Advice(
        missing=missing,
        ccer_to_use=derived(use, missing, *ccer),
        ccer_to_buy=to_buy,
        allowances_to_buy=allowances,
        cost=cost,
        cost_without_ccer=_times(derived(missing.value - use, missing, *ccer), price),
        penalty_from=_fine(missing, price, fines and fines[0]),
        penalty_to=_fine(missing, price, fines and fines[1]),
    )


def _price(name: str, price: Decimal | None) -> Figure | None:
    if price is None:
        return None
    source = Source(kind=SourceKind.PRICE, ref=name)
    return Figure(value=price, standing=Standing.PROVISIONAL, sources=(source,), unit=f"{YUAN}/t")


def _times(tonnes: Figure, price: Figure | None) -> Figure | None:
    if price is None:
        return None
    return derived(_EXACT.multiply(tonnes.value, price.value), tonnes, price, unit=YUAN)


def _fine(missing: Figure, price: Figure | None, times: Rule | None) -> Figure | None:
    cost = _times(missing, price)
    if cost is None or times is None:
        return None
    rule = Figure(value=times.value, standing=Standing.VERIFIED, sources=(of_rule(times),))
    return derived(_EXACT.multiply(cost.value, times.value), cost, rule, unit=YUAN)
