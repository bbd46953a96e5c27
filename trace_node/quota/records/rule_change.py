"""A row of the rule or method library began, was replaced or ended: ``rule-change@1``."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_object,
    read_optional,
    read_text,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes

RULE_CHANGE: Final = "rule-change@1"
ID_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}(?:@[1-9][0-9]{0,3})?")
DRAFT_RULE: Final = "the id of a rule, or id@version of a method"
KINDS: Final = frozenset({"method", "rule"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A change of the library (规则变更).

    Attributes:
        kind: ``rule`` or ``method``.
        subject: Id of the rule, or ``id@version`` of the method.
        replaces: Digest of the row it replaces; None for one that begins.
        digest: Digest of the new row; None when the old one ends without a successor.
        row: The new row as it is hashed, with years, validity and source; None with ``digest``.
        reason: Why, in a sentence.
    """

    TYPE: ClassVar[str] = RULE_CHANGE
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"digest", "kind", "reason", "replaces", "row", "subject"}
    )

    kind: str
    subject: str
    replaces: bytes | None
    digest: bytes | None
    row: JsonObject | None
    reason: str

    @property
    def topic(self) -> str:
        """Kind and id."""
        return f"{self.kind} {self.subject}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "RuleChange":
        """Read its members."""
        change = cls(
            kind=read_choice(fields, "kind", KINDS),
            subject=read_text(fields, "subject", ID_PATTERN, DRAFT_RULE),
            replaces=read_optional(fields, "replaces", read_bytes),
            digest=read_optional(fields, "digest", read_bytes),
            row=read_optional(fields, "row", read_object),
            reason=read_line(fields, "reason"),
        )
        computed = None if change.row is None else sm3(canonical_json.encode(change.row))
        if change.digest != computed or (change.digest is None and change.replaces is None):
            raise RecordError(
                "{field}: is not the digest of row",
                field="digest",
                remedy="write SM3 of the canonical JSON of row; null for both when a row ends",
                code="record.digest",
            )
        return change

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "digest": write_bytes(self.digest),
            "kind": self.kind,
            "reason": self.reason,
            "replaces": write_bytes(self.replaces),
            "row": self.row,
            "subject": self.subject,
        }
