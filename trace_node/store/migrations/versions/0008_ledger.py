"""Make the tables of the ledger's mirror."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "big": BIG,
    "small": sa.SmallInteger(),
    "blob": sa.LargeBinary(),
    "text": sa.String(),
}


@dataclass(frozen=True)
class Spec:
    """A table: columns as name:type, with ! in the primary key, with ? where they may be null.

    Attributes:
        name: Its name.
        columns: Columns, in order.
        sizes: column:bytes of those that have a length.
        rules: Conditions by the ends of their names.
        unique: Columns of constraints, by name.
        unique_indexes: Columns of indexes that are unique, by name.
        indexes: Columns of other indexes, by name.
        narrow: SQLite keeps the rows in the index of the primary key.
    """

    name: str
    columns: str
    sizes: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    unique: Mapping[str, str] = field(default_factory=dict)
    unique_indexes: Mapping[str, str] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)
    narrow: bool = False


SPECS = (
    Spec(
        "ledger_identity",
        "identity_id:big! chain_id:big genesis_hash:blob first_block:big access:blob "
        "rules:blob lots:blob obligations:blob orders:blob",
        sizes="access:20 genesis_hash:32 lots:20 obligations:20 orders:20 rules:20",
        rules={"single": "identity_id = 1"},
    ),
    Spec(
        "ledger_head",
        "head_id:big! revision:big cursor:blob tip_number:big tip_hash:blob "
        "tip_time:big waiting_number:big waiting_hash:blob waiting_time:big "
        "settled_number:big? settled_hash:blob? settled_time:big? height:big final:big "
        "access_events:big rules_events:big lots_events:big obligations_events:big "
        "orders_events:big history:blob level_ms:big reconciled_block:big? "
        "reconciled_ms:big?",
        sizes="history:32 settled_hash:32 tip_hash:32 waiting_hash:32",
        rules={
            "counts": "access_events >= 0 AND rules_events >= 0 AND lots_events >= 0 AND "
            "obligations_events >= 0 AND orders_events >= 0",
            "single": "head_id = 1",
        },
    ),
    Spec(
        "ledger_stops",
        "cause:text! detail:text evidence:text block:big since_ms:big",
        rules={"cause_choice": "cause IN ('difference', 'deep_reorg', 'rebuild')"},
    ),
    Spec(
        "ledger_blocks",
        "number:big! block_hash:blob block_time:big history:blob",
        sizes="block_hash:32 history:32",
    ),
    Spec(
        "ledger_events",
        "book:big! sequence:big! block:big log_index:big transaction_hash:blob "
        "name:text content:text",
        sizes="transaction_hash:32",
        rules={"book": "book BETWEEN 1 AND 5", "sequence": "sequence >= 1"},
        unique_indexes={"ux_ledger_events_place": "block log_index"},
        narrow=True,
    ),
    Spec(
        "ledger_postings",
        "block:big! log_index:big! line:big! account:big class_id:big place:small "
        "tonnes:big lot:big",
        rules={
            "account": "(place BETWEEN 1 AND 4) = (account > 0)",
            "place": "place BETWEEN 0 AND 7",
            "tonnes": "tonnes <> 0",
        },
        indexes={"ix_ledger_postings_cell": "account class_id place"},
        narrow=True,
    ),
    Spec("ledger_images", "block:big! kind:big! row_key:text! content:text?", narrow=True),
    Spec(
        "ledger_state",
        "state_id:big! paused:small final_state:blob",
        sizes="final_state:32",
        rules={"paused": "paused IN (0, 1)", "single": "state_id = 1"},
    ),
    Spec("ledger_organisations", "organisation:big! binding:blob", sizes="binding:32"),
    Spec(
        "ledger_accounts",
        "account:big! organisation:big bound_to:big kind:small status:small delay:big "
        "registry_number:blob",
        sizes="registry_number:32",
        rules={"kind": "kind BETWEEN 1 AND 6", "status": "status BETWEEN 1 AND 3"},
        indexes={"ix_ledger_accounts_organisation": "organisation account"},
    ),
    Spec(
        "ledger_keys",
        "account:big! key_address:blob! rights:small change_id:big approver:blob",
        sizes="approver:20 key_address:20",
        rules={"rights": "rights BETWEEN 0 AND 3"},
        narrow=True,
    ),
    Spec(
        "ledger_offices",
        "officer:blob! role:small change_id:big",
        sizes="officer:20",
        rules={"role": "role BETWEEN 0 AND 5"},
    ),
    Spec(
        "ledger_rule_proposals",
        "proposal:big! rule_id:blob year:big version:big proposer:blob state:small "
        "evidence:blob value:text? valid_from:big? valid_to:big? digest:blob? "
        "draft:small?",
        sizes="evidence:32 proposer:20 rule_id:32",
        rules={"state": "state BETWEEN 1 AND 3"},
    ),
    Spec(
        "ledger_rules",
        "rule_id:blob! year:big! version:big! value:text valid_from:big valid_to:big "
        "digest:blob draft:small released:small",
        sizes="digest:32 rule_id:32",
        rules={"flags": "draft IN (0, 1) AND released IN (0, 1)"},
    ),
    Spec(
        "ledger_classes",
        "class_id:big! instrument:small vintage:big code:blob record:blob",
        sizes="code:32 record:32",
        rules={"instrument": "instrument BETWEEN 1 AND 3"},
    ),
    Spec(
        "ledger_lots",
        "lot:big! account:big class_id:big place:small hold:small subject:big "
        "first_serial:big quantity:big reserved_by:big registry_number:blob",
        sizes="registry_number:32",
        rules={
            "hold": "hold BETWEEN 0 AND 4",
            "place": "place BETWEEN 1 AND 7",
            "quantity": "quantity > 0 AND first_serial > 0",
        },
        indexes={"ix_ledger_lots_account": "account class_id place"},
    ),
    Spec(
        "ledger_balances",
        "account:big! class_id:big! place:big! tonnes:big",
        rules={
            "account": "(place BETWEEN 1 AND 4) = (account > 0)",
            "place": "place BETWEEN 0 AND 7",
            "tonnes": "tonnes <> 0 AND (place = 0) = (tonnes < 0)",
        },
        indexes={"ix_ledger_balances_class": "class_id account"},
        narrow=True,
    ),
    Spec(
        "ledger_counterparties",
        "account:big! counterparty:big! allowed:small",
        rules={"allowed": "allowed IN (0, 1)"},
    ),
    Spec(
        "ledger_orders",
        "number:big! order_id:blob kind:small state:small source:big target:big "
        "subject:big quantity:big commitment:blob registry_number:blob reason:blob "
        "not_before:big deadline:big chain_id:big content_hash:blob initiator:blob "
        "approver:blob executable_at:big confirmation:blob proposed_block:big "
        "ended_block:big",
        sizes="approver:20 commitment:32 confirmation:32 content_hash:32 initiator:20 "
        "order_id:32 reason:32 registry_number:32",
        rules={
            "kind": "kind BETWEEN 1 AND 29",
            "quantity": "quantity >= 0",
            "state": "state BETWEEN 1 AND 5",
        },
        unique={"ux_ledger_orders_order_id": "order_id"},
        indexes={
            "ix_ledger_orders_source": "source number",
            "ix_ledger_orders_state": "state number",
            "ix_ledger_orders_target": "target number",
        },
        narrow=True,
    ),
    Spec(
        "ledger_order_parts",
        "number:big! ordinal:big! lot:big quantity:big taken:big",
        rules={"quantity": "quantity > 0"},
        narrow=True,
    ),
    Spec(
        "ledger_records",
        "record:big! organisation:big year:big sector:big confirmed:small tonnes:big "
        "verifier:blob leaf:blob",
        sizes="leaf:32 verifier:20",
        rules={"confirmed": "confirmed IN (0, 1)", "tonnes": "tonnes >= 0"},
        indexes={"ix_ledger_records_organisation": "organisation year"},
    ),
    Spec(
        "ledger_obligations",
        "obligation:big! organisation:big year:big sector:big cap_version:big "
        "record:big tonnes:big surrendered:big cap:big offset_reserved:big "
        "offset_used:big",
        rules={
            "offsets": "offset_used BETWEEN 0 AND offset_reserved",
            "tonnes": "tonnes >= 0 AND surrendered >= 0 AND cap >= 0",
        },
        indexes={
            "ix_ledger_obligations_organisation": "organisation year",
            "ix_ledger_obligations_year": "year",
        },
    ),
    Spec(
        "ledger_claims",
        "claim:big! organisation:big year:big confirmed:small net_sold:big holding:big "
        "officer:blob leaf:blob",
        sizes="leaf:32 officer:20",
        rules={"confirmed": "confirmed IN (0, 1)", "tonnes": "net_sold >= 0 AND holding >= 0"},
    ),
    Spec(
        "ledger_carry_overs",
        "organisation:big! year:big! claim:big limit_tonnes:big used:big",
        rules={"tonnes": "limit_tonnes >= 0 AND used >= 0"},
    ),
    Spec(
        "ledger_arrears",
        "arrear:big! organisation:big class_id:big open_tonnes:big",
        rules={"tonnes": "open_tonnes >= 0"},
        indexes={"ix_ledger_arrears_organisation": "organisation arrear"},
    ),
    Spec(
        "ledger_years",
        "year:big! closed:small proposer:blob",
        sizes="proposer:20",
        rules={"closed": "closed IN (0, 1)"},
    ),
)


def upgrade() -> None:
    """Bring the schema to this step."""
    for spec in SPECS:
        uniques = [
            sa.UniqueConstraint(*spec.unique[name].split(), name=name) for name in spec.unique
        ]
        rules = [*_columns(spec), *_checks(spec), *uniques]
        op.create_table(spec.name, *rules, sqlite_with_rowid=not spec.narrow)
        for name, columns in spec.unique_indexes.items():
            op.create_index(name, spec.name, columns.split(), unique=True)
        for name, columns in spec.indexes.items():
            op.create_index(name, spec.name, columns.split(), unique=False)


def downgrade() -> None:
    """Bring the schema back to the step before."""
    for spec in reversed(SPECS):
        op.drop_table(spec.name)


def _columns(spec: Spec) -> list[sa.Column[Any]]:
    made: list[sa.Column[Any]] = []
    for column in spec.columns.split():
        name, _, kind = column.partition(":")
        made.append(
            sa.Column(
                name,
                TYPES[kind.rstrip("!?")],
                primary_key=kind.endswith("!"),
                nullable=kind.endswith("?"),
                autoincrement=False,
            )
        )
    return made


def _checks(spec: Spec) -> list[sa.CheckConstraint]:
    rules = dict(spec.rules)
    for size in spec.sizes.split():
        name, _, number = size.partition(":")
        rules[f"{name}_bytes"] = f"length({name}) = {number}"
    return [sa.CheckConstraint(rule, name=f"ck_{spec.name}_{name}") for name, rule in rules.items()]
