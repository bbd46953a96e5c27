"""A figure that an allocation is computed from: ``allocation-input@1``."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.record.fields import (
    read_bytes,
    read_decimal,
    read_integer,
    read_name,
    read_optional,
    read_printable,
    read_text,
)
from trace_node.record.statement_fields import MAX_YEAR, MIN_YEAR, read_line
from trace_node.record.writing import write_bytes, write_decimal

ALLOCATION_INPUT: Final = "allocation-input@1"
SYMBOL_PATTERN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
MAX_UNIT_NAME: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationInput:
    """Output, load factor, emission of a unit in a year (配额核定参数).

    Attributes:
        organisation: Whose unit it is.
        year: Obligation year.
        unit_name: Generating unit, line or process.
        input_name: Name that the method of allocation has for it.
        value: The figure.
        unit: Its unit; ``1`` for a ratio.
        evidence: 32-byte SM3 of the document behind it; None without one.
        source: Who or what the figure comes from.
    """

    TYPE: ClassVar[str] = ALLOCATION_INPUT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("evidence", "input_name", "organisation", "source", "unit", "unit_name", "value"),
            "year",
        }
    )

    organisation: OrganisationId
    year: int
    unit_name: str
    input_name: str
    value: Decimal
    unit: str
    evidence: bytes | None
    source: str

    @property
    def topic(self) -> str:
        """Organisation, year, unit and name."""
        return f"{self.organisation} {self.year} {self.input_name} {self.unit_name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "AllocationInput":
        """Read its members."""
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            year=read_integer(fields, "year", minimum=MIN_YEAR, maximum=MAX_YEAR),
            unit_name=read_line(fields, "unit_name", most=MAX_UNIT_NAME),
            input_name=read_text(fields, "input_name", SYMBOL_PATTERN, "a symbol of a method"),
            value=read_decimal(fields, "value"),
            unit=read_printable(fields, "unit"),
            evidence=read_optional(fields, "evidence", read_bytes),
            source=read_line(fields, "source"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "evidence": write_bytes(self.evidence),
            "input_name": self.input_name,
            "organisation": self.organisation,
            "source": self.source,
            "unit": self.unit,
            "unit_name": self.unit_name,
            "value": write_decimal(self.value, field="value"),
            "year": self.year,
        }
