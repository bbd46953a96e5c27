"""Tables of what the ledger holds: offices, accounts, keys, rules, classes, lots, balances, orders.

Times of the chain have 64 bits without a sign; one beyond 2^63 - 1 s, which a signer may set for a
deadline, is kept as that. So is any other such number that the contracts do not bound.
"""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    blob_key,
    key,
    length_is,
    rule,
    small,
    text,
)
from trace_node.store.tables_ledger import ADDRESS_BYTES, NARROW


class LedgerStateRow(SQLModel, table=True):
    """The ledger as a whole: paused, closed for good."""

    __tablename__ = "ledger_state"
    __table_args__ = (
        rule("ledger_state", "single", "state_id = 1"),
        rule("ledger_state", "paused", "paused IN (0, 1)"),
        length_is("ledger_state", "final_state", DIGEST_BYTES),
    )

    state_id: int = Field(sa_column=key())
    paused: int = Field(sa_column=small())
    final_state: bytes = Field(sa_column=blob())


class LedgerOrganisationRow(SQLModel, table=True):
    """An organisation and the digest of the record that says who it is."""

    __tablename__ = "ledger_organisations"
    __table_args__ = (length_is("ledger_organisations", "binding", DIGEST_BYTES),)

    organisation: int = Field(sa_column=key())
    binding: bytes = Field(sa_column=blob())


class LedgerAccountRow(SQLModel, table=True):
    """An account."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        rule("ledger_accounts", "kind", "kind BETWEEN 1 AND 6"),
        rule("ledger_accounts", "status", "status BETWEEN 1 AND 3"),
        length_is("ledger_accounts", "registry_number", DIGEST_BYTES),
        Index("ix_ledger_accounts_organisation", "organisation", "account"),
    )

    account: int = Field(sa_column=key())
    organisation: int = Field(sa_column=big())
    bound_to: int = Field(sa_column=big())
    kind: int = Field(sa_column=small())
    status: int = Field(sa_column=small())
    delay: int = Field(sa_column=big())
    registry_number: bytes = Field(sa_column=blob())


class LedgerKeyRow(SQLModel, table=True):
    """What a key may do for an account."""

    __tablename__ = "ledger_keys"
    __table_args__ = (
        length_is("ledger_keys", "key_address", ADDRESS_BYTES),
        length_is("ledger_keys", "approver", ADDRESS_BYTES),
        rule("ledger_keys", "rights", "rights BETWEEN 0 AND 3"),
        NARROW,
    )

    account: int = Field(sa_column=key())
    key_address: bytes = Field(sa_column=blob_key())
    rights: int = Field(sa_column=small())
    change_id: int = Field(sa_column=big())
    approver: bytes = Field(sa_column=blob())


class LedgerOfficeRow(SQLModel, table=True):
    """Who holds which office."""

    __tablename__ = "ledger_offices"
    __table_args__ = (
        length_is("ledger_offices", "officer", ADDRESS_BYTES),
        rule("ledger_offices", "role", "role BETWEEN 0 AND 5"),
    )

    officer: bytes = Field(sa_column=blob_key())
    role: int = Field(sa_column=small())
    change_id: int = Field(sa_column=big())


class LedgerRuleProposalRow(SQLModel, table=True):
    """A proposed version of a rule, or the wish to use a draft; the number is decimal text."""

    __tablename__ = "ledger_rule_proposals"
    __table_args__ = (
        rule("ledger_rule_proposals", "state", "state BETWEEN 1 AND 3"),
        length_is("ledger_rule_proposals", "rule_id", DIGEST_BYTES),
        length_is("ledger_rule_proposals", "proposer", ADDRESS_BYTES),
        length_is("ledger_rule_proposals", "evidence", DIGEST_BYTES),
    )

    proposal: int = Field(sa_column=key())
    rule_id: bytes = Field(sa_column=blob())
    year: int = Field(sa_column=big())
    version: int = Field(sa_column=big())
    proposer: bytes = Field(sa_column=blob())
    state: int = Field(sa_column=small())
    evidence: bytes = Field(sa_column=blob())
    value: str | None = Field(sa_column=text(null=True))
    valid_from: int | None = Field(sa_column=big(null=True))
    valid_to: int | None = Field(sa_column=big(null=True))
    digest: bytes | None = Field(sa_column=blob(null=True))
    draft: int | None = Field(sa_column=small(null=True))


class LedgerRuleRow(SQLModel, table=True):
    """A version of a rule's number, as decimal text."""

    __tablename__ = "ledger_rules"
    __table_args__ = (
        length_is("ledger_rules", "rule_id", DIGEST_BYTES),
        length_is("ledger_rules", "digest", DIGEST_BYTES),
        rule("ledger_rules", "flags", "draft IN (0, 1) AND released IN (0, 1)"),
    )

    rule_id: bytes = Field(sa_column=blob_key())
    year: int = Field(sa_column=key())
    version: int = Field(sa_column=key())
    value: str = Field(sa_column=text())
    valid_from: int = Field(sa_column=big())
    valid_to: int = Field(sa_column=big())
    digest: bytes = Field(sa_column=blob())
    draft: int = Field(sa_column=small())
    released: int = Field(sa_column=small())


