"""Footprints and what rests on a leaf as JSON, for every way they are shown."""

from decimal import Decimal

from trace_node.accounting.footprint.footprint import PURPOSE, Footprint, SideTotal
from trace_node.accounting.footprint.record import gap_to_json, part_to_json, stage_to_fields
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.ids import to_base64url
from trace_node.services.footprint_forward import Forward


def footprint_to_json(found: Footprint, *, with_parts: bool = True) -> JsonObject:
    """A footprint: values in kgCO2e per tonne of the batch, decimals as text.

    Args:
        found: The footprint.
        with_parts: Whether every part with its leaves is listed.
    """
    shown: JsonObject = {
        "batch": found.batch.name,
        "coverage": _text(found.coverage),
        "downstream": _side(found, found.downstream),
        "factors": [each.to_fields() for each in found.factors],
        "flags": [each.to_fields() for each in found.flags],
        "functional_unit": "1 t",
        "gaps": [gap_to_json(each) for each in found.gaps],
        "gate": _side(found, found.gate),
        "gwp_set": found.gwp_set,
        "leaves": len(found.links),
        "mass": f"{found.batch.mass:f}",
        "ncv": _text(found.batch.ncv),
        "organisation": found.batch.organisation,
        "primary_share": _text(found.primary_share),
        "product": found.batch.product,
        "purpose": PURPOSE,
        "ratings": None if found.ratings is None else found.ratings.to_fields(),
        "stages": [stage_to_fields(each) for each in found.stages],
    }
    if with_parts:
        shown["parts"] = [part_to_json(each) for each in found.parts]
    return shown


def forward_to_json(found: Forward) -> JsonObject:
    """What rests on a leaf or batch."""
    return {
        "batches": [
            {
                "batch": each.batch,
                "index": each.index,
                "mass": f"{each.mass:f}",
                "organisation": each.organisation,
                "product": each.product,
            }
            for each in found.batches
        ],
        "ends": list[JsonValue](found.ends),
        "statements": [
            {
                "digest": to_base64url(each.digest),
                "index": each.index,
                "kind": each.kind,
                "topic": each.topic,
            }
            for each in found.statements
        ],
    }


def _side(found: Footprint, side: SideTotal) -> JsonObject:
    return {
        "complete": side.is_complete,
        "per_gj": _text(found.per_heat(side.value)),
        "u": _text(side.u),
        "value": _text(side.value),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
