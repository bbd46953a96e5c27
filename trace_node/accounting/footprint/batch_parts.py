"""Parts of a batch event: what goes in, what comes out, legs of transport, fuel, hand-over."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.footprint.allocation import Product
from trace_node.canonical_json import JsonObject
from trace_node.ids import KeyId, OrganisationId, from_base64url
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    Code,
    read_bytes,
    read_code,
    read_decimal,
    read_integer,
    read_key_id,
    read_name,
    read_object,
    read_optional,
    read_printable,
    require_keys,
)
from trace_node.record.statement_fields import read_flag
from trace_node.record.writing import write_bytes, write_decimal

MAX_SIGNATURE: Final = 100  # characters of base64url; 72 bytes of DER are 96


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchInput:
    """A part of a batch that goes into an event.

    Attributes:
        batch: The batch.
        mass: Tonnes of it, above 0.
    """

    batch: str
    mass: Decimal

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "BatchInput":
        """Read its members."""
        require_keys(fields, frozenset({"batch", "mass"}))
        return cls(batch=read_name(fields, "batch"), mass=read_above(fields, "mass"))

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {"batch": self.batch, "mass": write_decimal(self.mass, field="mass")}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutput:
    """A batch that an event makes.

    Attributes:
        batch: Its name, new in the log.
        product: What it is.
        mass: Tonnes, above 0.
        ncv: Net calorific value in GJ/t; None where it is not known.
        price: Yuan per tonne, for allocation by value; None otherwise.
        reject: Whether it is a reject, which bears no burden.
        share: Its share of the burden of the event, from 0 to 1.
    """

    batch: str
    product: Code
    mass: Decimal
    ncv: Decimal | None
    price: Decimal | None
    reject: bool
    share: Decimal

    @property
    def as_product(self) -> Product:
        """It as an allocation sees it."""
        return Product(
            batch=self.batch, mass=self.mass, ncv=self.ncv, price=self.price, reject=self.reject
        )

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "BatchOutput":
        """Read its members."""
        require_keys(
            fields, frozenset({"batch", "mass", "ncv", "price", "product", "reject", "share"})
        )
        return cls(
            batch=read_name(fields, "batch"),
            product=read_code(fields, "product"),
            mass=read_above(fields, "mass"),
            ncv=read_optional(fields, "ncv", read_above),
            price=read_optional(fields, "price", read_above),
            reject=read_flag(fields, "reject"),
            share=read_fraction(fields, "share"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "batch": self.batch,
            "mass": write_decimal(self.mass, field="mass"),
            "ncv": write_decimal(self.ncv, field="ncv"),
            "price": write_decimal(self.price, field="price"),
            "product": self.product,
            "reject": self.reject,
            "share": write_decimal(self.share, field="share"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg of transport (运输段), methods.md 10, equation 5.

    Attributes:
        mode: Means of transport, such as ``rail.electric``.
        km: Distance, above 0.
        factor: kgCO2e per t*km, well to wheel.
        u: Standard uncertainty of the factor, in its unit.
        gwp_set: GWP set that the factor was made with, such as ``AR6``.
        evidence: 32-byte SM3 of the document that states the factor.
        empty: Share of the leg that is driven back empty, 0 to 1.
    """

    mode: Code
    km: Decimal
    factor: Decimal
    u: Decimal
    gwp_set: str
    evidence: bytes
    empty: Decimal

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "Leg":
        """Read its members."""
        require_keys(
            fields, frozenset({"empty", "evidence", "factor", "gwp_set", "km", "mode", "u"})
        )
        return cls(
            mode=read_code(fields, "mode"),
            km=read_above(fields, "km"),
            factor=read_least(fields, "factor"),
            u=read_least(fields, "u"),
            gwp_set=read_printable(fields, "gwp_set"),
            evidence=read_bytes(fields, "evidence"),
            empty=read_fraction(fields, "empty"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "empty": write_decimal(self.empty, field="empty"),
            "evidence": write_bytes(self.evidence),
            "factor": write_decimal(self.factor, field="factor"),
            "gwp_set": self.gwp_set,
            "km": write_decimal(self.km, field="km"),
            "mode": self.mode,
            "u": write_decimal(self.u, field="u"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuel:
    """What a burnt batch was, for equation 7.

    Attributes:
        ncv: Net calorific value in GJ/t.
        carbon: Carbon per heat in tC/GJ.
        oxidation: Oxidation factor, a fraction.
        u: Relative standard uncertainty of their product, a fraction.
        evidence: Leaf of the laboratory record; None where there is none.
    """

    ncv: Decimal
    carbon: Decimal
    oxidation: Decimal
    u: Decimal
    evidence: EvidenceLink | None

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "Fuel":
        """Read its members."""
        require_keys(fields, frozenset({"carbon", "evidence", "ncv", "oxidation", "u"}))
        return cls(
            ncv=read_above(fields, "ncv"),
            carbon=read_above(fields, "carbon"),
            oxidation=read_fraction(fields, "oxidation"),
            u=read_fraction(fields, "u"),
            evidence=read_optional(fields, "evidence", read_link_at),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "carbon": write_decimal(self.carbon, field="carbon"),
            "evidence": None if self.evidence is None else write_link(self.evidence),
            "ncv": write_decimal(self.ncv, field="ncv"),
            "oxidation": write_decimal(self.oxidation, field="oxidation"),
            "u": write_decimal(self.u, field="u"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """That another enterprise took the batches over, signed by its node (交接签认).

    Attributes:
        receiver: The other enterprise.
        key: Key id of its node.
        value: Signature in DER over the event without this member.
    """

    receiver: OrganisationId
    key: KeyId
    value: bytes

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "HandOver":
        """Read its members."""
        require_keys(fields, frozenset({"key", "receiver", "value"}))
        return cls(
            receiver=OrganisationId(read_name(fields, "receiver")),
            key=read_key_id(fields, "key"),
            value=_read_der(fields, "value"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {"key": self.key, "receiver": self.receiver, "value": write_bytes(self.value)}


def read_link(fields: JsonObject) -> EvidenceLink:
    """Read a leaf: index and digest."""
    require_keys(fields, frozenset({"digest", "index"}))
    return EvidenceLink(
        index=read_integer(fields, "index", minimum=0), digest=read_bytes(fields, "digest")
    )


def read_link_at(fields: JsonObject, key: str) -> EvidenceLink:
    """Read the leaf that is a member."""
    return read_link(read_object(fields, key))


def write_link(link: EvidenceLink) -> JsonObject:
    """Write a leaf."""
    return {"digest": write_bytes(link.digest), "index": link.index}


def read_above(fields: JsonObject, key: str) -> Decimal:
    """Read a decimal above 0."""
    value = read_decimal(fields, key)
    return value if value > 0 else _refuse(key, "must be above 0")


def read_least(fields: JsonObject, key: str) -> Decimal:
    """Read a decimal of 0 or more."""
    value = read_decimal(fields, key)
    return value if value >= 0 else _refuse(key, "must be 0 or more")


def read_fraction(fields: JsonObject, key: str) -> Decimal:
    """Read a fraction from 0 to 1; a percent is refused."""
    value = read_decimal(fields, key)
    return value if 0 <= value <= 1 else _refuse(key, "must be a fraction from 0 to 1, no percent")


def _refuse(key: str, rule: str) -> Decimal:
    raise RecordError(
        "{field}: " + rule,
        field=key,
        remedy="see docs/spec/footprint-statements.md",
        code=f"record.{key}",
    )


def _read_der(fields: JsonObject, key: str) -> bytes:
    text = fields[key]
    if isinstance(text, str) and len(text) <= MAX_SIGNATURE:
        return from_base64url(text, size=None, field=key)
    raise RecordError(
        "{field}: must be a signature in DER, as base64url",
        field=key,
        remedy="let the node of the other enterprise sign the event",
        code=f"record.{key}",
    )
