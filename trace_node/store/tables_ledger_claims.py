"""Tables of what is owed on the ledger: figures, obligations, carry-over, arrears, closed years."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from trace_node.store.columns import DIGEST_BYTES, big, blob, key, length_is, rule, small
from trace_node.store.tables_ledger import ADDRESS_BYTES


class LedgerRecordRow(SQLModel, table=True):
    """A verified figure as a verifier entered it."""

    __tablename__ = "ledger_records"
    __table_args__ = (
        rule("ledger_records", "tonnes", "tonnes >= 0"),
        rule("ledger_records", "confirmed", "confirmed IN (0, 1)"),
        length_is("ledger_records", "verifier", ADDRESS_BYTES),
        length_is("ledger_records", "leaf", DIGEST_BYTES),
        Index("ix_ledger_records_organisation", "organisation", "year"),
    )

    record: int = Field(sa_column=key())
    organisation: int = Field(sa_column=big())
    year: int = Field(sa_column=big())
    sector: int = Field(sa_column=big())
    confirmed: int = Field(sa_column=small())
    tonnes: int = Field(sa_column=big())
    verifier: bytes = Field(sa_column=blob())
    leaf: bytes = Field(sa_column=blob())


class LedgerObligationRow(SQLModel, table=True):
    """An obligation and what was handed in for it."""

    __tablename__ = "ledger_obligations"
    __table_args__ = (
        rule("ledger_obligations", "tonnes", "tonnes >= 0 AND surrendered >= 0 AND cap >= 0"),
        rule("ledger_obligations", "offsets", "offset_used BETWEEN 0 AND offset_reserved"),
        Index("ix_ledger_obligations_organisation", "organisation", "year"),
        Index("ix_ledger_obligations_year", "year"),
    )

    obligation: int = Field(sa_column=key())
    organisation: int = Field(sa_column=big())
    year: int = Field(sa_column=big())
    sector: int = Field(sa_column=big())
    cap_version: int = Field(sa_column=big())
    record: int = Field(sa_column=big())
    tonnes: int = Field(sa_column=big())
    surrendered: int = Field(sa_column=big())
    cap: int = Field(sa_column=big())
    offset_reserved: int = Field(sa_column=big())
    offset_used: int = Field(sa_column=big())


class LedgerClaimRow(SQLModel, table=True):
    """What a carry-over is computed from."""

    __tablename__ = "ledger_claims"
    __table_args__ = (
        rule("ledger_claims", "tonnes", "net_sold >= 0 AND holding >= 0"),
        rule("ledger_claims", "confirmed", "confirmed IN (0, 1)"),
        length_is("ledger_claims", "officer", ADDRESS_BYTES),
        length_is("ledger_claims", "leaf", DIGEST_BYTES),
    )

    claim: int = Field(sa_column=key())
    organisation: int = Field(sa_column=big())
    year: int = Field(sa_column=big())
    confirmed: int = Field(sa_column=small())
    net_sold: int = Field(sa_column=big())
    holding: int = Field(sa_column=big())
    officer: bytes = Field(sa_column=blob())
    leaf: bytes = Field(sa_column=blob())


class LedgerCarryOverRow(SQLModel, table=True):
    """What an organisation may carry over into a year, and has."""

    __tablename__ = "ledger_carry_overs"
    __table_args__ = (rule("ledger_carry_overs", "tonnes", "limit_tonnes >= 0 AND used >= 0"),)

    organisation: int = Field(sa_column=key())
    year: int = Field(sa_column=key())
    claim: int = Field(sa_column=big())
    limit_tonnes: int = Field(sa_column=big())
    used: int = Field(sa_column=big())


class LedgerArrearRow(SQLModel, table=True):
    """What is owed back of a class."""

    __tablename__ = "ledger_arrears"
    __table_args__ = (
        rule("ledger_arrears", "tonnes", "open_tonnes >= 0"),
        Index("ix_ledger_arrears_organisation", "organisation", "arrear"),
    )

    arrear: int = Field(sa_column=key())
    organisation: int = Field(sa_column=big())
    class_id: int = Field(sa_column=big())
    open_tonnes: int = Field(sa_column=big())


class LedgerYearRow(SQLModel, table=True):
    """Whether an obligation year is closed."""

    __tablename__ = "ledger_years"
    __table_args__ = (
        rule("ledger_years", "closed", "closed IN (0, 1)"),
        length_is("ledger_years", "proposer", ADDRESS_BYTES),
    )

    year: int = Field(sa_column=key())
    closed: int = Field(sa_column=small())
    proposer: bytes = Field(sa_column=blob())
