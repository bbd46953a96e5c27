"""What the board of an organisation is computed from besides its emission: ``quota-basis@1``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.ids import OrganisationId, Origin
from trace_node.period import Period, PeriodKind
from trace_node.quota.records.emission_statement import read_period, read_sector
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_integer,
    read_name,
    read_optional,
    read_origin,
    read_text,
)
from trace_node.record.statement_fields import MAX_YEAR, MIN_YEAR

QUOTA_BASIS: Final = "quota-basis@1"
OUTPUT_KEYS: Final = frozenset({"method", "through", "units"})
UNIT_KEYS: Final = frozenset({"inputs", "name"})
MAX_BUDGET: Final = 10**12
MAX_ORGANISATION: Final = 2**53 - 1
MAX_UNITS: Final = 200
MAX_INPUTS: Final = 20
_METHOD = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_INPUT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_VALUE = re.compile(r"[0-9a-z._-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedUnit:
    """Inputs of the allocation of one generating unit, line or plant, to date.

    Attributes:
        name: Its name.
        inputs: Value of each input of the method, as text.
    """

    name: str
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedOutput:
    """Output of a year to date, as the inputs of its allocation (产量).

    Attributes:
        method: Id of the method of allocation, such as ``cn.ets.allocation.power``.
        through: The last month it covers.
        units: 1 to 200 units, each name once.
    """

    method: str
    through: Period
    units: tuple[StatedUnit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaBasis:
    """Basis of a year's board (看板基础信息).

    Attributes:
        origin: Origin of the log it counts for; member ``log``.
        organisation: Whose board it is.
        year: Obligation year, 2000 to 2200; it holds for later years too, but for ``budget`` and
            ``output``.
        sector: Number of the covered sector; None for an enterprise outside the ETS.
        ledger: Number of the organisation on the ledger; None where it is on none.
        budget: Its own budget of the year in whole tonnes, 0 to 10^12; None without.
        output: Its output to date; None without.
    """

    TYPE: ClassVar[str] = QUOTA_BASIS
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"budget", "ledger", "log", "organisation", "output", "sector", "year"}
    )

    origin: Origin
    organisation: OrganisationId
    year: int
    sector: int | None
    ledger: int | None
    budget: int | None
    output: StatedOutput | None

    @property
    def topic(self) -> str:
        """Organisation and year."""
        return f"{self.organisation} {self.year}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "QuotaBasis":
        """Read its members."""
        year = read_integer(fields, "year", minimum=MIN_YEAR, maximum=MAX_YEAR)
        return cls(
            origin=read_origin(fields, "log"),
            organisation=OrganisationId(read_name(fields, "organisation")),
            year=year,
            sector=read_sector(fields, "sector"),
            ledger=read_optional(fields, "ledger", _read_organisation),
            budget=read_optional(fields, "budget", _read_budget),
            output=output_from_json(fields["output"], year=year),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "budget": self.budget,
            "ledger": self.ledger,
            "log": self.origin,
            "organisation": self.organisation,
            "output": output_to_json(self.output),
            "sector": self.sector,
            "year": self.year,
        }


def _read_organisation(fields: JsonObject, key: str) -> int:
    return read_integer(fields, key, minimum=1, maximum=MAX_ORGANISATION)


def _read_budget(fields: JsonObject, key: str) -> int:
    return read_integer(fields, key, minimum=0, maximum=MAX_BUDGET)


def output_to_json(output: StatedOutput | None) -> JsonObject | None:
    """The member ``output`` of an output; null for none."""
    if output is None:
        return None
    return {
        "method": output.method,
        "through": output.through.name,
        "units": [{"inputs": dict(unit.inputs), "name": unit.name} for unit in output.units],
    }


def output_from_json(value: JsonValue, *, year: int) -> StatedOutput | None:
    """Read the member ``output`` of a basis of a year.

    Raises:
        RecordError: It breaks its rule.
    """
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != OUTPUT_KEYS:
        raise _wrong("output", "must be an object of method, through and units, or null")
    through = read_period(value, "through")
    if through.kind is not PeriodKind.MONTH or through.start.year != year:
        raise _wrong("through", "must be a month of the year")
    listed = value["units"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_UNITS:
        raise _wrong("units", "must be a list of 1 to 200 units")
    units = tuple(_read_unit(item) for item in listed)
    if len({unit.name for unit in units}) != len(units):
        raise _wrong("units", "must have different names")
    method = read_text(value, "method", _METHOD, "the id of a method of allocation")
    return StatedOutput(method=method, through=through, units=units)


def _read_unit(value: JsonValue) -> StatedUnit:
    if not isinstance(value, dict) or value.keys() != UNIT_KEYS:
        raise _wrong("units", "must be objects of inputs and name")
    inputs = value["inputs"]
    if not isinstance(inputs, dict) or not 1 <= len(inputs) <= MAX_INPUTS:
        raise _wrong("inputs", "must be an object of 1 to 20 inputs")
    given: dict[str, str] = {}
    for name, text in inputs.items():
        if not _INPUT.fullmatch(name) or not isinstance(text, str) or not _VALUE.fullmatch(text):
            raise _wrong("inputs", "must be symbols with short texts, such as 3000000 or ii")
        given[name] = text
    return StatedUnit(name=read_name(value, "name"), inputs=given)


def _wrong(field: str, why: str) -> RecordError:
    return RecordError(
        "{field}: " + why,
        field=field,
        remedy="see docs/spec/statements.md for the field and an example",
        code=f"record.{field}",
    )
