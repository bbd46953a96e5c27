"""Uncertainty by the GUM: S3-4.2-5, S3-7.4.3-1, S3-7.4.3-2 (systematic and random apart)."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from support.measuring import cos_sin, worked_example

from trace_node.accounting.arithmetic import precise, quadrature, total
from trace_node.accounting.uncertainty.budget import (
    Budget,
    combine,
    output_correlation,
    propagate,
)
from trace_node.accounting.uncertainty.correlation import (
    Correlation,
    Correlations,
    same_source,
)
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.gradient import differentiate
from trace_node.accounting.uncertainty.parts import (
    Kind,
    Part,
    UncertainInput,
    accuracy_class,
    certificate,
    duplicates,
    rectangular,
    repeated,
)
from trace_node.formula import parse

D = Decimal


def given(name: str, value: str, u: str, kind: Kind = Kind.B) -> UncertainInput:
    parts = (Part(kind=kind, u=D(u), origin="given"),)
    return UncertainInput(name=name, value=D(value), parts=parts)


class TestGumH2:
    """GUM (JCGM 100:2008) H.2: V, I and phi measured together, R, X and Z derived."""

    @pytest.fixture
    def example(self, data_dir: Path) -> dict:
        return worked_example(data_dir, "P05")

    @pytest.fixture
    def correlations(self, example: dict) -> Correlations:
        r = {name[2:]: D(value) for name, value in example["inputs"].items() if name[:2] == "r_"}
        return Correlations(
            [
                Correlation("V", "I", r["VI"]),
                Correlation("V", "phi", r["Vphi"]),
                Correlation("I", "phi", r["Iphi"]),
            ]
        )

    @pytest.fixture
    def budgets(self, example: dict, correlations: Correlations) -> dict[str, Budget]:
        inputs = [given(name, *example["inputs"][name], Kind.A) for name in ("V", "I", "phi")]
        v, i, phi = (each.value for each in inputs)
        cos, sin = cos_sin(phi)
        with precise():
            slopes = {
                "R": {"V": cos / i, "I": -v * cos / i**2, "phi": -v * sin / i},
                "X": {"V": sin / i, "I": -v * sin / i**2, "phi": v * cos / i},
            }
            values = {"R": v * cos / i, "X": v * sin / i}
        found = {name: combine(values[name], slopes[name], inputs, correlations) for name in slopes}
        return found | {"Z": propagate(parse("V / I + 0 * phi"), inputs, correlations)}

    def test_values_and_uncertainties(self, example: dict, budgets: dict[str, Budget]) -> None:
        tolerance = example["tolerance"]
        for name, budget in budgets.items():
            value, u = map(D, example["expected"][name])
            assert abs(budget.value - value) <= D(tolerance["value_abs"])
            assert abs(budget.u - u) <= u * D(tolerance["u_rel"])

    def test_more_digits_than_are_printed(self, budgets: dict[str, Budget]) -> None:
        # The recomputation by GTC 1.5.1 that the example quotes.
        recomputed = {"R": ("127.73217", "0.069979"), "X": ("219.84651", "0.295717")}
        for name, (value, u) in recomputed.items():
            assert abs(budgets[name].value - D(value)) < D("0.000006")
            assert abs(budgets[name].u - D(u)) < D("0.0000006")
        assert abs(budgets["Z"].u - D("0.236603")) < D("0.0000006")

    @pytest.mark.parametrize(("first", "second"), [("R", "X"), ("R", "Z"), ("X", "Z")])
    def test_the_results_are_correlated(
        self,
        example: dict,
        budgets: dict[str, Budget],
        correlations: Correlations,
        first: str,
        second: str,
    ) -> None:
        inputs = [given(name, *example["inputs"][name], Kind.A) for name in ("V", "I", "phi")]
        r = output_correlation(budgets[first], budgets[second], inputs, correlations)
        assert abs(r - D(example["expected"][f"r_{first}{second}"])) < D("0.005")

    def test_random_effects_alone(self, budgets: dict[str, Budget]) -> None:
        assert all(budget.u_b == 0 and budget.u == budget.u_a for budget in budgets.values())


# y = a b^1.5 / c - exp(a / 10) b and z = a^b + c of correlated inputs, computed with GTC 1.5.1.
GTC = [
    {
        "a": ("5.795", "0.283"),
        "b": ("6.805", "0.225"),
        "c": ("7.259", "0.277"),
        "r": ("-0.52", "-0.04", "0.35"),
        "y": ("2.0236824066627115", "0.5258858976521338"),
        "z": ("155811.27980567107", "56195.351256104565"),
        "ryz": "0.2995541296416238",
    },
    {
        "a": ("2.876", "0.056"),
        "b": ("8.289", "0.241"),
        "c": ("7.009", "0.05"),
        "r": ("0.13", "-0.41", "-0.4"),
        "y": ("-1.2587631872086735", "0.2223642708488154"),
        "z": ("6358.870801437176", "2024.1225941075043"),
        "ryz": "0.931304670243538",
    },
]


@pytest.mark.parametrize("case", GTC)
def test_against_another_calculator(case: dict) -> None:
    inputs = [given(name, *case[name]) for name in "abc"]
    pairs = zip([("a", "b"), ("b", "c"), ("a", "c")], case["r"], strict=True)
    correlations = Correlations(Correlation(*names, D(r)) for names, r in pairs)
    found = {
        "y": propagate(parse("a * b ** 1.5 / c - exp(a / 10) * b"), inputs, correlations),
        "z": propagate(parse("a ** b + c"), inputs, correlations),
    }
    for name, budget in found.items():
        value, u = map(D, case[name])
        assert abs(budget.value / value - 1) < D("1e-13")
        assert abs(budget.u / u - 1) < D("1e-13")
    r = output_correlation(found["y"], found["z"], inputs, correlations)
    assert abs(r - D(case["ryz"])) < D("1e-13")


def test_parts_of_type_b() -> None:
    assert abs(rectangular(D(3), origin="x").u - D("1.7320508075688772")) < D("1e-15")
    assert certificate(D("0.5"), k=D(2), origin="x") == Part(kind=Kind.B, u=D("0.25"), origin="x")
    with precise():  # class 0.5 of 1000 kWh: 5 / sqrt(3)
        assert accuracy_class(D("0.005"), of=D(-1000), origin="x").u == D(5) / D(3).sqrt()


def test_parts_of_type_a() -> None:
    mean, part = repeated([D(1), D(2), D(3), D(4)], origin="x")
    assert (mean, part.kind) == (D("2.5"), Kind.A)
    with precise():  # s^2 = 5/3, of the mean 5/12
        assert abs(part.u - (D(5) / 12).sqrt()) < D("1e-45")
    # Differences 0.02 and 0.04: s_r^2 = 0.002/4, and half of it for the mean of two.
    pairs = [(D("1.00"), D("1.02")), (D("2.04"), D("2.00"))]
    assert duplicates(pairs, origin="x").u ** 2 == pytest.approx(D("0.00025"), rel=D("1e-25"))


def test_random_and_systematic_parts_are_shown_apart() -> None:
    parts = (
        Part(kind=Kind.A, u=D(3), origin="duplicates"),
        Part(kind=Kind.B, u=D(4), origin="balance"),
        Part(kind=Kind.B, u=D(12), origin="certificate"),
    )
    budget = propagate(parse("2 * x"), [UncertainInput(name="x", value=D(10), parts=parts)])
    assert [(row.kind, row.contribution) for row in budget.rows] == [
        (Kind.A, D(6)),
        (Kind.B, quadrature([D(8), D(24)])),
    ]
    assert budget.u_a == 6
    assert abs(budget.u - 26) < D("1e-45")
    assert abs(budget.expanded - 52) < D("1e-45")
    assert abs(budget.relative - D("2.6")) < D("1e-45")
    assert budget.largest(1)[0].kind is Kind.B


def test_a_figure_of_zero_has_no_relative_uncertainty() -> None:
    assert propagate(parse("x"), [given("x", "0", "1")]).relative is None


def test_twelve_months_of_one_meter_are_not_independent() -> None:
    names = [f"m{month}" for month in range(12)]
    months = [given(name, "100", "1") for name in names]
    formula = parse(" + ".join(names))
    assert propagate(formula, months, same_source(names)).u == 12
    assert abs(propagate(formula, months).u - quadrature([D(1)] * 12)) < D("1e-45")
    assert propagate(formula, months, same_source(names, Kind.A)).u == propagate(formula, months).u


def test_a_default_factor_of_two_lines_is_one_source() -> None:
    inputs = [
        given("a", "10", "0"),
        given("f", "2", "0.1"),
        given("b", "20", "0"),
        given("g", "2", "0.1"),
    ]
    together = propagate(parse("a * f + b * g"), inputs, same_source(["f", "g"]))
    shared = propagate(parse("(a + b) * f"), inputs[:3])
    assert together.u == shared.u == 3


def test_what_errs_together_cancels_in_a_difference() -> None:
    inputs = [given("full", "5", "0.3"), given("tare", "4", "0.3")]
    budget = propagate(parse("full - tare"), inputs, same_source(["full", "tare"]))
    assert budget.u == 0
    assert [row.share for row in budget.rows] == [0, 0]


def test_shares_of_correlated_inputs_sum_to_one() -> None:
    r = Correlations([Correlation("a", "b", D("-0.5"))])
    budget = propagate(parse("a + b"), [given("a", "1", "1"), given("b", "1", "0.4")], r)
    assert abs(total(row.share for row in budget.rows) - 1) < D("1e-45")
    assert min(row.share for row in budget.rows) < 0  # b takes off what it shares with a


def test_products_add_relative_uncertainties_in_quadrature() -> None:
    inputs = [given("a", "10", "0.3"), given("b", "20", "0.8")]
    budget = propagate(parse("a * b"), inputs)
    assert abs(budget.u / budget.value - D("0.05")) < D("1e-27")


def mixed(name: str, random: str, systematic: str) -> UncertainInput:
    parts = (
        Part(kind=Kind.A, u=D(random), origin="x"),
        Part(kind=Kind.B, u=D(systematic), origin="x"),
    )
    return UncertainInput(name=name, value=D(1), parts=parts)


def test_a_correlation_is_of_the_combined_uncertainties() -> None:
    inputs = [mixed("a", "3", "4"), mixed("b", "0", "2")]  # u = 5 and 2
    r = Correlations([Correlation("a", "b", D("0.5"))])
    budget = propagate(parse("a + b"), inputs, r)
    assert abs(budget.u**2 - (25 + 4 + 2 * D("0.5") * 5 * 2)) < D("1e-24")
    assert abs(budget.u_a - 3) < D("1e-24")
    assert abs(budget.u_b**2 - (16 + 4 + 2 * D("0.5") * 4 * 2)) < D("1e-24")
    assert abs(total(row.share for row in budget.rows) - 1) < D("1e-45")


def test_a_correlation_of_one_kind_leaves_the_other_independent() -> None:
    inputs = [mixed("a", "3", "4"), mixed("b", "6", "2")]
    budget = propagate(parse("a + b"), inputs, same_source(["a", "b"], Kind.B))
    assert abs(budget.u_a**2 - (9 + 36)) < D("1e-24")
    assert abs(budget.u_b - 6) < D("1e-24")
    assert abs(budget.u**2 - (9 + 36 + 36)) < D("1e-24")
    both = Correlations(
        [Correlation("a", "b", D(1), Kind.B), Correlation("a", "b", D("-1"), Kind.A)]
    )
    assert abs(propagate(parse("a + b"), inputs, both).u ** 2 - (9 + 36)) < D("1e-24")


@pytest.mark.parametrize(
    "pairs",
    [
        [Correlation("a", "a", D(1))],
        [Correlation("a", "b", D("1.01"))],
        [Correlation("a", "b", D("0.1")), Correlation("b", "a", D("0.1"))],
        [Correlation("a", "b", D("0.1")), Correlation("b", "a", D("0.1"), Kind.A)],
        [Correlation("a", "b", D(1)), Correlation("b", "c", D(1)), Correlation("a", "c", D(-1))],
        [
            Correlation("a", "b", D("0.9")),
            Correlation("b", "c", D("0.9")),
            Correlation("a", "c", D("0.1")),
        ],
        [
            Correlation("a", "b", D(1), Kind.B),
            Correlation("b", "c", D(1), Kind.B),
            Correlation("a", "c", D(-1), Kind.B),
        ],
    ],
)
def test_impossible_correlations(pairs: list[Correlation]) -> None:
    inputs = [given(name, "1", "0.1") for name in "abc"]
    with pytest.raises(UncertaintyError) as caught:
        propagate(parse("a + b + c"), inputs, Correlations(pairs))
    assert caught.value.reason == "uncertainty.correlation"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: Part(kind=Kind.A, u=D(-1), origin="x"), "uncertainty.negative"),
        (lambda: Part(kind=Kind.A, u=D("NaN"), origin="x"), "uncertainty.negative"),
        (lambda: accuracy_class(D("0.5"), of=D(1), origin="x"), "uncertainty.percent"),
        (lambda: certificate(D(1), k=D(0), origin="x"), "uncertainty.k"),
        (lambda: repeated([D(1)], origin="x"), "uncertainty.repeats"),
        (lambda: duplicates([], origin="x"), "uncertainty.repeats"),
        (lambda: propagate(parse("x"), [given("x", "1", "1")] * 2), "uncertainty.input"),
        (
            lambda: propagate(parse("x"), [given("x", "1", "1")], same_source(["x", "y"])),
            "uncertainty.input",
        ),
        (lambda: propagate(parse("max(x, 1)"), [given("x", "1", "1")]), "uncertainty.derivative"),
        (lambda: propagate(parse("x ** 0.5"), [given("x", "0", "1")]), "uncertainty.derivative"),
        (
            lambda: output_correlation(*[propagate(parse("x"), [given("x", "1", "0")])] * 2, []),
            "uncertainty.correlation",
        ),
    ],
)
def test_refusals(call: Callable[[], object], code: str) -> None:
    with pytest.raises(UncertaintyError) as caught:
        call()
    assert caught.value.reason == code
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("x ** 1", "1"),  # at 0, where 0 ** 0 has no value
        ("x ** 2", "0"),
        ("3 * x if x <= 0 else x", "3"),
        ("3 * x if x < 0 else x", "1"),
        ("3 * x if x >= 0 else x", "3"),
        ("3 * x if x > 0 else x", "1"),
        ("3 * x if x == 0 and 1 != 2 else x", "3"),
        ("3 * x if x != 0 or 1 == 2 else x", "1"),
        ("max(x, x)", "1"),
        ("min(2 * x, 1)", "2"),
        ("floor(2 * x)", "2"),
        ("exp(2 * x)", "2"),
        ("-x", "-1"),
        ("5", "0"),
    ],
)
def test_slopes_at_zero(text: str, slope: str) -> None:
    formula = parse(text)
    found = differentiate(formula, {"x": D(0)}).slopes
    assert found.get("x", D(0)) == D(slope)
    assert found.keys() == formula.symbols


def test_a_constant_correlates_with_nothing() -> None:
    inputs = [given("x", "1", "0.1"), given("y", "1", "0")]
    budgets = [propagate(parse(name), inputs) for name in "xy"]
    for first, second in (budgets, budgets[::-1]):
        with pytest.raises(UncertaintyError):
            output_correlation(first, second, inputs)


def test_rounding_does_not_hide_uncertainty() -> None:
    budget = propagate(parse("half_up(x, 4)"), [given("x", "0.548106", "0.001")])
    assert (budget.value, budget.u) == (D("0.5481"), D("0.001"))


def test_budgets_do_not_depend_on_the_order_of_inputs() -> None:
    inputs = [given(name, "3", "0.1") for name in "abc"]
    r = Correlations(Correlation(*pair, D("0.4")) for pair in pairwise("abc"))
    formula = parse("a * b / c")
    assert propagate(formula, inputs, r).u == propagate(formula, inputs[::-1], r).u
