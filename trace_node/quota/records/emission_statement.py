"""What an organisation states of its emission: ``emission-statement@1``."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId, Origin
from trace_node.period import Period, PeriodError, PeriodKind, parse_period
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_decimal,
    read_integer,
    read_name,
    read_origin,
    read_text,
    read_time,
)
from trace_node.record.writing import write_bytes, write_decimal

EMISSION_STATEMENT: Final = "emission-statement@1"
VERIFIED: Final = "verified"
PROVISIONAL: Final = "provisional"
KINDS: Final = frozenset({VERIFIED, PROVISIONAL})
MAX_SECTOR: Final = 2**32 - 1
MAX_TONNES: Final = Decimal(10) ** 12
_PERIOD = re.compile(r"[0-9]{4}(?:-[0-9]{2})?")
_METHOD = re.compile(r"[^\s](?:[^\x00-\x1f\x7f-\x9f]{0,198}[^\s])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionStatement:
    """An emission statement (排放量声明): emission of one month or obligation year.

    Until emission is computed from the log itself, this is where the board has it from. A verified
    figure of a year is what a verifier enters on the ledger, by the digest of this record.

    Attributes:
        origin: Origin of the log it counts for; member ``log``.
        organisation: Whose emission it is.
        period: A year or month that is over when it is stated.
        kind: ``verified`` or ``provisional``; verified is a figure of a whole year only.
        sector: Number of the covered sector (行业) of the ETS; None for emission outside it.
        tonnes: Tonnes of CO2 equivalent, 0 to 10^12; whole where verified.
        method: By which method, in words: 1 to 200 characters, no control characters.
        evidence: 32-byte digest of the document it is taken from.
    """

    TYPE: ClassVar[str] = EMISSION_STATEMENT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("evidence", "kind", "log", "method", "organisation", "period", "sector"),
            "tonnes",
        }
    )

    origin: Origin
    organisation: OrganisationId
    period: Period
    kind: str
    sector: int | None
    tonnes: Decimal
    method: str
    evidence: bytes

    @property
    def topic(self) -> str:
        """Organisation, period, kind and sector, as far as there is one."""
        sector = "" if self.sector is None else f" {self.sector}"
        return f"{self.organisation} {self.period.name} {self.kind}{sector}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "EmissionStatement":
        """Read its members; the period has to be over at ``stated_at``."""
        kind = read_choice(fields, "kind", KINDS)
        return cls(
            origin=read_origin(fields, "log"),
            organisation=OrganisationId(read_name(fields, "organisation")),
            period=_over(read_period(fields, "period"), kind, read_time(fields, "stated_at")),
            kind=kind,
            sector=read_sector(fields, "sector"),
            tonnes=_read_tonnes(fields, is_whole=kind == VERIFIED),
            method=read_text(
                fields, "method", _METHOD, "1 to 200 characters, no control characters"
            ),
            evidence=read_bytes(fields, "evidence"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "evidence": write_bytes(self.evidence),
            "kind": self.kind,
            "log": self.origin,
            "method": self.method,
            "organisation": self.organisation,
            "period": self.period.name,
            "sector": self.sector,
            "tonnes": write_decimal(self.tonnes, field="tonnes"),
        }


def read_period(fields: JsonObject, key: str) -> Period:
    """Read a year or month by its name, such as ``2026`` or ``2026-05``.

    Raises:
        RecordError: It is none.
    """
    rule = "a year or month, such as 2026 or 2026-05"
    name = read_text(fields, key, _PERIOD, rule)
    try:
        return parse_period(name)
    except PeriodError as error:
        raise RecordError(
            "{field}: must be {rule}",
            field=key,
            rule=rule,
            remedy="see docs/spec/statements.md for the field and an example",
            code=f"record.{key}",
        ) from error


def read_sector(fields: JsonObject, key: str) -> int | None:
    """Read the number of a covered sector, or None for null.

    Raises:
        RecordError: It is neither.
    """
    return None if fields[key] is None else read_integer(fields, key, minimum=1, maximum=MAX_SECTOR)


def _over(period: Period, kind: str, stated_at: datetime) -> Period:
    if stated_at < period.end:
        raise RecordError(
            "{field}: {period} is not over at {stated_at}",
            field="period",
            period=period.name,
            stated_at=stated_at.isoformat(),
            remedy="state it when the period is over",
            code="record.period.open",
        )
    if kind == VERIFIED and period.kind is not PeriodKind.YEAR:
        raise RecordError(
            "{field}: a verified figure is of a whole year",
            field="period",
            remedy="state a month as provisional",
            code="record.period.verified",
        )
    return period


def _read_tonnes(fields: JsonObject, *, is_whole: bool) -> Decimal:
    tonnes = read_decimal(fields, "tonnes")
    if not 0 <= tonnes <= MAX_TONNES:
        raise RecordError(
            "{field}: must be from 0 to {most} tonnes",
            field="tonnes",
            most=f"{MAX_TONNES:f}",
            remedy="an obligation holds direct emission alone; sinks are not taken off it",
            code="record.tonnes",
        )
    if is_whole and tonnes != tonnes.to_integral_value():
        raise RecordError(
            "{field}: a verified figure is in whole tonnes",
            field="tonnes",
            remedy="enter the figure of the verification report",
            code="record.tonnes.whole",
        )
    return tonnes
