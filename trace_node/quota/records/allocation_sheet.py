"""An allocation with everything it was computed from: ``allocation-sheet@1``.

The sheet carries the rules it used in full, so that a past settlement keeps the rule it was made
under, and a reader computes every step again before it takes the sheet for one.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject
from trace_node.ids import LeafIndex, OrganisationId
from trace_node.quota.records.allocation_input import MAX_UNIT_NAME, SYMBOL_PATTERN
from trace_node.quota.records.rule_change import DRAFT_RULE, ID_PATTERN
from trace_node.quota.records.sheet_rows import SheetRow, SheetRule, require_computed
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_integer,
    read_name,
    read_optional,
    read_text,
    require_keys,
)
from trace_node.record.statement_fields import (
    MAX_YEAR,
    MIN_YEAR,
    read_day,
    read_items,
    read_line,
)
from trace_node.record.writing import write_bytes

ALLOCATION_SHEET: Final = "allocation-sheet@1"
MAX_PARTS: Final = 200
MAX_ROWS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRef:
    """A leaf of the log.

    Attributes:
        index: Leaf index.
        digest: 32-byte record digest.
    """

    index: LeafIndex
    digest: bytes

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "LeafRef":
        """Read its members."""
        require_keys(fields, frozenset({"digest", "index"}))
        index = LeafIndex(read_integer(fields, "index", minimum=0))
        return cls(index=index, digest=read_bytes(fields, "digest"))

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {"digest": write_bytes(self.digest), "index": self.index}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetInput:
    """A value that was given.

    Attributes:
        name: Name in the method.
        value: As it was given, with all its digits.
        leaf: The leaf it was taken from; None where it was typed in.
    """

    name: str
    value: str
    leaf: LeafRef | None

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "SheetInput":
        """Read its members."""
        require_keys(fields, frozenset({"leaf", "name", "value"}))
        return cls(
            name=read_text(fields, "name", SYMBOL_PATTERN, "a symbol of a method"),
            value=read_line(fields, "value", most=40),
            leaf=read_optional(fields, "leaf", read_leaf),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        leaf = None if self.leaf is None else self.leaf.to_fields()
        return {"leaf": leaf, "name": self.name, "value": self.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedDraft:
    """A draft the sheet used, and by whose leave.

    Attributes:
        draft: Id of the rule, or ``id@version`` of the method.
        digest: 32-byte digest of its row.
        approval: The logged approval.
    """

    draft: str
    digest: bytes
    approval: LeafRef

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "UsedDraft":
        """Read its members."""
        require_keys(fields, frozenset({"approval", "digest", "draft"}))
        return cls(
            draft=read_text(fields, "draft", ID_PATTERN, DRAFT_RULE),
            digest=read_bytes(fields, "digest"),
            approval=read_leaf(fields, "approval"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "approval": self.approval.to_fields(),
            "digest": write_bytes(self.digest),
            "draft": self.draft,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationSheet:
    """A settled allocation (配额核定表): of one unit, or the total of an organisation.

    Attributes:
        organisation: Whose allocation it is.
        year: Obligation year.
        on: Day whose rules counted.
        unit_name: The unit; None for the total.
        method: ``id@version``.
        method_digest: 32-byte digest of the method's row.
        inputs: What was given.
        rules: The rules behind the symbols, in full.
        steps: The computed lines; rounding is part of their formulas.
        drafts: Every draft it used, with the approval.
        parts: Leaves of the units' sheets, for a total.
    """

    TYPE: ClassVar[str] = ALLOCATION_SHEET
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("drafts", "inputs", "method", "method_digest", "on", "organisation", "parts"),
            *("rules", "steps", "unit_name", "year"),
        }
    )

    organisation: OrganisationId
    year: int
    on: date
    unit_name: str | None
    method: str
    method_digest: bytes
    inputs: tuple[SheetInput, ...]
    rules: tuple[SheetRule, ...]
    steps: tuple[SheetRow, ...]
    drafts: tuple[UsedDraft, ...]
    parts: tuple[LeafRef, ...]

    @property
    def topic(self) -> str:
        """Organisation, year and unit."""
        return f"{self.organisation} {self.year} {self.unit_name or '-'}"

    @property
    def result(self) -> str:
        """Value of the last step."""
        return self.steps[-1].value

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "AllocationSheet":
        """Read its members, and compute every step again."""
        sheet = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            year=read_integer(fields, "year", minimum=MIN_YEAR, maximum=MAX_YEAR),
            on=read_day(fields, "on"),
            unit_name=read_optional(fields, "unit_name", _read_unit_name),
            method=read_text(fields, "method", ID_PATTERN, "id@version of a method"),
            method_digest=read_bytes(fields, "method_digest"),
            inputs=read_items(fields, "inputs", SheetInput.from_fields, most=MAX_ROWS),
            rules=read_items(fields, "rules", SheetRule.from_fields, most=MAX_ROWS),
            steps=read_items(fields, "steps", SheetRow.from_fields, most=MAX_ROWS),
            drafts=read_items(fields, "drafts", UsedDraft.from_fields, most=MAX_ROWS),
            parts=read_items(fields, "parts", LeafRef.from_fields, most=MAX_PARTS),
        )
        require_computed({item.name: item.value for item in sheet.inputs}, sheet.rules, sheet.steps)
        _require_approved(sheet)
        return sheet

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "drafts": [item.to_fields() for item in self.drafts],
            "inputs": [item.to_fields() for item in self.inputs],
            "method": self.method,
            "method_digest": write_bytes(self.method_digest),
            "on": self.on.isoformat(),
            "organisation": self.organisation,
            "parts": [item.to_fields() for item in self.parts],
            "rules": [item.to_fields() for item in self.rules],
            "steps": [item.to_fields() for item in self.steps],
            "unit_name": self.unit_name,
            "year": self.year,
        }


def read_leaf(fields: JsonObject, key: str) -> LeafRef:
    """Read an object that names a leaf.

    Raises:
        RecordError: It is none.
    """
    value = fields[key]
    return LeafRef.from_fields(value if isinstance(value, dict) else {})


def _read_unit_name(fields: JsonObject, key: str) -> str:
    return read_line(fields, key, most=MAX_UNIT_NAME)


def _require_approved(sheet: AllocationSheet) -> None:
    """Each draft among the rules is listed with the approval of exactly that row."""
    approved = {(item.draft, item.digest) for item in sheet.drafts}
    for rule in sheet.rules:
        if rule.is_draft and (rule.id, rule.digest) not in approved:
            raise RecordError(
                "{field}: the draft {draft} was used, and no approval of it is named",
                field="drafts",
                draft=rule.id,
                remedy="approve it first: trace-node allowance approve-draft",
                code="record.drafts",
            )
