"""A laboratory report of one sample as a leaf: ``laboratory-record@1``."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Final

from trace_node.accounting.laboratory.parameter import LabValue, Parameter
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    Code,
    read_bytes,
    read_choice,
    read_code,
    read_decimal,
    read_name,
    read_optional,
    read_printable,
    read_unit,
    require_keys,
)
from trace_node.record.statement_fields import read_day, read_items, read_line, read_period
from trace_node.record.writing import write_bytes, write_decimal

LABORATORY_RECORD: Final = "laboratory-record@1"
MOST_VALUES: Final = 16
MOST_CERTIFICATES: Final = 4
_MAX_LABORATORY: Final = 120


class SampledFrom(StrEnum):
    """Where the sample was taken (采样位置).

    Attributes:
        RECEIVED: From a batch as it came in (入厂).
        FIRED: From what goes to the furnace (入炉).
        PRODUCT: From what is made or leaves.
    """

    RECEIVED = "received"
    FIRED = "fired"
    PRODUCT = "product"


class Scheme(StrEnum):
    """Under which accreditation a laboratory reports (资质)."""

    CMA = "CMA"
    CNAS = "CNAS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """An accreditation of the laboratory (资质证书).

    Attributes:
        scheme: Which.
        number: Its number.
    """

    scheme: Scheme
    number: str

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "Certificate":
        """Read its members."""
        require_keys(fields, frozenset({"number", "scheme"}))
        return cls(
            scheme=Scheme(read_choice(fields, "scheme", frozenset(Scheme))),
            number=read_printable(fields, "number"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {"number": self.number, "scheme": self.scheme.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryRecord:
    """What a laboratory reports of one sample (化验报告).

    The four days are recorded as they are stated; ``dates`` says what is wrong with them.

    Attributes:
        organisation: Whose fuel or material it is.
        substance: Which.
        sample: Number of the sample (样品编号).
        batch: Number of the batch (批次); None where there is none.
        sampled_from: Where it was taken.
        period: The day or month that the sample stands for.
        quantity: How much it stands for.
        unit: Unit of the quantity: of mass, or of normal volume.
        values: What was determined, each parameter and basis once.
        laboratory: Who determined it.
        certificates: Accreditations; none of a laboratory without.
        report: Number of the report.
        sampled_on: Day of sampling.
        tested_on: Day of the test.
        issued_on: Day on which the report was issued.
        received_on: Day on which the organisation had it.
        evidence: 32-byte SM3 of the report.
    """

    TYPE: ClassVar[str] = LABORATORY_RECORD
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("batch", "certificates", "evidence", "issued_on", "laboratory", "organisation"),
            *("period", "quantity", "received_on", "report", "sample", "sampled_from"),
            *("sampled_on", "substance", "tested_on", "unit", "values"),
        }
    )

    organisation: OrganisationId
    substance: Code
    sample: str
    batch: str | None
    sampled_from: SampledFrom
    period: Period
    quantity: Decimal
    unit: str
    values: tuple[LabValue, ...]
    laboratory: str
    certificates: tuple[Certificate, ...]
    report: str
    sampled_on: date
    tested_on: date
    issued_on: date
    received_on: date
    evidence: bytes

    @property
    def topic(self) -> str:
        """Organisation and sample."""
        return f"{self.organisation} {self.sample}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "LaboratoryRecord":
        """Read its members."""
        quantity = read_decimal(fields, "quantity")
        values = read_items(fields, "values", LabValue.from_fields, most=MOST_VALUES)
        _require_whole(quantity, values)
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            substance=read_code(fields, "substance"),
            sample=read_printable(fields, "sample"),
            batch=read_optional(fields, "batch", read_printable),
            sampled_from=SampledFrom(read_choice(fields, "sampled_from", frozenset(SampledFrom))),
            period=read_period(fields, "period"),
            quantity=quantity,
            unit=read_unit(fields, "unit"),
            values=values,
            laboratory=read_line(fields, "laboratory", most=_MAX_LABORATORY),
            certificates=read_items(
                fields, "certificates", Certificate.from_fields, most=MOST_CERTIFICATES
            ),
            report=read_printable(fields, "report"),
            sampled_on=read_day(fields, "sampled_on"),
            tested_on=read_day(fields, "tested_on"),
            issued_on=read_day(fields, "issued_on"),
            received_on=read_day(fields, "received_on"),
            evidence=read_bytes(fields, "evidence"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "batch": self.batch,
            "certificates": [each.to_fields() for each in self.certificates],
            "evidence": write_bytes(self.evidence),
            "issued_on": self.issued_on.isoformat(),
            "laboratory": self.laboratory,
            "organisation": self.organisation,
            "period": self.period.name,
            "quantity": write_decimal(self.quantity, field="quantity"),
            "received_on": self.received_on.isoformat(),
            "report": self.report,
            "sample": self.sample,
            "sampled_from": self.sampled_from.value,
            "sampled_on": self.sampled_on.isoformat(),
            "substance": self.substance,
            "tested_on": self.tested_on.isoformat(),
            "unit": self.unit,
            "values": [each.to_fields() for each in self.values],
        }


def _require_whole(quantity: Decimal, values: tuple[LabValue, ...]) -> None:
    said = [(each.parameter, each.basis) for each in values]
    twice: list[Parameter] = [each[0] for each in said if said.count(each) > 1]
    if quantity <= 0:
        raise RecordError(
            "{field}: must be above 0",
            field="quantity",
            remedy="state how much of the substance the sample stands for",
            code="record.quantity",
        )
    if not values or twice:
        raise RecordError(
            "{field}: must hold each parameter and basis once, and at least one",
            field="values",
            remedy="write parallel determinations as repeats of one value",
            code="record.values",
        )
