"""One row of the factor library; a correction is a new row that supersedes it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from trace_node import canonical_json
from trace_node.accounting.errors import LibraryFileError
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3


class FactorKind(StrEnum):
    """What a row says.

    Attributes:
        NCV: Net calorific value (低位发热量).
        CC: Carbon per heat (单位热值含碳量).
        OF: Oxidation factor (碳氧化率), a fraction.
        EF: Emission factor (排放因子).
        CARBON_CONTENT: Carbon per mass, tC/t.
        DEDUCTION: Deduction of a substitute raw material.
        DENSITY: Mass of a gas volume.
        CONSTANT: Constant of a guideline.
        GWP: Global warming potential (全球变暖潜势).
        GRID: Emission factor of electricity.
        TCE: Coal equivalent (折标煤系数).
        RATE: Share or efficiency, a fraction.
        BENCHMARK: Allocation benchmark.
        RULE: Parameter of the market.
        BAND_MIN: Lower plausibility bound.
        BAND_MAX: Upper plausibility bound.
        REFERENCE: Figure of the literature, for comparison only.
    """

    NCV = "ncv"
    CC = "cc"
    OF = "of"
    EF = "ef"
    CARBON_CONTENT = "carbon_content"
    DEDUCTION = "deduction"
    DENSITY = "density"
    CONSTANT = "constant"
    GWP = "gwp"
    GRID = "grid"
    TCE = "tce"
    RATE = "rate"
    BENCHMARK = "benchmark"
    RULE = "rule"
    BAND_MIN = "band_min"
    BAND_MAX = "band_max"
    REFERENCE = "reference"


class FactorStatus(StrEnum):
    """How far a row can be relied on.

    Attributes:
        ACTIVE: A second source says the same.
        DRAFT: One source only, or an unresolved conflict: what uses it is flagged.
        SUPERSEDED: A newer row took its place; only old results still name it.
        FORBIDDEN: A known wrong value, kept as a negative control; never calculated with.
    """

    ACTIVE = "active"
    DRAFT = "draft"
    SUPERSEDED = "superseded"
    FORBIDDEN = "forbidden"


class Confidence(StrEnum):
    """How good the wording at hand is.

    Attributes:
        HIGH: Official wording or stoichiometry.
        MEDIUM: Transcription, draft or press.
        LOW: No named document.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, kw_only=True)
class FactorRow:
    """A factor (因子), one immutable row.

    Attributes:
        id: Unique dotted lower-case name.
        name_zh: Chinese name.
        name_en: English name.
        kind: What it says.
        substance: Fuel, material, gas or product; empty where there is none.
        value: The number with the digits of its source.
        unit: Its unit, as docs/spec/factor-library.md lists them.
        basis: Reference state, or what a tonne is of; empty where the unit says all.
        region: ``CN``, ``CN-XX`` or ``CN-grid-...``; empty where it holds anywhere.
        scheme: Guideline or series it belongs to; it is valid with that only.
        applies_to: Uses it is meant for.
        gwp_set: Assessment report of a global warming potential; empty for other kinds.
        source_year: Year of the document or of the data; None where unknown.
        valid_from: First day it may be used for; None without bound.
        valid_to: Last day it may be used for; None without bound.
        supersedes: Id of the row whose place it takes; empty for none.
        source: Document and clause.
        second_source: Another document with the same value; None if there is none.
        confidence: How good the wording at hand is.
        status: How far it can be relied on.
        note: Conflicts, traps, conversions; may be empty.
    """

    id: str
    name_zh: str
    name_en: str
    kind: FactorKind
    substance: str = ""
    value: Decimal
    unit: str
    basis: str = ""
    region: str = ""
    scheme: str
    applies_to: tuple[str, ...]
    gwp_set: str = ""
    source_year: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    supersedes: str = ""
    source: str
    second_source: str | None = None
    confidence: Confidence
    status: FactorStatus
    note: str = ""

    def __post_init__(self) -> None:
        if self.status is FactorStatus.ACTIVE and self.second_source in {None, "", self.source}:
            raise self._refusal(
                "second_source", "without a second source a factor is a draft, never active"
            )
        if (self.kind is FactorKind.GWP) != bool(self.gwp_set):
            raise self._refusal("gwp_set", "is given for global warming potentials, and only there")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise self._refusal("valid_to", "is before valid_from")

    def _refusal(self, field: str, why: str) -> LibraryFileError:
        return LibraryFileError(
            "{row}: {field} " + why,
            field=field,
            row=self.id,
            remedy="see docs/spec/factor-library.md",
        )

    @cached_property
    def canonical(self) -> bytes:
        """Its canonical JSON: the bytes that a release is a tree of."""
        return canonical_json.encode(self.to_json())

    @cached_property
    def digest(self) -> bytes:
        """SM3 of ``canonical``, 32 bytes."""
        return sm3(self.canonical)

    def in_force(self, on: date) -> bool:
        """Whether it may be used for a day."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_to is None or on <= self.valid_to)

    def to_json(self) -> JsonObject:
        """All its members, null where there is nothing."""
        return {
            "applies_to": list(self.applies_to),
            "basis": self.basis or None,
            "confidence": self.confidence.value,
            "gwp_set": self.gwp_set or None,
            "id": self.id,
            "kind": self.kind.value,
            "name_en": self.name_en,
            "name_zh": self.name_zh,
            "note": self.note or None,
            "region": self.region or None,
            "scheme": self.scheme,
            "second_source": self.second_source,
            "source": self.source,
            "source_year": self.source_year,
            "status": self.status.value,
            "substance": self.substance or None,
            "supersedes": self.supersedes or None,
            "unit": self.unit,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "value": f"{self.value:f}",
        }
