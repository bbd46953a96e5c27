"""What everybody may see of the market: volumes and average prices, products in circulation."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import LanguageDep, ServicesDep
from api.envelope import Envelope, success
from api.i18n import translations
from api.market import BALANCES_NOTE
from api.schemas.market import Products, TradeFigures
from api.schemas.market_rows import product_row, trade_figure
from trace_node.period import SHANGHAI
from trace_node.services.disclose import threshold_of

router = APIRouter(prefix="/disclosure/v1", tags=["disclosure"])
MOST_CLASSES = 1_000
NOTE = (
    "Volume and average price by product and month, of trades whose price is known to this node."
    " Single prices and counterparties are not shown, nor months with fewer trades or parties than"
    " stated; a published month does not change."
)


@router.get("/trades", summary="Volume and average price by product and month")
def trades(
    services: ServicesDep,
    language: LanguageDep,
    product: Annotated[str | None, Query(max_length=32)] = None,
) -> Envelope[TradeFigures]:
    """Published figures; no token is needed."""
    with services.market.store.view() as view:
        found = view.disclosures.all(product=product)
    today = services.clock.now().astimezone(SHANGHAI).date()
    threshold = threshold_of(services.market.library.rules, on=today)
    answer = TradeFigures(
        note=translations(language).gettext(NOTE),
        least_trades=threshold.trades,
        least_parties=threshold.parties,
        figures=tuple(trade_figure(each) for each in found),
    )
    return success(answer, language=language)


@router.get("/products", summary="Allowances, CCER and other carbon assets in circulation")
def products(services: ServicesDep, language: LanguageDep) -> Envelope[Products]:
    """Totals of each class over all holders; no token is needed."""
    with services.market.holdings.view() as view:
        classes = view.classes(limit=MOST_CLASSES)
    answer = Products(
        note=translations(language).gettext(BALANCES_NOTE),
        products=tuple(product_row(each.content) for each in classes),
    )
    return success(answer, language=language)
