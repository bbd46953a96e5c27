"""The parts of an emission record: activity, factors, items and figures, each with its leaves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Final

from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_integer,
    read_object,
    read_optional,
    read_text,
    require_keys,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes

MAX_LEAVES: Final = 4_000
MAX_FINDINGS: Final = 16
_WORD = re.compile(r"[!-~]{1,200}")
_TEXT = re.compile(r"[ -~]{0,200}")
# Figures are computed: 50 significant digits, where a reading has 18.
_FIGURE = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,60})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityItem:
    """A piece of activity data that a figure was made of (活动水平数据).

    Attributes:
        code: Its data-item code (数据项编码): method, category, source and symbol.
        name: Its name in the boundary.
        provenance: How it was obtained.
        reference: Meter register, document or rule.
        raw: As obtained.
        raw_unit: Its unit.
        value: As the method got it, converted.
        unit: Its unit.
        conversion: What made the one from the other beyond a change of unit, and what stands in
            where something was missing; empty for nothing.
        findings: Codes of what speaks against it, sorted.
        standing: How far it stands.
        leaves: Leaf indexes it rests on, ascending.
    """

    code: str
    name: str
    provenance: str
    reference: str
    raw: Decimal
    raw_unit: str
    value: Decimal
    unit: str
    conversion: str
    findings: tuple[str, ...] = ()
    standing: Standing
    leaves: tuple[int, ...]

    @classmethod
    def read(cls, fields: JsonObject) -> "ActivityItem":
        """Read its members."""
        words = ("code", "name", "provenance", "raw_unit", "unit")
        others = ("conversion", "findings", "leaves", "raw", "reference", "standing", "value")
        require_keys(fields, frozenset({*words, *others}))
        return cls(
            **{key: read_word(fields, key) for key in words},
            reference=read_line(fields, "reference"),
            raw=read_figure(fields, "raw"),
            value=read_figure(fields, "value"),
            conversion=read_text(fields, "conversion", _TEXT, "up to 200 printable characters"),
            findings=read_words(fields, "findings", most=MAX_FINDINGS),
            standing=Standing(read_choice(fields, "standing", frozenset(Standing))),
            leaves=read_leaves(fields, "leaves"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "code": self.code,
            "conversion": self.conversion,
            "findings": list(self.findings),
            "leaves": list(self.leaves),
            "name": self.name,
            "provenance": self.provenance,
            "raw": f"{self.raw:f}",
            "raw_unit": self.raw_unit,
            "reference": self.reference,
            "standing": self.standing.value,
            "unit": self.unit,
            "value": f"{self.value:f}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorUse:
    """A row of the factor library that a value of the result is.

    Attributes:
        node: Value of the result, such as ``EF_grid``.
        row: Id of the row.
        digest: Its 32-byte digest.
        leaf: Leaf in which the organisation entered it; None of a row of the release.
    """

    node: str
    row: str
    digest: bytes
    leaf: int | None = None

    @classmethod
    def read(cls, fields: JsonObject) -> "FactorUse":
        """Read its members."""
        require_keys(fields, frozenset({"digest", "leaf", "node", "row"}))
        return cls(
            node=read_word(fields, "node"),
            row=read_word(fields, "row"),
            digest=read_bytes(fields, "digest"),
            leaf=read_optional(fields, "leaf", partial(read_integer, minimum=0)),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "digest": write_bytes(self.digest),
            "leaf": self.leaf,
            "node": self.node,
            "row": self.row,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionItem:
    """The mass of one gas from one source (排放分项).

    Attributes:
        code: Its data-item code: method, category, source and gas.
        source: Emission source of the boundary; several, with ``+``, where a term joins them.
        category: Source category of the method.
        scope: 1, 2 or 3.
        iso14064: Category 1 to 6 of ISO 14064-1.
        gas: The gas.
        role: Emission or sink.
        mass: Tonnes of the gas.
    """

    code: str
    source: str
    category: str
    scope: int
    iso14064: int
    gas: str
    role: Role
    mass: Decimal

    @classmethod
    def read(cls, fields: JsonObject) -> "EmissionItem":
        """Read its members."""
        words = ("category", "code", "gas", "source")
        require_keys(fields, frozenset({*words, "iso14064", "mass", "role", "scope"}))
        return cls(
            **{key: read_word(fields, key) for key in words},
            scope=read_integer(fields, "scope", minimum=1, maximum=3),
            iso14064=read_integer(fields, "iso14064", minimum=1, maximum=6),
            role=Role(read_choice(fields, "role", frozenset(Role))),
            mass=read_figure(fields, "mass"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "category": self.category,
            "code": self.code,
            "gas": self.gas,
            "iso14064": self.iso14064,
            "mass": f"{self.mass:f}",
            "role": self.role.value,
            "scope": self.scope,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureOf:
    """A figure for one purpose.

    Attributes:
        id: Total of the method.
        purpose: What it is for.
        value: The figure.
        unit: ``tCO2`` or ``tCO2e``.
        gwp_set: GWP set; empty for CO2.
        masses: Net tonnes of each gas, as added.
    """

    id: str
    purpose: Purpose
    value: Decimal
    unit: str
    gwp_set: str
    masses: Mapping[str, Decimal]

    @classmethod
    def read(cls, fields: JsonObject) -> "FigureOf":
        """Read its members."""
        require_keys(fields, frozenset({"gwp_set", "id", "masses", "purpose", "unit", "value"}))
        masses = read_object(fields, "masses")
        return cls(
            id=read_word(fields, "id"),
            purpose=Purpose(read_choice(fields, "purpose", frozenset(Purpose))),
            value=read_figure(fields, "value"),
            unit=read_word(fields, "unit"),
            gwp_set=read_text(fields, "gwp_set", _TEXT, "a GWP set or nothing"),
            masses={gas: read_figure(masses, gas) for gas in masses},
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "gwp_set": self.gwp_set,
            "id": self.id,
            "masses": {gas: f"{mass:f}" for gas, mass in self.masses.items()},
            "purpose": self.purpose.value,
            "unit": self.unit,
            "value": f"{self.value:f}",
        }


def read_word(fields: JsonObject, key: str) -> str:
    """Read 1 to 200 printable ASCII characters without spaces."""
    return read_text(fields, key, _WORD, "1 to 200 printable characters without spaces")


def read_figure(fields: JsonObject, key: str) -> Decimal:
    """Read a computed decimal: up to 40 digits before the point and 60 behind it.

    Raises:
        RecordError: It is none.
    """
    text = fields[key]
    try:
        if isinstance(text, str) and _FIGURE.fullmatch(text):
            return Decimal(text)
    except InvalidOperation:  # the refusal below says what a figure is
        pass
    raise RecordError(
        "{field}: must be a decimal in quotes without exponent",
        field=key,
        remedy="write the digits as they were computed",
        code="record.figure",
    )


def read_leaves(fields: JsonObject, key: str) -> tuple[int, ...]:
    """Read leaf indexes, ascending, each once.

    Raises:
        RecordError: It is something else, or there are too many.
    """
    items = fields[key]
    if isinstance(items, list) and len(items) <= MAX_LEAVES:
        indexes = tuple(item for item in items if type(item) is int and item >= 0)
        if len(indexes) == len(items) and list(indexes) == sorted(set(indexes)):
            return indexes
    raise RecordError(
        "{field}: must be at most {bound} leaf indexes, ascending",
        field=key,
        bound=MAX_LEAVES,
        remedy="write [] when there is nothing to list",
        code=f"record.{key}",
    )


def read_words(fields: JsonObject, key: str, *, most: int) -> tuple[str, ...]:
    """Read words in order, each once.

    Raises:
        RecordError: It is something else, or there are too many.
    """
    items = fields[key]
    if isinstance(items, list) and len(items) <= most:
        words = tuple(read_word({key: item}, key) for item in items)
        if list(words) == sorted(set(words)):
            return words
    raise RecordError(
        "{field}: must be at most {bound} words, sorted",
        field=key,
        bound=most,
        remedy="write [] where there is nothing to list",
        code=f"record.{key}",
    )
