"""Registry files, openings and disclosures on both engines, beside the mirror of a random ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import update
from support.builders import NOW
from support.fake_ledger import Block, FakeChain, FakeFollower, history
from support.mirror_world import MirrorWorld
from support.registry_files import HOLDING, csv_file, xlsx_file
from support.stores import ENGINES, new_store

from trace_node.clock import FixedClock
from trace_node.errors import ConflictError, InputError, NotFoundError
from trace_node.quota.commitment import CommitmentError, make_opening
from trace_node.quota.ledger.kinds import AccountKind, Instrument, Kind, OrderState, Place
from trace_node.quota.ledger.order import Order, Part
from trace_node.quota.ledger.state import AccountContent, ClassContent, LotContent
from trace_node.quota.registry import form
from trace_node.quota.registry.outcome import Cause
from trace_node.quota.registry.statement import number_digest
from trace_node.services.allocation import RuleLibrary
from trace_node.services.disclose import publish_closed
from trace_node.services.openings import OpeningAccessError, keep_opening, read_opening
from trace_node.services.registry_compare import RegistryReport, compare_registry, read_ledger
from trace_node.services.registry_files import OlderStatementError, import_file
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.sql_store import SqlStore
from trace_node.store.tables import (
    LEDGER_ACCOUNTS,
    LEDGER_CLASSES,
    LEDGER_LOTS,
    LEDGER_ORDERS,
    OPENINGS,
)
from trace_node.store.unit_of_work import writing

CLOCK = FixedClock(NOW)
BOOK = RuleLibrary.packaged().rules


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


def listed(store: SqlStore) -> list[tuple[str, int]]:
    with store.view() as view:
        return [(file.number, file.version) for file in view.imported_files.listed(limit=9)]


# Imports.


def test_a_file_is_kept_once_and_another_is_its_next_version(store: SqlStore) -> None:
    first = import_file(csv_file(), file_form="csv", store=store, clock=CLOCK)
    again = import_file(csv_file(), file_form="csv", store=store, clock=CLOCK)
    assert (first.fresh, again.fresh, first.file) == (True, False, again.file)
    second = import_file(xlsx_file(), file_form="xlsx", store=store, clock=CLOCK)
    assert (second.file.version, second.statement) == (2, first.statement)
    later = csv_file([HOLDING], number="ST-2", as_of="2026-02-28 00:00:00")
    import_file(later, file_form="csv", store=store, clock=CLOCK)
    with store.view() as view:
        (newest,) = view.imported_files.newest(registry="allowance", kind="holdings")
        assert (newest.number, newest.body) == ("ST-2", later)
        (reference,) = view.imported_files.references()
        assert (reference.first, reference.last) == (1, 1000)


def test_what_is_refused_leaves_nothing(store: SqlStore) -> None:
    bad = csv_file([HOLDING, ("CEA24", "registry", "2000", "2001", "3")])
    for raw, file_form in ((bad, "csv"), (csv_file(), "xlsx"), (csv_file(), "pdf")):
        with pytest.raises(InputError):
            import_file(raw, file_form=file_form, store=store, clock=CLOCK)
    assert listed(store) == []


def test_an_older_file_does_not_follow_a_newer_one(store: SqlStore) -> None:
    import_file(csv_file(), file_form="csv", store=store, clock=CLOCK)
    older = csv_file([HOLDING], as_of="2026-01-30 23:59:59")
    with pytest.raises(OlderStatementError) as refused:
        import_file(older, file_form="csv", store=store, clock=CLOCK)
    assert refused.value.reason == "registry.file.older"
    assert listed(store) == [("ST-1", 1)]


# The comparison, over the mirror of a random history.


def newest(block: Block) -> Block:
    while block.children:
        block = block.children[0]
    return block


@contextmanager
def mirrored(store: SqlStore, seed: int) -> Iterator[MirrorWorld]:
    """A mirror in the store's database, whose accounts have the numbers ACC-n, its classes CLASS-n."""
    chain = FakeChain(history(seed, length=90, fork_every=1_000), depth=6)
    chain.head = newest(chain.root)
    world = MirrorWorld(store.database, chain, FakeFollower(chain))
    world.mirror.follow()
    with world.store.view() as view:
        numbers = [each.number for each in view.accounts(limit=1_000)]
        classes = [each.number for each in view.classes(limit=1_000)]
    with writing(store.database) as work:
        for number in numbers:
            work.connection.execute(
                update(LEDGER_ACCOUNTS)
                .where(LEDGER_ACCOUNTS.c.account == number)
                .values(registry_number=number_digest(f"ACC-{number}"))
            )
        for number in classes:  # some of the history's codes are digests
            work.connection.execute(
                update(LEDGER_CLASSES)
                .where(LEDGER_CLASSES.c.class_id == number)
                .values(code=f"CLASS-{number}".encode().ljust(32, b"\0"))
            )
    yield world


