"""Files of rules and methods: read strictly, refused by place and key."""

from datetime import date

import pytest

from trace_node.errors import InputError, TooLargeError
from trace_node.quota.errors import LibraryError
from trace_node.quota.library_file import MAX_BYTES, read_methods, read_rules
from trace_node.quota.method_library import MethodLibrary
from trace_node.quota.rule import RuleBook
from trace_node.quota.unit_file import read_units
from trace_node.services.allocation import RuleLibrary
from trace_node.toml_text import read_toml

RULE = """
[[rule]]
id = "a.b"
value = "0.05"
unit = "1"
valid_from = 2024-05-01
source = "somewhere"
status = "draft"
"""
METHOD = """
[[method]]
id = "m"
version = 1
title = "t"
valid_from = 2024-05-01
source = "somewhere"
status = "draft"
inputs = [{ name = "x", unit = "t" }]
rules = [{ symbol = "r", rule = "a.b" }]
steps = [{ symbol = "y", unit = "t", formula = "x * r" }]
"""


def test_a_rule_is_read() -> None:
    (rule,) = read_rules(RULE.encode(), file="f")
    assert (rule.id, str(rule.value), rule.validity.valid_from) == ("a.b", "0.05", date(2024, 5, 1))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "a.b"', 'id = "A B"', "id"),
        ('value = "0.05"', "value = 0.05", "value"),
        ('value = "0.05"', 'value = "5e-2"', "value"),
        ('value = "0.05"', "", "value"),
        ("2024-05-01", "2024-05-01T00:00:00", "valid_from"),
        ("2024-05-01", '"2024-05-01"', "valid_from"),
        ("2024-05-01", "2024-05-01\nvalid_to = 2024-04-30", "valid_to"),
        ("2024-05-01", "2024-05-01\nyears = [1999]", "years"),
        ("2024-05-01", "2024-05-01\nyears = [true]", "years"),
        ("2024-05-01", "2024-05-01\nyears = [2025, 2025]", "years"),
        ('source = "somewhere"', 'source = ""', "source"),
        ('value = "0.05"', 'value = "00.05"', "value"),
        ('status = "draft"', 'status = "final"', "status"),
        ('status = "draft"', 'status = "active"', "status"),
        ('status = "draft"', 'status = "draft"\ncolour = "red"', "colour"),
    ],
)
def test_a_bad_rule_is_refused_by_its_key(old: str, new: str, key: str) -> None:
    with pytest.raises(LibraryError) as refused:
        read_rules(RULE.replace(old, new).encode(), file="f")
    assert refused.value.params["field"] == key


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("x * r", "x * z", "unknown symbol z"),
        ("x * r", "x", "nothing uses r"),
        ('symbol = "y"', 'symbol = "x"', "x is named twice"),
        ("x * r", "x * r +", "is not an expression"),
        ('[{ symbol = "y", unit = "t", formula = "x * r" }]', "[]", "no step"),
        ('name = "x", unit', 'name = "x", least = 0, unit', "least"),
        ("version = 1", "version = true", "version"),
        ("version = 1", "version = 0", "from 1 to 9999"),
        ('rule = "a.b"', 'rule = "a.{x}"', "no input with choices"),
        ('name = "x", unit', 'name = "x", least = "2", most = "1", unit', "least"),
        ('name = "x", unit', 'name = "x", choices = ["a", "a"], unit', "differ"),
    ],
)
def test_a_bad_method_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_methods(METHOD.replace(old, new).encode(), file="f")


def test_what_is_no_toml_or_too_long_is_refused() -> None:
    for raw in (b"[[rule", b"\xff", b"a = " + b"9" * 1_900, b"a = " + b"[" * 1_500):
        with pytest.raises(InputError, match=r"not TOML|not a key"):
            read_rules(raw, file="f")
    with pytest.raises(TooLargeError):
        read_rules(b" " * (MAX_BYTES + 1), file="f")
    with pytest.raises(LibraryError, match="surplus"):
        read_rules(RULE.encode() + b"[surplus]\n", file="f")


def test_two_rules_for_one_day_are_refused() -> None:
    rules = read_rules((RULE + RULE).encode(), file="f")
    with pytest.raises(LibraryError, match="two rules"):
        RuleBook(rules)
    ended = RULE.replace("2024-05-01", "2020-01-01\nvalid_to = 2024-04-30")
    RuleBook(read_rules((RULE + ended).encode(), file="f"))
    later = RULE.replace("2024-05-01", "2024-05-01\nyears = [2026]")
    earlier = RULE.replace("2024-05-01", "2024-05-01\nyears = [2025]")
    RuleBook(read_rules((later + earlier).encode(), file="f"))


def test_two_methods_for_one_day_are_refused() -> None:
    again = METHOD.replace("version = 1", "version = 2")
    with pytest.raises(LibraryError, match="versions 1 and 2"):
        MethodLibrary(read_methods((METHOD + again).encode(), file="f"))


def test_a_changed_digit_changes_the_digest() -> None:
    (rule,) = read_rules(RULE.encode(), file="f")
    (other,) = read_rules(RULE.replace("0.05", "0.06").encode(), file="f")
    assert rule.digest != other.digest
    (method,) = read_methods(METHOD.encode(), file="f")
    (changed,) = read_methods(METHOD.replace("x * r", "x + r").encode(), file="f")
    assert method.digest != changed.digest


def test_every_method_has_its_rules_in_each_of_its_years() -> None:
    library = RuleLibrary.packaged()
    for method in library.methods:
        words = next((item.choices for item in method.inputs if item.choices), ("",))
        for year in method.validity.years:
            for use in method.rules:
                for word in words:
                    rule_id = use.rule_id.replace("{class}", word)
                    assert library.rules.find(rule_id, year=year, on=date(2026, 6, 1))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("unit = 3", "unit"),
        ("unit = [3]", "unit[0]"),
        ("[[unit]]\nheat = '1'", "unit[0].name"),
        ("[[unit]]\nname = 'a'\nheat = 500000", "unit[0].heat"),
        ("year = 2023\n", "year"),
        ("[[unit", "file"),
        ("a = " + "9" * 290, "a"),
        ("[[unit]]\nname = '" + "n" * 81 + "'", "unit[0].name"),
        ('[[unit]]\nname = "\\u001b[31m"', "unit[0].name"),
        ("a" + ".a" * 200 + " = 1", "file"),
        ("# x\n" * 40_000, "file"),
    ],
)
def test_a_bad_file_of_units_is_refused_by_its_place(text: str, field: str) -> None:
    with pytest.raises(InputError) as refused:
        read_units(text.encode())
    assert refused.value.params["field"] == field


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(InputError, match="not TOML"):
        read_toml(b"a = " + b"9" * 5_000, file="f", most=10_000, most_in_a_line=10_000)
