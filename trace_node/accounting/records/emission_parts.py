"""The parts of an emission record: activity, factors, items and figures, each with its leaves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_choice,
    read_object,
    read_text,
    require_keys,
)

MAX_LEAVES: Final = 4_000
_WORD = re.compile(r"[!-~]{1,200}")
_TEXT = re.compile(r"[ -~]{0,200}")
# Figures are computed: 50 significant digits, where a reading has 18.
_FIGURE = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,60})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityItem:
    """A piece of activity data that a figure was made of (活动水平数据).

    Attributes:
        place: Where it belongs: ``method/category/source``.
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

    place: str
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

    @property
    def code(self) -> str:
        """Its data-item code (数据项编码): method, category, source and name."""
        return f"{self.place}/{self.name}"

    def to_json(self) -> JsonObject:
        """All of it, as it is shown by itself."""
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

    @property
    def term(self) -> str:
        """The term of the method that gives it: what its code has between source and gas."""
        return self.code.rpartition("/")[2].removesuffix(f".{self.gas}")

    def to_json(self) -> JsonObject:
        """All of it, as it is shown by itself."""
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
