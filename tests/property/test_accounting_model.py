"""The fitted model: S3-5.1-1, the third of three methods. Exact, reproducible, never the figure."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trace_node.accounting.comparison.choice import CEMS_FIRST, choose
from trace_node.accounting.comparison.errors import ComparisonError, NoFigureError
from trace_node.accounting.comparison.linear import invert, times
from trace_node.accounting.comparison.regression import (
    Drivers,
    Model,
    TrainingRow,
    fit,
    predict,
)
from trace_node.crypto.sm3 import sm3
from trace_node.period import Period, parse_period

D = Decimal
NAMES = ("raw_meal", "clinker", "fuel", "ncv")
FIRST = parse_period("2026-01-01")
NUMBERS = st.decimals(0, 1000, places=1)
DRIVERS = st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS).map(
    lambda each: dict(zip(NAMES, each, strict=True))
)


def days(count: int) -> list[Period]:
    found = [FIRST]
    while len(found) < count:
        found.append(found[-1].next())
    return found


def linear(drivers: Drivers) -> Decimal:
    return (
        D(3)
        + D("0.02") * drivers["raw_meal"]
        + D("0.5") * drivers["clinker"]
        + D("2.5") * drivers["fuel"]
        - D("0.25") * drivers["ncv"]
    )


def trained(drivers: list[Drivers], noise: list[Decimal]) -> Model:
    rows = [
        TrainingRow(period=period, drivers=each, co2=linear(each) + off)
        for period, each, off in zip(days(len(drivers)), drivers, noise, strict=True)
    ]
    try:
        return fit(rows, NAMES)
    except ComparisonError as error:
        assume(error.reason != "comparison.singular")
        raise


@given(st.lists(DRIVERS, min_size=6, max_size=10))
def test_a_linear_emission_is_found_exactly(drivers: list[Drivers]) -> None:
    model = trained(drivers, [D(0)] * len(drivers))
    assert model.coefficients == tuple(map(Fraction, ("3", "0.02", "0.5", "2.5", "-0.25")))
    assert model.rmse == model.scatter == 0
    prediction = predict(model, drivers[0], period=FIRST)
    assert prediction.measurement.co2 == linear(drivers[0])
    assert prediction.beyond == ()


@given(
    st.lists(DRIVERS, min_size=8, max_size=8),
    st.lists(st.decimals(-5, 5, places=2), min_size=8, max_size=8),
    st.lists(st.fractions(-1, 1, max_denominator=9), min_size=5, max_size=5),
)
def test_no_other_line_is_nearer(
    drivers: list[Drivers], noise: list[Decimal], other: list[Fraction]
) -> None:
    model = trained(drivers, noise)

    def squares(coefficients: tuple[Fraction, ...]) -> Fraction:
        rest = Fraction(0)
        for each, off in zip(drivers, noise, strict=True):
            line = [Fraction(1), *(Fraction(each[name]) for name in NAMES)]
            rest += (Fraction(linear(each) + off) - times(coefficients, line)) ** 2
        return rest

    least = squares(model.coefficients)
    moved = tuple(a + b for a, b in zip(model.coefficients, other, strict=True))
    assert least <= squares(moved)
    assert abs(Fraction(model.rmse) ** 2 - least / 8) < Fraction(1, 10**30)
    assert abs(Fraction(model.scatter) ** 2 - least / 3) < Fraction(1, 10**30)
    u = predict(model, drivers[0], period=FIRST).measurement.expanded / 2
    assert u >= model.scatter


@given(
    st.lists(
        st.lists(st.integers(-9, 9).map(Fraction), min_size=3, max_size=3), min_size=3, max_size=3
    )
)
def test_an_inverse_times_its_matrix_is_one(matrix: list[list[Fraction]]) -> None:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    inverse = invert(matrix)
    assert (inverse is None) == (determinant == 0)
    if inverse is not None:
        columns = list(zip(*inverse, strict=True))
        product = [[times(row, column) for column in columns] for row in matrix]
        assert product == [[int(row == column) for column in range(3)] for row in range(3)]


ROWS = [
    TrainingRow(
        period=period,
        drivers={
            "raw_meal": D(150 + 7 * index),
            "clinker": D(100 + index * index),
            "fuel": D(12 + index % 3),
            "ncv": D(22 + index % 2),
        },
        co2=D(90 + index * 7 % 5),
    )
    for index, period in enumerate(days(8))
]


def test_the_digest_is_that_of_the_rows_in_order_of_time() -> None:
    rows = [
        {
            "co2": f"{row.co2}",
            "inputs": [f"{row.drivers[name]}" for name in NAMES],
            "period": row.period.name,
        }
        for row in ROWS
    ]
    model = fit(ROWS[::-1], NAMES)
    assert model.digest == sm3(json.dumps(rows, separators=(",", ":")).encode())
    assert model == fit(ROWS, NAMES)
    assert model.window == (ROWS[0].period, ROWS[-1].period)
    assert all(first.period.end == second.period.start for first, second in pairwise(ROWS))


def test_a_changed_row_changes_the_digest() -> None:
    changed = [*ROWS[:-1], replace(ROWS[-1], co2=D("94.01"))]
    assert fit(changed, NAMES).digest != fit(ROWS, NAMES).digest


def test_beyond_its_training_it_says_so_and_is_less_certain() -> None:
    model = fit(ROWS, NAMES)
    inside = predict(model, ROWS[3].drivers, period=FIRST)
    outside = predict(model, {**ROWS[3].drivers, "fuel": D(60), "ncv": D(5)}, period=FIRST)
    assert (inside.beyond, outside.beyond) == ((), ("fuel", "ncv"))
    assert outside.measurement.expanded > inside.measurement.expanded
    assert outside.digest == model.digest


def test_it_never_is_the_figure() -> None:
    with pytest.raises(NoFigureError):
        choose([predict(fit(ROWS, NAMES), ROWS[0].drivers, period=FIRST).measurement], CEMS_FIRST)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (ROWS[:5], "comparison.training"),
        ([*ROWS[:7], ROWS[0]], "comparison.training"),
        ([replace(row, drivers=ROWS[0].drivers) for row in ROWS], "comparison.singular"),
    ],
)
def test_what_trains_no_model(rows: list[TrainingRow], code: str) -> None:
    with pytest.raises(ComparisonError) as caught:
        fit(rows, NAMES)
    assert caught.value.reason == code
