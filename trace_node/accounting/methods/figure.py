"""From a case to a result: terms, totals per purpose, checks, flags."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.arithmetic import total as exact_sum
from trace_node.accounting.errors import FactorUnusableError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.query import FactorQuery
from trace_node.accounting.factors.row import FactorKind, FactorStatus
from trace_node.accounting.methods.approvals import NO_APPROVALS, Approvals
from trace_node.accounting.methods.case import Case, Line
from trace_node.accounting.methods.evaluate import Evaluation
from trace_node.accounting.methods.given_value import rounded
from trace_node.accounting.methods.method import GAS_OF_LINE, Check, Method, Step, Total
from trace_node.accounting.methods.nodes import node_name
from trace_node.accounting.methods.result import (
    CheckOutcome,
    CheckResult,
    Flag,
    FlagKind,
    Node,
    Result,
    TotalResult,
)
from trace_node.accounting.methods.words import Choice, Mark, SymbolSource, Use
from trace_node.gases import gas_itself

_NO_PINS: Final[Mapping[str, bytes]] = MappingProxyType({})
_GIVEN: Final = frozenset(
    {
        *(SymbolSource.ACTIVITY.value, SymbolSource.REQUIRED.value),
        *(Choice.MEASURED.value, Choice.SUPPLIER.value),
    }
)


def evaluate(
    method: Method,
    case: Case,
    factors: FactorLibrary,
    *,
    use: Use = Use.INTERNAL,
    approvals: Approvals = NO_APPROVALS,
    release_root: bytes | None = None,
    pins: Mapping[str, bytes] = _NO_PINS,
) -> Result:
    """Apply a method to a case.

    Args:
        method: The method.
        case: What is handed in.
        factors: The factor library.
        use: For compliance, each draft factor and unconfirmed term needs an approval.
        approvals: Approvals that hold.
        release_root: Root of the factor release the library is; 32 bytes, or None.
        pins: Row digests by node, where a result of the past is rebuilt.

    Raises:
        CaseError: The case does not fit the method: something is missing, unknown, in another
            unit or basis, out of bounds, without evidence, or from where the method takes nothing.
        FactorNotFoundError: A factor is not in the library.
        FactorAmbiguousError: More than one factor fits.
        FactorUnusableError: A factor may not be used; for compliance also one without approval.
        FormulaError: A step has no value for this case, such as a division by zero.
    """
    evaluation = Evaluation(method, case, factors, pins)
    for term in method.terms:
        for line in evaluation.lines(term.table) if term.table else ():
            if evaluation.scope.occurs(term):
                evaluation.step_value(term, line)
        if term.gas != GAS_OF_LINE:
            evaluation.step_value(term)
    for step in evaluation.scope.outputs:
        evaluation.step_value(step)
    totals = {total.id: _total(evaluation, total) for total in method.totals.values()}
    checks = tuple(one for check in method.checks for one in _check(evaluation, check))
    flags = tuple(_flags(evaluation, approvals))
    if use is Use.COMPLIANCE:
        _require_approved(flags)
    return Result(
        method=method.ref,
        method_digest=method.digest,
        use=use,
        release_root=release_root,
        case=case.to_json(),
        nodes=MappingProxyType(evaluation.nodes),
        totals=MappingProxyType(totals),
        checks=checks,
        flags=flags,
    )


def _total(evaluation: Evaluation, total: Total) -> TotalResult:
    masses: dict[str, list[Decimal]] = defaultdict(list)
    inputs: dict[str, list[str]] = defaultdict(list)
    for taken_off, names in ((False, total.add), (True, total.subtract)):
        for name in names:
            for gas, node in _by_gas(evaluation, evaluation.method.steps[name]):
                masses[gas].append(node.value.copy_negate() if taken_off else node.value)
                inputs[gas].append(node.id)
    parts = []
    for gas in sorted(masses):
        net = exact_sum(masses[gas])
        mass = _put(
            evaluation,
            f"total.{total.id}.{gas}",
            net,
            unit=f"t{gas_itself(gas)}",
            made_of=inputs[gas],
        )
        weight = _weight(evaluation, total, gas)
        with precise():
            product = mass.value * weight.value if weight else mass.value
        parts.append((product, [mass.id, *([weight.id] if weight else [])]))
    value = rounded(exact_sum(part for part, _ in parts), total.rounding)
    made_of = [name for _, names in parts for name in names]
    _put(evaluation, f"total.{total.id}", value, unit=total.unit_text, made_of=made_of)
    return TotalResult(
        id=total.id,
        purpose=total.purpose,
        value=value,
        unit=total.unit_text,
        gwp_set=total.gwp_set,
        masses=MappingProxyType({gas: exact_sum(masses[gas]) for gas in sorted(masses)}),
    )


def _put(
    evaluation: Evaluation, name: str, value: Decimal, *, unit: str, made_of: list[str]
) -> Node:
    node = Node(id=name, value=value, unit=unit, inputs=tuple(made_of), choice="total")
    return evaluation.nodes.setdefault(name, node)


def _by_gas(evaluation: Evaluation, step: Step) -> Iterator[tuple[str, Node]]:
    """The mass of a term, or of each gas its lines name."""
    if step.gas != GAS_OF_LINE:
        yield step.gas, evaluation.step_value(step)
        return
    if not evaluation.scope.occurs(step):
        return
    for line in evaluation.lines(step.table):
        yield line.words["gas"], evaluation.step_value(step, line)


def _weight(evaluation: Evaluation, total: Total, gas: str) -> Node | None:
    """The global warming potential of a gas; none for CO2, which is 1 by definition."""
    if gas == "CO2":
        return None
    node_id = f"gwp.{total.gwp_set}.{gas}"
    query = FactorQuery(
        method=evaluation.method.ref,
        scheme=total.gwp_scheme,
        kind=FactorKind.GWP,
        substance=total.gwp_substances.get(gas, gas),
        on=evaluation.case.on,
        gwp_set=total.gwp_set,
    )
    if node_id not in evaluation.nodes:
        row = evaluation.factor(node_id, query)
        unit = f"tCO2e/t{gas_itself(gas)}"
        evaluation.nodes[node_id] = evaluation.factor_node(node_id, row, unit, clause="")
    return evaluation.nodes[node_id]


def _check(evaluation: Evaluation, check: Check) -> Iterator[CheckResult]:
    lines: tuple[Line | None, ...] = evaluation.lines(check.table) if check.table else (None,)
    if not any(evaluation.scope.can_check(check, line) for line in lines):
        lines = (None,)
    for line in lines:
        outcome, inputs = _outcome(evaluation, check, line)
        yield CheckResult(
            id=node_name(check.id, check.table, line),
            outcome=outcome,
            severity=check.severity,
            text_zh=check.text_zh,
            text_en=check.text_en,
            inputs=tuple(inputs),
        )


def _outcome(
    evaluation: Evaluation, check: Check, line: Line | None
) -> tuple[CheckOutcome, list[str]]:
    if (check.table and line is None) or not evaluation.scope.can_check(check, line):
        return CheckOutcome.NOT_DONE, []
    holds, inputs = evaluation.run_check(check.formula, check.table, line)
    return (CheckOutcome.PASSED if holds else CheckOutcome.FAILED), inputs


def _flags(evaluation: Evaluation, approvals: Approvals) -> Iterator[Flag]:
    found: dict[Flag, None] = {}
    digest = evaluation.method.digest
    for node in evaluation.nodes.values():
        name = node.id.rsplit(".", 1)[-1]
        if node.factor and node.factor.status == FactorStatus.DRAFT:
            lifted = approvals.rows.get(node.factor.digest, "")
            found[Flag(kind=FlagKind.DRAFT_FACTOR, subject=node.factor.id, approval=lifted)] = None
        if node.mark and node.choice != "not_occurring" and Mark(node.mark).needs_approval:
            lifted = approvals.terms.get((digest, name), "")
            found[Flag(kind=FlagKind.UNCONFIRMED_TERM, subject=name, approval=lifted)] = None
        if node.choice in _GIVEN and not node.evidence:
            found[Flag(kind=FlagKind.NO_EVIDENCE, subject=node.id)] = None
        if node.choice == Choice.CONSERVATIVE.value:
            found[Flag(kind=FlagKind.CONSERVATIVE, subject=node.id)] = None
    for node_id in evaluation.estimated:
        found[Flag(kind=FlagKind.ESTIMATED, subject=node_id)] = None
    yield from found


def _require_approved(flags: tuple[Flag, ...]) -> None:
    for flag in flags:
        if flag.approval:
            continue
        if flag.kind is FlagKind.DRAFT_FACTOR:
            raise FactorUnusableError(
                "the factor {row} is a draft and nobody approved it for compliance",
                field="row",
                row=flag.subject,
                remedy="have a person approve it with evidence, or use a measured value",
                code="accounting.factor.unapproved",
            )
        if flag.kind is FlagKind.UNCONFIRMED_TERM:
            raise FactorUnusableError(
                "the text of {step} is not confirmed and nobody approved it for compliance",
                field="step",
                step=flag.subject,
                remedy="have a person approve it with evidence",
                code="accounting.term.unapproved",
            )
