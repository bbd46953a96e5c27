"""Compare what was imported from the registries with the ledger's mirror, lot by lot."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from trace_node import canonical_json
from trace_node.clock import Clock
from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url
from trace_node.ports.ledger import LedgerIdentity
from trace_node.ports.ledger_mirror import Found, LedgerMirror, LedgerView
from trace_node.ports.market import ImportedFile, RegistryReference
from trace_node.ports.store import Store
from trace_node.quota.ledger.kinds import AccountKind, Book, Instrument, OrderState, Place
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.order_texts import number_digest
from trace_node.quota.ledger.rows import OrderRow
from trace_node.quota.ledger.signed_order import SignedOrder
from trace_node.quota.ledger.state import ClassContent
from trace_node.quota.registry import form
from trace_node.quota.registry.compare import compare
from trace_node.quota.registry.corrections import Frame, Undrafted, draft_corrections
from trace_node.quota.registry.ledger_side import NO_NUMBER, LedgerAccount, LedgerLot
from trace_node.quota.registry.outcome import Comparison
from trace_node.quota.registry.statement import SerialRange
from trace_node.quota.registry.unconfirmed import (
    CONFIRMED_KINDS,
    ExecutedOrder,
    UnconfirmedOrder,
    unconfirmed,
)
from trace_node.services.registry_files import reference, stored_statement

PAGE: Final = 1_000
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the comparison reads of the mirror.

    Attributes:
        accounts: All accounts.
        lots: All lots of the registry's classes, also those that have ended.
        orders: Executed orders of kinds that a registry or the exchange confirms.
    """

    accounts: tuple[LedgerAccount, ...]
    lots: tuple[LedgerLot, ...]
    orders: tuple[ExecutedOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryReport:
    """A comparison with all that follows from it (对账报告).

    Attributes:
        files: The holdings files compared, one an account.
        block: Height of the mirror.
        height: Height of the chain when it was last asked.
        final: Newest final block then; less than 0 for none.
        comparison: What agrees and what does not.
        corrections: Drafts that bring the ledger to what the registry says, not signed yet.
        undrafted: Differences that no draft removes, with the reason.
        unconfirmed: Executed orders without an outside number, oldest first.
    """

    files: tuple[ImportedFile, ...]
    block: int
    height: int
    final: int
    comparison: Comparison
    corrections: tuple[SignedOrder, ...]
    undrafted: tuple[Undrafted, ...]
    unconfirmed: tuple[UnconfirmedOrder, ...]


def compare_registry(
    *,
    registry: str,
    store: Store,
    holdings: LedgerMirror,
    clock: Clock,
    cancellation: int = 0,
    deadline: int = 0,
) -> RegistryReport:
    """Compare the newest holdings statement of each account with the ledger.

    Args:
        registry: ``allowance`` or ``ccer``.
        store: Where the files are kept.
        holdings: The ledger's mirror.
        clock: Time, for the age of orders.
        cancellation: Cancellation account that takes what the registry does not have; 0 for none.
        deadline: Last second at which a correction may be executed; 0 for a week from now.

    Raises:
        NotFoundError: No ledger was joined yet.
    """
    with store.view() as view:
        held = tuple(view.imported_files.newest(registry=registry, kind=form.HOLDINGS))
        moved = view.imported_files.newest(registry=registry, kind=form.TRANSACTIONS)
        references = _ranges(view.imported_files.references())
    with holdings.view() as mirror:
        head, ledger = mirror.head(), read_ledger(mirror, registry=registry)
    identity = holdings.identity()
    statements = [stored_statement(file) for file in held]
    comparison = compare(
        statements, accounts=ledger.accounts, lots=ledger.lots, references=references
    )
    now = int(clock.now().timestamp())
    orders, undrafted = draft_corrections(
        comparison.differences,
        ended=[lot for lot in ledger.lots if not lot.place.held and not any(lot.registry_number)],
        frame=Frame(
            chain_id=0 if identity is None else identity.chain_id,
            cancellation=cancellation,
            deadline=deadline or now + _WEEK_S,
            evidence=evidence_of(held),
        ),
    )
    _remember(comparison, store)
    return RegistryReport(
        files=held,
        block=head.tip.number,
        height=head.height,
        final=head.final,
        comparison=comparison,
        corrections=_order_files(orders, held, identity),
        undrafted=undrafted,
        unconfirmed=unconfirmed(
            ledger.orders,
            [stored_statement(file) for file in moved],
            registry_numbers={each.number: each.registry_number for each in ledger.accounts},
            now=now,
        ),
    )


def _order_files(
    orders: Sequence[Order], files: Sequence[ImportedFile], identity: LedgerIdentity | None
) -> tuple[SignedOrder, ...]:
    """The drafts as order files are made of them: with the contract and the statement's number."""
    if identity is None:
        return ()
    numbers = {number_digest(file.number): file.number for file in files}
    return tuple(
        SignedOrder(
            order=order,
            contract=identity.contracts[Book.ORDERS],
            registry_number=numbers[order.registry_number],
        )
        for order in orders
    )


def evidence_of(files: Sequence[ImportedFile]) -> bytes:
    """SM3 over the digests of the files of a comparison, in rising order."""
    digests = [to_base64url(digest) for digest in sorted(file.digest for file in files)]
    return sm3(canonical_json.encode({"files": [*digests], "type": "registry-evidence@1"}))


def read_ledger(view: LedgerView, *, registry: str) -> Ledger:
    """Accounts, lots and orders that concern one registry: CCER classes, or all other ones."""
    classes = {each.number: each.content for each in _all(view.classes)}
    wanted = {
        number: _code(content)
        for number, content in classes.items()
        if (content.instrument is Instrument.CCER) == (registry == form.CCER)
    }
    accounts = tuple(
        LedgerAccount(
            number=each.number,
            kind=each.content.kind,
            registry_number=each.content.registry_number,
        )
        for each in _all(view.accounts)
    )
    lots = tuple(_lots(view, accounts, wanted))
    products = {lot.number: lot.product for lot in lots}
    orders = tuple(_executed(order, products, wanted) for order in _orders(view))
    return Ledger(
        accounts=accounts, lots=lots, orders=tuple(order for order in orders if order.product)
    )


def _lots(
    view: LedgerView, accounts: Sequence[LedgerAccount], wanted: Mapping[int, str]
) -> Iterator[LedgerLot]:
    for account in accounts:
        if account.kind is AccountKind.NONE:
            continue
        after = 0
        while page := view.lots(account.number, after=after, limit=PAGE):
            after = page[-1].number
            for each in page:
                lot = each.content
                if lot.class_id in wanted:
                    yield LedgerLot(
                        number=each.number,
                        account=lot.account,
                        product=wanted[lot.class_id],
                        place=Place(lot.place),
                        first_serial=lot.first_serial,
                        quantity=lot.quantity,
                        registry_number=lot.registry_number,
                        reserved=bool(lot.order),
                    )


def _orders(view: LedgerView) -> Iterator[OrderRow]:
    before: int | None = None
    while page := view.orders(states=(OrderState.EXECUTED,), before=before, limit=PAGE):
        before = page[-1].number
        yield from (order for order in page if order.content.kind in CONFIRMED_KINDS)


def _executed(
    order: OrderRow, products: Mapping[int, str], wanted: Mapping[int, str]
) -> ExecutedOrder:
    """An order and the product of its lots; of an issue the class that it names."""
    found = {products.get(lot, "") for lot in order.lots}
    if not order.lots:
        found = {wanted.get(order.content.subject, "")}
    return ExecutedOrder(
        order=order.content,
        number=order.number,
        product=found.pop() if len(found) == 1 else "",
        executable_at=order.executable_at,
        confirmation=order.confirmation,
    )


def _all(read: Callable[..., Sequence[Found[Row]]]) -> Iterator[Found[Row]]:
    after = 0
    while page := read(after=after, limit=PAGE):
        after = page[-1].number
        yield from page


def _code(content: ClassContent) -> str:
    return content.code.rstrip(b"\0").decode("ascii", errors="replace")


def _ranges(references: Sequence[RegistryReference]) -> dict[bytes, SerialRange]:
    return {
        each.digest: SerialRange(product=each.product, first=each.first, last=each.last)
        for each in references
        if each.digest != NO_NUMBER
    }


def _remember(comparison: Comparison, store: Store) -> None:
    """Keep the ranges that are proposed for lots, so that the next comparison knows them."""
    if comparison.to_number:
        with store.unit_of_work() as work:
            work.imported_files.add_references(
                [reference(each.units) for each in comparison.to_number]
            )


_WEEK_S: Final = 7 * 24 * 3600
