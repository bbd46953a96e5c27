"""The ledger against the registry, worked by hand, and by random books with what must always hold."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.registry_files import statement

from trace_node.quota.ledger.kinds import AccountKind, Kind, Place
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.order_shape import require_shape
from trace_node.quota.registry.compare import compare
from trace_node.quota.registry.corrections import Frame, Undrafted, Why, draft_corrections
from trace_node.quota.registry.ledger_side import NO_NUMBER, LedgerAccount, LedgerLot
from trace_node.quota.registry.outcome import Cause, Comparison
from trace_node.quota.registry.statement import (
    RegistryStatement,
    SerialRange,
    number_digest,
)

REGISTRY, TRADING, FROZEN = Place.REGISTRY, Place.TRADING, Place.FROZEN
ONE, TWO, BIN = 1, 2, 9
ACCOUNTS = [
    LedgerAccount(number=ONE, kind=AccountKind.HOLDING, registry_number=number_digest("ACC-1")),
    LedgerAccount(number=TWO, kind=AccountKind.HOLDING, registry_number=number_digest("ACC-2")),
    LedgerAccount(number=BIN, kind=AccountKind.CANCELLATION, registry_number=NO_NUMBER),
]
FRAME = Frame(chain_id=20260, cancellation=BIN, deadline=1_900_000_000, evidence=b"\7" * 32)


def units(first: int, last: int, product: str = "CEA24") -> SerialRange:
    return SerialRange(product=product, first=first, last=last)


def lot(
    number: int,
    quantity: int,
    *,
    account: int = ONE,
    place: Place = REGISTRY,
    serial: int = 1,
    numbered: SerialRange | None = None,
    reserved: bool = False,
) -> LedgerLot:
    return LedgerLot(
        number=number,
        account=account,
        product="CEA24",
        place=place,
        first_serial=serial,
        quantity=quantity,
        registry_number=NO_NUMBER if numbered is None else numbered.digest,
        reserved=reserved,
    )


def against(
    *statements: RegistryStatement, lots: list[LedgerLot], known: tuple[SerialRange, ...] = ()
) -> Comparison:
    references = {each.digest: each for each in known}
    return compare(statements, accounts=ACCOUNTS, lots=lots, references=references)


def causes(found: Comparison) -> list[tuple[Cause, int, int]]:
    return [(each.cause, each.lot, each.quantity) for each in found.differences]


def drafted(
    found: Comparison, *, lots: list[LedgerLot] | None = None, frame: Frame = FRAME
) -> tuple[list[tuple[Kind, int, int, list[tuple[int, int]]]], list[tuple[Why, int]]]:
    ended = [each for each in lots or () if not each.place.held]
    orders, undrafted = draft_corrections(found.differences, ended=ended, frame=frame)
    told = [
        (
            order.kind,
            order.source,
            order.target,
            [(part.lot, part.quantity) for part in order.parts],
        )
        for order in orders
    ]
    return told, [(each.why, each.quantity) for each in undrafted]


def test_what_is_equal_is_matched_and_its_number_is_proposed() -> None:
    told = statement([("CEA24", "registry", 5001, 6000), ("CEA24", "trading", 6001, 6400)])
    lots = [lot(3, 400, place=TRADING, serial=1001), lot(2, 1000)]
    found = against(told, lots=lots)
    assert found.is_exact
    assert [(each.lot, each.row, each.quantity, each.numbered) for each in found.matches] == [
        (2, 10, 1000, False),
        (3, 11, 400, False),
    ]
    assert {(each.lot, each.units.reference) for each in found.to_number} == {
        (2, "CEA24 5001-6000"),
        (3, "CEA24 6001-6400"),
    }


def test_a_numbered_lot_is_found_by_its_serials_even_when_it_was_split() -> None:
    """Lot 2 was CEA24 5001-6000 with chain serials 1-1000; 300 of it, serials 1-300, moved on."""
    number = units(5001, 6000)
    lots = [
        lot(2, 700, serial=301, numbered=number),
        lot(7, 300, serial=1, place=TRADING, numbered=number),
    ]
    told = statement([("CEA24", "trading", 5001, 5300), ("CEA24", "registry", 5301, 6000)])
    found = against(told, lots=lots, known=(number,))
    assert found.is_exact
    assert not found.to_number
    assert [(each.lot, each.row, each.numbered) for each in found.matches] == [
        (7, 10, True),
        (2, 11, True),
    ]


def test_one_row_that_is_several_lots_numbers_each_with_its_part() -> None:
    told = statement([("CEA24", "registry", 1, 1000)])
    found = against(told, lots=[lot(2, 400), lot(5, 600, serial=401)])
    assert found.is_exact
    assert [(each.lot, each.units.reference) for each in found.to_number] == [
        (2, "CEA24 1-400"),
        (5, "CEA24 401-1000"),
    ]


def test_a_surplus_of_the_ledger_is_removed_by_a_correction() -> None:
    told = statement([("CEA24", "registry", 1, 900)])
    found = against(told, lots=[lot(2, 1000)])
    assert causes(found) == [(Cause.SURPLUS, 2, 100)]
    assert drafted(found) == ([(Kind.CORRECT_REMOVE, ONE, BIN, [(2, 100)])], [])
    assert not found.to_number  # the lot is numbered when the correction has split it
    assert drafted(found, frame=replace(FRAME, cancellation=0)) == (
        [],
        [(Why.NO_CANCELLATION, 100)],
    )


def test_what_is_in_the_other_account_is_moved() -> None:
    number = units(1, 1000)
    lots = [lot(2, 1000, account=TWO, numbered=number)]
    mine = statement([("CEA24", "registry", 1, 1000)])
    other = statement([], account="ACC-2", number="ST-2")
    found = against(mine, other, lots=lots, known=(number,))
    assert causes(found) == [(Cause.ACCOUNT, 2, 1000)]
    assert drafted(found) == ([(Kind.CORRECT_MOVE, TWO, ONE, [(2, 1000)])], [])


def test_a_surplus_here_fills_what_is_missing_there_without_serials_too() -> None:
    lots = [lot(2, 1000), lot(3, 500, account=TWO)]
    mine = statement([("CEA24", "registry", 1, 700)])
    other = statement([("CEA24", "registry", 701, 1500)], account="ACC-2", number="ST-2")
    found = against(mine, other, lots=lots)
    assert causes(found) == [(Cause.MISSING, 0, 300), (Cause.SURPLUS, 2, 300)]
    assert drafted(found) == ([(Kind.CORRECT_MOVE, ONE, TWO, [(2, 300)])], [])


def test_what_the_registry_still_holds_is_restored() -> None:
    number = units(1, 400)
    lots = [lot(2, 400, place=Place.SURRENDERED, numbered=number)]
    found = against(statement([("CEA24", "registry", 1, 400)]), lots=lots, known=(number,))
    assert causes(found) == [(Cause.ENDED, 2, 400)]
    assert drafted(found) == ([(Kind.CORRECT_RESTORE, ONE, ONE, [(2, 400)])], [])
    bare = [lot(2, 400, place=Place.SURRENDERED)]
    found = against(statement([("CEA24", "registry", 1, 400)]), lots=bare)
    assert causes(found) == [(Cause.MISSING, 0, 400)]
    assert drafted(found, lots=bare) == ([(Kind.CORRECT_RESTORE, ONE, ONE, [(2, 400)])], [])


def test_what_is_nowhere_has_to_be_issued() -> None:
    found = against(statement([("CEA24", "registry", 1, 400)]), lots=[])
    assert causes(found) == [(Cause.MISSING, 0, 400)]
    assert drafted(found) == ([], [(Why.NOT_HERE, 400)])


def test_another_place() -> None:
    lots = [lot(2, 400, place=FROZEN)]
    freed = against(statement([("CEA24", "registry", 1, 400)]), lots=lots)
    assert causes(freed) == [(Cause.PLACE, 2, 400)]
    assert drafted(freed) == ([(Kind.CORRECT_MOVE, ONE, ONE, [(2, 400)])], [])
    moved = against(statement([("CEA24", "trading", 1, 400)]), lots=lots)
    assert drafted(moved) == ([], [(Why.ORDINARY, 400)])


def test_a_reserved_lot_waits_for_its_order() -> None:
    found = against(statement([]), lots=[lot(2, 400, reserved=True)])
    assert drafted(found) == ([], [(Why.RESERVED, 400)])


def test_an_account_that_the_ledger_lacks() -> None:
    found = against(statement([("CEA24", "registry", 1, 9)], account="ACC-7"), lots=[])
    assert causes(found) == [(Cause.UNKNOWN_ACCOUNT, 0, 9)]
    assert drafted(found) == ([], [(Why.NO_ACCOUNT, 9)])


def test_accounts_without_a_statement_are_left_alone() -> None:
    found = against(statement([]), lots=[lot(2, 400, account=TWO)])
    assert found.is_exact


def test_a_draft_carries_statement_and_evidence_and_is_the_same_each_time() -> None:
    found = against(statement([]), lots=[lot(number, 5, serial=number) for number in range(1, 71)])
    first, _ = draft_corrections(found.differences, ended=(), frame=FRAME)
    again, _ = draft_corrections(found.differences[::-1], ended=(), frame=FRAME)
    assert [len(order.parts) for order in first] == [64, 6]
    assert first == again
    for order in first:
        require_shape(order)  # else nobody could sign it: the id too must be one of officers
        assert order.registry_number == number_digest("ST-1")
        assert (order.reason, order.deadline, order.chain_id) == (b"\7" * 32, 1_900_000_000, 20260)
        numbers = [part.lot for part in order.parts]
        assert numbers == sorted(set(numbers))
        assert order.quantity == sum(part.quantity for part in order.parts)
    assert len({order.order_id for order in first}) == 2
    other, _ = draft_corrections(
        found.differences, ended=(), frame=replace(FRAME, evidence=bytes(32))
    )
    assert other[0].order_id != first[0].order_id


# Random books.

PLACES = {"registry": REGISTRY, "trading": TRADING}


@st.composite
def books(draw: st.DrawFn) -> tuple[list[RegistryStatement], list[LedgerLot], list[SerialRange]]:
    """Two accounts by the registry's and by the ledger's word, with and without known serials."""
    at, known, lots, numbers = count(1), [], [], count(1)
    rows: dict[str, list[tuple[str, str, int, int]]] = {"ACC-1": [], "ACC-2": []}
    serial = 1
    for _ in range(draw(st.integers(0, 6))):
        size = draw(st.integers(1, 20))
        first = serial + draw(st.integers(0, 3))
        serial = first + size
        held = draw(st.sampled_from(["ACC-1", "ACC-2", "nobody"]))
        if held != "nobody":
            rows[held].append(("CEA24", draw(st.sampled_from(list(PLACES))), first, serial - 1))
        if draw(st.booleans()):
            reference = units(first, serial - 1)
            known.append(reference)
            cut = draw(st.integers(0, size))
            parts = [part for part in (cut, size - cut) if part]
            lots += [_drawn(draw, next(numbers), part, at, reference) for part in parts]
    sizes = draw(st.lists(st.integers(1, 25), max_size=4))
    lots += [_drawn(draw, next(numbers), size, at, None) for size in sizes]
    statements = [
        statement(lines, account=name, number=f"ST-{name}") for name, lines in rows.items()
    ]
    return statements, lots, known


def _drawn(
    draw: st.DrawFn, number: int, size: int, at: "count[int]", reference: SerialRange | None
) -> LedgerLot:
    first = next(at)
    for _ in range(size - 1):
        next(at)
    return lot(
        number,
        size,
        account=draw(st.sampled_from([ONE, TWO])),
        place=draw(st.sampled_from([REGISTRY, TRADING, Place.SURRENDERED])),
        serial=first,
        numbered=reference,
    )


@given(books())
def test_every_tonne_of_both_books_is_told_once(
    book: tuple[list[RegistryStatement], list[LedgerLot], list[SerialRange]],
) -> None:
    statements, lots, known = book
    found = compare(
        statements,
        accounts=ACCOUNTS,
        lots=lots,
        references={each.digest: each for each in known},
    )
    told = sum(row.units.quantity for each in statements for row in each.holdings)
    held = sum(each.quantity for each in lots if each.place.held)
    matched = sum(each.quantity for each in found.matches)
    by_cause: Counter[Cause] = Counter()
    for each in found.differences:
        by_cause[each.cause] += each.quantity
    both = matched + by_cause[Cause.PLACE] + by_cause[Cause.ACCOUNT]
    assert told == both + by_cause[Cause.ENDED] + by_cause[Cause.MISSING]
    assert held == both + by_cause[Cause.SURPLUS]


@given(books())
def test_corrections_lead_to_what_the_registry_holds(
    book: tuple[list[RegistryStatement], list[LedgerLot], list[SerialRange]],
) -> None:
    """After the drafts, each account holds the registry's tonnes but for what is told apart."""
    statements, lots, known = book
    references = {each.digest: each for each in known}
    found = compare(statements, accounts=ACCOUNTS, lots=lots, references=references)
    ended = [each for each in lots if not each.place.held and each.registry_number == NO_NUMBER]
    orders, undrafted = draft_corrections(found.differences, ended=ended, frame=FRAME)
    balances = corrected(lots, orders)
    for number, told in zip((ONE, TWO), statements, strict=True):
        wanted = sum(row.units.quantity for row in told.holdings)
        apart = sum(
            each.quantity
            for each in undrafted
            if each.why is Why.NOT_HERE and each.difference.account == number
        )
        assert balances[number] == wanted - apart
    assert {each.why for each in undrafted} <= {Why.NOT_HERE, Why.ORDINARY}


