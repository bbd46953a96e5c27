"""Measurements side by side: S3-4.2-4, S3-5.1-1 (three methods), S3-5.1-2 (flue gas first)."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from trace_node.accounting.comparison.choice import (
    CALCULATED_DURING_TRIAL,
    CEMS_FIRST,
    ChoiceRule,
    choose,
)
from trace_node.accounting.comparison.difference import compare, difference
from trace_node.accounting.comparison.errors import ComparisonError, NoFigureError
from trace_node.accounting.comparison.mass_balance import CarbonStream, Side, balance
from trace_node.accounting.comparison.measurement import Approach, Measurement
from trace_node.accounting.uncertainty.budget import propagate
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.parts import UncertainInput, rectangular
from trace_node.formula import parse
from trace_node.period import parse_period

D = Decimal
MONTH = parse_period("2026-11")


def measured(approach: Approach, co2: str, expanded: str) -> Measurement:
    return Measurement(approach=approach, period=MONTH, co2=D(co2), expanded=D(expanded), k=D(2))


CEMS = measured(Approach.CEMS, "1000", "40")
BALANCE = measured(Approach.MASS_BALANCE, "1050", "30")
MODEL = measured(Approach.MODEL, "1200", "60")
CALCULATED = measured(Approach.CALCULATION, "1020", "20")


class TestDifference:
    def test_within_the_uncertainties(self) -> None:
        found = difference(CEMS, BALANCE)  # |1000 - 1050| / sqrt(40^2 + 30^2)
        assert found.en == 1
        assert found.agrees
        assert difference(BALANCE, CEMS).en == found.en

    def test_just_beyond(self) -> None:
        found = difference(CEMS, replace(BALANCE, co2=D("1050.001")))
        assert not found.agrees

    def test_three_side_by_side(self) -> None:
        found = compare([CEMS, BALANCE, MODEL])
        pairs = [(each.first, each.second, each.agrees) for each in found.differences]
        assert pairs == [
            (Approach.CEMS, Approach.MASS_BALANCE, True),
            (Approach.CEMS, Approach.MODEL, False),
            (Approach.MASS_BALANCE, Approach.MODEL, False),
        ]
        assert [each.code for each in found.nonconformities] == ["comparison.disagree"] * 2
        assert found.nonconformities[0].message == (
            "cems and model differ by more than their uncertainties: E_n = 2.77"
        )

    def test_a_measurement_from_its_budget(self) -> None:
        part = rectangular(D(3), origin="class")
        budget = propagate(parse("x"), [UncertainInput(name="x", value=D(9), parts=(part,))])
        found = Measurement.of(budget, approach=Approach.CEMS, period=MONTH)
        assert (found.co2, found.expanded, found.k) == (D(9), budget.expanded, D(2))


class TestChoice:
    def test_flue_gas_comes_first_by_standard_003(self) -> None:
        choice = choose([BALANCE, MODEL, CALCULATED, CEMS], CEMS_FIRST)
        assert (choice.figure, choice.rule.clause, choice.passed_over) == (CEMS, "S3 5.1", ())

    def test_the_calculated_figure_counts_while_cems_is_on_trial(self) -> None:
        assert choose([CEMS, CALCULATED], CALCULATED_DURING_TRIAL).figure == CALCULATED

    def test_what_does_not_conform_is_passed_over_and_named(self) -> None:
        stream = CarbonStream(name="a", side=Side.IN, quantity=D(1), carbon=D("0.1"))
        out = CarbonStream(name="b", side=Side.PRODUCT, quantity=D(2), carbon=D("0.1"))
        finding = balance([stream, out]).nonconformity
        assert finding is not None
        broken = replace(BALANCE, nonconformities=(finding,))
        choice = choose([broken, CALCULATED, MODEL], CEMS_FIRST)
        assert choice.figure == CALCULATED
        assert choice.passed_over == (Approach.CEMS, Approach.MASS_BALANCE)

    def test_a_model_alone_gives_no_figure(self) -> None:
        with pytest.raises(NoFigureError) as caught:
            choose([MODEL], CEMS_FIRST)
        assert caught.value.reason == "comparison.no_figure"

    def test_no_rule_can_name_the_model(self) -> None:
        with pytest.raises(ComparisonError) as caught:
            ChoiceRule(id="x", clause="x", order=(Approach.CEMS, Approach.MODEL))
        assert caught.value.reason == "comparison.model"


class TestMassBalance:
    def test_carbon_in_minus_carbon_out(self) -> None:
        found = balance(
            [
                CarbonStream(name="coke", side=Side.IN, quantity=D(100), carbon=D("0.85")),
                CarbonStream(name="iron", side=Side.PRODUCT, quantity=D(200), carbon=D("0.04")),
                CarbonStream(name="dust", side=Side.WASTE, quantity=D(10), carbon=D("0.2")),
            ]
        )  # 85 - 8 - 2 = 75 tC; times 44/12 = 275
        assert found.co2 == 275
        assert found.carbon == {Side.IN: 85, Side.PRODUCT: 8, Side.WASTE: 2}
        assert found.nonconformity is None

    def test_nothing_and_pure_carbon_are_streams_too(self) -> None:
        none = CarbonStream(name="none", side=Side.WASTE, quantity=D(0), carbon=D(0))
        pure = CarbonStream(name="pure", side=Side.IN, quantity=D(3), carbon=D(1))
        assert balance([none, pure]).co2 == 11

    def test_what_goes_in_and_out_alike_is_no_finding(self) -> None:
        came = CarbonStream(name="in", side=Side.IN, quantity=D(3), carbon=D("0.5"))
        found = balance([came, replace(came, name="out", side=Side.PRODUCT)])
        assert (found.co2, found.nonconformity) == (0, None)

    def test_a_negative_balance_is_neither_zero_nor_silent(self) -> None:
        found = balance(
            [
                CarbonStream(name="in", side=Side.IN, quantity=D(1), carbon=D("0.12")),
                CarbonStream(name="out", side=Side.PRODUCT, quantity=D(1), carbon=D("0.24")),
            ]
        )
        assert found.co2 == D("-0.44")
        assert found.nonconformity is not None
        assert found.nonconformity.code == "balance.negative"
        assert "0.440 t" in found.nonconformity.message


def stream(**changes: object) -> CarbonStream:
    return replace(CarbonStream(name="a", side=Side.IN, quantity=D(1), carbon=D("0.5")), **changes)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: compare([CEMS, CEMS]), "comparison.measurements"),
        (
            lambda: compare([CEMS, replace(BALANCE, period=MONTH.next())]),
            "comparison.measurements",
        ),
        (lambda: difference(CEMS, replace(BALANCE, k=D(3))), "comparison.uncertainty"),
        (
            lambda: difference(replace(CEMS, expanded=D(0)), replace(BALANCE, expanded=D(0))),
            "comparison.uncertainty",
        ),
        (lambda: replace(CEMS_FIRST, order=()), "comparison.order"),
        (lambda: replace(CEMS_FIRST, order=(Approach.CEMS,) * 2), "comparison.order"),
        (lambda: stream(quantity=D(-1)), "comparison.stream"),
        (lambda: stream(carbon=D("61.2")), "comparison.carbon"),
        (lambda: stream(carbon=D("1.0001")), "comparison.carbon"),
        (lambda: balance([stream(), stream()]), "comparison.streams"),
        (lambda: balance([stream(side=Side.WASTE)]), "comparison.streams"),
        (lambda: balance([]), "comparison.streams"),
    ],
)
def test_refusals(call: Callable[[], object], code: str) -> None:
    with pytest.raises(ComparisonError) as caught:
        call()
    assert caught.value.reason == code
    assert caught.value.remedy


def test_an_uncertainty_has_no_sign() -> None:
    with pytest.raises(UncertaintyError):
        replace(CEMS, expanded=D(-1))
