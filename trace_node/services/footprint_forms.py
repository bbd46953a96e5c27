"""Batch events, supplier data and stage emissions as people write them: TOML with short forms.

Numbers are written in quotes, or as whole numbers; leaves by their index alone; shares, digests and
masses that follow from the rest are filled in, and what is stated anyway is checked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import FactorRow
from trace_node.accounting.footprint.allocation import allocate
from trace_node.accounting.footprint.batch_event import BATCH_EVENT, BatchEvent
from trace_node.accounting.footprint.batch_parts import BatchOutput, write_link
from trace_node.accounting.footprint.line_check import mass_of
from trace_node.accounting.footprint.stage_emission import STAGE_EMISSION, StageEmission
from trace_node.accounting.footprint.supplier import SUPPLIER_FOOTPRINT, SupplierFootprint
from trace_node.accounting.footprint.words import Allocation, Origin
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import InputError
from trace_node.record.fields import (
    read_choice,
    read_decimal,
    read_name,
    read_printable,
    require_keys,
)
from trace_node.record.writing import write_bytes, write_time

Form = Mapping[str, Any]
FindLeaf = Callable[[int], EvidenceLink]
_LINE_KEYS: Final = frozenset(
    {"activity", "factor", "gas", "links", "mass", "origin", "source", "u", "unit"}
)

_USUAL_LINE: Final[JsonObject] = {
    "activity": None,
    "factor": None,
    "origin": Origin.FOSSIL.value,
    "u": "0",
    "unit": None,
}


def event_of(form: Form, *, organisation: str, now: datetime, leaf: FindLeaf) -> BatchEvent:
    """The batch event of a form.

    Args:
        form: Its members; those that have a usual value may be left out.
        organisation: Whose, unless the form says.
        now: When, unless the form says; cut to milliseconds.
        leaf: Finds the digest of a leaf.

    Raises:
        InputError: A member is missing, is not known or breaks its rule.
    """
    whole = now.replace(microsecond=now.microsecond // 1000 * 1000)
    usual: JsonObject = {
        "allocation": Allocation.WHOLE.value,
        "fuel": None,
        "hand_over": None,
        "happened_at": write_time(whole, field="happened_at"),
        "inputs": [],
        "legs": [],
        "links": [],
        "organisation": organisation,
        "outputs": [],
        "period": None,
        "stage": None,
        "throughput": None,
        "tolerance": "0",
    }
    fields = _filled(form, usual, BatchEvent.KEYS, BATCH_EVENT)
    fields["links"] = _leaves(fields["links"], leaf)
    if isinstance(fields["fuel"], dict):
        fields["fuel"] = _evident({"evidence": None, "u": "0", **fields["fuel"]}, leaf)
    fields["legs"] = [{"empty": "0", "u": "0", **each} for each in _tables(fields, "legs")]
    fields["outputs"] = _shared(fields)
    return BatchEvent.from_fields(fields)


def supply_of(form: Form, *, organisation: str) -> SupplierFootprint:
    """What a supplier told, of a form.

    Raises:
        InputError: A member is missing, is not known or breaks its rule.
    """
    usual: JsonObject = {
        "organisation": organisation,
        "source": "none",
        **dict.fromkeys(
            ("document", "gwp_set", "ncv", "primary_share", "ratings", "u", "value"), None
        ),
    }
    fields = _filled(form, usual, SupplierFootprint.KEYS, SUPPLIER_FOOTPRINT)
    return SupplierFootprint.from_fields(fields)


def stage_of(
    form: Form, *, organisation: str, leaf: FindLeaf, library: FactorLibrary
) -> StageEmission:
    """The stage emission of a form; a mass that is activity times factor is computed.

    Raises:
        InputError: A member is missing, is not known or breaks its rule.
        FactorNotFoundError: There is no such row.
    """
    usual: JsonObject = {"organisation": organisation, "ratings": None}
    fields = _filled(form, usual, StageEmission.KEYS, STAGE_EMISSION)
    lines: list[JsonValue] = []
    for table in _tables(fields, "lines"):
        line: JsonObject = {**_USUAL_LINE, **table}
        line["links"] = _leaves(line.get("links", []), leaf)
        name = line["factor"]
        if isinstance(name, str):
            row = library.row(name)
            if "mass" not in line:
                line["mass"] = _mass(line, row)
            line["factor"] = {"digest": write_bytes(row.digest), "row": row.id}
        lines.append(line)
    fields["lines"] = lines
    return StageEmission.from_fields(fields)


def _filled(form: Form, usual: JsonObject, keys: frozenset[str], kind: str) -> JsonObject:
    fields: JsonObject = {**usual, **{key: _plain(key, form[key]) for key in form}}
    require_keys({**fields, "type": kind}, keys | {"type"})
    return fields


def _plain(key: str, value: object) -> JsonValue:
    """A value of TOML as records write it."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if key in {"links", "evidence"} else str(value)
    if isinstance(value, list):
        return [_plain(key, each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(name, each) for name, each in value.items()}
    raise InputError(
        "{field}: write numbers and times in quotes: a float has other digits than were measured",
        field=key,
        remedy='write for example mass = "6000.50"',
        code="input.float",
    )


def _tables(fields: JsonObject, key: str) -> list[JsonObject]:
    value = fields[key]
    tables = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(tables) < len(value):
        raise InputError(
            "{field}: must be a list of tables",
            field=key,
            remedy="write [[{field}]] before each",
            code="input.form",
        )
    return tables


def _leaves(value: JsonValue, leaf: FindLeaf) -> list[JsonValue]:
    """Leaves by index alone, or with their digests."""
    listed = value if isinstance(value, list) else [value]
    return [
        write_link(leaf(each)) if isinstance(each, int) and not isinstance(each, bool) else each
        for each in listed
    ]


def _evident(fuel: JsonObject, leaf: FindLeaf) -> JsonObject:
    if fuel["evidence"] is not None:
        (fuel["evidence"],) = _leaves(fuel["evidence"], leaf)
    return fuel


def _shared(fields: JsonObject) -> list[JsonValue]:
    """Outputs with the shares that the allocation gives, unless they are stated."""
    outputs: list[JsonObject] = [
        {"ncv": None, "price": None, "reject": False, **each} for each in _tables(fields, "outputs")
    ]
    if outputs and all("share" not in each for each in outputs):
        basis = Allocation(read_choice(fields, "allocation", frozenset(Allocation)))
        trial = [BatchOutput.from_fields({**each, "share": "0"}).as_product for each in outputs]
        for each, share in zip(outputs, allocate(trial, basis), strict=True):
            each["share"] = f"{share:f}"
    return list(outputs)


def _mass(line: JsonObject, row: FactorRow) -> str:
    require_keys({**line, "mass": None}, _LINE_KEYS)
    mass = mass_of(
        read_decimal(line, "activity"),
        unit=read_printable(line, "unit"),
        row=row,
        gas=read_name(line, "gas"),
    )
    return f"{mass:f}"
