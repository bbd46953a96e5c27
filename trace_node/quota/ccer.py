"""Whether CCER units of a project may serve an obligation year, in which sequence (抵销资格)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from trace_node.errors import NotFoundError, StateError
from trace_node.quota.records.ccer_project import CcerKind, CcerProject, RuleRef, Verdict
from trace_node.quota.rule import Rule, RuleBook

ADMISSION: Final = "ets.admissible.ccer.{kind}"
OUTSIDE_ETS: Final = "ets.ccer.outside_ets"
REGISTERED_FROM: Final = "ets.ccer.registered_from"
FILED_BEFORE: Final = "ets.ccer.filed_before"
DAY_UNIT: Final = "yyyymmdd"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What decides about a project.

    Attributes:
        kind: Which procedure it follows.
        registered_on: Day on which its units were registered.
        filed_on: Day on which it was filed; None for one of the new procedure.
        within_ets: Whether it lies inside the ETS.
    """

    kind: CcerKind
    registered_on: date
    filed_on: date | None
    within_ets: bool

    @classmethod
    def of(cls, project: CcerProject) -> "ProjectFacts":
        """Those of a project record."""
        return cls(
            kind=project.kind,
            registered_on=project.registered_on,
            filed_on=project.filed_on,
            within_ets=project.within_ets,
        )


def rule_day(rule: Rule) -> date:
    """The day that a rule of unit ``yyyymmdd`` stands for.

    Raises:
        ValueError: It is no such rule.
    """
    if rule.unit != DAY_UNIT:
        raise ValueError(rule.id)
    return datetime.strptime(str(rule.value), "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone


def judge(facts: ProjectFacts, *, book: RuleBook, year: int, on: date) -> Verdict:
    """The verdict on a project for an obligation year by the rules in force on a day.

    Without a rule for the year and kind there is nothing to rest a yes on: it is not eligible.
    """
    is_new = facts.kind is CcerKind.NEW
    names = (
        ADMISSION.format(kind=facts.kind.value),
        OUTSIDE_ETS,
        REGISTERED_FROM if is_new else FILED_BEFORE,
    )
    used: list[Rule] = []
    for name in names:
        try:
            used.append(book.find(name, year=year, on=on))
        except (NotFoundError, StateError):
            return _verdict(year, 0, "no_rule", used)
    admission, outside, limit = used
    reason = ""
    if not admission.value:
        reason = "not_admitted"
    elif outside.value and facts.within_ets:
        reason = "within_ets"
    elif is_new and facts.registered_on < rule_day(limit):
        reason = "registered_too_early"
    elif not is_new and not _filed_before(facts, rule_day(limit)):
        reason = "filed_too_late"
    return _verdict(year, 0 if reason else int(admission.value), reason or "eligible", used)


def _filed_before(facts: ProjectFacts, day: date) -> bool:
    return facts.filed_on is not None and facts.filed_on < day


def _verdict(year: int, admission: int, reason: str, used: Iterable[Rule]) -> Verdict:
    return Verdict(
        year=year,
        eligible=admission > 0,
        admission=admission,
        reason=reason,
        rules=tuple(RuleRef(rule=rule.id, digest=rule.digest) for rule in used),
    )
