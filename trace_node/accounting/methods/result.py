"""The result of a method: a graph whose every value says what it was made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from trace_node import canonical_json
from trace_node.accounting.methods.words import Purpose, Severity, Use
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRef:
    """The row a value is.

    Attributes:
        id: Id of the row.
        digest: Its 32-byte digest.
        status: Its status when it was used.
    """

    id: str
    digest: bytes
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value of the graph (结果节点).

    Attributes:
        id: ``FC``, ``fuels[coal].FC``, ``total.ets`` or ``gwp.SAR.CH4``.
        value: The value, rounded where the method rounds it.
        unit: Its unit.
        inputs: Ids of the values it was made of, in the order they were read.
        choice: Where it comes from: ``activity``, ``measured``, ``default``, ``constant``,
            ``step``, ``sum``, ``not_occurring`` and the like.
        formula: How it was computed; empty for a value that was given.
        factor: The row it is; None for others.
        evidence: Leaves or digests it rests on.
        clause: Document and clause.
        mark: Evidence mark of a step; empty for others.
    """

    id: str
    value: Decimal
    unit: str
    inputs: tuple[str, ...] = ()
    choice: str
    formula: str = ""
    factor: FactorRef | None = None
    evidence: tuple[str, ...] = ()
    clause: str = ""
    mark: str = ""

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        row = self.factor
        return {
            "choice": self.choice,
            "clause": self.clause,
            "evidence": list(self.evidence),
            "factor": {"digest": to_base64url(row.digest), "id": row.id, "status": row.status}
            if row
            else None,
            "formula": self.formula,
            "id": self.id,
            "inputs": list(self.inputs),
            "mark": self.mark,
            "unit": self.unit,
            "value": f"{self.value:f}",
        }


class FlagKind(StrEnum):
    """Why a result is flagged wherever it is shown.

    Attributes:
        DRAFT_FACTOR: A factor with one source only.
        UNCONFIRMED_TERM: A term whose text is listed, unconfirmed or a choice of the product.
        NO_EVIDENCE: A given value that names no leaf and no document: a gap in the chain.
        ESTIMATED: A value that fills a gap of measurement.
        CONSERVATIVE: The method's value for missing data.
    """

    DRAFT_FACTOR = "draft_factor"
    UNCONFIRMED_TERM = "unconfirmed_term"
    NO_EVIDENCE = "no_evidence"
    ESTIMATED = "estimated"
    CONSERVATIVE = "conservative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One reason to look twice.

    Attributes:
        kind: Which.
        subject: Id of the row, step or value.
        approval: The logged act that lifts it; empty while there is none.
    """

    kind: FlagKind
    subject: str
    approval: str = ""

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {"approval": self.approval, "kind": self.kind.value, "subject": self.subject}


class CheckOutcome(StrEnum):
    """How a check went.

    Attributes:
        PASSED: It holds.
        FAILED: It does not: a non-conformity (不符合项).
        NOT_DONE: A value it needs was not given.
    """

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """A check and how it went.

    Attributes:
        id: Id of the check, with the line where it has one.
        outcome: How it went.
        severity: How much a failure weighs.
        text_zh: What a failure says, in Chinese.
        text_en: What a failure says, in English.
        inputs: Ids of the values it read.
    """

    id: str
    outcome: CheckOutcome
    severity: Severity
    text_zh: str
    text_en: str
    inputs: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {
            "id": self.id,
            "inputs": list(self.inputs),
            "outcome": self.outcome.value,
            "severity": self.severity.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalResult:
    """A figure.

    Attributes:
        id: Id of the total.
        purpose: What it is for; it enters no total of another purpose.
        value: The figure.
        unit: ``tCO2`` or ``tCO2e``.
        gwp_set: GWP set; empty for CO2.
        masses: Net mass of each gas in tonnes, as added.
    """

    id: str
    purpose: Purpose
    value: Decimal
    unit: str
    gwp_set: str
    masses: Mapping[str, Decimal]

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {
            "gwp_set": self.gwp_set,
            "id": self.id,
            "masses": {gas: f"{mass:f}" for gas, mass in self.masses.items()},
            "purpose": self.purpose.value,
            "unit": self.unit,
            "value": f"{self.value:f}",
        }


@dataclass(frozen=True, kw_only=True)
class Result:
    """A result (核算结果): graph, figures, flags and findings.

    Attributes:
        method: ``id@version``.
        method_digest: Digest of its definition.
        use: What it was computed for.
        release_root: Root of the factor release; None where rows come from no release.
        case: What was handed in, as JSON.
        nodes: The graph, each value after those it was made of.
        totals: Figures by id.
        checks: Checks in the method's order.
        flags: Why to look twice.
    """

    method: str
    method_digest: bytes
    use: Use
    release_root: bytes | None
    case: JsonObject
    nodes: Mapping[str, Node]
    totals: Mapping[str, TotalResult]
    checks: tuple[CheckResult, ...]
    flags: tuple[Flag, ...]

    @property
    def non_conformities(self) -> tuple[CheckResult, ...]:
        """The checks that failed."""
        return tuple(one for one in self.checks if one.outcome is CheckOutcome.FAILED)

    @property
    def marks(self) -> dict[str, str]:
        """Evidence mark of each step by its id."""
        return {one.id.rsplit(".", 1)[-1]: one.mark for one in self.nodes.values() if one.mark}

    def value(self, node: str) -> Decimal:
        """The value of a node; a ``KeyError`` says there is none."""
        return self.nodes[node].value

    @cached_property
    def canonical(self) -> bytes:
        """Its canonical JSON, what ``recompute`` reads."""
        return canonical_json.encode(self.to_json())

    @cached_property
    def digest(self) -> bytes:
        """SM3 of ``canonical``, 32 bytes."""
        return sm3(self.canonical)

    def to_json(self) -> JsonObject:
        """All of it."""
        return {
            "case": self.case,
            "checks": [one.to_json() for one in self.checks],
            "flags": [one.to_json() for one in self.flags],
            "method": self.method,
            "method_digest": to_base64url(self.method_digest),
            "nodes": [one.to_json() for one in self.nodes.values()],
            "release_root": to_base64url(self.release_root) if self.release_root else None,
            "totals": [one.to_json() for one in self.totals.values()],
            "type": "method-result@1",
            "use": self.use.value,
        }
