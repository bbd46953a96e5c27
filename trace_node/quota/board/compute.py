"""The board of an enterprise from its case: two obligation years, nothing counted twice."""

from functools import partial

from trace_node.quota.board.case import BoardCase
from trace_node.quota.board.claims import Claim
from trace_node.quota.board.debts import (
    EARLIER,
    TO_GIVE_BACK,
    of_vintage,
    old_claims,
    old_debts,
    serves_year,
)
from trace_node.quota.board.earlier_year import EarlierYear
from trace_node.quota.board.emission import rise_of
from trace_node.quota.board.figure import of_rule
from trace_node.quota.board.holdings import Holdings
from trace_node.quota.board.own_budget import budget_year
from trace_node.quota.board.rules import BoardRules, Thresholds
from trace_node.quota.board.running_year import running_year
from trace_node.quota.board.year_board import Board


def board_of(case: BoardCase, *, rules: BoardRules) -> Board:
    """Compute the board.

    Units are set aside for what is owed back, for obligations of years before, and for the earlier
    of the two years, in this order and oldest first; what is left counts for the year that runs.

    Args:
        case: What is known of the enterprise.
        rules: Rules and methods of the day.

    Raises:
        RuleNotFoundError: A threshold is missing.
        BoardRulesError: The thresholds contradict themselves.
    """
    year = case.year
    thresholds = Thresholds.of(rules, year=year)
    holdings = Holdings(case, rules=rules)
    before = EarlierYear(case, holdings, rules=rules, thresholds=thresholds)
    claims = [
        *old_claims(case, holdings),
        Claim(name=TO_GIVE_BACK, tonnes=before.to_give_back, serves=partial(of_vintage, year - 1)),
        Claim(name=EARLIER, tonnes=before.needed, serves=partial(serves_year, holdings, year - 1)),
    ]
    shared = holdings.share(claims)
    outside = partial(budget_year, case, rules=rules, thresholds=thresholds)
    return Board(
        organisation=case.organisation,
        now=case.now,
        mark=None if case.position is None else case.position.mark,
        earlier=before.board(shared) if case.is_covered(year - 1) else outside(year - 1),
        current=running_year(case, holdings, shared, rules=rules, thresholds=thresholds)
        if case.is_covered(year)
        else outside(year),
        old_debts=old_debts(case, holdings, shared),
        rise=rise_of([case.emission_of(each) for each in range(year - 2, year + 1)]),
        thresholds=tuple(of_rule(rule) for rule in thresholds.rules),
    )
