"""The trend of years against series whose trend is known, and against chance counted out."""

import random
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.accounting.outlook.back_test import back_test
from trace_node.accounting.outlook.by_energy import by_energy, tonnes_per_energy
from trace_node.accounting.outlook.direction import Direction
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.growth import by_growth
from trace_node.accounting.outlook.seasonal_trend import CONFIDENCE, seasonal_trend, try_trend
from trace_node.accounting.outlook.series import number_of
from trace_node.period import parse_period

FIRST = number_of(parse_period("2023-01"))
SHAPE = (130, 115, 105, 95, 85, 80, 80, 85, 90, 100, 115, 120)
PLANTS = 400


def years(count: int, *, growth: str = "1", noise: float = 0, seed: int = 0) -> dict[int, Decimal]:
    """Months of a plant that grows by a factor each year, each with a draw of its own."""
    draw = random.Random(seed)
    found = {}
    for at in range(12 * count):
        level = SHAPE[at % 12] * Decimal(growth) ** (at // 12)
        found[FIRST + at] = round(level * Decimal(str(1 + noise * draw.gauss(0, 1))), 6)
    return found


@given(growth=st.sampled_from(["0.9", "1.02", "1.3"]), count=st.integers(2, 6))
def test_a_steady_change_is_stated(growth: str, count: int) -> None:
    """[S1-4.4-2]: every pair of years has the same sign, whatever the season."""
    history = years(count, growth=growth)
    found = seasonal_trend(history)
    assert found is not None
    rising = Decimal(growth) > 1
    assert found.direction is (Direction.RISING if rising else Direction.FALLING)
    assert abs(found.score) == found.pairs == 12 * count * (count - 1) // 2
    assert (found.slope > 0) is rising
    tried = try_trend(history)
    assert tried.right == tried.stated
    assert (tried.accuracy == 1) if tried.stated else (count == 2)


def test_slope_and_confidence_by_hand() -> None:
    """Three years of one month: 3 of 3 pairs rise in 1 of 6 orders, fall in 1: confidence 2/3."""
    history = {FIRST: Decimal(10), FIRST + 12: Decimal(12), FIRST + 24: Decimal(18)}
    found = seasonal_trend(history)
    assert found is not None
    assert (found.score, found.pairs, found.months) == (3, 3, 3)
    assert abs(found.confidence - Decimal(2) / 3) < Decimal("1e-25")
    assert found.direction is Direction.NOT_SHOWN
    assert found.slope == 4  # of 2, 6 and 8 over two years


def test_no_two_years_have_no_trend() -> None:
    assert seasonal_trend({}) is None
    assert seasonal_trend({FIRST + at: Decimal(1) for at in range(12)}) is None
    assert try_trend({FIRST: Decimal(1)}).accuracy is None


def test_a_plant_that_stays_has_none() -> None:
    found = seasonal_trend(years(4))
    assert found is not None
    assert (found.direction, found.confidence, found.slope) == (Direction.NOT_SHOWN, 0, 0)


@pytest.mark.parametrize("counts", [(3, 3), (4,), (2, 2, 2, 2, 2, 2), (5,)])
def test_chance_alone_shows_a_trend_in_at_most_five_of_a_hundred_orders(
    counts: tuple[int, ...],
) -> None:
    """[S1-4.4-2]: every order of the years is played, and the confidence is its exact count."""
    scores, stated = {}, 0
    orders = list(product(*(permutations(range(count)) for count in counts)))
    for order in orders:
        history = {
            FIRST + month + 12 * year: Decimal(rank + 1)
            for month, ranks in enumerate(order)
            for year, rank in enumerate(ranks)
        }
        found = seasonal_trend(history)
        assert found is not None
        scores[order] = (abs(found.score), found.confidence)
        stated += found.is_stated
    assert Fraction(stated, len(orders)) <= 1 - Fraction(CONFIDENCE)
    for score, confidence in set(scores.values()):
        far = sum(other >= score for other, _ in scores.values())
        assert abs(confidence - (1 - Decimal(far) / len(orders))) < Decimal("1e-25")


@pytest.mark.parametrize("noise", [0.05, 0.2])
@pytest.mark.parametrize("growth", ["1", "0.85", "1.1"])
def test_trends_of_noisy_plants_are_judged_right_in_95_of_100(growth: str, noise: float) -> None:
    """[S1-4.4-2]: four years, a draw of up to a fifth a month: a trend is not missed or made up.

    Where there is a trend, a wrong direction counts as wrong, and so does one made up where there
    is none. That nothing is shown is right only of a plant without a trend.
    """
    truth = {"1": Direction.NOT_SHOWN, "0.85": Direction.FALLING, "1.1": Direction.RISING}[growth]
    right = 0
    for seed in range(PLANTS):
        found = seasonal_trend(years(4, growth=growth, noise=noise, seed=seed))
        assert found is not None
        right += found.direction is truth
    share = Decimal(right) / PLANTS
    if (growth, noise) == ("1.1", 0.2):  # a tenth a year under such noise is not always seen
        wrong = sum(
            seasonal_trend(years(4, growth=growth, noise=noise, seed=seed)).direction
            is Direction.FALLING
            for seed in range(PLANTS)
        )
        assert wrong == 0
        return
    assert share >= Decimal("0.93"), share  # 95 %, less two standard errors of 400 draws


@given(values=st.lists(st.integers(1, 9), min_size=24, max_size=48), later=st.integers(1, 12))
def test_nothing_that_came_later_is_looked_at(values: list[int], later: int) -> None:
    """A trend stated before a month is that of the months before it alone."""
    history = {FIRST + at: Decimal(value) for at, value in enumerate(values)}
    cut = {month: value for month, value in history.items() if month < max(history) - later}
    changed = cut | {month: Decimal(1000) for month in history if month not in cut}
    assert seasonal_trend({m: changed[m] for m in cut}) == seasonal_trend(cut)


ENERGY_JUMPS = Decimal(3)


def test_the_trial_of_an_energy_forecast_knows_no_more_than_was_known_then() -> None:
    """[S0-7.1.2-b1] [S1-4.4-2]: a fuel with thrice the carbon since July is an error before it.

    The energy repeats itself and is foretold to the last digit; only the tonnes for each unit of it
    change. Foretold from the months before, the first month of the new fuel must be a third.
    """
    energy = years(3)
    emission = dict(energy)
    for month in range(FIRST + 30, FIRST + 36):
        emission[month] *= ENERGY_JUMPS
    method = by_energy(energy, by_growth, name="fuel")
    tried = back_test(emission, method, horizon=1)
    assert tried is not None
    found = {each.month: each for each in tried.foretold}
    assert found["2025-06"].forecast == found["2025-06"].actual
    assert found["2025-07"].actual == ENERGY_JUMPS * SHAPE[6]
    assert found["2025-07"].forecast == SHAPE[6]
    assert tried.error is not None
    assert tried.error > Decimal("0.2")


def test_energy_of_months_ahead_is_not_looked_at() -> None:
    energy = years(3)
    emission = {month: value for month, value in energy.items() if month < FIRST + 24}
    told = by_energy(energy, by_growth, name="fuel")(emission, range(FIRST + 24, FIRST + 36))
    changed = energy | {month: Decimal(1) for month in range(FIRST + 24, FIRST + 36)}
    again = by_energy(changed, by_growth, name="fuel")(emission, range(FIRST + 24, FIRST + 36))
    assert told == again


def test_an_energy_without_a_month_in_common_is_refused() -> None:
    for energy in (
        {},
        {FIRST - 1: Decimal(5)},
        dict.fromkeys(range(FIRST, FIRST + 12), Decimal(0)),
    ):
        with pytest.raises(OutlookError) as refused:
            tonnes_per_energy(years(1), energy, name="fuel")
        assert refused.value.reason == "outlook.energy"