class LedgerClassRow(SQLModel, table=True):
    """A class of units; its totals are balances."""

    __tablename__ = "ledger_classes"
    __table_args__ = (
        rule("ledger_classes", "instrument", "instrument BETWEEN 1 AND 3"),
        length_is("ledger_classes", "code", DIGEST_BYTES),
        length_is("ledger_classes", "record", DIGEST_BYTES),
    )

    class_id: int = Field(sa_column=key())
    instrument: int = Field(sa_column=small())
    vintage: int = Field(sa_column=big())
    code: bytes = Field(sa_column=blob())
    record: bytes = Field(sa_column=blob())


class LedgerLotRow(SQLModel, table=True):
    """A range of serials in one place."""

    __tablename__ = "ledger_lots"
    __table_args__ = (
        rule("ledger_lots", "quantity", "quantity > 0 AND first_serial > 0"),
        rule("ledger_lots", "place", "place BETWEEN 1 AND 7"),
        rule("ledger_lots", "hold", "hold BETWEEN 0 AND 4"),
        length_is("ledger_lots", "registry_number", DIGEST_BYTES),
        Index("ix_ledger_lots_account", "account", "class_id", "place"),
    )

    lot: int = Field(sa_column=key())
    account: int = Field(sa_column=big())
    class_id: int = Field(sa_column=big())
    place: int = Field(sa_column=small())
    hold: int = Field(sa_column=small())
    subject: int = Field(sa_column=big())
    first_serial: int = Field(sa_column=big())
    quantity: int = Field(sa_column=big())
    reserved_by: int = Field(sa_column=big())
    registry_number: bytes = Field(sa_column=blob())


class LedgerBalanceRow(SQLModel, table=True):
    """Tonnes in a cell, as its postings add up; an empty cell has no row."""

    __tablename__ = "ledger_balances"
    __table_args__ = (
        rule("ledger_balances", "tonnes", "tonnes <> 0 AND (place = 0) = (tonnes < 0)"),
        rule("ledger_balances", "place", "place BETWEEN 0 AND 7"),
        rule("ledger_balances", "account", "(place BETWEEN 1 AND 4) = (account > 0)"),
        Index("ix_ledger_balances_class", "class_id", "account"),
        NARROW,
    )

    account: int = Field(sa_column=key())
    class_id: int = Field(sa_column=key())
    place: int = Field(sa_column=key())
    tonnes: int = Field(sa_column=big())


class LedgerCounterpartyRow(SQLModel, table=True):
    """Whether an account may transfer to another."""

    __tablename__ = "ledger_counterparties"
    __table_args__ = (rule("ledger_counterparties", "allowed", "allowed IN (0, 1)"),)

    account: int = Field(sa_column=key())
    counterparty: int = Field(sa_column=key())
    allowed: int = Field(sa_column=small())


class LedgerOrderRow(SQLModel, table=True):
    """An order with its content, and how far it has come."""

    __tablename__ = "ledger_orders"
    __table_args__ = (
        UniqueConstraint("order_id", name="ux_ledger_orders_order_id"),
        rule("ledger_orders", "kind", "kind BETWEEN 1 AND 29"),
        rule("ledger_orders", "state", "state BETWEEN 1 AND 5"),
        rule("ledger_orders", "quantity", "quantity >= 0"),
        *(
            length_is("ledger_orders", name, DIGEST_BYTES)
            for name in ("order_id", "commitment", "registry_number", "reason", "content_hash")
        ),
        length_is("ledger_orders", "confirmation", DIGEST_BYTES),
        length_is("ledger_orders", "initiator", ADDRESS_BYTES),
        length_is("ledger_orders", "approver", ADDRESS_BYTES),
        Index("ix_ledger_orders_source", "source", "number"),
        Index("ix_ledger_orders_target", "target", "number"),
        Index("ix_ledger_orders_state", "state", "number"),
        NARROW,
    )

    number: int = Field(sa_column=key())
    order_id: bytes = Field(sa_column=blob())
    kind: int = Field(sa_column=small())
    state: int = Field(sa_column=small())
    source: int = Field(sa_column=big())
    target: int = Field(sa_column=big())
    subject: int = Field(sa_column=big())
    quantity: int = Field(sa_column=big())
    commitment: bytes = Field(sa_column=blob())
    registry_number: bytes = Field(sa_column=blob())
    reason: bytes = Field(sa_column=blob())
    not_before: int = Field(sa_column=big())
    deadline: int = Field(sa_column=big())
    chain_id: int = Field(sa_column=big())
    content_hash: bytes = Field(sa_column=blob())
    initiator: bytes = Field(sa_column=blob())
    approver: bytes = Field(sa_column=blob())
    executable_at: int = Field(sa_column=big())
    confirmation: bytes = Field(sa_column=blob())
    proposed_block: int = Field(sa_column=big())
    ended_block: int = Field(sa_column=big())


class LedgerOrderPartRow(SQLModel, table=True):
    """A part of an order: what was asked for of a lot, and the lot that was reserved for it."""

    __tablename__ = "ledger_order_parts"
    __table_args__ = (rule("ledger_order_parts", "quantity", "quantity > 0"), NARROW)

    number: int = Field(sa_column=key())
    ordinal: int = Field(sa_column=key())
    lot: int = Field(sa_column=big())
    quantity: int = Field(sa_column=big())
    taken: int = Field(sa_column=big())
