"""What goes on the chain comes from the library: numbers worked by hand, times to the second."""

from datetime import UTC, datetime

import pytest

from chain.rule_ids import admission_rule
from trace_node.quota.chain_rules import (
    OPEN_END,
    ChainRule,
    LedgerClass,
    chain_rules,
    class_kind,
)
from trace_node.quota.errors import LibraryError, QuotaInputError
from trace_node.quota.library_file import read_rules
from trace_node.quota.rule import RuleBook
from trace_node.services.allocation import RuleLibrary

RULES = RuleLibrary.packaged().rules
CLASSES = [
    LedgerClass(number=number, kind=kind)
    for number, kind in enumerate(
        ("cea19_20", "cea24", "cea25", "cea26", "ccer.new", "ccer.old"), start=1
    )
]


def of(year: int) -> list[ChainRule]:
    found = chain_rules(RULES, year=year, classes=CLASSES, admission_rule=admission_rule)
    return list(found)


def numbers(year: int) -> dict[str, list[int]]:
    table: dict[str, list[int]] = {}
    for each in of(year):
        table.setdefault(each.name, []).append(each.number)
    return table


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_2025() -> None:
    table = numbers(2025)
    assert table == {
        "offset-cap-bps": [500],  # 0.05 x 10,000
        "surrender-deadline": [second("2026-12-31T23:59:59+08:00")],
        "carry-over-base": [10_000],
        "carry-over-multiplier-bps": [15_000],  # 1.5 x 10,000
        "admissible 1": [0],
        "admissible 2": [0],
        "admissible 3": [1],
        "admissible 4": [0],  # no borrowing
        "admissible 5": [2],
    }
    by_name = {each.name: each for each in of(2025)}
    assert not by_name["offset-cap-bps"].draft
    assert not by_name["surrender-deadline"].draft
    assert by_name["carry-over-base"].draft
    base = by_name["carry-over-base"]
    assert base.valid_from == second("2025-12-31T00:00:00+08:00")
    assert base.valid_to == second("2026-06-27T00:00:00+08:00")  # its last day is 2026-06-26
    assert by_name["surrender-deadline"].valid_to == OPEN_END


def test_2023_keeps_later_vintages_out_until_only_arrears_are_left() -> None:
    found = [each for each in of(2023) if each.name == "admissible 2"]
    change = second("2026-01-01T00:00:00+08:00")
    assert [(each.number, each.valid_to, each.draft) for each in found] == [
        (0, change, True),
        (1, OPEN_END, True),
    ]
    assert found[1].valid_from == change
    assert numbers(2023)["admissible 6"] == [3]
    assert "admissible 5" not in numbers(2023)


def test_the_digest_is_that_of_the_row_and_the_id_its_text() -> None:
    for each in of(2025):
        assert each.digest == each.rule.digest
        if not each.name.startswith("admissible"):
            assert each.rule_id == each.name.encode().ljust(32, b"\0")
    cap = of(2025)[0].to_json()
    assert cap["rule_id"] == "0x6f66667365742d6361702d627073" + "00" * 18
    assert cap["rule"] == "ets.ccer_cap"


def test_the_open_end_is_far_and_exact_in_json() -> None:
    assert datetime.fromtimestamp(OPEN_END, UTC).year == 9999
    assert OPEN_END < 2**53


def test_a_number_that_the_contract_cannot_count_is_refused() -> None:
    row = """[[rule]]
id = "ets.ccer_cap"
value = "0.05001"
unit = "1"
valid_from = 2021-02-01
source = "somewhere"
status = "draft"
"""
    book = RuleBook(read_rules(row.encode(), file="rules"))
    with pytest.raises(LibraryError, match=r"0\.05001"):
        chain_rules(book, year=2025, classes=(), admission_rule=admission_rule)


@pytest.mark.parametrize(
    ("code", "kind"), [("CEA24", "cea24"), ("CEA19-20", "cea19_20"), (" cea25 ", "cea25")]
)
def test_the_rules_of_a_class_of_allowances_follow_from_its_code(code: str, kind: str) -> None:
    assert class_kind(code) == kind


def test_a_ccer_class_is_named_by_its_kind() -> None:
    with pytest.raises(QuotaInputError):
        class_kind("CCER-1")