def statements_of(world: MirrorWorld, registry: str) -> dict[int, list[tuple[str, ...]]]:
    """What the registry would say if it held exactly what the ledger does, by other serials."""
    with world.store.view() as view:
        ledger = read_ledger(view, registry=registry)
    lines: dict[int, list[tuple[str, ...]]] = {each.number: [] for each in ledger.accounts}
    at = 700_001
    for lot in sorted(ledger.lots, key=lambda each: each.number):
        if lot.place.held:
            last = at + lot.quantity - 1
            line = (lot.product, lot.place_name, str(at), str(last), str(lot.quantity))
            lines[lot.account].append(line)
            at = last + 1
    return lines


def compared(store: SqlStore, world: MirrorWorld, registry: str = "allowance") -> RegistryReport:
    return compare_registry(
        registry=registry, store=store, holdings=world.store, clock=CLOCK, cancellation=1
    )


def import_all(store: SqlStore, lines: dict[int, list[tuple[str, ...]]], registry: str) -> None:
    for account, rows in lines.items():
        raw = csv_file(
            rows, registry=registry, account=f"ACC-{account}", number=f"ST-{registry}-{account}"
        )
        import_file(raw, file_form="csv", store=store, clock=CLOCK)


@pytest.mark.parametrize("seed", [3, 5])
def test_a_registry_that_holds_the_same_is_matched_and_then_found_by_serials(
    store: SqlStore, seed: int
) -> None:
    with mirrored(store, seed) as world:
        lots = 0
        for registry in form.REGISTRIES:
            import_all(store, statements_of(world, registry), registry)
            report = compared(store, world, registry)
            assert report.comparison.is_exact
            assert not report.corrections
            proposed = {each.lot: each.units for each in report.comparison.to_number}
            assert sorted(proposed) == sorted({each.lot for each in report.comparison.matches})
            lots += len(proposed)
            with writing(store.database) as work:  # as numberLot would have it
                for number, units in proposed.items():
                    work.connection.execute(
                        update(LEDGER_LOTS)
                        .where(LEDGER_LOTS.c.lot == number)
                        .values(registry_number=units.digest)
                    )
            again = compared(store, world, registry)
            assert again.comparison.is_exact
            assert not again.comparison.to_number
            assert all(each.numbered for each in again.comparison.matches)
        assert lots > 3


def test_what_the_registry_did_otherwise_is_drafted(store: SqlStore) -> None:
    with mirrored(store, 3) as world:
        lines = statements_of(world, "allowance")
        account, rows = max(lines.items(), key=lambda item: len(item[1]))
        gone = int(rows[0][4])
        lines[account] = rows[1:]
        import_all(store, lines, "allowance")
        report = compared(store, world)
        surplus = [each for each in report.comparison.differences if each.cause is Cause.SURPLUS]
        assert {each.account for each in surplus} == {account}
        assert sum(each.quantity for each in report.comparison.differences) >= gone
        assert {draft.order.kind for draft in report.corrections} <= {
            Kind.CORRECT_REMOVE,
            Kind.CORRECT_MOVE,
        }
        assert report == compared(store, world)
        with world.store.view() as view:
            assert report.block == view.head().tip.number == report.height


