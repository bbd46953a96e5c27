"""An emission of an accounting unit in a period, as a leaf: ``emission@1``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.methods.words import Use
from trace_node.accounting.records.approvals import METHOD_PATTERN
from trace_node.accounting.records.emission_form import (
    read_activity,
    read_factors,
    read_masses,
    write_activity,
    write_factors,
    write_masses,
)
from trace_node.accounting.records.emission_parts import (
    ActivityItem,
    EmissionItem,
    FactorUse,
    FigureOf,
    read_leaves,
    read_words,
)
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_integer,
    read_name,
    read_object,
    read_optional,
    read_text,
    require_keys,
)
from trace_node.record.statement_fields import read_items, read_line, read_period
from trace_node.record.writing import write_bytes

EMISSION: Final = "emission@1"
MAX_ITEMS: Final = 2_048
_STANDINGS: Final = frozenset({Standing.FINAL, Standing.PROVISIONAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """What one unit emitted in one period by one method, and all it was computed from (排放量记录).

    Attributes:
        organisation: Whose emission.
        boundary: Name of the boundary.
        boundary_leaf: The version of the boundary that was used.
        unit: The accounting unit.
        method: ``id@version``.
        method_digest: 32-byte digest of its definition.
        method_leaves: Of a method that did not come with the program, the leaf of its release,
            and where a publisher signed it that of the trust in its key.
        period: The period.
        use: What it was computed for.
        standing: Provisional or final; a final figure is changed by an adjustment only.
        activity: What it was made of.
        earlier: Values of the result that were measured earlier in the year and that the method
            does not let go back to its default, sorted.
        factors: Rows of the factor library that were used, in the order of ``factors_in_order``.
        release_root: Root of the factor release; None where rows come from no release.
        approvals: Leaves of the approvals that held.
        items: Mass of each gas from each source, in the order of ``items_in_order``.
        figures: The figures, one purpose each.
        result: 32-byte SM3 of the canonical result, which recomputing gives again.
        replaces: The leaf before it for the same unit, method and period; None for the first.
        demonstration: Why it is a demonstration only, as the boundary says; None of a real figure.
        reason: Why a final figure is adjusted; empty otherwise.
    """

    TYPE: ClassVar[str] = EMISSION
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("activity", "approvals", "boundary", "boundary_leaf", "demonstration"),
            *("earlier", "factors", "figures"),
            *("items", "method", "method_digest", "method_leaves", "organisation", "period"),
            *("reason",),
            *("release_root", "replaces", "result", "standing", "unit", "use"),
        }
    )

    organisation: OrganisationId
    boundary: str
    boundary_leaf: EvidenceLink
    unit: str
    method: str
    method_digest: bytes
    method_leaves: tuple[int, ...] = ()
    period: Period
    use: Use
    standing: Standing
    activity: tuple[ActivityItem, ...]
    earlier: tuple[str, ...] = ()
    factors: tuple[FactorUse, ...]
    release_root: bytes | None
    approvals: tuple[int, ...]
    items: tuple[EmissionItem, ...]
    figures: tuple[FigureOf, ...]
    result: bytes
    replaces: EvidenceLink | None
    demonstration: str | None
    reason: str | None

    @property
    def topic(self) -> str:
        """Organisation, boundary, unit, method and period."""
        return f"{self.organisation} {self.boundary} {self.unit} {self.method} {self.period.name}"

    @property
    def pins(self) -> Mapping[str, bytes]:
        """Row digest of each value of the result that is a factor."""
        return {each.node: each.digest for each in self.factors}

    @property
    def findings(self) -> tuple[str, ...]:
        """Codes of what speaks against its activity data, sorted."""
        return tuple(sorted({code for item in self.activity for code in item.findings}))

    @property
    def leaves(self) -> tuple[int, ...]:
        """Every leaf it rests on, ascending."""
        found = {index for each in self.activity for index in each.leaves}
        found |= {each.leaf for each in self.factors if each.leaf is not None}
        found |= {self.boundary_leaf.index, *self.approvals, *self.method_leaves}
        return tuple(sorted(found))

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "Emission":
        """Read its members; an adjustment names what it replaces."""
        method = read_text(fields, "method", METHOD_PATTERN, "id@version of a method")
        standing = Standing(read_choice(fields, "standing", _STANDINGS))
        emission = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            boundary=read_name(fields, "boundary"),
            boundary_leaf=read_link(fields, "boundary_leaf"),
            unit=read_name(fields, "unit"),
            method=method,
            method_digest=read_bytes(fields, "method_digest"),
            method_leaves=read_leaves(fields, "method_leaves"),
            period=read_period(fields, "period"),
            use=Use(read_choice(fields, "use", frozenset(Use))),
            standing=standing,
            activity=read_activity(fields, method=method, standing=standing),
            earlier=read_words(fields, "earlier", most=MAX_ITEMS),
            factors=read_factors(fields),
            release_root=read_optional(fields, "release_root", read_bytes),
            approvals=read_leaves(fields, "approvals"),
            items=read_masses(fields, method=method),
            figures=read_items(fields, "figures", FigureOf.read, most=MAX_ITEMS),
            result=read_bytes(fields, "result"),
            replaces=read_optional(fields, "replaces", read_link),
            demonstration=read_optional(fields, "demonstration", read_line),
            reason=read_optional(fields, "reason", read_line),
        )
        if emission.reason is not None and emission.replaces is None:
            raise RecordError(
                "{field}: an adjustment names the leaf it adjusts",
                field="replaces",
                remedy="name it, or leave the reason out",
                code="record.replaces",
            )
        return emission

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "activity": write_activity(self.activity, method=self.method, standing=self.standing),
            "approvals": list(self.approvals),
            "boundary": self.boundary,
            "boundary_leaf": write_link(self.boundary_leaf),
            "demonstration": self.demonstration,
            "earlier": list(self.earlier),
            "factors": write_factors(self.factors),
            "figures": [each.write() for each in self.figures],
            "items": write_masses(self.items),
            "method": self.method,
            "method_digest": write_bytes(self.method_digest),
            "method_leaves": list(self.method_leaves),
            "organisation": self.organisation,
            "period": self.period.name,
            "reason": self.reason,
            "release_root": write_bytes(self.release_root),
            "replaces": None if self.replaces is None else write_link(self.replaces),
            "result": write_bytes(self.result),
            "standing": self.standing.value,
            "unit": self.unit,
            "use": self.use.value,
        }


def read_link(fields: JsonObject, key: str) -> EvidenceLink:
    """Read an object of a leaf's index and digest."""
    link = read_object(fields, key)
    require_keys(link, frozenset({"digest", "index"}))
    return EvidenceLink(
        index=read_integer(link, "index", minimum=0), digest=read_bytes(link, "digest")
    )


def write_link(link: EvidenceLink) -> JsonObject:
    """Write the index and digest of a leaf."""
    return {"digest": write_bytes(link.digest), "index": link.index}
