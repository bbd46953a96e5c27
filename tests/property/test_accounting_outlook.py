"""Forecasts against series whose future is known, back-tests, and the colours of the board."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trace_node.accounting.outlook.back_test import ERROR_TARGET, TREND_TARGET, back_test
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.forecast import best_of, forecasts
from trace_node.accounting.outlook.growth import by_growth, growth_rate
from trace_node.accounting.outlook.rating import (
    DEFAULT_ORDER,
    PRODUCT_THRESHOLDS,
    Level,
    Measure,
    Reference,
    Thresholds,
    decide,
    rate,
)
from trace_node.accounting.outlook.seasonal import by_season
from trace_node.accounting.outlook.series import month_of, number_of
from trace_node.period import parse_period

FIRST = number_of(parse_period("2024-01"))
SHAPE = [Decimal(each) for each in (130, 115, 105, 95, 85, 80, 80, 85, 90, 100, 115, 120)]
TINY = Decimal("1e-40")
tonnes = st.integers(min_value=1, max_value=10**7).map(lambda n: Decimal(n) / 1000)
ratios = st.integers(min_value=1, max_value=4000).map(lambda n: Decimal(n) / 1000)


def years(*levels: str) -> dict[int, Decimal]:
    """The same season each year, at another level."""
    return {
        FIRST + 12 * year + at: shape * Decimal(level)
        for year, level in enumerate(levels)
        for at, shape in enumerate(SHAPE)
    }


def ahead(months: int, *, after: dict[int, Decimal]) -> range:
    return range(max(after) + 1, max(after) + 1 + months)


def test_months_count_on_and_back() -> None:
    assert month_of(FIRST).name == "2024-01"
    assert month_of(FIRST - 1).name == "2023-12"
    assert number_of(month_of(FIRST + 77)) == FIRST + 77


def test_growth_by_hand() -> None:
    """[S0-7.1.2-b1]: January and February 110 and 99 against 100 and 90: + 10 %."""
    history = {FIRST: Decimal(100), FIRST + 1: Decimal(90), FIRST + 2: Decimal(80)}
    history |= {FIRST + 12: Decimal(110), FIRST + 13: Decimal(99)}
    assert growth_rate(history, FIRST + 14) == Decimal("0.1")
    assert by_growth(history, [FIRST + 14]) == {FIRST + 14: Decimal(88)}


def test_january_grows_as_the_whole_year_before_did() -> None:
    history = years("1", "1.25")
    assert growth_rate(history, FIRST + 24) == Decimal("0.25")
    assert by_growth(history, ahead(2, after=history)) == {
        FIRST + 24: SHAPE[0] * Decimal("1.25") ** 2,
        FIRST + 25: SHAPE[1] * Decimal("1.25") ** 2,
    }


def test_growth_that_cannot_be_formed_is_refused() -> None:
    for history in ({}, {FIRST: Decimal(1)}, years("1"), years("0", "1")):
        with pytest.raises(OutlookError) as refused:
            by_growth(history, [FIRST + 24])
        assert refused.value.reason == "outlook.growth"


@given(level=tonnes, growth=ratios)
def test_growth_of_one_rate_is_foretold_to_the_last_digit(level: Decimal, growth: Decimal) -> None:
    history = {
        FIRST + 12 * year + at: shape * level * growth**year
        for year in range(2)
        for at, shape in enumerate(SHAPE)
    }
    for month, value in by_growth(history, ahead(12, after=history)).items():
        expected = SHAPE[month % 12] * level * growth**2
        assert abs(value - expected) <= expected * TINY


@given(level=tonnes, count=st.integers(2, 6))
def test_a_season_that_repeats_is_foretold_to_the_last_digit(level: Decimal, count: int) -> None:
    history = years(*[str(level)] * count)
    for month, value in by_season(history, ahead(12, after=history)).items():
        expected = SHAPE[month % 12] * level
        assert abs(value - expected) <= expected * TINY


@given(level=tonnes, slope=st.integers(0, 1000))
def test_a_straight_line_is_foretold_to_the_last_digit(level: Decimal, slope: int) -> None:
    history = {FIRST + at: level + at * slope for at in range(36)}
    for month, value in by_season(history, ahead(6, after=history)).items():
        expected = level + (month - FIRST) * slope
        assert abs(value - expected) <= expected * TINY


def test_seasons_need_two_years_without_a_gap_and_a_line_above_0() -> None:
    short = years("1", "1")
    del short[FIRST + 5]
    falling = years("10", "1")
    for history, code in ((short, "outlook.seasonal"), (falling, "outlook.trend")):
        with pytest.raises(OutlookError) as refused:
            by_season(history, ahead(12, after=history))
        assert refused.value.reason == code


def test_back_test_by_hand() -> None:
    """[S1-4.4-2]: 11 foretold and 10 come, then 9 foretold and 10 come: error 10 %."""
    history = {FIRST + at: Decimal(10) for at in range(14)}
    told = {FIRST + 12: Decimal(11), FIRST + 13: Decimal(9)}

    def foretell(known: dict, months: list) -> dict:
        if not set(months) <= told.keys():
            raise OutlookError("{field}: not now", field="history")
        assert max(known) == months[0] - 1, "nothing of the months ahead is known"
        return {month: told[month] for month in months}

    found = back_test(history, foretell, horizon=1)
    assert found is not None
    assert (found.error, found.spread) == (Decimal("0.1"), Decimal("0.1"))
    assert (found.trend, found.trend_met, found.error_met) == (Decimal(0), False, False)
    assert [each.month for each in found.foretold] == ["2025-01", "2025-02"]
    assert back_test({FIRST: Decimal(1)}, foretell, horizon=1) is None


@given(growth=st.sampled_from(["0.9", "1", "1.1"]), horizon=st.integers(1, 12))
def test_a_steady_plant_meets_both_targets(growth: str, horizon: int) -> None:
    history = years("1", growth, str(Decimal(growth) ** 2))
    found = back_test(history, by_growth, horizon=horizon)
    assert found is not None
    assert found.error is not None
    assert found.error <= ERROR_TARGET
    assert found.trend is not None
    assert found.trend >= TREND_TARGET


def test_the_method_that_erred_least_is_taken_and_its_spread_shown() -> None:
    """A jump of level half a year ago: the growth rate sees it, the straight line only in part."""
    history = years("1", "1", "1")
    for month in range(FIRST + 30, FIRST + 36):
        history[month] *= 2
    found = forecasts(history, ahead(3, after=history))
    assert [each.method for each in found] == ["growth", "seasonal"]
    best = best_of(found)
    assert best is not None
    assert best.back_test is not None
    errors = [each.back_test.error for each in found if each.back_test]
    assert best.back_test.error == min(errors)
    for each in best.months:
        assert each.low is not None
        assert each.high is not None
        assert 0 <= each.low <= each.value <= each.high


def test_a_method_that_cannot_say_tells_why() -> None:
    growth, seasonal = forecasts(years("1"), range(FIRST + 12, FIRST + 13))
    assert growth.refusal is not None
    assert seasonal.refusal is not None
    assert best_of([growth, seasonal]) is None
    for months in ([], [1, 3], range(13)):
        with pytest.raises(OutlookError) as refused:
            forecasts(years("1", "1"), months)
        assert refused.value.reason == "outlook.months"


@given(one=tonnes, other=tonnes, reference=tonnes)
def test_more_emission_is_never_a_better_colour(
    one: Decimal, other: Decimal, reference: Decimal
) -> None:
    """[S0-7.1.2-b2]"""
    assume(one <= other)
    measure = Measure(reference=Reference.PLAN, value=reference, citation="plan")
    ranks = [
        list(Level).index(rate(each, measure, PRODUCT_THRESHOLDS).level) for each in (one, other)
    ]
    assert ranks[0] <= ranks[1]


@pytest.mark.parametrize(
    ("emission", "level"),
    [
        ("95", Level.GREEN),
        ("95.01", Level.YELLOW),
        ("100", Level.YELLOW),
        ("100.01", Level.ORANGE),
        ("105", Level.ORANGE),
        ("105.01", Level.RED),
    ],
)
def test_the_colour_changes_above_the_threshold(emission: str, level: Level) -> None:
    measure = Measure(reference=Reference.PLAN, value=Decimal(100), citation="plan")
    assert rate(Decimal(emission), measure, PRODUCT_THRESHOLDS).level is level


def test_nothing_may_be_emitted_against_a_reference_of_0() -> None:
    measure = Measure(reference=Reference.PLAN, value=Decimal(0), citation="plan")
    assert rate(Decimal(1), measure, PRODUCT_THRESHOLDS).level is Level.RED
    assert rate(Decimal(0), measure, PRODUCT_THRESHOLDS).level is Level.GREEN


def test_the_first_reference_with_data_decides() -> None:
    values = {Reference.HISTORY: Decimal(100), Reference.SECTOR: Decimal(50)}
    rated = [
        rate(
            Decimal(99),
            Measure(reference=each, value=values.get(each), citation="-"),
            PRODUCT_THRESHOLDS,
        )
        for each in Reference
    ]
    found = decide(rated, DEFAULT_ORDER)
    assert found is not None
    assert (found.measure.reference, found.level) == (Reference.SECTOR, Level.RED)
    turned = decide(rated, [Reference.HISTORY, Reference.SECTOR])
    assert turned is not None
    assert turned.level is Level.YELLOW
    assert decide(rated, [Reference.PLAN]) is None


@pytest.mark.parametrize("values", [("0", "1", "1"), ("1", "0.9", "1"), ("0.9", "1", "0.95")])
def test_thresholds_in_another_order_are_refused(values: tuple[str, str, str]) -> None:
    yellow, orange, red = map(Decimal, values)
    with pytest.raises(OutlookError) as refused:
        Thresholds(yellow=yellow, orange=orange, red=red)
    assert refused.value.reason == "outlook.thresholds"
