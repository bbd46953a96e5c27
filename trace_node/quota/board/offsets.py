"""How far CCER may be used for a year: the cap by the rule, what is used of it, what is held."""

from decimal import ROUND_FLOOR, Context, Decimal

from trace_node.quota.board.advice import CcerRoom
from trace_node.quota.board.case import BoardCase
from trace_node.quota.board.debts import Owed, figure_of, nothing
from trace_node.quota.board.figure import Figure, Standing, derived, of_rule
from trace_node.quota.board.holdings import Holdings
from trace_node.quota.board.rules import BoardRules
from trace_node.quota.errors import RuleExpiredError, RuleNotFoundError
from trace_node.quota.ledger.kinds import Instrument

CAP = "ets.ccer_cap"
BASIS_POINTS = 10_000
_EXACT = Context(prec=80)


def ccer_room(
    case: BoardCase,
    year: int,
    *,
    holdings: Holdings,
    owed: Owed | None,
    need: Figure | None,
    rules: BoardRules,
) -> CcerRoom | None:
    """How far CCER may be used for a year.

    With an obligation on the ledger the cap is the one recorded with it. Before that it is
    floor(basis points x need / 10,000) by the rule of the ledger, or of the library where the
    ledger has none.

    Args:
        case: The case.
        year: Obligation year.
        holdings: What is held.
        owed: Obligations of the year on the ledger; None without.
        need: Emission that is or will be owed; None where it is not known.
        rules: Rules of the day.
    """
    cap = _cap(case, year, owed=owed, need=need, rules=rules)
    if cap is None:
        return None
    reserved = nothing(case.position)
    if owed is not None and case.position is not None:
        reserved = figure_of(owed.reserved, *owed.lines, of=case.position)
    classes = {
        each.class_id: each.balance.registry + each.balance.trading
        for each in holdings.rows
        if each.instrument is Instrument.CCER and holdings.offsets(each.class_id, year)
    }
    held = holdings.figure(sum(classes.values()), classes, year=year)
    return CcerRoom(cap=cap, reserved=reserved, held=held)


def _cap(
    case: BoardCase, year: int, *, owed: Owed | None, need: Figure | None, rules: BoardRules
) -> Figure | None:
    if owed is not None and case.position is not None:
        return figure_of(owed.cap, *owed.lines, of=case.position)
    if need is None:
        return None
    ruled = None if case.position is None else case.position.caps.get(year)
    if ruled is not None:
        points = Figure(
            value=Decimal(ruled.number), standing=Standing.VERIFIED, sources=(ruled.source(),)
        )
    else:
        try:
            rule = rules.rule(CAP, year=year)
        except (RuleNotFoundError, RuleExpiredError):
            return None
        points = Figure(
            value=_EXACT.multiply(rule.value, Decimal(BASIS_POINTS)),
            standing=Standing.VERIFIED,
            sources=(of_rule(rule),),
        )
    share = _EXACT.divide(_EXACT.multiply(points.value, need.value), Decimal(BASIS_POINTS))
    return derived(share.to_integral_value(ROUND_FLOOR, _EXACT), need, points)