def test_unconfirmed_orders_are_listed_with_their_age_and_what_may_confirm_them(
    store: SqlStore,
) -> None:
    with mirrored(store, 5) as world:
        with writing(store.database) as work:
            work.connection.execute(update(LEDGER_ORDERS).values(confirmation=bytes(32)))
        waiting = compared(store, world).unconfirmed
        assert waiting
        assert [each.since for each in waiting] == sorted(each.since for each in waiting)
        each = next(each for each in waiting if each.order.kind is Kind.ISSUE and each.product)
        assert each.age_s == max(int(CLOCK.now().timestamp()) - each.since, 0)
        assert (each.candidates, each.confirmation) == ((), None)
        tonnes = each.order.quantity
        line = ("N-77", "issue", "2026-01-05", each.product, 1, tonnes, tonnes, "", "")
        other = ("N-78", "issue", "2026-01-06", each.product, 1, tonnes + 1, tonnes + 1, "", "")
        head = {"kind": "transactions", "account": f"ACC-{each.order.target}", "number": "TX-1"}
        import_file(csv_file([line, other], **head), file_form="csv", store=store, clock=CLOCK)
        (found,) = (
            one
            for one in compared(store, world).unconfirmed
            if one.order.order_id == each.order.order_id
        )
        assert found.candidates == ("N-77",)
        assert found.confirmation == number_digest("N-77")


def test_without_a_ledger_there_is_nothing_to_compare(store: SqlStore) -> None:
    with pytest.raises(NotFoundError):
        compare_registry(
            registry="allowance",
            store=store,
            holdings=SqlLedgerMirror(store.database),
            clock=CLOCK,
        )


# Openings.

ORDER_ID = b"\6" * 32
OPENING = make_opening(
    order_id=ORDER_ID, salt=bytes(range(16)), content={"price": "92.50", "buyer": "plant-a"}
)


class FakeHoldings:
    """A ledger of given orders, for what the random ones do not have."""

    def __init__(self, *orders: SimpleNamespace, lots: dict[int, int] | None = None) -> None:
        self.orders_, self.lots_ = orders, lots or {}

    def identity(self) -> object:
        return SimpleNamespace(chain_id=20260)

    @contextmanager
    def view(self) -> Iterator["FakeHoldings"]:
        yield self

    def order(self, order_id: bytes) -> SimpleNamespace | None:
        return next((each for each in self.orders_ if each.content.order_id == order_id), None)

    def orders(self, *, states: object, before: int | None, limit: int) -> list[SimpleNamespace]:
        assert (states, limit > 0) == ((OrderState.EXECUTED,), True)
        top = before or 10**9
        return sorted(
            (each for each in self.orders_ if each.number < top), key=lambda each: -each.number
        )

    def lots_by_number(self, numbers: list[int]) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(number=number, content=lot_content(self.lots_[number]))
            for number in numbers
        ]

    def accounts(self, *, after: int = 0, limit: int) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(number=number, content=account_content(number + 100))
            for number in range(after + 1, 41)
        ][:limit]

    def classes(self, *, limit: int) -> list[SimpleNamespace]:
        assert limit
        return [
            SimpleNamespace(number=number, content=class_content(code))
            for number, code in enumerate(("CEA24", "BOND1"), 1)
        ]


def account_content(organisation: int) -> AccountContent:
    return AccountContent(
        organisation=organisation,
        bound_to=0,
        kind=AccountKind.HOLDING,
        status=1,
        delay=0,
        registry_number=bytes(32),
    )


