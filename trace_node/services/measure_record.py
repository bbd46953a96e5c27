"""A comparison as it is put on record: every approach, E_n of each pair, and the figure by rule."""

from typing import Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.assessment.measured import (
    Approached,
    chosen,
    chosen_figures,
    covered_nodes,
    differences_of,
    found_of,
)
from trace_node.accounting.comparison.choice import Choice
from trace_node.accounting.errors import RecomputeError
from trace_node.accounting.records.emission_form import activity_in_order
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.accounting.records.measurement_parts import ChosenFigure
from trace_node.accounting.records.measurement_plan import RULES
from trace_node.canonical_json import JsonValue
from trace_node.services.measure_approaches import Bench, approaches_of

_FROM_CAUSE_TO_EFFECT: Final = (
    *("activity", "stacks", "biogenic", "carbon", "training", "model", "measurements"),
    *("differences", "findings", "figure", "passed_over", "figures"),
)


def comparison_of(bench: Bench, plan: EvidenceLink, link: EvidenceLink) -> MeasurementRecord:
    """What a bench gives.

    Args:
        bench: Everything it is computed from.
        plan: The leaf of the plan.
        link: That of the emission record.
    """
    emission, outcomes = bench.found.emission, approaches_of(bench)
    at_hand = [each.approached for each in outcomes if each.approached is not None]
    differences, findings = differences_of(at_hand, emission.period)
    choice = chosen(at_hand, bench.plan, emission.period)
    rule = RULES[bench.plan.rule]
    absent = [found_of(one) for each in outcomes for one in each.findings]
    return MeasurementRecord(
        organisation=emission.organisation,
        boundary=emission.boundary,
        unit=emission.unit,
        method=emission.method,
        period=emission.period,
        plan=plan,
        emission=link,
        measurements=tuple(each.record() for each in at_hand),
        stacks=tuple(each.record() for each in bench.stacks),
        biogenic=next((each.biogenic for each in outcomes if each.biogenic is not None), None),
        carbon=next((each.carbon for each in outcomes if each.carbon is not None), None),
        model=next((each.model for each in outcomes if each.model is not None), None),
        training=tuple(sorted(bench.training.leaves)),
        activity=activity_in_order(bench.items.values()),
        differences=differences,
        findings=(*absent, *findings),
        figure=None if choice is None else choice.figure.approach,
        rule=rule.id,
        clause=rule.clause,
        passed_over=rule.order if choice is None else choice.passed_over,
        figures=_figures(bench, choice),
        leaves=tuple(sorted(_leaves(bench, at_hand))),
    )


def require_same(stated: MeasurementRecord, again: MeasurementRecord, index: int) -> None:
    """Require a comparison to say the same when it is made again.

    Raises:
        RecomputeError: It differs; the first member that does is named. Readings that came later
            are a reason, too.
    """
    old, new = stated.to_fields(), again.to_fields()
    for member in (*_FROM_CAUSE_TO_EFFECT, *sorted(new.keys() - set(_FROM_CAUSE_TO_EFFECT))):
        if old[member] != new[member]:
            raise RecomputeError(
                "{field}: the comparison of leaf {index} differs when it is made again",
                field=_place(member, old[member], new[member]),
                index=index,
                remedy="a leaf was altered, or readings came later: measure again",
                code="measurement.recompute",
            )


def _place(path: str, old: JsonValue, new: JsonValue) -> str:
    """Where two values that are not the same differ first: ``stacks.tail.digest``."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        name = next(each for each in sorted(new) if old[each] != new[each])
        return _place(f"{path}.{name}", old[name], new[name])
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        at = next(at for at, (one, other) in enumerate(zip(old, new, strict=True)) if one != other)
        return _place(f"{path}.{_name(new[at]) or at}", old[at], new[at])
    return path


def _name(item: JsonValue) -> str:
    """What an item of a list is called, if anything."""
    if not isinstance(item, dict):
        return ""
    return next((str(item[key]) for key in ("name", "approach", "id", "code") if key in item), "")


def _figures(bench: Bench, choice: Choice | None) -> tuple[ChosenFigure, ...]:
    if choice is None:
        return ()
    result, method = bench.found.result, bench.method
    covered = covered_nodes(result, method, bench.plan)
    return chosen_figures(
        bench.found.emission.figures, covered, choice, result=result, method=method
    )


def _leaves(bench: Bench, at_hand: list[Approached]) -> set[int]:
    """Statements on errors that count, with laboratory records, and descriptions of meters."""
    stated = {
        leaf
        for each in at_hand
        for parts in each.assessed.parts.values()
        for part in parts
        for leaf in part.leaves
    }
    return stated | {leaf for each in bench.stacks for leaf in each.described}
