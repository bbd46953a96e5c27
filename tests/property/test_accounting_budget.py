"""A budget follows from what its record states, as the law of propagation gives it."""

from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.measurement_samples import WORTH

from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.accounting.records.uncertainty_parts import SourceOf, SourcePart, budget_of
from trace_node.accounting.uncertainty.budget import combine
from trace_node.accounting.uncertainty.correlation import Correlation, Correlations
from trace_node.accounting.uncertainty.parts import Kind, Part, UncertainInput
from trace_node.record.errors import RecordError

U = st.decimals(min_value=0, max_value=100, places=3)
SLOPES = st.decimals(min_value=-10, max_value=10, places=4)
PARTS = st.lists(
    st.tuples(st.sampled_from(Kind), U, st.sampled_from([None, "own", "calibration", "scale"])),
    min_size=1,
    max_size=3,
)


def source(number: int, parts: list[tuple[Kind, Decimal, str | None]]) -> SourceOf:
    name = f"point:s{number}"
    return SourceOf(
        name=name,
        value=Decimal(7),
        unit="t",
        parts=tuple(
            SourcePart(
                kind=kind, u=u, origin="book", shared=name if word == "own" else word, leaves=(3,)
            )
            for kind, u, word in parts
        ),
    )


DRAWN = st.lists(st.tuples(PARTS, st.none() | SLOPES), min_size=1, max_size=6)


@given(DRAWN)
def test_a_budget_is_that_of_the_law_of_propagation(
    drawn: list[tuple[list[tuple[Kind, Decimal, str | None]], Decimal | None]],
) -> None:
    """Against the general law with a full correlation matrix, and back from its own record."""
    sources = [source(number, parts) for number, (parts, _slope) in enumerate(drawn)]
    slopes = {f"point:s{n}": slope for n, (_parts, slope) in enumerate(drawn) if slope is not None}
    made = budget_of("total", Decimal(1), "t", slopes=slopes, sources=sources, k=Decimal(2))
    moving = [each for each in sources if each.name in slopes]
    inputs = [
        UncertainInput(
            name=each.name,
            value=each.value,
            parts=tuple(Part(kind=one.kind, u=one.u, origin=one.origin) for one in each.parts),
        )
        for each in moving
    ]
    together = Correlations(
        Correlation(one.name, other.name, Decimal(1), Kind.B)
        for one, other in combinations(moving, 2)
        if one.shared(Kind.B) is not None and one.shared(Kind.B) == other.shared(Kind.B)
    )
    law = combine(Decimal(1), slopes, inputs, together)
    for name in ("u", "u_a", "u_b", "expanded"):
        expected = getattr(law, name)
        assert abs(getattr(made, name) - expected) <= Decimal("1e-11") * (1 + expected)
    shares = {(row.name, row.kind): row.share for row in law.rows}
    for one in made.contributions if made.u else ():
        assert abs(one.share - shares[one.source, one.kind]) < Decimal("1e-9")
    record = replace(WORTH, sources=tuple(sources), budgets=(made,))
    assert Uncertainty.from_fields(record.to_fields()) == record


@pytest.mark.parametrize("member", ["u", "u_a", "u_b", "expanded"])
def test_a_budget_that_does_not_follow_from_its_rows_is_refused(member: str) -> None:
    fields = WORTH.to_fields()
    (budget,) = fields["budgets"]
    with pytest.raises(RecordError) as refused:
        Uncertainty.from_fields({**fields, "budgets": [{**budget, member: "0.001"}]})
    assert refused.value.reason == f"record.{member}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sensitivities": []}, "record.sensitivities"),
        ({"sensitivities": ["1e-3"]}, "record.figure"),
        ({"more": 1}, "record.unknown_member"),
    ],
)
def test_a_budget_has_one_spelling(change: dict[str, object], reason: str) -> None:
    fields = WORTH.to_fields()
    (budget,) = fields["budgets"]
    with pytest.raises(RecordError) as refused:
        Uncertainty.from_fields({**fields, "budgets": [{**budget, **change}]})
    assert refused.value.reason == reason


def test_a_word_that_is_the_name_of_its_source_is_left_out() -> None:
    fields = WORTH.to_fields()
    ((name, value, unit, ((kind, u, origin, _shared, leaves),)),) = fields["sources"]
    spelt = [[name, value, unit, [[kind, u, origin, name, leaves]]]]
    with pytest.raises(RecordError) as refused:
        Uncertainty.from_fields({**fields, "sources": spelt})
    assert refused.value.reason == "record.shared"
    for rows in ([[name, value, unit]], [{"name": name}], "rows"):
        with pytest.raises(RecordError) as refused:
            Uncertainty.from_fields({**fields, "sources": rows})
        assert refused.value.reason == "record.sources"
