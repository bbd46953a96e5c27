"""Formulas: exact, bounded, and nothing but arithmetic."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.formula import MAX_LENGTH, FormulaError, parse

NAMES = {"a": Decimal(2), "b": Decimal("-3.5"), "c": Decimal(0)}


def value(text: str, **values: str) -> Decimal:
    return parse(text).evaluate({name: Decimal(digits) for name, digits in values.items()})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.015", "1.015"),
        ("0.1 + 0.2", "0.3"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("2 ** 3 ** 2", "512"),
        ("-2 ** 2", "-4"),
        ("7 / 4", "1.75"),
        ("floor(7.9)", "7"),
        ("floor(-7.1)", "-8"),
        ("half_up(0.125, 2)", "0.13"),
        ("half_up(-0.125, 2)", "-0.13"),
        ("half_up(2.5, 0)", "3"),
        ("min(3, 1, 2)", "1"),
        ("max(3, 1, 2)", "3"),
        ("1 if 2 < 3 else 0", "1"),
        ("1 if 2 > 3 and 1 == 1 or 4 != 5 else 0", "1"),
        ("exp(0)", "1"),
    ],
)
def test_values(text: str, expected: str) -> None:
    assert value(text) == Decimal(expected)


def test_digits_are_kept_that_a_binary_number_would_lose() -> None:
    assert value("0.1234567890123456789012345") == Decimal("0.1234567890123456789012345")


def test_a_power_with_a_fraction_as_exponent_has_fifty_digits() -> None:
    with localcontext() as context:
        context.prec = 80
        exact = (Decimal("1.015").ln() * Decimal("4.5")).exp()
    assert abs(value("1.015 ** 4.5") - exact) < Decimal("1e-48")


def test_symbols_are_known() -> None:
    assert parse("a * b if c > 0 else d").symbols == {"a", "b", "c", "d"}


def test_the_branch_that_is_not_taken_is_not_computed() -> None:
    assert value("0 if x == 0 else 1 / x", x="0") == 0


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__",
        "a.b",
        "a[0]",
        "[x for x in y]",
        "lambda: 1",
        "f'{a}'",
        "'text'",
        "True",
        "None",
        "1e5",
        "0x10",
        "1_000",
        "1j",
        "a // b",
        "a % b",
        "a @ b",
        "a << 2",
        "+a",
        "~a",
        "not a",
        "a < b",
        "a < b < c",
        "1 if a else 2",
        "a is b",
        "floor()",
        "floor(1, 2)",
        "half_up(1)",
        "min(1)",
        "open(a)",
        "max(*a)",
        "floor(x=1)",
        "exp(1)(2)",
        "(a := 1)",
        "",
        "a b",
        "a\n+b; c",
        "a = 1",
        "\0",
        "9" * 41,
        "a # + b",
        "\uff41 * b",
        "\uff46loor(1)",
        "a +\x0cb",
    ],
)
def test_whatever_is_not_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


def test_the_length_is_bounded_before_it_is_parsed() -> None:
    with pytest.raises(FormulaError, match="exceeds the bound"):
        parse("1+" * MAX_LENGTH + "1")


@pytest.mark.parametrize(
    "text", ["(" * 150 + "1" + ")" * 150, "-" * 200 + "1", "floor(" * 40 + "1" + ")" * 40]
)
def test_the_depth_is_bounded(text: str) -> None:
    if text.startswith("("):  # parentheses alone are no depth
        assert value(text) == 1
        return
    with pytest.raises(FormulaError, match="deeper"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "(-8) ** 0.5",
        "2 ** 1001",
        "exp(1001)",
        "half_up(1, 21)",
        "half_up(1, 0.5)",
        "0 ** -1",
        "((exp(-1000) ** 1000) ** 1000)",
    ],
)
def test_without_a_value_it_says_so(text: str) -> None:
    with pytest.raises(FormulaError):
        value(text)


def test_a_symbol_without_value_is_named() -> None:
    with pytest.raises(FormulaError, match="b has no value"):
        value("a + b", a="1")


def test_the_context_of_the_thread_does_not_matter() -> None:
    with localcontext() as context:
        context.prec = 3
        assert value("10000 / 7") == Decimal("1428.5714285714285714285714285714285714285714285714")


@st.composite
def expressions(draw: st.DrawFn, depth: int = 0) -> tuple[str, Fraction]:
    """A formula of sums, differences and products, and its exact value."""
    if depth > 4 or draw(st.booleans()):
        number = draw(st.decimals(min_value=0, max_value=9999, places=3))
        return format(number, "f"), Fraction(number)
    left, first = draw(expressions(depth + 1))
    right, second = draw(expressions(depth + 1))
    sign = draw(st.sampled_from("+-*"))
    exact = {"+": first + second, "-": first - second, "*": first * second}[sign]
    return f"({left} {sign} {right})", exact


@given(expressions())
def test_against_exact_fractions(pair: tuple[str, Fraction]) -> None:
    text, exact = pair
    if len(text) <= MAX_LENGTH:
        got = Fraction(value(text))
        assert abs(got - exact) <= abs(exact) / 10**40
