"""The ledger of allowances and CCER: orders, balances, lots, obligations.

The contracts are the book; answers are taken from their copy in this node's database, and say how
far that has come. The national registries are the legal record, and each answer says that too.
"""

from fastapi import APIRouter, Request

from api.deps import CallerDep, LanguageDep, ServicesDep, require_role
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.ledger_services import (
    Scope,
    require_account,
    require_ledger,
    require_own,
    scope_of,
)
from api.order_lane import OrderLane
from api.schemas import ledger as wire
from api.schemas import ledger_queries as ask
from api.schemas.ledger_rows import (
    account_row,
    lot_row,
    mirror_state,
    mirrored_row,
    obligation_row,
    stored_row,
)
from api.services import LedgerDesk
from api.tokens import Role
from trace_node.errors import NotFoundError
from trace_node.ports.ledger_mirror import Found, LedgerView
from trace_node.quota.ledger.kinds import Place
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.order_file import decode_order
from trace_node.quota.ledger.state import AccountContent, ClassContent

router = APIRouter(prefix=PREFIX, tags=["ledger"], route_class=ExchangeRoute)


@router.post("/LedgerOrder", summary="Hand in a signed order, or a further signature of one")
async def take_order(
    body: ask.LedgerOrder,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    language: LanguageDep,
) -> Envelope[wire.OrderAnswer]:
    """Keep the order on disk and hand it to the chain; its id is the idempotency key."""
    lane: OrderLane = request.app.state.orders
    require_role(caller, Role.ENTERPRISE, Role.REGULATOR)
    ledger = require_ledger(services)
    scope = scope_of(caller, ledger.organisations)

    def take() -> wire.OrderAnswer:
        signed = ledger.orders.examine(body.file.encode())
        with ledger.mirror.view() as view:
            require_own(view, signed.order, scope)
        stored = ledger.orders.take(signed, organisation=scope.organisation)
        with ledger.mirror.view() as view:
            return wire.OrderAnswer(
                order=stored_row(stored, view.order(stored.order_id)),
                mirror=mirror_state(view, ledger.mirror.orders_stopped(), language=language),
            )

    return success(await lane.run(take), language=language)


@router.post("/LedgerOrderQuery", summary="Orders and how far they have come")
def find_orders(
    query: ask.LedgerOrderQuery, services: ServicesDep, caller: CallerDep, language: LanguageDep
) -> Envelope[wire.Orders]:
    """One order by its id, those of an account, or the newest that were handed in here."""
    ledger = require_ledger(services)
    scope = scope_of(caller, ledger.organisations)
    with ledger.mirror.view() as view:
        answer = wire.Orders(
            orders=_orders(query, ledger, view, scope),
            mirror=mirror_state(view, ledger.mirror.orders_stopped(), language=language),
        )
    return success(answer, language=language)


@router.post("/LedgerBalanceQuery", summary="Balances of accounts by class and place")
def find_balances(
    query: ask.LedgerBalanceQuery, services: ServicesDep, caller: CallerDep, language: LanguageDep
) -> Envelope[wire.Balances]:
    """What accounts hold, in whole tonnes."""
    ledger = require_ledger(services)
    scope = scope_of(caller, ledger.organisations)
    with ledger.mirror.view() as view:
        if query.account is None:
            accounts = view.accounts(
                organisation=scope.organisation, after=query.after, limit=query.limit
            )
        else:
            content = require_account(view, query.account, scope)
            accounts = [Found(number=query.account, content=content)]
        answer = wire.Balances(
            accounts=_accounts(view, list(accounts)),
            mirror=mirror_state(view, ledger.mirror.orders_stopped(), language=language),
        )
    return success(answer, language=language)


@router.post("/LedgerLotQuery", summary="Lots of an account with their serials")
def find_lots(
    query: ask.LedgerLotQuery, services: ServicesDep, caller: CallerDep, language: LanguageDep
) -> Envelope[wire.Lots]:
    """Lots, by number; also those that ended in the account."""
    ledger = require_ledger(services)
    scope = scope_of(caller, ledger.organisations)
    with ledger.mirror.view() as view:
        require_account(view, query.account, scope)
        found = view.lots(
            query.account,
            class_id=query.class_id,
            place=None if query.place is None else Place[query.place],
            after=query.after,
            limit=query.limit,
        )
        answer = wire.Lots(
            lots=tuple(lot_row(each) for each in found),
            mirror=mirror_state(view, ledger.mirror.orders_stopped(), language=language),
        )
    return success(answer, language=language)


@router.post("/LedgerObligationQuery", summary="Obligations and what was handed in for them")
def find_obligations(
    query: ask.LedgerObligationQuery,
    services: ServicesDep,
    caller: CallerDep,
    language: LanguageDep,
) -> Envelope[wire.Obligations]:
    """Obligations, by number."""
    ledger = require_ledger(services)
    scope = scope_of(caller, ledger.organisations)
    if query.organisation is not None:
        caller.require_organisation(query.organisation)
        scope = scope_of(caller.of(query.organisation), ledger.organisations)
    with ledger.mirror.view() as view:
        found = view.obligations(
            organisation=scope.organisation, year=query.year, after=query.after, limit=query.limit
        )
        answer = wire.Obligations(
            obligations=tuple(obligation_row(each) for each in found),
            mirror=mirror_state(view, ledger.mirror.orders_stopped(), language=language),
        )
    return success(answer, language=language)


def _orders(
    query: ask.LedgerOrderQuery, ledger: LedgerDesk, view: LedgerView, scope: Scope
) -> tuple[wire.OrderRow, ...]:
    final = view.head().final
    if query.order_id is not None:
        return (_order(bytes.fromhex(query.order_id[2:]), ledger, view, scope),)
    if query.account is not None:
        require_account(view, query.account, scope)
        found = view.orders(account=query.account, limit=query.limit)
        return tuple(mirrored_row(each, final_block=final) for each in found)
    kept = ledger.orders.newest(organisation=scope.organisation, limit=query.limit)
    return tuple(stored_row(each, view.order(each.order_id)) for each in kept)


def _order(order_id: bytes, ledger: LedgerDesk, view: LedgerView, scope: Scope) -> wire.OrderRow:
    """One order, as this node took it or as the chain has it."""
    stored = ledger.orders.look(order_id)
    mirrored = view.order(order_id)
    if stored is not None and _sees(view, decode_order(stored.file).order, scope):
        return stored_row(stored, mirrored)
    if mirrored is not None and _sees(view, mirrored.content, scope):
        return mirrored_row(mirrored, final_block=view.head().final)
    raise NotFoundError(
        "{field}: no order {order} is there that this token may see",
        field="order_id",
        order="0x" + order_id.hex(),
        remedy="check the id, or use a token of one of its parties",
        code="order.unknown",
    )


def _sees(view: LedgerView, order: Order, scope: Scope) -> bool:
    """Whether a caller is a party of an order."""
    if scope.organisation is None:
        return True
    parties = (view.account(number) for number in (order.source, order.target) if number)
    return any(each is not None and scope.allows(each.organisation) for each in parties)


def _accounts(
    view: LedgerView, accounts: list[Found[AccountContent]]
) -> tuple[wire.AccountRow, ...]:
    rows = []
    classes: dict[int, ClassContent] = {}
    for account in accounts:
        balances = list(view.balances(account.number))
        for balance in balances:
            if balance.class_id not in classes:
                (found,) = view.classes(after=balance.class_id - 1, limit=1)
                classes[balance.class_id] = found.content
        rows.append(account_row(account, balances, classes))
    return tuple(rows)
