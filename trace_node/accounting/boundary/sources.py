"""Industries, emission sources and how their values are obtained: steps c to e of 002 9.3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trace_node.accounting.boundary.integral import Integration
from trace_node.accounting.boundary.words import LONG, read_id, read_words
from trace_node.accounting.methods.words import Choice
from trace_node.accounting.records.approvals import METHOD_PATTERN, STEP_PATTERN
from trace_node.canonical_json import JsonObject
from trace_node.ids import DeviceId, RegisterId
from trace_node.record.fields import (
    read_choice,
    read_integer,
    read_name,
    read_optional,
    read_text,
    read_unit,
    require_keys,
)
from trace_node.record.statement_fields import read_line

CATEGORIES_OF_ISO: Final = 6
GIVEN_CHOICES: Final = frozenset({Choice.MEASURED, Choice.SUPPLIER})
BASES: Final = frozenset({"as received", "air dry", "dry", "dry ash-free"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """The method a unit is accounted by (行业与核算方法): step c.

    Attributes:
        unit: The accounting unit.
        method: ``id@version``.
        words: Words of the case, such as series and year of the factor of electricity.
        not_occurring: Source categories that do not occur, each with the reason.
    """

    unit: str
    method: str
    words: Mapping[str, str]
    not_occurring: Mapping[str, str]

    @classmethod
    def read(cls, fields: JsonObject) -> "Industry":
        """Read its members."""
        require_keys(fields, frozenset({"method", "not_occurring", "unit", "words"}))
        return cls(
            unit=read_id(fields, "unit"),
            method=read_text(fields, "method", METHOD_PATTERN, "id@version of a method"),
            words=read_words(fields, "words"),
            not_occurring=read_words(fields, "not_occurring"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "method": self.method,
            "not_occurring": dict(self.not_occurring),
            "unit": self.unit,
            "words": dict(self.words),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An emission source (排放源): step d.

    Attributes:
        id: Its name; also the name of its line where the method has a table.
        unit: The accounting unit.
        method: The method it belongs to.
        category: Source category of the method.
        title: What people call it.
        iso14064: Category 1 to 6 of ISO 14064-1.
        words: Words of its line, such as the fuel.
    """

    id: str
    unit: str
    method: str
    category: str
    title: str
    iso14064: int
    words: Mapping[str, str]

    @classmethod
    def read(cls, fields: JsonObject) -> "Source":
        """Read its members."""
        require_keys(
            fields,
            frozenset({"category", "id", "iso14064", "method", "title", "unit", "words"}),
        )
        return cls(
            id=read_id(fields, "id"),
            unit=read_id(fields, "unit"),
            method=read_text(fields, "method", METHOD_PATTERN, "id@version of a method"),
            category=read_text(fields, "category", STEP_PATTERN, "a source category"),
            title=read_line(fields, "title", most=LONG),
            iso14064=read_integer(fields, "iso14064", minimum=1, maximum=CATEGORIES_OF_ISO),
            words=read_words(fields, "words"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "category": self.category,
            "id": self.id,
            "iso14064": self.iso14064,
            "method": self.method,
            "title": self.title,
            "unit": self.unit,
            "words": dict(self.words),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterPoint:
    """A meter register of a source (计量点): step e.

    Attributes:
        name: Name of its activity data.
        source: The source.
        device: Name of the device.
        meter_register: Name of the meter register.
        integrate: How the readings of a gauge become a quantity; None of a counter.
    """

    name: str
    source: str
    device: DeviceId
    meter_register: RegisterId
    integrate: Integration | None

    @classmethod
    def read(cls, fields: JsonObject) -> "MeterPoint":
        """Read its members."""
        require_keys(fields, frozenset({"device", "integrate", "meter_register", "name", "source"}))
        return cls(
            name=read_id(fields, "name"),
            source=read_id(fields, "source"),
            device=DeviceId(read_name(fields, "device")),
            meter_register=RegisterId(read_name(fields, "meter_register")),
            integrate=read_optional(fields, "integrate", Integration.read),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "device": self.device,
            "integrate": None if self.integrate is None else self.integrate.write(),
            "meter_register": self.meter_register,
            "name": self.name,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """Activity data that a person enters from a document (人工填报项).

    Attributes:
        name: Name of the activity data.
        source: The source.
        choice: Measured, or from a document of the supplier.
        basis: Basis the value is stated for, such as ``as received``; None for none.
    """

    name: str
    source: str
    choice: Choice
    basis: str | None

    @classmethod
    def read(cls, fields: JsonObject) -> "EntryPoint":
        """Read its members."""
        require_keys(fields, frozenset({"basis", "choice", "name", "source"}))
        return cls(
            name=read_id(fields, "name"),
            source=read_id(fields, "source"),
            choice=Choice(read_choice(fields, "choice", GIVEN_CHOICES)),
            basis=read_optional(fields, "basis", _read_basis),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "basis": self.basis,
            "choice": self.choice.value,
            "name": self.name,
            "source": self.source,
        }


def _read_basis(fields: JsonObject, key: str) -> str:
    return read_choice(fields, key, BASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Which value a symbol of the method gets for a source.

    Attributes:
        source: The source.
        symbol: Symbol of the method.
        point: Name of the activity data; None where the value is 0.
        zero: Why it is 0; None where it has activity data.
        unit: Unit of the 0; None where it has activity data.
        of: What the tonne or cubic metre is of, such as ``CH4``; None where the method says.
    """

    source: str
    symbol: str
    point: str | None
    zero: str | None
    unit: str | None
    of: str | None

    @classmethod
    def read(cls, fields: JsonObject) -> "Feed":
        """Read its members."""
        require_keys(fields, frozenset({"of", "point", "source", "symbol", "unit", "zero"}))
        return cls(
            source=read_id(fields, "source"),
            symbol=read_text(fields, "symbol", STEP_PATTERN, "a symbol of the method"),
            point=read_optional(fields, "point", read_id),
            zero=read_optional(fields, "zero", read_line),
            unit=read_optional(fields, "unit", read_unit),
            of=read_optional(fields, "of", read_id),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "of": self.of,
            "point": self.point,
            "source": self.source,
            "symbol": self.symbol,
            "unit": self.unit,
            "zero": self.zero,
        }
