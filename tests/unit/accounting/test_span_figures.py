"""The figure of a span: unrounded totals are added, and rounded once for each unit and method."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.accounting import method

from trace_node.accounting.arithmetic import half_up, total
from trace_node.accounting.inventory.figures import Figure, span_figures
from trace_node.accounting.methods.symbol import Rounding, RoundMode
from trace_node.accounting.methods.words import Purpose
from trace_node.canonical_json import encode
from trace_node.ports.accounting import LoggedTotal
from trace_node.services.stated_figures import stated_figures

WHOLE = Rounding(places=0, mode=RoundMode.HALF_UP)
ETS = (Purpose.ETS, "tCO2", "")


def figure(unrounded: Decimal, *, unit: str = "works", rounding: Rounding | None = WHOLE) -> Figure:
    return Figure(
        unit=unit, method="own@1", total="total", purpose=Purpose.ETS,
        value=unrounded if rounding is None else half_up(unrounded, rounding.places),
        unit_of="tCO2", gwp_set="", rounding=rounding, unrounded=rounding and unrounded,
    )  # fmt: skip


def test_twelve_halves_are_six_and_not_twelve() -> None:
    (found,) = span_figures([figure(Decimal("0.5"))] * 12).values()
    assert (found.value, found.unrounded, found.of_records) == (6, 6, 12)
    assert (found.rounding, found.rounding_of_records) == (0, 6)


def test_each_unit_is_rounded_by_itself() -> None:
    two = [figure(Decimal("0.4")), figure(Decimal("0.4"), unit="mill")]
    assert span_figures(two)[ETS].value == 0
    assert span_figures([two[0], two[0]])[ETS].value == 1


def test_nothing_is_told_where_a_method_does_not_round() -> None:
    found = span_figures([figure(Decimal("0.4"), rounding=None)] * 3)[ETS]
    assert (found.is_plain, found.value) == (True, Decimal("1.2"))


AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=4)


@given(st.lists(st.tuples(AMOUNTS, st.sampled_from(["works", "mill"])), min_size=1, max_size=24))
def test_differences_explain_the_sums_to_the_last_digit(drawn: list[tuple[Decimal, str]]) -> None:
    """Within half a unit of the last place for each unit, or for each record."""
    found = span_figures([figure(value, unit=unit) for value, unit in drawn])[ETS]
    assert found.unrounded == total(value for value, _unit in drawn)
    assert found.value == found.unrounded + found.rounding
    assert found.of_records == found.unrounded + found.rounding_of_records
    half = Decimal("0.5")
    assert abs(found.rounding) <= half * len({unit for _value, unit in drawn})
    assert abs(found.rounding_of_records) <= half * len(drawn)


@pytest.mark.parametrize("masses", [{"CO2": "10.2"}, {"CH4": "1.25", "CO2": "10.2"}])
def test_other_gases_are_weighted_as_the_result_weighted_them(masses: dict[str, str]) -> None:
    """The result is asked for its potentials only where it has to be."""
    mine = method("cn.ndrc.coal.2014.underground")
    (name, *_) = [each.id for each in mine.totals.values() if each.gwp_set]
    made = replace(mine.totals[name], rounding=WHOLE)
    rounding = replace(mine, totals=MappingProxyType({**mine.totals, name: made}))
    stated = LoggedTotal(
        id=name, purpose=made.purpose.value, value=Decimal(36), unit="tCO2e", gwp_set=made.gwp_set,
        masses={gas: Decimal(mass) for gas, mass in masses.items()},
    )  # fmt: skip
    node = {"id": f"gwp.{made.gwp_set}.CH4", "value": "21"}
    asked: list[bool] = []

    def canonical() -> bytes:
        asked.append(True)
        return encode({"nodes": [node, {"id": "gwp.other.CH4", "value": "28"}]})

    (found,) = stated_figures("works", rounding, [stated], canonical=canonical)
    has_methane = "CH4" in masses
    assert found.unrounded == Decimal("10.2") + (Decimal("26.25") if has_methane else 0)
    assert bool(asked) == has_methane
    (plain,) = stated_figures("works", mine, [stated], canonical=canonical)
    assert (plain.rounding, plain.unrounded, len(asked)) == (None, None, has_methane)
