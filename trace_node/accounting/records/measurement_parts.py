"""The parts of a measurement record: approaches, stacks, differences, figures."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from trace_node.accounting.comparison.findings import TEMPLATES, parameters_of
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.records.emission_parts import read_figure, read_word
from trace_node.canonical_json import JsonObject
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_integer,
    read_name,
    read_optional,
    require_keys,
)
from trace_node.record.statement_fields import read_flag, read_items, read_line
from trace_node.record.writing import write_bytes

MOST: Final = 256
MOST_PARAMS: Final = 8
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding that a person has to settle; its sentence is made where it is shown.

    Attributes:
        code: Its stable code, one of ``comparison.findings``.
        params: Name and value of each parameter of its sentence, by name.
    """

    code: str
    params: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, fields: JsonObject) -> "Found":
        """Read its members."""
        require_keys(fields, frozenset({"code", "params"}))
        code = read_word(fields, "code")
        params = read_items(fields, "params", _read_param, most=MOST_PARAMS)
        names = [name for name, _value in params]
        if code not in TEMPLATES or names != sorted(parameters_of(TEMPLATES[code])):
            raise RecordError(
                "{field}: {found} with {names} is no finding of a comparison",
                field="code",
                found=code,
                names=", ".join(names) or "nothing",
                remedy="write a code of docs/spec/measurement-statements.md with its parameters",
                code="record.code",
            )
        return cls(code=code, params=params)

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "code": self.code,
            "params": [{"name": name, "value": value} for name, value in self.params],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredBy:
    """The emission by one approach.

    Attributes:
        approach: How it was found.
        co2: Tonnes of CO2, fossil, of the categories of the plan.
        expanded: U in tonnes; None where nothing is known of any of its errors.
        u_a: Type A part of u; None likewise.
        u_b: Type B part of u; None likewise.
        k: Coverage factor.
        largest: Sources with the largest contributions, the largest first.
        unstated: Sources of which nothing is known: U does not hold them.
        findings: What speaks against it.
    """

    approach: Approach
    co2: Decimal
    expanded: Decimal | None
    u_a: Decimal | None
    u_b: Decimal | None
    k: Decimal
    largest: tuple[str, ...]
    unstated: tuple[str, ...]
    findings: tuple[Found, ...]

    @classmethod
    def read(cls, fields: JsonObject) -> "MeasuredBy":
        """Read its members."""
        others = ("approach", "co2", "findings", "k", "largest", "unstated")
        parts = ("expanded", "u_a", "u_b")
        require_keys(fields, frozenset({*others, *parts}))
        return cls(
            approach=Approach(read_choice(fields, "approach", frozenset(Approach))),
            co2=read_figure(fields, "co2"),
            **{name: read_optional(fields, name, read_figure) for name in parts},
            k=read_figure(fields, "k"),
            largest=read_list(fields, "largest", read_word),
            unstated=read_list(fields, "unstated", read_word),
            findings=read_items(fields, "findings", Found.read, most=MOST),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "approach": self.approach.value,
            "co2": f"{self.co2:f}",
            "expanded": write_figure(self.expanded),
            "findings": [each.write() for each in self.findings],
            "k": f"{self.k:f}",
            "largest": list(self.largest),
            "u_a": write_figure(self.u_a),
            "u_b": write_figure(self.u_b),
            "unstated": list(self.unstated),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOf:
    """What one stack gave.

    Attributes:
        name: Its name.
        co2: Tonnes of CO2, gross.
        measured: Hours that were measured.
        missing: Hours that were not; they count as nothing and not as 0.
        is_valid: Whether the quotas of the plan are met.
        readings: Number of readings it was made of.
        digest: SM3 over the leaf hashes of these readings, quantity by quantity in order of time.
    """

    name: str
    co2: Decimal
    measured: int
    missing: int
    is_valid: bool
    readings: int
    digest: bytes

    @classmethod
    def read(cls, fields: JsonObject) -> "StackOf":
        """Read its members."""
        counts = ("measured", "missing", "readings")
        require_keys(fields, frozenset({*counts, "co2", "digest", "is_valid", "name"}))
        return cls(
            name=read_name(fields, "name"),
            co2=read_figure(fields, "co2"),
            **{name: read_integer(fields, name, minimum=0) for name in counts},
            is_valid=read_flag(fields, "is_valid"),
            digest=read_bytes(fields, "digest"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "co2": f"{self.co2:f}",
            "digest": write_bytes(self.digest),
            "is_valid": self.is_valid,
            "measured": self.measured,
            "missing": self.missing,
            "name": self.name,
            "readings": self.readings,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceOf:
    """How far two approaches are apart.

    Attributes:
        first: One approach.
        second: The other.
        en: E_n; None where one of them has no uncertainty or is not of all of the period, so nobody
            can say.
        agrees: Whether E_n is at most 1; None likewise.
    """

    first: Approach
    second: Approach
    en: Decimal | None
    agrees: bool | None

    @classmethod
    def read(cls, fields: JsonObject) -> "DifferenceOf":
        """Read its members."""
        require_keys(fields, frozenset({"agrees", "en", "first", "second"}))
        return cls(
            first=Approach(read_choice(fields, "first", frozenset(Approach))),
            second=Approach(read_choice(fields, "second", frozenset(Approach))),
            en=read_optional(fields, "en", read_figure),
            agrees=read_optional(fields, "agrees", read_flag),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "agrees": self.agrees,
            "en": write_figure(self.en),
            "first": self.first.value,
            "second": self.second.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFigure:
    """A figure of the method with the chosen measurement in the place of the calculated part.

    Attributes:
        id: Id of the total.
        purpose: What it is for.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        calculated: As the emission record states it.
        value: With the chosen measurement; the calculated one where that was chosen.
    """

    id: str
    purpose: Purpose
    unit: str
    gwp_set: str
    calculated: Decimal
    value: Decimal

    @classmethod
    def read(cls, fields: JsonObject) -> "ChosenFigure":
        """Read its members."""
        names = ("calculated", "gwp_set", "id", "purpose", "unit", "value")
        require_keys(fields, frozenset(names))
        return cls(
            id=read_word(fields, "id"),
            purpose=Purpose(read_choice(fields, "purpose", frozenset(Purpose))),
            unit=read_word(fields, "unit"),
            gwp_set="" if fields["gwp_set"] == "" else read_word(fields, "gwp_set"),
            calculated=read_figure(fields, "calculated"),
            value=read_figure(fields, "value"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "calculated": f"{self.calculated:f}",
            "gwp_set": self.gwp_set,
            "id": self.id,
            "purpose": self.purpose.value,
            "unit": self.unit,
            "value": f"{self.value:f}",
        }


def write_figure(value: Decimal | None) -> str | None:
    """Write a computed decimal; None as null."""
    return None if value is None else f"{value:f}"


def read_list(
    fields: JsonObject, key: str, read: Callable[[JsonObject, str], _T]
) -> tuple[_T, ...]:
    """Read a list of at most 256 items, each by ``read``.

    Raises:
        RecordError: It is none.
    """
    items = fields[key]
    if isinstance(items, list) and len(items) <= MOST:
        return tuple(read({key: item}, key) for item in items)
    raise RecordError(
        "{field}: must be a list of at most {bound} items",
        field=key,
        bound=MOST,
        remedy="write [] when there is nothing to list",
        code=f"record.{key}",
    )


def _read_param(fields: JsonObject) -> tuple[str, str]:
    require_keys(fields, frozenset({"name", "value"}))
    return read_word(fields, "name"), read_line(fields, "value")
