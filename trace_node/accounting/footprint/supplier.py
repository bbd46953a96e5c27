"""What a supplier says of a batch as a leaf: ``supplier-footprint@1``."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.accounting.footprint.batch_parts import read_above, read_fraction, read_least
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.quality import Ratings
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.record.fields import (
    Code,
    read_bytes,
    read_choice,
    read_code,
    read_name,
    read_optional,
    read_printable,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes, write_decimal

SUPPLIER_FOOTPRINT: Final = "supplier-footprint@1"
BUNDLE: Final = "bundle"
PACT: Final = "pact"
NONE: Final = "none"
_MAX_SUPPLIER: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierFootprint:
    """A batch that was bought, and what the supplier told of its footprint (供应商数据).

    Attributes:
        organisation: Who bought it.
        batch: Its name, new in the log.
        product: What it is.
        mass: Tonnes.
        ncv: Net calorific value in GJ/t; None where it is not known.
        item: Data-item code.
        supplier: Who sold it.
        source: ``bundle``, ``pact``, or ``none`` where the supplier told nothing: a gap.
        document: 32-byte SM3 of the bundle or of the PACT data set; None without.
        value: kgCO2e per tonne, cradle to gate; None without.
        u: Standard uncertainty in the same unit; None without.
        gwp_set: GWP set of the value; None without.
        primary_share: Share of the value that rests on primary data; None without.
        ratings: Data-quality ratings; None where the supplier gave none.
    """

    TYPE: ClassVar[str] = SUPPLIER_FOOTPRINT
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("batch", "document", "gwp_set", "item", "mass", "ncv", "organisation"),
            *("primary_share", "product", "ratings", "source", "supplier", "u", "value"),
        }
    )

    organisation: OrganisationId
    batch: str
    product: Code
    mass: Decimal
    ncv: Decimal | None
    item: str
    supplier: str
    source: str
    document: bytes | None
    value: Decimal | None
    u: Decimal | None
    gwp_set: str | None
    primary_share: Decimal | None
    ratings: Ratings | None

    @property
    def topic(self) -> str:
        """Organisation and batch."""
        return f"{self.organisation} {self.batch}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "SupplierFootprint":
        """Read its members."""
        supplied = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            batch=read_name(fields, "batch"),
            product=read_code(fields, "product"),
            mass=read_above(fields, "mass"),
            ncv=read_optional(fields, "ncv", read_above),
            item=read_printable(fields, "item"),
            supplier=read_line(fields, "supplier", most=_MAX_SUPPLIER),
            source=read_choice(fields, "source", frozenset({BUNDLE, PACT, NONE})),
            document=read_optional(fields, "document", read_bytes),
            value=read_optional(fields, "value", read_least),
            u=read_optional(fields, "u", read_least),
            gwp_set=read_optional(fields, "gwp_set", read_printable),
            primary_share=read_optional(fields, "primary_share", read_fraction),
            ratings=read_optional(fields, "ratings", Ratings.read),
        )
        told = (supplied.document, supplied.value, supplied.u, supplied.gwp_set)
        share = supplied.primary_share
        if {each is None for each in (*told, share)} != {supplied.source == NONE}:
            raise GenealogyError(
                "{field}: {source} of {batch} does not agree with what is told",
                field="source",
                source=supplied.source,
                batch=supplied.batch,
                remedy="tell document, value, u, gwp_set and primary_share, or none of them",
                code="footprint.supplier",
            )
        return supplied

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "batch": self.batch,
            "document": write_bytes(self.document),
            "gwp_set": self.gwp_set,
            "item": self.item,
            "mass": write_decimal(self.mass, field="mass"),
            "ncv": write_decimal(self.ncv, field="ncv"),
            "organisation": self.organisation,
            "primary_share": write_decimal(self.primary_share, field="primary_share"),
            "product": self.product,
            "ratings": None if self.ratings is None else self.ratings.to_fields(),
            "source": self.source,
            "supplier": self.supplier,
            "u": write_decimal(self.u, field="u"),
            "value": write_decimal(self.value, field="value"),
        }
