"""Measurements of one emission side by side, and which of them is the figure.

CEMS and mass balance see the CO2 of whole categories of a method. They stand in the place of these
categories, never beside them: a figure with a measurement is the calculated one without their terms
and with what was measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.assessment.assess import Assessed
from trace_node.accounting.assessment.slopes import slopes_of
from trace_node.accounting.comparison.choice import Choice, choose
from trace_node.accounting.comparison.difference import Comparison, compare
from trace_node.accounting.comparison.errors import ComparisonError, NoFigureError
from trace_node.accounting.comparison.findings import INCOMPLETE
from trace_node.accounting.comparison.measurement import Approach, Measurement
from trace_node.accounting.methods.given_value import rounded
from trace_node.accounting.methods.method import Method, Step
from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.records.emission_parts import FigureOf
from trace_node.accounting.records.measurement_parts import (
    ChosenFigure,
    DifferenceOf,
    Found,
    MeasuredBy,
)
from trace_node.accounting.records.measurement_plan import RULES, MeasurementPlan
from trace_node.accounting.uncertainty.digits import shown
from trace_node.period import Period

_CO2: Final = "CO2"
_LARGEST: Final = 5
_BY_LINE: Final = "["


@dataclass(frozen=True, slots=True, kw_only=True)
class Approached:
    """An emission by one approach, with its budget.

    Attributes:
        approach: How it was found.
        assessed: Its value and what is known of its errors.
        findings: What speaks against it.
    """

    approach: Approach
    assessed: Assessed
    findings: tuple[NonConformity, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anything is known of its errors; an unknown U is not 0."""
        return bool(self.assessed.sources)

    @property
    def is_whole(self) -> bool:
        """Whether it is of all of the period; a part of one is compared with nothing."""
        return INCOMPLETE not in {each.code for each in self.findings}

    def measurement(self, period: Period) -> Measurement:
        """As it is compared."""
        return Measurement.of(
            self.assessed.budget,
            approach=self.approach,
            period=period,
            nonconformities=self.findings,
        )

    def record(self) -> MeasuredBy:
        """As it is put on record."""
        budget, known = self.assessed.budget, self.is_known
        largest = dict.fromkeys(row.name for row in budget.largest(_LARGEST) if row.contribution)
        return MeasuredBy(
            approach=self.approach,
            co2=budget.value,
            expanded=shown(budget.expanded) if known else None,
            u_a=shown(budget.u_a) if known else None,
            u_b=shown(budget.u_b) if known else None,
            k=budget.k,
            largest=tuple(largest),
            unstated=self.assessed.unstated,
            findings=tuple(map(found_of, self.findings)),
        )


def covered_nodes(result: Result, method: Method, plan: MeasurementPlan) -> dict[str, Decimal]:
    """The values of a result that are CO2 of the categories of a plan."""
    found: dict[str, Decimal] = {}
    for term in method.terms:
        if term.category in plan.categories and term.role is Role.EMISSION:
            found |= {name: result.value(name) for name in _nodes(term, result)}
    return found


def require_plan(plan: MeasurementPlan, method: Method) -> None:
    """Require a plan to fit the method that it stands beside.

    Raises:
        ComparisonError: It names a category that the method does not have; or it lets a
            measurement be the figure of the national carbon market, where the calculated figure
            counts while the monitoring system is on trial (CETS-AG-03.01-V01-2024 9.2 f).
    """
    unknown = sorted(set(plan.categories) - set(method.categories))
    if unknown:
        raise ComparisonError(
            "{field}: {method} has no source category {name}",
            field="categories",
            method=method.ref,
            name=unknown[0],
            remedy="name one of: " + ", ".join(sorted(method.categories)),
            code="measurement.category",
        )
    of_market = any(one.purpose is Purpose.ETS for one in method.totals.values())
    if of_market and RULES[plan.rule].order[0] is not Approach.CALCULATION:
        raise ComparisonError(
            "{field}: the figure of {method} for the carbon market is the calculated one",
            field="rule",
            method=method.ref,
            remedy="use the rule calculated_during_trial",
            code="measurement.rule",
        )


def differences_of(
    approached: Sequence[Approached], period: Period
) -> tuple[tuple[DifferenceOf, ...], tuple[Found, ...]]:
    """E_n of each pair, and what does not conform.

    Without U of both, or where one is not of all of the period, nobody can say whether they agree.
    """
    known = [each.measurement(period) for each in approached if each.is_known and each.is_whole]
    comparison = (
        compare(known)
        if len(known) > 1
        else Comparison(measurements=(), differences=(), nonconformities=())
    )
    named = {(each.first, each.second): each for each in comparison.differences}
    rows = []
    for at, first in enumerate(approached):
        for second in approached[at + 1 :]:
            found = named.get((first.approach, second.approach))
            rows.append(
                DifferenceOf(
                    first=first.approach,
                    second=second.approach,
                    en=None if found is None else shown(found.en),
                    agrees=None if found is None else found.agrees,
                )
            )
    own = [one for each in approached for one in each.findings]
    apart = [each for each in comparison.nonconformities if each not in own]
    return tuple(rows), tuple(map(found_of, (*own, *apart)))


def chosen(
    approached: Iterable[Approached], plan: MeasurementPlan, period: Period
) -> Choice | None:
    """The figure by the rule of the plan; None where none may stand."""
    try:
        return choose([each.measurement(period) for each in approached], RULES[plan.rule])
    except NoFigureError:  # the record says so: it has no figure
        return None


def chosen_figures(
    figures: Iterable[FigureOf],
    covered: Mapping[str, Decimal],
    choice: Choice,
    *,
    result: Result,
    method: Method,
) -> tuple[ChosenFigure, ...]:
    """Each figure of the method with the chosen measurement in the place of what it covers."""
    return tuple(
        ChosenFigure(
            id=each.id,
            purpose=each.purpose,
            unit=each.unit,
            gwp_set=each.gwp_set,
            calculated=each.value,
            value=_value(each, covered, choice, result, method),
        )
        for each in figures
        if each.purpose is not Purpose.AUXILIARY
    )


def found_of(finding: NonConformity) -> Found:
    """A finding as it is put on record."""
    params = sorted((name, str(value)) for name, value in finding.params.items())
    return Found(code=finding.code, params=tuple(params))


def _value(
    figure: FigureOf,
    covered: Mapping[str, Decimal],
    choice: Choice,
    result: Result,
    method: Method,
) -> Decimal:
    if choice.figure.approach is Approach.CALCULATION:
        return figure.value
    slopes = slopes_of(result, method, {f"total.{figure.id}": Decimal(1)})
    inside = {name: value for name, value in covered.items() if slopes.get(name)}
    if not inside:
        return figure.value
    with precise():
        without = figure.value - total(slopes[name] * value for name, value in inside.items())
        value = without + choice.figure.co2
    return rounded(value, method.totals[figure.id].rounding)


def _nodes(term: Step, result: Result) -> list[str]:
    """The nodes of a term that are masses of CO2: of each line where it has a table."""
    if not term.table:
        return [term.id] if term.gas == _CO2 and term.id in result.nodes else []
    lines = [
        node
        for node in result.nodes.values()
        if node.id.startswith(f"{term.table}{_BY_LINE}") and node.id.endswith(f"].{term.id}")
    ]
    return [node.id for node in lines if node.unit == f"t{_CO2}"]