def class_content(code: str) -> ClassContent:
    totals = dict.fromkeys(("held", "surrendered", "cancelled", "converted"), 0)
    return ClassContent(
        next_serial=1,
        vintage=2024,
        instrument=Instrument.ALLOWANCE,
        code=code.encode().ljust(32, b"\0"),
        record=bytes(32),
        **totals,
    )


def lot_content(class_id: int) -> LotContent:
    return LotContent(
        account=1,
        class_id=class_id,
        place=Place.TRADING,
        hold=0,
        subject=0,
        first_serial=1,
        quantity=1,
        order=0,
        registry_number=bytes(32),
    )


def order_of(number: int, **changes: object) -> SimpleNamespace:
    content: dict = {
        "chain_id": 20260,
        "order_id": number.to_bytes(32, "big"),
        "kind": Kind.LISTED,
        "source": 1,
        "target": 2,
        "subject": 0,
        "parts": (Part(lot=number, quantity=100),),
        "quantity": 100,
        "commitment": bytes(32),
        "registry_number": bytes(32),
        "reason": bytes(32),
        "not_before": 0,
        "deadline": 0,
    }
    at = changes.pop("at", int(NOW.timestamp()))
    return SimpleNamespace(
        content=Order(**(content | changes)),
        number=number,
        state=OrderState.EXECUTED,
        executable_at=at,
        confirmation=bytes(32),
        lots=(number,),
    )


def test_an_opening_is_for_its_parties_and_the_regulator(store: SqlStore) -> None:
    """[S0-8-c1]: price and counterparties stay with the parties and the regulator."""
    kept = keep_opening(
        OPENING.to_bytes(),
        parties=["plant-b", "plant-a"],
        store=store,
        holdings=FakeHoldings(),
        clock=CLOCK,
    )
    again = keep_opening(
        OPENING.to_bytes(),
        parties=["plant-a", "plant-b"],
        store=store,
        holdings=FakeHoldings(),
        clock=CLOCK,
    )
    assert (kept, kept.parties) == (again, ("plant-a", "plant-b"))
    for organisation, is_regulator in (("plant-a", False), ("plant-b", False), (None, True)):
        found = read_opening(
            kept.commitment, organisation=organisation, is_regulator=is_regulator, store=store
        )
        assert found == OPENING
    for organisation in ("plant-c", None, ""):
        with pytest.raises(OpeningAccessError) as refused:
            read_opening(
                kept.commitment, organisation=organisation, is_regulator=False, store=store
            )
        assert refused.value.reason == "access.opening"
        assert "92.50" not in refused.value.message
    with pytest.raises(NotFoundError):
        read_opening(bytes(32), organisation="plant-a", is_regulator=True, store=store)


def test_an_opening_is_not_kept_for_other_parties_later(store: SqlStore) -> None:
    keep = {"store": store, "holdings": FakeHoldings(), "clock": CLOCK}
    keep_opening(OPENING.to_bytes(), parties=["plant-a"], **keep)
    with pytest.raises(ConflictError) as refused:
        keep_opening(OPENING.to_bytes(), parties=["plant-a", "rival"], **keep)
    assert refused.value.reason == "opening.parties"


def test_an_opening_of_another_commitment_than_the_order_s_is_refused(store: SqlStore) -> None:
    mine = order_of(1, order_id=ORDER_ID, commitment=OPENING.commitment)
    keep_opening(
        OPENING.to_bytes(),
        parties=["plant-a"],
        store=store,
        holdings=FakeHoldings(mine),
        clock=CLOCK,
    )
    other = replace(OPENING, content={"price": "92.51", "buyer": "plant-a"})
    with pytest.raises(CommitmentError):
        keep_opening(
            other.to_bytes(),
            parties=["plant-a"],
            store=store,
            holdings=FakeHoldings(mine),
            clock=CLOCK,
        )


