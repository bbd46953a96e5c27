"""One part of an error as somebody states it: a class, a limit, a certificate, repetitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from trace_node.accounting.arithmetic import total
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.uncertainty.parts import (
    LEAST_REPEATS,
    MOST_RELATIVE_LIMIT,
    require_factor,
    require_not_negative,
)
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_choice,
    read_code,
    read_decimal,
    read_optional,
    read_unit,
    require_keys,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_decimal

MOST_REPEATS: Final = 64
MOST_RELATIVE_U: Final = Decimal(1)  # of a factor: a default can be half wrong, not more than whole


class Basis(StrEnum):
    """What says how large the error is.

    Attributes:
        CLASS: An accuracy class (准确度等级): a permissible error as a fraction of the value.
        LIMIT: A maximum permissible error (最大允许误差) in a unit.
        CERTIFICATE: A certificate (校准证书) with U and k.
        REPEATS: Repeated readings of one quantity (重复观测).
        LABORATORY: Parallel determinations in the laboratory records of a substance (平行样).
    """

    CLASS = "class"
    LIMIT = "limit"
    CERTIFICATE = "certificate"
    REPEATS = "repeats"
    LABORATORY = "laboratory"


_MEMBERS: Final[Mapping[Basis, frozenset[str]]] = MappingProxyType(
    {
        Basis.CLASS: frozenset({"limit"}),
        Basis.LIMIT: frozenset({"limit", "unit"}),
        Basis.CERTIFICATE: frozenset({"k", "limit"}),  # and a unit, where U is no fraction
        Basis.REPEATS: frozenset({"repeats"}),
        Basis.LABORATORY: frozenset({"parameter", "substance"}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One part of an error as it is stated.

    Attributes:
        by: What says so.
        limit: Permissible error or U, in ``unit``, or as a fraction of the value where there is no
            unit; None where readings say it.
        unit: Unit of ``limit``; None for a fraction.
        k: Coverage factor of a certificate; None of others.
        repeats: Repeated readings of one quantity, in any unit.
        substance: Substance of the laboratory records; None without.
        parameter: Parameter of them; None without.
        document: Where it stands.

    Raises:
        UncertaintyError: A limit is negative or a percent, or a coverage factor is not above 0.
    """

    by: Basis
    limit: Decimal | None
    unit: str | None
    k: Decimal | None
    repeats: tuple[Decimal, ...]
    substance: str | None
    parameter: Parameter | None
    document: str

    @classmethod
    def read(cls, fields: JsonObject) -> "Stated":
        """Read its members."""
        names = ("by", "document", "k", "limit", "parameter", "repeats", "substance", "unit")
        require_keys(fields, frozenset(names))
        stated = cls(
            by=Basis(read_choice(fields, "by", frozenset(Basis))),
            limit=read_optional(fields, "limit", read_decimal),
            unit=read_optional(fields, "unit", read_unit),
            k=read_optional(fields, "k", read_decimal),
            repeats=_read_repeats(fields["repeats"]),
            substance=read_optional(fields, "substance", read_code),
            parameter=read_optional(fields, "parameter", _read_parameter),
            document=read_line(fields, "document"),
        )
        _require_members(stated)
        return stated

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "by": self.by.value,
            "document": self.document,
            "k": write_decimal(self.k, field="k"),
            "limit": write_decimal(self.limit, field="limit"),
            "parameter": self.parameter and self.parameter.value,
            "repeats": [write_decimal(each, field="repeats") for each in self.repeats],
            "substance": self.substance,
            "unit": self.unit,
        }


def _read_parameter(fields: JsonObject, key: str) -> Parameter:
    return Parameter(read_choice(fields, key, frozenset(Parameter)))


def _read_repeats(items: JsonValue) -> tuple[Decimal, ...]:
    if isinstance(items, list) and len(items) <= MOST_REPEATS and len(items) != 1:
        repeats = tuple(read_decimal({"repeats": item}, "repeats") for item in items)
        if not repeats or total(repeats):
            return repeats
    raise error_refusal(
        "repeats",
        "{field}: must be {least} to {bound} readings whose mean is not 0, or none",
        "repeat the reading of one quantity, and write each",
        least=LEAST_REPEATS,
        bound=MOST_REPEATS,
    )


def _require_members(stated: Stated) -> None:
    given = {
        name
        for name in ("k", "limit", "parameter", "repeats", "substance", "unit")
        if getattr(stated, name) not in {None, ()}
    }
    needed = _MEMBERS[stated.by]
    optional = {"unit"} if stated.by is Basis.CERTIFICATE else set()
    if given - optional != needed:
        raise error_refusal(
            "parts",
            "{field}: {by} needs exactly {members}",
            "leave the others null, and see docs/spec/measurement-statements.md",
            by=stated.by.value,
            members=", ".join(sorted(needed)),
        )
    if stated.limit is not None:
        require_not_negative(stated.limit, field="limit")
        bound = MOST_RELATIVE_LIMIT if stated.by is Basis.CLASS else MOST_RELATIVE_U
        if stated.unit is None and stated.limit > bound:
            raise error_refusal(
                "limit",
                "{field}: {value} is no fraction to err by; the bound is {bound}",
                "divide a percent by 100: class 0.5 is 0.005",
                value=stated.limit,
                bound=bound,
            )
    if stated.k is not None:
        require_factor(stated.k)


def error_refusal(field: str, template: str, remedy: str, **params: object) -> RecordError:
    """The refusal of a member of an error."""
    return RecordError(template, field=field, remedy=remedy, code=f"record.{field}", **params)
