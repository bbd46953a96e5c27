"""Postings add up to nothing, and an event that does not follow from the state is refused."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_ledger import history

from trace_node.quota.ledger import lots_events as lots
from trace_node.quota.ledger.effect import CONTRA, MirrorEventError
from trace_node.quota.ledger.event_json import event_bytes
from trace_node.quota.ledger.events import LedgerEvent, PlacedEvent
from trace_node.quota.ledger.kinds import Book, Hold, Instrument, Place
from trace_node.quota.ledger.orders_events import OrderApproved
from trace_node.quota.ledger.postings import HANDLERS, effect_of
from trace_node.quota.ledger.rows import Table
from trace_node.quota.ledger.worksheet import Worksheet


def placed(content: Any, *, block: int = 1, book: Book = Book.LOTS) -> PlacedEvent:
    return PlacedEvent(
        book=book,
        block=block,
        block_hash=bytes(32),
        time=1,
        transaction=bytes(32),
        index=0,
        content=content,
    )


def issued(lot: int, first: int, quantity: int, account: int = 7) -> PlacedEvent:
    return placed(
        lots.LotIssued(
            sequence=1,
            lot_id=lot,
            class_id=1,
            account=account,
            first_serial=first,
            quantity=quantity,
            registry_number=bytes(32),
            order_id=bytes(32),
        )
    )


def moved(lot: int, account: int, place: Place) -> PlacedEvent:
    return placed(
        lots.LotMoved(
            sequence=1,
            lot_id=lot,
            account=account,
            place=place,
            hold=Hold.NONE,
            subject=0,
            order_id=bytes(32),
        )
    )


def split(lot: int, part: int, quantity: int) -> PlacedEvent:
    return placed(lots.LotSplit(sequence=1, lot_id=lot, new_lot_id=part, quantity=quantity))


def cells(sheet: Worksheet) -> dict[Any, Any]:
    return {
        written.key: written.row
        for written in sheet.written()
        if written.table is Table.BALANCES and written.row is not None
    }


def test_every_kind_of_event_has_its_effect() -> None:
    assert set(HANDLERS) == set(get_args(LedgerEvent))


def test_an_issue_is_posted_against_what_was_issued() -> None:
    sheet = Worksheet(keep_above=0, whole=True)
    assert [tuple(each) for each in sheet.apply(issued(1, 1, 500))] == [
        (CONTRA, 1, Place.NONE, -500, 1),
        (7, 1, Place.REGISTRY, 500, 1),
    ]
    assert cells(sheet) == {(CONTRA, 1, Place.NONE): -500, (7, 1, Place.REGISTRY): 500}


def test_what_is_handed_in_is_posted_to_a_contra_account_and_back() -> None:
    sheet = Worksheet(keep_above=0, whole=True)
    sheet.apply(issued(1, 1, 500))
    sheet.apply(split(1, 2, 200))
    out = sheet.apply(moved(2, 7, Place.SURRENDERED))
    assert [tuple(each) for each in out] == [
        (7, 1, Place.REGISTRY, -200, 2),
        (CONTRA, 1, Place.SURRENDERED, 200, 2),
    ]
    assert cells(sheet)[7, 1, Place.REGISTRY] == 300
    back = sheet.apply(moved(2, 8, Place.REGISTRY))
    assert [(each.account, each.place, each.tonnes) for each in back] == [
        (CONTRA, Place.SURRENDERED, -200),
        (8, Place.REGISTRY, 200),
    ]
    assert (CONTRA, 1, Place.SURRENDERED) not in cells(sheet)


def test_a_split_and_a_move_within_a_cell_post_nothing() -> None:
    sheet = Worksheet(keep_above=0, whole=True)
    sheet.apply(issued(1, 1, 500))
    assert sheet.apply(split(1, 2, 200)) == ()
    assert sheet.apply(moved(2, 7, Place.REGISTRY)) == ()


REFUSED = {
    "a lot that is not known": moved(9, 7, Place.TRADING),
    "a part of a lot that is not known": split(9, 10, 1),
    "serials that do not go on": issued(2, 7, 5),
    "an order that is not known": placed(
        OrderApproved(sequence=1, order_id=bytes(32), approver=bytes(20), executable_at=0),
        book=Book.ORDERS,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_event_that_does_not_follow_is_refused(name: str) -> None:
    sheet = Worksheet(keep_above=0, whole=True)
    sheet.apply(issued(1, 1, 5))
    before = sheet.written()
    with pytest.raises(MirrorEventError):
        sheet.apply(REFUSED[name])
    assert sheet.written() == before


def test_a_cell_is_never_below_nothing() -> None:
    sheet = Worksheet(keep_above=0, whole=True)
    sheet.apply(issued(1, 1, 5))
    lot = sheet.get(Table.LOTS, 1)
    sheet.add(Table.BALANCES, [(7, 1, Place.REGISTRY)], {(7, 1, Place.REGISTRY): 4})
    assert lot is not None
    with pytest.raises(MirrorEventError):
        sheet.apply(moved(1, 8, Place.TRADING))


@given(st.integers(0, 3))
def test_any_history_adds_up_to_nothing_at_any_time(seed: int) -> None:
    """Over random histories: every event, and all cells of a class after every event."""
    sheet, block = Worksheet(keep_above=2**62, whole=True), history(seed, length=12, fork_every=100)
    while True:
        for event in block.events:
            postings = sheet.apply(event)
            assert sum(each.tonnes for each in postings) == 0
            totals = cells(sheet)
            for class_id in {key[1] for key in totals}:
                assert sum(row for key, row in totals.items() if key[1] == class_id) == 0
        if not block.children:
            return
        block = block.children[0]


def test_images_are_of_the_state_before_the_block() -> None:
    sheet = Worksheet(keep_above=4, whole=True)
    sheet.apply(issued(1, 1, 5))
    sheet.images.clear()
    for block, place in ((4, Place.TRADING), (5, Place.REGISTRY), (5, Place.TRADING)):
        content = moved(1, 7, place).content
        sheet.apply(placed(content, block=block))
    lots_kept = [each for each in sheet.images if each.table is Table.LOTS]
    assert [(each.block, each.row.place) for each in lots_kept] == [(5, Place.TRADING)]  # type: ignore[union-attr]


def test_numbers_above_64_bits_are_written_too() -> None:
    content = lots.ClassRegistered(
        sequence=2**70,
        class_id=1,
        instrument=Instrument.CCER,
        vintage=2025,
        code=b"\x01" * 32,
        record=bytes(32),
        order_id=bytes(32),
    )
    small = event_bytes(placed(content).content)
    assert small.startswith(b'{"sequence":1180591620717411303424,"class_id":1,"instrument":2,')
    assert b'"code":"' + b"01" * 32 in small


def test_an_effect_is_a_function_of_event_and_state() -> None:
    sheet = Worksheet(keep_above=0, whole=True)
    sheet.apply(issued(1, 1, 5))
    event = moved(1, 8, Place.TRADING)
    assert effect_of(event, sheet) == effect_of(event, sheet)


def test_what_was_not_loaded_is_not_taken_for_nothing() -> None:
    sheet = Worksheet(keep_above=0)
    with pytest.raises(LookupError):
        sheet.apply(issued(1, 1, 5))
