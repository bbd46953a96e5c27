"""The footprint of a batch as a leaf: ``footprint@1``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node import canonical_json
from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.footprint.batch_event import read_stage
from trace_node.accounting.footprint.batch_parts import read_link, write_link
from trace_node.accounting.footprint.footprint import PURPOSE, Footprint, StageValue
from trace_node.accounting.footprint.parts import Flag, FlagCode, Gap, Part
from trace_node.accounting.footprint.quality import Ratings
from trace_node.accounting.footprint.stage_emission import UsedFactor
from trace_node.accounting.footprint.words import Side
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.crypto.sm3 import sm3
from trace_node.ids import OrganisationId
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_code,
    read_decimal,
    read_integer,
    read_name,
    read_optional,
    read_printable,
    read_text,
    require_keys,
)
from trace_node.record.statement_fields import read_flag, read_items
from trace_node.record.writing import write_bytes, write_decimal

FOOTPRINT: Final = "footprint@1"
MOST_LINKS: Final = 256
MOST_FACTORS: Final = 128
MOST_STAGES: Final = 32
MOST_FLAGS: Final = 256
_SUBJECT: Final = re.compile(r"[ -~]{1,200}")
_STAGE_KEYS: Final = frozenset({"complete", "side", "stage", "u", "value"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FootprintRecord:
    """A footprint on record (足迹记录); everything is per tonne of the batch, in kgCO2e.

    Attributes:
        organisation: Whose batch.
        batch: The batch.
        item: Data-item code.
        product: What it is.
        mass: Tonnes.
        purpose: ``pact``: cradle to gate by PACT, use and downstream transport apart.
        gwp_set: GWP set.
        stages: Value, uncertainty and completeness by stage and side.
        gate: Cradle to gate; None where only gaps are known.
        u: Its standard uncertainty; None without a value.
        complete: Whether the gate has no gap.
        downstream: Behind the gate; None where only gaps are known.
        primary_share: Part of the gate that is primary data; None without a value.
        coverage: Part of the tonnes on the way that have a figure; None without any.
        ratings: Data quality; None where nothing is rated.
        gaps: Number of gaps.
        flags: Drafts, provisional and demonstration figures that it rests on, sorted.
        count: Number of leaves it rests on.
        links: The first 256 of them in log order.
        links_digest: 32-byte SM3 of the canonical list of all of them.
        factors: Rows of the factor library.
        parts_digest: 32-byte SM3 of the canonical list of all parts and gaps.
    """

    TYPE: ClassVar[str] = FOOTPRINT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("batch", "complete", "count", "coverage", "downstream", "factors", "flags"),
            *(
                "gaps",
                "gate",
                "gwp_set",
                "item",
                "links",
                "links_digest",
                "mass",
                "organisation",
                "parts_digest",
            ),
            *("primary_share", "product", "purpose", "ratings", "stages", "u"),
        }
    )

    organisation: OrganisationId
    batch: str
    item: str
    product: str
    mass: Decimal
    purpose: str
    gwp_set: str
    stages: tuple[StageValue, ...]
    gate: Decimal | None
    u: Decimal | None
    complete: bool
    downstream: Decimal | None
    primary_share: Decimal | None
    coverage: Decimal | None
    ratings: Ratings | None
    gaps: int
    flags: tuple[Flag, ...]
    count: int
    links: tuple[EvidenceLink, ...]
    links_digest: bytes
    factors: tuple[UsedFactor, ...]
    parts_digest: bytes

    @property
    def topic(self) -> str:
        """Organisation, batch and purpose: the newest is what counts."""
        return f"{self.organisation} {self.batch} {self.purpose}"

    @classmethod
    def of(cls, found: Footprint, *, item: str) -> "FootprintRecord":
        """The record of a footprint."""
        links = found.links
        return cls(
            organisation=OrganisationId(found.batch.organisation),
            batch=found.batch.name,
            item=item,
            product=found.batch.product,
            mass=found.batch.mass,
            purpose=PURPOSE,
            gwp_set=found.gwp_set,
            stages=found.stages,
            gate=found.gate.value,
            u=found.gate.u,
            complete=found.gate.is_complete,
            downstream=found.downstream.value,
            primary_share=found.primary_share,
            coverage=found.coverage,
            ratings=found.ratings,
            gaps=len(found.gaps),
            flags=found.flags[:MOST_FLAGS],
            count=len(links),
            links=links[:MOST_LINKS],
            links_digest=sm3(canonical_json.encode([write_link(each) for each in links])),
            factors=found.factors,
            parts_digest=parts_digest(found.parts, found.gaps),
        )

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "FootprintRecord":
        """Read its members."""
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            batch=read_name(fields, "batch"),
            item=read_printable(fields, "item"),
            product=read_code(fields, "product"),
            mass=read_decimal(fields, "mass"),
            purpose=read_choice(fields, "purpose", frozenset({PURPOSE})),
            gwp_set=read_printable(fields, "gwp_set"),
            stages=read_items(fields, "stages", _read_stage_value, most=MOST_STAGES),
            gate=read_optional(fields, "gate", read_decimal),
            u=read_optional(fields, "u", read_decimal),
            complete=read_flag(fields, "complete"),
            downstream=read_optional(fields, "downstream", read_decimal),
            primary_share=read_optional(fields, "primary_share", read_decimal),
            coverage=read_optional(fields, "coverage", read_decimal),
            ratings=read_optional(fields, "ratings", Ratings.read),
            gaps=read_integer(fields, "gaps", minimum=0),
            flags=read_items(fields, "flags", _read_flag_of, most=MOST_FLAGS),
            count=read_integer(fields, "count", minimum=0),
            links=read_items(fields, "links", read_link, most=MOST_LINKS),
            links_digest=read_bytes(fields, "links_digest"),
            factors=read_items(fields, "factors", UsedFactor.from_fields, most=MOST_FACTORS),
            parts_digest=read_bytes(fields, "parts_digest"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "batch": self.batch,
            "complete": self.complete,
            "count": self.count,
            "coverage": write_decimal(self.coverage, field="coverage"),
            "downstream": write_decimal(self.downstream, field="downstream"),
            "factors": [each.to_fields() for each in self.factors],
            "flags": [each.to_fields() for each in self.flags],
            "gaps": self.gaps,
            "gate": write_decimal(self.gate, field="gate"),
            "gwp_set": self.gwp_set,
            "item": self.item,
            "links": [write_link(each) for each in self.links],
            "links_digest": write_bytes(self.links_digest),
            "mass": write_decimal(self.mass, field="mass"),
            "organisation": self.organisation,
            "parts_digest": write_bytes(self.parts_digest),
            "primary_share": write_decimal(self.primary_share, field="primary_share"),
            "product": self.product,
            "purpose": self.purpose,
            "ratings": None if self.ratings is None else self.ratings.to_fields(),
            "stages": [stage_to_fields(each) for each in self.stages],
            "u": write_decimal(self.u, field="u"),
        }


def stage_to_fields(each: StageValue) -> JsonObject:
    """Write the value of a stage."""
    return {
        "complete": each.is_complete,
        "side": each.side.value,
        "stage": each.stage.value,
        "u": write_decimal(each.u, field="u"),
        "value": write_decimal(each.value, field="value"),
    }


def parts_digest(parts: Sequence[Part], gaps: Sequence[Gap]) -> bytes:
    """SM3 of the canonical list of parts and gaps: two footprints alike in everything share it."""
    written: list[JsonValue] = [
        [part_to_json(each) for each in parts],
        [gap_to_json(each) for each in gaps],
    ]
    return sm3(canonical_json.encode(written))


def part_to_json(part: Part) -> JsonObject:
    """A part, with every leaf and factor that leads back."""
    return {
        "basis": part.basis.value,
        "carbon": part.carbon.value,
        "factors": [each.to_fields() for each in part.factors],
        "links": [write_link(each) for each in part.links],
        "origin": write_link(part.origin),
        "share": f"{part.share:f}",
        "side": part.side.value,
        "slope": f"{part.slope:f}",
        "stage": part.stage.value,
        "u": f"{part.u:f}",
        "what": part.what,
        "where": part.where,
        "x": f"{part.x:f}",
    }


def gap_to_json(gap: Gap) -> JsonObject:
    """A gap."""
    return {
        "code": gap.code.value,
        "detail": gap.detail,
        "origin": None if gap.origin is None else write_link(gap.origin),
        "share": f"{gap.share:f}",
        "side": gap.side.value,
        "stage": gap.stage.value,
        "where": gap.where,
    }


def _read_flag_of(fields: JsonObject) -> Flag:
    require_keys(fields, frozenset({"code", "subject"}))
    return Flag(
        code=FlagCode(read_choice(fields, "code", frozenset(FlagCode))),
        subject=read_text(fields, "subject", _SUBJECT, "the id of a row, or a leaf"),
    )


def _read_stage_value(fields: JsonObject) -> StageValue:
    require_keys(fields, _STAGE_KEYS)
    return StageValue(
        stage=read_stage(fields, "stage"),
        side=Side(read_choice(fields, "side", frozenset(Side))),
        value=read_optional(fields, "value", read_decimal),
        u=read_optional(fields, "u", read_decimal),
        is_complete=read_flag(fields, "complete"),
    )