def test_an_opening_altered_in_the_database_is_told(store: SqlStore) -> None:
    kept = keep_opening(
        OPENING.to_bytes(),
        parties=["plant-a"],
        store=store,
        holdings=FakeHoldings(),
        clock=CLOCK,
    )
    with writing(store.database) as work:
        body = kept.body.replace(b"92.50", b"82.50")
        work.connection.execute(update(OPENINGS).values(body=body))
    with pytest.raises(CommitmentError):
        read_opening(kept.commitment, organisation="plant-a", is_regulator=False, store=store)


# Disclosure. NOW is in November 2026; the trades are of October.


def traded(
    store: SqlStore, number: int, price: str, *, at: timedelta = timedelta(days=-30), **how: object
) -> SimpleNamespace:
    """An executed trade with its opening kept."""
    order_id = number.to_bytes(32, "big")
    opening = make_opening(order_id=order_id, salt=bytes(16), content={"price": price})
    keep_opening(
        opening.to_bytes(),
        parties=["plant-a"],
        store=store,
        holdings=FakeHoldings(),
        clock=CLOCK,
    )
    second = int((NOW + at).timestamp())
    sides = {"source": number, "target": number + 10}
    return order_of(number, commitment=opening.commitment, at=second, **(sides | how))


def publish(store: SqlStore, *orders: SimpleNamespace, **lots: int) -> list[tuple[str, int, int]]:
    classes = {each.number: lots.get(f"lot{each.number}", 1) for each in orders}
    fresh = publish_closed(
        store=store, holdings=FakeHoldings(*orders, lots=classes), book=BOOK, clock=CLOCK
    )
    return [(each.product, each.trades, each.volume) for each in fresh]


def test_a_month_with_enough_trades_is_published_once(store: SqlStore) -> None:
    """[S0-8-c1]: (90 x 100 + 95 x 200 + 100 x 300) / 600 = 58,000 / 600 = 96.67 CNY a tonne."""
    trades = [
        traded(store, number, price, parts=(Part(lot=number, quantity=tonnes),), quantity=tonnes)
        for number, price, tonnes in ((1, "90", 100), (2, "95", 200), (3, "100.00", 300))
    ]
    assert publish(store, *trades) == [("CEA24", 3, 600)]
    with store.view() as view:
        (out,) = view.disclosures.all()
    assert (out.amount, out.month.isoformat()) == (Decimal("58000.00"), "2026-10-01")
    late = traded(store, 4, "300")
    assert publish(store, *trades, late) == []
    with store.view() as view:
        assert view.disclosures.all() == [out]
        assert view.disclosures.all(product="CEA25") == []


def test_too_few_trades_or_parties_are_not_shown(store: SqlStore) -> None:
    """[S0-8-c1]: two trades, one seller or one buyer would give a single price away."""
    pair = [traded(store, number, "90") for number in (1, 2)]
    assert publish(store, *pair) == []
    one_seller = [traded(store, number, "90", source=1) for number in (3, 4, 5)]
    one_buyer = [traded(store, number, "90", target=9) for number in (6, 7, 8)]
    for group in (one_seller, one_buyer):
        assert publish(store, *group) == []


def test_open_months_and_trades_without_a_known_price_are_left_out(store: SqlStore) -> None:
    trades = [traded(store, number, "90", at=timedelta(0)) for number in (1, 2, 3)]
    assert publish(store, *trades) == []
    unknown = [order_of(number, source=number, target=number + 10) for number in (4, 5, 6)]
    assert publish(store, *unknown) == []
    forged = [traded(store, number, "90") for number in (7, 8)]
    stolen = order_of(9, commitment=forged[0].content.commitment, source=9, target=19)
    assert publish(store, *forged, stolen) == []


def test_carbon_bonds_and_funds_are_disclosed_like_allowances(store: SqlStore) -> None:
    """[S0-8-c2]: every class of units has its figure, whatever its instrument."""
    trades = [traded(store, number, "50") for number in range(1, 7)]
    classes = {f"lot{number}": 2 for number in (4, 5, 6)}
    assert publish(store, *trades, **classes) == [("BOND1", 3, 300), ("CEA24", 3, 300)]
