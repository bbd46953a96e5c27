"""The project behind CCER lots, and for which years its units may be used: ``ccer-project@1``."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_code,
    read_integer,
    read_optional,
    read_printable,
    read_text,
)
from trace_node.record.statement_fields import (
    MAX_YEAR,
    MIN_YEAR,
    read_day,
    read_flag,
    read_items,
    read_line,
)
from trace_node.record.writing import write_bytes

CCER_PROJECT: Final = "ccer-project@1"
MAX_TONNES: Final = 10**12
MAX_VERDICTS: Final = 16
MAX_RULES: Final = 8
MOST_ADMISSION: Final = 3
_RULE_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class CcerKind(StrEnum):
    """Which procedure units of a project follow (CCER 类别).

    Attributes:
        OLD: Filed under the rules of 2012, before 2017-03-14.
        NEW: Registered since the market started again on 2024-01-22.
    """

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRef:
    """A rule that a verdict rests on.

    Attributes:
        rule: Its id.
        digest: 32-byte digest of its row.
    """

    rule: str
    digest: bytes

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "RuleRef":
        """Read its members."""
        _require(fields, {"digest", "rule"})
        return cls(
            rule=read_text(fields, "rule", _RULE_ID, "the id of a rule"),
            digest=read_bytes(fields, "digest"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {"digest": write_bytes(self.digest), "rule": self.rule}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether units of the project may serve an obligation year (抵销资格).

    Attributes:
        year: Obligation year.
        eligible: Whether they may.
        admission: 0 no, 2 offset, 3 offset that is cancelled first; as on the chain.
        reason: Code of what decided.
        rules: What it rests on.
    """

    year: int
    eligible: bool
    admission: int
    reason: str
    rules: tuple[RuleRef, ...]

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "Verdict":
        """Read its members."""
        _require(fields, {"admission", "eligible", "reason", "rules", "year"})
        verdict = cls(
            year=read_integer(fields, "year", minimum=MIN_YEAR, maximum=MAX_YEAR),
            eligible=read_flag(fields, "eligible"),
            admission=read_integer(fields, "admission", minimum=0, maximum=MOST_ADMISSION),
            reason=read_code(fields, "reason"),
            rules=read_items(fields, "rules", RuleRef.from_fields, most=MAX_RULES),
        )
        if verdict.eligible != (verdict.admission >= 2):  # noqa: PLR2004 - offset, by the contract
            raise _refusal("admission", "must be 2 or 3 where eligible is true, else 0")
        return verdict

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "admission": self.admission,
            "eligible": self.eligible,
            "reason": self.reason,
            "rules": [ref.to_fields() for ref in self.rules],
            "year": self.year,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CcerProject:
    """A CCER project (核证自愿减排项目) as the CCER registry shows it.

    Attributes:
        project: Number of the project in the CCER registry.
        name: Its name.
        methodology: Code and version of its methodology (方法学).
        period_from: First day of the monitoring period (监测期).
        period_to: Last day.
        quantity: Registered reductions of that period, whole tonnes of CO2 equivalent.
        registered_on: Day on which they were registered.
        filed_on: Day on which the project was filed (备案); None for one of the new procedure.
        kind: Which procedure it follows.
        within_ets: Whether it reduces what an enterprise of the ETS owes anyhow.
        verdicts: For each obligation year asked about.
    """

    TYPE: ClassVar[str] = CCER_PROJECT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("filed_on", "kind", "methodology", "name", "period_from", "period_to", "project"),
            *("quantity", "registered_on", "verdicts", "within_ets"),
        }
    )

    project: str
    name: str
    methodology: str
    period_from: date
    period_to: date
    quantity: int
    registered_on: date
    filed_on: date | None
    kind: CcerKind
    within_ets: bool
    verdicts: tuple[Verdict, ...]

    @property
    def topic(self) -> str:
        """Project and monitoring period."""
        return f"{self.project} {self.period_from} {self.period_to}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "CcerProject":
        """Read its members."""
        project = cls(
            project=read_printable(fields, "project"),
            name=read_line(fields, "name", most=200),
            methodology=read_line(fields, "methodology", most=120),
            period_from=read_day(fields, "period_from"),
            period_to=read_day(fields, "period_to"),
            quantity=read_integer(fields, "quantity", minimum=1, maximum=MAX_TONNES),
            registered_on=read_day(fields, "registered_on"),
            filed_on=read_optional(fields, "filed_on", read_day),
            kind=CcerKind(read_choice(fields, "kind", frozenset(CcerKind))),
            within_ets=read_flag(fields, "within_ets"),
            verdicts=read_items(fields, "verdicts", Verdict.from_fields, most=MAX_VERDICTS),
        )
        if project.period_to < project.period_from:
            raise _refusal("period_to", "is before period_from")
        if project.registered_on < project.period_to:
            raise _refusal("registered_on", "is before the end of the monitoring period")
        if project.kind is CcerKind.OLD and project.filed_on is None:
            raise _refusal("filed_on", "must be a day for a project of the old procedure")
        return project

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "filed_on": None if self.filed_on is None else self.filed_on.isoformat(),
            "kind": self.kind.value,
            "methodology": self.methodology,
            "name": self.name,
            "period_from": self.period_from.isoformat(),
            "period_to": self.period_to.isoformat(),
            "project": self.project,
            "quantity": self.quantity,
            "registered_on": self.registered_on.isoformat(),
            "verdicts": [verdict.to_fields() for verdict in self.verdicts],
            "within_ets": self.within_ets,
        }


def _require(fields: JsonObject, expected: set[str]) -> None:
    if fields.keys() != expected:
        odd = min(fields.keys() ^ expected)
        raise _refusal(odd[:64], "is missing, or no member of this object")


def _refusal(field: str, why: str) -> RecordError:
    return RecordError(
        "{field} " + why,
        field=field,
        remedy="see docs/spec/statements.md for the field and an example",
        code=f"record.{field}",
    )
