"""Publish volume and average price of closed months, once and for good."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from trace_node.clock import Clock
from trace_node.period import SHANGHAI
from trace_node.ports.ledger_mirror import Found, LedgerMirror, LedgerView
from trace_node.ports.market import Disclosure
from trace_node.ports.store import Store
from trace_node.quota.commitment import parse_opening
from trace_node.quota.disclosure import Threshold, Trade, figures, month_after, month_of
from trace_node.quota.ledger.kinds import Kind, OrderState
from trace_node.quota.ledger.rows import OrderRow
from trace_node.quota.ledger.state import AccountContent
from trace_node.quota.rule import RuleBook

TRADES: Final = frozenset({Kind.LISTED, Kind.BLOCK, Kind.AUCTION, Kind.PRIMARY_AUCTION})
LEAST_TRADES: Final = "node.disclosure.least_trades"
LEAST_PARTIES: Final = "node.disclosure.least_parties"
PAGE: Final = 1_000
_MILLISECOND_US: Final = 1000


def threshold_of(book: RuleBook, *, on: date) -> Threshold:
    """The threshold in force on a day.

    Raises:
        RuleNotFoundError: The library has none.
    """
    rules = [book.find(name, year=on.year, on=on) for name in (LEAST_TRADES, LEAST_PARTIES)]
    trades, parties = (int(rule.value) for rule in rules)
    return Threshold(trades=trades, parties=parties)


def publish_closed(
    *, store: Store, holdings: LedgerMirror, book: RuleBook, clock: Clock
) -> Sequence[Disclosure]:
    """Publish every product and month that has ended, reaches the threshold and is not out yet.

    A month that is out stays as it is: two figures of one month would give away what came between
    them. A trade that is executed or opened later is not in it, and the page says so.

    Args:
        store: Openings and what is published.
        holdings: The ledger's mirror.
        book: Rules; the threshold is that of the day.
        clock: Time.

    Raises:
        NotFoundError: No ledger was joined yet.
    """
    now = clock.now()
    today = now.astimezone(SHANGHAI).date()
    with holdings.view() as view:
        trades = list(known_trades(view, store))
    found = figures(
        (trade for trade in trades if month_after(month_of(trade.at)) <= today),
        threshold=threshold_of(book, on=today),
    )
    whole = now.replace(microsecond=now.microsecond // _MILLISECOND_US * _MILLISECOND_US)
    with store.unit_of_work() as work:
        out = {(each.product, each.month) for each in work.disclosures.all()}
        fresh = [
            Disclosure(
                product=each.product,
                month=each.month,
                trades=each.trades,
                volume=each.volume,
                amount=each.amount,
                published_at=whole,
            )
            for each in found
            if (each.product, each.month) not in out
        ]
        for each in fresh:
            work.disclosures.add(each)
    return fresh


def known_trades(view: LedgerView, store: Store) -> Iterator[Trade]:
    """Executed trades whose opening is kept here and opens the order's commitment."""
    organisations = {each.number: each.content.organisation for each in _accounts(view)}
    codes = {
        each.number: each.content.code.rstrip(b"\0").decode("ascii", errors="replace")
        for each in view.classes(limit=2**31 - 1)
    }
    classes: dict[int, int] = {}
    before: int | None = None
    while page := view.orders(states=(OrderState.EXECUTED,), before=before, limit=PAGE):
        before = page[-1].number
        trades = [order for order in page if order.content.kind in TRADES]
        wanted = [lot for order in trades for lot in order.lots if lot not in classes]
        for first in range(0, len(wanted), PAGE):
            found = view.lots_by_number(wanted[first : first + PAGE])
            classes |= {each.number: each.content.class_id for each in found}
        for order in trades:
            yield from _trades(order, store, organisations, classes, codes)


def _trades(
    order: OrderRow,
    store: Store,
    organisations: Mapping[int, int],
    classes: Mapping[int, int],
    codes: Mapping[int, str],
) -> Iterator[Trade]:
    """One trade for each class of an order; none where its price is not known here."""
    content = order.content
    with store.view() as view:
        kept = view.openings.get(content.commitment)
    if kept is None or kept.order_id != content.order_id:
        return
    price = parse_opening(kept.body).price
    if price is None:
        return
    tonnes: dict[int, int] = {}
    for part, lot in zip(content.parts, order.lots, strict=True):
        tonnes[classes[lot]] = tonnes.get(classes[lot], 0) + part.quantity
    for class_id, quantity in tonnes.items():
        yield Trade(
            product=codes[class_id],
            at=order.executable_at,
            tonnes=quantity,
            price=price,
            seller=organisations.get(content.source, 0),
            buyer=organisations.get(content.target, 0),
        )


def _accounts(view: LedgerView) -> Iterator[Found[AccountContent]]:
    after = 0
    while page := view.accounts(after=after, limit=PAGE):
        after = page[-1].number
        yield from page