def corrected(lots: list[LedgerLot], orders: tuple[Order, ...]) -> dict[int, int]:
    """What accounts hold after corrections; each takes what its source holds or what ended there."""
    held: dict[int, int] = defaultdict(int)
    left = {each.number: each.quantity for each in lots}
    by_number = {each.number: each for each in lots}
    for each in lots:
        if each.place.held:
            held[each.account] += each.quantity
    for order in orders:
        for part in order.parts:
            source = by_number[part.lot]
            assert source.account == order.source
            assert source.place.held is (order.kind is not Kind.CORRECT_RESTORE)
            left[part.lot] -= part.quantity
            assert left[part.lot] >= 0
            if source.place.held:
                held[order.source] -= part.quantity
            if order.kind is not Kind.CORRECT_REMOVE:
                held[order.target] += part.quantity
    return held


def test_an_undrafted_difference_keeps_the_difference() -> None:
    found = against(statement([("CEA24", "registry", 1, 4)]), lots=[])
    _orders, (only,) = draft_corrections(found.differences, ended=(), frame=FRAME)
    assert only == Undrafted(difference=found.differences[0], quantity=4, why=Why.NOT_HERE)


@pytest.mark.parametrize("rows", [2_000])
def test_thousands_of_rows_are_compared_without_looking_at_all_pairs(rows: int) -> None:
    lines = [("CEA24", "registry", 10 * n + 1, 10 * n + 10) for n in range(rows)]
    known = [units(10 * n + 1, 10 * n + 10) for n in range(0, rows, 2)]
    lots = [
        lot(n + 1, 10, serial=10 * n + 1, numbered=None if n % 2 else known[n // 2])
        for n in range(rows)
    ]
    found = against(statement(lines), lots=lots, known=tuple(known))
    assert found.is_exact
    assert len(found.matches) == rows
    assert len(found.to_number) == rows // 2
