"""Which lots an order takes by itself: enough, the oldest, none twice, against a search by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.quota.ledger.errors import OrderFileError
from trace_node.quota.ledger.lot_choice import Candidate, choose_lots
from trace_node.quota.ledger.order import Part

LOTS = st.lists(
    st.builds(
        Candidate,
        lot=st.integers(1, 500),
        vintage=st.integers(2019, 2026),
        quantity=st.integers(1, 50),
    ),
    unique_by=lambda each: each.lot,
    max_size=64,
)


@given(LOTS, st.data())
def test_the_oldest_tonnes_are_taken(candidates: list[Candidate], data: st.DataObject) -> None:
    there = sum(each.quantity for each in candidates)
    if not there:
        return
    wanted = data.draw(st.integers(1, there))
    # Slowly: every tonne by itself, in the order of its vintage and lot.
    tonnes = sorted((each.vintage, each.lot) for each in candidates for _ in range(each.quantity))[
        :wanted
    ]
    expected = {lot: [place for _, place in tonnes].count(lot) for _, lot in tonnes}
    found = choose_lots(candidates, wanted)
    assert [(part.lot, part.quantity) for part in found] == sorted(expected.items())


@given(LOTS)
def test_more_than_there_is_is_refused(candidates: list[Candidate]) -> None:
    with pytest.raises(OrderFileError) as refusal:
        choose_lots(candidates, sum(each.quantity for each in candidates) + 1)
    assert refusal.value.reason == "order.lots.insufficient"


def test_more_lots_than_an_order_takes_are_refused() -> None:
    lots = [Candidate(lot=number, vintage=2025, quantity=1) for number in range(1, 66)]
    assert choose_lots(lots, 64) == tuple(Part(lot=n, quantity=1) for n in range(1, 65))
    with pytest.raises(OrderFileError) as refusal:
        choose_lots(lots, 65)
    assert refusal.value.reason == "order.parts.many"
