"""How an emission record writes its lists: what many entries share is written once.

A leaf holds 65,535 bytes. A unit of 100 sources has hundreds of values that rest on a few rows, and
hundreds of masses of a few terms; so a row names its values, a term its sources, and a piece of
activity data leaves out what it does not have or shares with the record.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Final, TypeVar

from trace_node.accounting.methods.words import Role
from trace_node.accounting.records.emission_parts import (
    ActivityItem,
    EmissionItem,
    FactorUse,
    read_figure,
    read_leaves,
    read_word,
    read_words,
)
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_integer,
    read_object,
    read_optional,
    require_keys,
)
from trace_node.record.statement_fields import read_items, read_line
from trace_node.record.writing import write_bytes

MAX_ITEMS: Final = 2_048
MAX_FINDINGS: Final = 16
MAX_CONVERSION: Final = 200
_OF_A_GROUP: Final = ("provenance", "raw_unit", "unit")
_Key = TypeVar(
    "_Key", str, tuple[str, str, str], tuple[str, bytes, int], tuple[str, str, str, int, str, int]
)
_WHERE_THERE: Final = frozenset({"conversion", "findings", "standing"})


def activity_in_order(activity: Iterable[ActivityItem]) -> tuple[ActivityItem, ...]:
    """Activity data as a record lists it: by origin and units, then by name."""
    return tuple(sorted(activity, key=lambda one: (_origin_of(one), one.name)))


def items_in_order(items: Iterable[EmissionItem]) -> tuple[EmissionItem, ...]:
    """Items as a record lists them: by what a group shares, then by source."""
    return tuple(sorted(items, key=lambda one: (_group_of(one), one.source)))


def factors_in_order(factors: Iterable[FactorUse]) -> tuple[FactorUse, ...]:
    """Rows as a record lists them: by row, then by value."""
    return tuple(sorted(factors, key=lambda one: (_row_of(one), one.node)))


def write_activity(
    activity: Iterable[ActivityItem], *, method: str, standing: Standing
) -> list[JsonValue]:
    """Write activity data of a record of this method and standing, grouped by origin and unit."""
    return [
        {
            "items": [_write_activity_item(each, method, standing) for each in group],
            "provenance": provenance,
            "raw_unit": raw_unit,
            "unit": unit,
        }
        for (provenance, raw_unit, unit), group in groupby(activity_in_order(activity), _origin_of)
    ]


def read_activity(
    fields: JsonObject, *, method: str, standing: Standing
) -> tuple[ActivityItem, ...]:
    """Read the activity data of a record of this method and standing.

    Raises:
        RecordError: A group is there twice, or a piece writes out what it shares with the record.
    """
    read = partial(_read_activity_group, method=method, standing=standing)
    groups = read_items(fields, "activity", read, most=MAX_ITEMS)
    _require_once("activity", [_origin_of(group[0]) for group in groups])
    return activity_in_order(item for group in groups for item in group)


def write_factors(factors: Iterable[FactorUse]) -> list[JsonValue]:
    """Write each row once, with the values it gives."""
    found: list[JsonValue] = []
    for _, group in groupby(factors_in_order(factors), key=_row_of):
        uses = list(group)
        found.append(
            {
                "digest": write_bytes(uses[0].digest),
                "leaf": uses[0].leaf,
                "nodes": [each.node for each in uses],
                "row": uses[0].row,
            }
        )
    return found


def read_factors(fields: JsonObject) -> tuple[FactorUse, ...]:
    """Read the rows, one entry for each value.

    Raises:
        RecordError: A row is there twice.
    """
    rows = read_items(fields, "factors", _read_row, most=MAX_ITEMS)
    _require_once("factors", [_row_of(row[0]) for row in rows])
    return factors_in_order(use for row in rows for use in row)


def write_masses(items: Iterable[EmissionItem]) -> list[JsonValue]:
    """Write each term and gas once, with the mass of each source in tonnes."""
    found: list[JsonValue] = []
    for _, group in groupby(items_in_order(items), key=_group_of):
        of_sources = list(group)
        one = of_sources[0]
        found.append(
            {
                "category": one.category,
                "gas": one.gas,
                "iso14064": one.iso14064,
                "masses": {each.source: f"{each.mass:f}" for each in of_sources},
                "role": one.role.value,
                "scope": one.scope,
                "term": one.term,
            }
        )
    return found


def read_masses(fields: JsonObject, *, method: str) -> tuple[EmissionItem, ...]:
    """Read the masses of a record of this method, one entry for each source.

    Raises:
        RecordError: A term and gas are there twice with the same place.
    """
    groups = read_items(fields, "items", partial(_read_group, method=method), most=MAX_ITEMS)
    _require_once("items", [_group_of(group[0]) for group in groups])
    return items_in_order(item for group in groups for item in group)


def _write_activity_item(one: ActivityItem, method: str, standing: Standing) -> JsonObject:
    inside = one.place.startswith(f"{method}/")
    found: JsonObject = {
        "leaves": list(one.leaves),
        "name": one.name,
        "place": one.place.removeprefix(method) if inside else one.place,
        "raw": f"{one.raw:f}",
        "reference": one.reference,
        "value": f"{one.value:f}",
    }
    if one.conversion:
        found["conversion"] = one.conversion
    if one.findings:
        found["findings"] = list(one.findings)
    if one.standing is not standing:
        found["standing"] = one.standing.value
    return found


def _read_activity_group(
    fields: JsonObject, *, method: str, standing: Standing
) -> tuple[ActivityItem, ...]:
    require_keys(fields, frozenset({*_OF_A_GROUP, "items"}))
    words = {key: read_word(fields, key) for key in _OF_A_GROUP}
    read = partial(_read_activity_item, words=words, method=method, standing=standing)
    found = read_items(fields, "items", read, most=MAX_ITEMS)
    if not found:
        raise _nothing("items")
    _require_once("items", [each.name for each in found])
    return found


def _read_activity_item(
    fields: JsonObject, *, words: Mapping[str, str], method: str, standing: Standing
) -> ActivityItem:
    there = fields.keys() & _WHERE_THERE
    require_keys(
        fields, frozenset({"leaves", "name", "place", "raw", "reference", "value", *there})
    )
    place = read_word(fields, "place")
    found = ActivityItem(
        **words,
        place=f"{method}{place}" if place.startswith("/") else place,
        name=read_word(fields, "name"),
        reference=read_line(fields, "reference"),
        raw=read_figure(fields, "raw"),
        value=read_figure(fields, "value"),
        conversion=read_line(fields, "conversion", most=MAX_CONVERSION)
        if "conversion" in there
        else "",
        findings=read_words(fields, "findings", most=MAX_FINDINGS) if "findings" in there else (),
        standing=Standing(read_choice(fields, "standing", frozenset(Standing)))
        if "standing" in there
        else standing,
        leaves=read_leaves(fields, "leaves"),
    )
    if _write_activity_item(found, method, standing) != fields:
        raise RecordError(
            "{field}: what is empty, or the same as of the record, is left out",
            field="activity",
            remedy="leave out conversion, findings and standing there, and the method in the place",
            code="record.activity",
        )
    return found


def _read_row(fields: JsonObject) -> tuple[FactorUse, ...]:
    require_keys(fields, frozenset({"digest", "leaf", "nodes", "row"}))
    row, digest = read_word(fields, "row"), read_bytes(fields, "digest")
    leaf = read_optional(fields, "leaf", partial(read_integer, minimum=0))
    nodes = read_words(fields, "nodes", most=MAX_ITEMS)
    if not nodes:
        raise _nothing("nodes")
    return tuple(FactorUse(node=node, row=row, digest=digest, leaf=leaf) for node in nodes)


def _read_group(fields: JsonObject, *, method: str) -> tuple[EmissionItem, ...]:
    require_keys(
        fields, frozenset({"category", "gas", "iso14064", "masses", "role", "scope", "term"})
    )
    category, gas, term = (read_word(fields, key) for key in ("category", "gas", "term"))
    scope = read_integer(fields, "scope", minimum=1, maximum=3)
    iso14064 = read_integer(fields, "iso14064", minimum=1, maximum=6)
    role = Role(read_choice(fields, "role", frozenset(Role)))
    found = tuple(
        EmissionItem(
            code=f"{method}/{category}/{source}/{term}.{gas}",
            source=source,
            category=category,
            scope=scope,
            iso14064=iso14064,
            gas=gas,
            role=role,
            mass=mass,
        )
        for source, mass in _masses(read_object(fields, "masses"))
    )
    if not found:
        raise _nothing("masses")
    return found


def _masses(masses: JsonObject) -> Iterator[tuple[str, Decimal]]:
    for source in masses:
        yield read_word({"source": source}, "source"), read_figure(masses, source)


def _origin_of(one: ActivityItem) -> tuple[str, str, str]:
    return one.provenance, one.raw_unit, one.unit


def _group_of(one: EmissionItem) -> tuple[str, str, str, int, str, int]:
    return one.category, one.term, one.gas, one.iso14064, one.role.value, one.scope


def _row_of(one: FactorUse) -> tuple[str, bytes, int]:
    return one.row, one.digest, -1 if one.leaf is None else one.leaf


def _require_once(key: str, groups: Sequence[_Key]) -> None:
    if list(groups) != sorted(set(groups)):
        raise RecordError(
            "{field}: each is written once, and they are sorted",
            field=key,
            remedy="put what belongs together into one object, in the order of the spec",
            code=f"record.{key}",
        )


def _nothing(key: str) -> RecordError:
    return RecordError(
        "{field}: must name at least one",
        field=key,
        remedy="leave the object out where it stands for nothing",
        code=f"record.{key}",
    )
