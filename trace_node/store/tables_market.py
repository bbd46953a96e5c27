"""Tables of imported registry files, openings of commitments and disclosures."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    blob_key,
    key,
    length_is,
    one_of,
    rule,
    text,
    text_key,
)


class RegistryFileRow(SQLModel, table=True):
    """A statement of a national registry as it was imported."""

    __tablename__ = "registry_files"
    __table_args__ = (
        UniqueConstraint(
            "system", "kind", "account", "number", "version", name="ux_registry_files_version"
        ),
        length_is("registry_files", "digest", DIGEST_BYTES),
        one_of("registry_files", "system", ("allowance", "ccer")),
        one_of("registry_files", "kind", ("holdings", "transactions")),
        one_of("registry_files", "form", ("csv", "xlsx")),
        rule("registry_files", "version", "version >= 1"),
    )

    digest: bytes = Field(sa_column=blob_key())
    system: str = Field(sa_column=text())
    kind: str = Field(sa_column=text())
    account: str = Field(sa_column=text())
    number: str = Field(sa_column=text())
    version: int = Field(sa_column=big())
    as_of: int = Field(sa_column=big())
    imported_at: int = Field(sa_column=big())
    form: str = Field(sa_column=text())
    body: bytes = Field(sa_column=blob())


class RegistryReferenceRow(SQLModel, table=True):
    """A range of the registry's serials by the digest that lots carry on the chain."""

    __tablename__ = "registry_references"
    __table_args__ = (
        length_is("registry_references", "digest", DIGEST_BYTES),
        rule("registry_references", "order", "first_serial <= last_serial"),
    )

    digest: bytes = Field(sa_column=blob_key())
    product: str = Field(sa_column=text())
    first_serial: int = Field(sa_column=big())
    last_serial: int = Field(sa_column=big())


class OpeningRow(SQLModel, table=True):
    """An opening; ``parties`` are organisations, one a line."""

    __tablename__ = "commitment_openings"
    __table_args__ = (
        length_is("commitment_openings", "commitment", DIGEST_BYTES),
        length_is("commitment_openings", "order_id", DIGEST_BYTES),
        Index("ix_commitment_openings_order", "order_id"),
    )

    commitment: bytes = Field(sa_column=blob_key())
    order_id: bytes = Field(sa_column=blob())
    body: bytes = Field(sa_column=blob())
    parties: str = Field(sa_column=text())
    kept_at: int = Field(sa_column=big())


class DisclosureRow(SQLModel, table=True):
    """A publication; ``month`` is the year times 100 plus the month, ``amount`` canonical text."""

    __tablename__ = "disclosures"
    __table_args__ = (
        rule("disclosures", "trades", "trades >= 1"),
        rule("disclosures", "volume", "volume >= 1"),
    )

    product: str = Field(sa_column=text_key())
    month: int = Field(sa_column=key())
    trades: int = Field(sa_column=big())
    volume: int = Field(sa_column=big())
    amount: str = Field(sa_column=text())
    published_at: int = Field(sa_column=big())
