"""Exact derivatives and propagation against slow references: differences, and a Monte-Carlo run."""

import math
import random
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.uncertainty.budget import propagate
from trace_node.accounting.uncertainty.correlation import Correlation, Correlations
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.gradient import differentiate
from trace_node.accounting.uncertainty.parts import Kind, Part, UncertainInput
from trace_node.formula import FormulaError, parse

STEP = Decimal("1e-18")
VALUES = st.decimals("0.2", "9", places=3)
LEAVES = st.sampled_from(["a", "b", "c", "2", "0.75"])


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(parts, parts)
    return st.one_of(
        st.tuples(pair, st.sampled_from("+-*/")).map(lambda x: f"({x[0][0]} {x[1]} {x[0][1]})"),
        parts.map(lambda x: f"-{x}"),
        parts.map(lambda x: f"(({x}) * ({x}) + 1) ** 1.5"),
        parts.map(lambda x: f"exp(({x}) / 100)"),
        pair.map(lambda x: f"(({x[0]}) * ({x[0]}) + 2) ** (({x[1]}) / 50)"),
        st.tuples(pair, st.sampled_from(["min", "max"])).map(
            lambda x: f"{x[1]}({x[0][0]}, {x[0][1]})"
        ),
        st.tuples(pair, pair).map(
            lambda x: f"({x[0][0]} if {x[1][0]} > {x[1][1]} and 1 == 1 else {x[0][1]})"
        ),
    )


FORMULAS = st.recursive(LEAVES, joined, max_leaves=6)


@given(FORMULAS, VALUES, VALUES, VALUES)
def test_derivatives_are_those_of_a_central_difference(
    text: str, a: Decimal, b: Decimal, c: Decimal
) -> None:
    assume(len({a, b, c, Decimal(2), Decimal("0.75")}) == 5)
    values = {"a": a, "b": b, "c": c}
    formula = parse(text)
    try:
        dual = differentiate(formula, values)
    except FormulaError:
        assume(False)
    except UncertaintyError as error:
        assume(error.reason != "uncertainty.derivative")  # equal arguments of min and max
        raise
    assert dual.value == formula.evaluate(values)
    assert dual.slopes.keys() == formula.symbols
    for name, slope in dual.slopes.items():
        with precise():
            low, high = values[name] - STEP, values[name] + STEP
            ends = [formula.evaluate(values | {name: end}) for end in (low, high)]
            difference = (ends[1] - ends[0]) / (2 * STEP)
            size = max(abs(end) for end in ends) + abs(slope) + 1
            assert abs(slope - difference) < size * size * Decimal("1e-9")


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=6))
def test_shares_sum_to_one_and_kinds_to_the_whole(rows: list[tuple[Decimal, ...]]) -> None:
    inputs = [
        UncertainInput(
            name=f"x{index}",
            value=value,
            parts=(Part(kind=Kind.A, u=a, origin="a"), Part(kind=Kind.B, u=b, origin="b")),
        )
        for index, (value, a, b) in enumerate(rows)
    ]
    budget = propagate(parse(" * ".join(each.name for each in inputs)), inputs)
    assert abs(total(row.share for row in budget.rows) - 1) < Decimal("1e-40")
    quadratic = sum(row.contribution**2 for row in budget.rows)
    assert abs(budget.u**2 / quadratic - 1) < Decimal("1e-20")


def test_a_monte_carlo_run_gives_the_same_uncertainty() -> None:
    """E = FC * NCV * CC * OF * 44/12, NCV and CC correlated: 40,000 draws, standard error 0.4 %."""
    means = {"fc": 125000, "ncv": 20.9, "cc": 0.0262, "of": 0.99}
    sizes = {"fc": 300, "ncv": 0.2, "cc": 0.0003, "of": 0.003}
    r = 0.6
    draw = random.Random(7)
    results = []
    for _ in range(40_000):
        z = {name: draw.gauss(0, 1) for name in means}
        z["cc"] = r * z["ncv"] + math.sqrt(1 - r * r) * z["cc"]
        results.append(44 / 12 * math.prod(means[x] + sizes[x] * z[x] for x in means))
    mean = sum(results) / len(results)
    spread = math.sqrt(sum((x - mean) ** 2 for x in results) / (len(results) - 1))

    inputs = [
        UncertainInput(
            name=name,
            value=Decimal(str(means[name])),
            parts=(Part(kind=Kind.B, u=Decimal(str(sizes[name])), origin="given"),),
        )
        for name in means
    ]
    correlations = Correlations([Correlation("ncv", "cc", Decimal("0.6"))])
    budget = propagate(parse("fc * ncv * cc * of * 44 / 12"), inputs, correlations)
    assert abs(float(budget.u) / spread - 1) < 0.02
    assert abs(float(budget.value) / mean - 1) < 0.001
