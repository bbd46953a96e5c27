"""S2-8.3.2-1: shares conserve, integrals add up, circles are found as a slow search finds them."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trace_node.accounting.activity.errors import ActivityError
from trace_node.accounting.activity.integrate import Between, RateSample, integrate
from trace_node.accounting.activity.points import VirtualPoint, evaluation_order
from trace_node.accounting.activity.rules import Add, apportion, shares_by_weight
from trace_node.period import PeriodKind, parse_period
from trace_node.units import Quantity, unit

HOUR = parse_period("2026-11-21T11")
NAMES = ["a", "b", "c", "d", "e"]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9), max_value=10**9
    ),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=9).filter(any),
)
def test_shares_conserve(value: Decimal, weights: list[int]) -> None:
    named = {str(index): Decimal(weight) for index, weight in enumerate(weights)}
    shares = shares_by_weight(named)
    parts = apportion(Quantity(value, unit("t")), shares)
    assert sum((Fraction(part.value) for part in parts.values()), Fraction(0)) == Fraction(value)
    for name, share in shares.items():
        assert abs(Fraction(share) - Fraction(named[name]) / sum(weights)) < Fraction(1, 10**28)


SERIES = st.lists(
    st.tuples(st.integers(-900, 4500), st.decimals(0, 1000, places=1)), unique_by=lambda row: row[0]
).map(sorted)


@given(SERIES, st.sampled_from(Between), st.integers(1, 2000))
def test_quarters_of_an_hour_add_up(
    rows: list[tuple[int, Decimal]], between: Between, gap: int
) -> None:
    series = [RateSample(HOUR.start + timedelta(seconds=at), rate) for at, rate in rows]
    parts = [HOUR, *HOUR.parts(PeriodKind.QUARTER_HOUR)]
    whole, *quarters = (
        integrate(
            series,
            rate=unit("Nm3/h"),
            target=unit("Nm3"),
            period=period,
            between=between,
            longest_gap=timedelta(seconds=gap),
        )
        for period in parts
    )
    summed = sum(Fraction(each.covered.value) for each in quarters)
    assert abs(Fraction(whole.covered.value) - summed) < Fraction(1, 10**40)
    lengths = [sum(end - begin for begin, end in each.gaps) for each in (whole, *quarters)]
    assert lengths[0] == sum(lengths[1:])
    # Second by second: what lies between two samples that are near enough is covered.
    missing = sum(
        not any(
            left <= second < right and right - left <= gap
            for (left, _), (right, _) in pairwise(rows)
        )
        for second in range(3600)
    )
    assert lengths[0] == missing * 1000


@given(
    st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from([*NAMES, "m"]), max_size=3))
)
def test_circles(graph: dict[str, list[str]]) -> None:
    points = [
        VirtualPoint(name=name, source="s", rule=Add(tuple(inputs)), rule_id="r")
        for name, inputs in graph.items()
    ]

    def reaches_itself(start: str) -> bool:
        seen: set[str] = set()
        todo = list(graph.get(start, ()))
        while todo:
            name = todo.pop()
            if name == start:
                return True
            if name not in seen:
                seen.add(name)
                todo.extend(graph.get(name, ()))
        return False

    circular = any(reaches_itself(name) for name in graph)
    try:
        order = evaluation_order(points)
    except ActivityError as error:
        found = error
    else:
        assert not circular
        for name, inputs in graph.items():
            assert all(order.index(each) < order.index(name) for each in inputs)
        return
    assert circular
    assert found.reason == "activity.cycle"
    circle = str(found.params["circle"]).split(" <- ")
    assert circle[0] == circle[-1]
    assert all(first in graph[second] for first, second in pairwise(circle)) or all(
        second in graph[first] for first, second in pairwise(circle)
    )
