"""What the mirror keeps: offices, keys, whole orders, records, rules, and the state they led to.

A row is the content of one key of one ``Table``; contents that the contracts tell themselves are in
``trace_node.quota.ledger.state``.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from trace_node.quota.ledger.kinds import Instrument, OrderState, Role
from trace_node.quota.ledger.obligations_events import CarryOver, EmissionRecord
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.rules_events import RuleVersion
from trace_node.quota.ledger.state import (
    AccountContent,
    ArrearContent,
    CarryOverContent,
    LotContent,
    ObligationContent,
)


class Table(IntEnum):
    """The kinds of things that events change, each with its key.

    Attributes:
        LEDGER: The ledger as a whole; key 1.
        ORGANISATIONS: Number of the organisation.
        ACCOUNTS: Number of the account.
        KEYS: (account, 20-byte address).
        OFFICES: 20-byte address.
        RULE_PROPOSALS: Number of the proposal.
        RULES: (32-byte rule id, year, version).
        CLASSES: Number of the class.
        LOTS: Number of the lot.
        BALANCES: (account, class, place); account 0 holds the contra accounts of the class.
        ORDERS: 32-byte order id.
        COUNTERPARTIES: (account, counterparty).
        RECORDS: Number of the verified figure.
        OBLIGATIONS: Number of the obligation.
        CLAIMS: Number of the claim to carry over.
        CARRY_OVERS: (organisation, year).
        ARREARS: Number of the arrear.
        YEARS: Obligation year.
    """

    LEDGER = 1
    ORGANISATIONS = 2
    ACCOUNTS = 3
    KEYS = 4
    OFFICES = 5
    RULE_PROPOSALS = 6
    RULES = 7
    CLASSES = 8
    LOTS = 9
    BALANCES = 10
    ORDERS = 11
    COUNTERPARTIES = 12
    RECORDS = 13
    OBLIGATIONS = 14
    CLAIMS = 15
    CARRY_OVERS = 16
    ARREARS = 17
    YEARS = 18


class ProposalState(IntEnum):
    """How far a proposal of a rule has come."""

    OPEN = 1
    APPROVED = 2
    WITHDRAWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """The ledger as a whole; ``final_state`` is the digest of a closed one, else zeros."""

    paused: bool
    final_state: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRow:
    """The digest of the record that says who the organisation is."""

    binding: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """What a key may do for an account: 1 initiate, 2 approve, 3 both, 0 nothing any more."""

    rights: int
    change_id: int
    approver: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRow:
    """The office of an address; ``change_id`` is 0 for those of the start."""

    role: Role
    change_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleProposalRow:
    """A proposed version of a rule (``content``), or the wish to release draft ``version``.

    Attributes:
        rule_id: 32 bytes.
        year: The year the number is for.
        version: The draft to release, or the version that it became; 0 while it is open.
        proposer: 20-byte address.
        state: How far it has come.
        content: What is proposed; ``None`` for a release.
        evidence: 32-byte digest; zeros but for a release.
    """

    rule_id: bytes
    year: int
    version: int
    proposer: bytes
    state: ProposalState
    content: RuleVersion | None
    evidence: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """What a class of units is; its totals are balances."""

    instrument: Instrument
    vintage: int
    code: bytes
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order, whole, and how far it has come.

    Attributes:
        content: What was signed.
        content_hash: Its EIP-712 hash, 32 bytes.
        number: From 1, in the order of proposal.
        state: How far it has come.
        executable_at: First second at which it may be executed; 0 before it is approved.
        initiator: 20-byte address.
        approver: 20-byte address; zeros before it is approved.
        confirmation: 32-byte digest of the outside number; zeros while unconfirmed.
        lots: The lots that were reserved for it, one for each part, also after its end.
        proposed_block: Block of its proposal.
        ended_block: Block of its end; 0 while it is open.
    """

    content: Order
    content_hash: bytes
    number: int
    state: OrderState
    executable_at: int
    initiator: bytes
    approver: bytes
    confirmation: bytes
    lots: tuple[int, ...]
    proposed_block: int
    ended_block: int

    @property
    def open(self) -> bool:
        """It is not at its end."""
        return self.state in (OrderState.PROPOSED, OrderState.APPROVED)

    @property
    def confirmed(self) -> bool:
        """The number of a national registry or of the exchange was entered."""
        return any(self.confirmation)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRow:
    """Whether an obligation year is closed; ``proposer`` is who asked for it, or zeros."""

    closed: bool
    proposer: bytes


Key: TypeAlias = int | bytes | tuple[int | bytes, ...]
"""What tells the rows of one table apart."""

Row: TypeAlias = (
    LedgerRow
    | OrganisationRow
    | AccountContent
    | KeyRow
    | OfficeRow
    | RuleProposalRow
    | RuleVersion
    | ClassRow
    | LotContent
    | int
    | OrderRow
    | bool
    | EmissionRecord
    | ObligationContent
    | CarryOver
    | CarryOverContent
    | ArrearContent
    | YearRow
)
"""The content under a key; of a balance its tonnes, of a counterparty whether it is allowed."""
