"""[S0-8-b3] Whether units of a CCER project may serve a year, worked by hand from the rules' days."""

from datetime import date

import pytest

from trace_node.quota.ccer import ProjectFacts, judge, rule_day
from trace_node.quota.records.ccer_project import CcerKind
from trace_node.services.allocation import RuleLibrary

RULES = RuleLibrary.packaged().rules
ON = date(2026, 6, 1)
NEW, OLD = CcerKind.NEW, CcerKind.OLD
START = date(2024, 1, 22)  # the market started again
FILED = date(2017, 3, 13)  # the last day before filing was suspended on 2017-03-14


def verdict(
    kind: CcerKind,
    *,
    registered: date = date(2025, 3, 6),
    filed: date | None = None,
    inside: bool = False,
    year: int,
) -> tuple[int, str]:
    facts = ProjectFacts(kind=kind, registered_on=registered, filed_on=filed, within_ets=inside)
    found = judge(facts, book=RULES, year=year, on=ON)
    assert found.eligible == (found.admission > 0)
    assert found.year == year
    return found.admission, found.reason


@pytest.mark.parametrize(
    ("kind", "case", "year", "expected"),
    [
        (NEW, {}, 2025, (2, "eligible")),
        (NEW, {"registered": START}, 2026, (2, "eligible")),
        (NEW, {"registered": date(2024, 1, 21)}, 2025, (0, "registered_too_early")),
        (NEW, {"inside": True}, 2025, (0, "within_ets")),
        (NEW, {}, 2024, (0, "no_rule")),
        (NEW, {}, 2030, (0, "no_rule")),
        (OLD, {"filed": FILED}, 2021, (2, "eligible")),
        (OLD, {"filed": FILED}, 2022, (2, "eligible")),
        (OLD, {"filed": FILED}, 2023, (3, "eligible")),
        (OLD, {"filed": FILED}, 2024, (3, "eligible")),
        (OLD, {"filed": date(2017, 3, 14)}, 2024, (0, "filed_too_late")),
        (OLD, {"filed": None}, 2024, (0, "filed_too_late")),
        (OLD, {"filed": FILED, "inside": True}, 2023, (0, "within_ets")),
        (OLD, {"filed": FILED}, 2025, (0, "no_rule")),
    ],
)
def test_the_verdict(kind: CcerKind, case: dict, year: int, expected: tuple[int, str]) -> None:
    assert verdict(kind, year=year, **case) == expected


def test_a_verdict_names_the_rules_it_rests_on() -> None:
    facts = ProjectFacts(kind=NEW, registered_on=START, filed_on=None, within_ets=False)
    found = judge(facts, book=RULES, year=2025, on=ON)
    for ref in found.rules:
        assert RULES.find(ref.rule, year=2025, on=ON).digest == ref.digest
    assert [ref.rule for ref in found.rules] == [
        "ets.admissible.ccer.new",
        "ets.ccer.outside_ets",
        "ets.ccer.registered_from",
    ]


def test_before_a_rule_is_in_force_nothing_says_yes() -> None:
    facts = ProjectFacts(kind=OLD, registered_on=START, filed_on=FILED, within_ets=False)
    assert judge(facts, book=RULES, year=2021, on=date(2023, 7, 16)).reason == "no_rule"
    assert judge(facts, book=RULES, year=2021, on=date(2023, 7, 17)).eligible


def test_only_rules_that_are_days_have_a_day() -> None:
    deadline = RULES.find("ets.surrender.deadline", year=2025, on=ON)
    assert rule_day(deadline) == date(2026, 12, 31)
    with pytest.raises(ValueError, match=r"ets\.ccer_cap"):
        rule_day(RULES.find("ets.ccer_cap", year=2025, on=ON))
