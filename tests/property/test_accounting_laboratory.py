"""Bases convert there and back, and a weighted mean lies between its values."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from support import accounting_samples as samples

from trace_node.accounting.laboratory.basis import Basis, SampleState, convert
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.laboratory.weighting import Weighed, weighted_mean

SHARES = st.decimals("0", "0.6", places=4)
BASES = st.sampled_from(Basis)


# Up to 0.16, so that no basis leads beyond 1: 0.16 / 0.4 / 0.4.
@given(
    st.decimals("0", "0.16", places=5),
    st.tuples(SHARES, SHARES, SHARES),
    st.tuples(BASES, BASES, BASES),
)
def test_by_whatever_way(
    value: Decimal, shares_of: tuple[Decimal, Decimal, Decimal], bases: tuple[Basis, Basis, Basis]
) -> None:
    (m1, m2, ash), (first, way, last) = shares_of, bases
    state = SampleState(moisture_ar=max(m1, m2), moisture_ad=min(m1, m2), ash_d=ash)

    def shares(basis: Basis) -> Fraction:
        return {
            Basis.AR: 1 - Fraction(max(m1, m2)),
            Basis.AD: 1 - Fraction(min(m1, m2)),
            Basis.D: Fraction(1),
            Basis.DAF: 1 / (1 - Fraction(ash)),
        }[basis]

    there = convert(value, source=first, target=way, state=state)
    found = convert(there, source=way, target=last, state=state)
    expected = Fraction(value) / shares(first) * shares(last)
    assert abs(Fraction(found) - expected) < Fraction(1, 10**40)


@given(
    st.lists(
        st.tuples(st.decimals(0, 10**6, places=2), st.decimals(-50, 50, places=3)), min_size=1
    ).filter(lambda rows: any(weight for weight, _ in rows))
)
def test_a_weighted_mean_is_bounded_and_exact(rows: list[tuple[Decimal, Decimal]]) -> None:
    parts = [
        Weighed(name=str(index), weight=weight, value=value)
        for index, (weight, value) in enumerate(rows)
    ]
    found = weighted_mean(parts)
    counted = [value for weight, value in rows if weight]
    margin = Decimal("1e-30")
    assert min(counted) - margin <= found <= max(counted) + margin
    weights = sum(Fraction(weight) for weight, _ in rows)
    exact = sum(Fraction(weight) * Fraction(value) for weight, value in rows) / weights
    assert abs(Fraction(found) - exact) < Fraction(1, 10**40)
    assert weighted_mean(parts[::-1]) == found


@given(st.decimals("0.001", "999999", places=3), st.dates(date(1970, 1, 1)))
def test_fields_lead_back_to_the_record(quantity: Decimal, day: date) -> None:
    record = samples.CONTENTS["laboratory record"]
    assert isinstance(record, LaboratoryRecord)
    changed = replace(record, quantity=quantity, sampled_on=day)
    assert LaboratoryRecord.from_fields(changed.to_fields()) == changed
