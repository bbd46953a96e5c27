"""What is wrong with offices, organisations, accounts and keys as officers enter them."""

from typing import Final

from chain.refusals.row import Refusal

ROWS: Final = (
    Refusal(
        error="NotOfficer(address caller)",
        field="key",
        template="{field}: {caller} does not hold the office that may do this",
        remedy="let an officer of that office do it; see docs/spec/allowance-registry.md",
    ),
    Refusal(
        error="NotLedger(address caller)",
        field="key",
        template="{field}: {caller} is not the registry of orders, which alone writes here",
        remedy="make an order instead: trace-node order new",
    ),
    Refusal(
        error="TooFewAdministrators()",
        field="officer",
        template="{field}: fewer than two administrators would be left",
        remedy="grant the office to another administrator first",
    ),
    Refusal(
        error="ZeroAddress()",
        field="address",
        template="{field}: the zero address is nobody",
        remedy="give the address of a key",
    ),
    Refusal(
        error="NoRole()",
        field="role",
        template="{field}: NONE is no office",
        remedy="name an office",
    ),
    Refusal(
        error="AlreadyOfficer(address officer,uint8 role)",
        field="officer",
        template="{field}: {officer} holds the office {role} already",
        remedy="one address holds one office: end that one first, or use another address",
    ),
    Refusal(
        error="NotHolder(address officer,uint8 role)",
        field="officer",
        template="{field}: {officer} does not hold the office {role}",
        remedy="check the address",
    ),
    Refusal(
        error="SelfBenefit(address administrator)",
        field="officer",
        template="{field}: {administrator} may not propose or approve an office for itself",
        remedy="let two other administrators do it",
    ),
    Refusal(
        error="RoleConflict(address subject)",
        field="address",
        template="{field}: {subject} is a key of an account or an officer, and cannot be the other"
        " too",
        remedy="use another address: officers do not trade",
    ),
    Refusal(
        error="ApproverIsProposer(address caller)",
        field="key",
        template="{field}: {caller} is the proposer: another person must do the second step",
        remedy="let another officer do it",
    ),
    Refusal(
        error="ChangeNotOpen(uint64 changeId)",
        field="changeId",
        template="{field}: change {changeId} is not open",
        remedy="check the number, or propose the change again",
    ),
    Refusal(
        error="ChangeLapsed(uint64 changeId)",
        field="changeId",
        template="{field}: change {changeId} was not carried out within its 30 days",
        remedy="propose it again",
    ),
    Refusal(
        error="ZeroDelay()",
        field="roleDelay",
        template="{field}: changes of office need a delay",
        remedy="give a delay of at least a second",
    ),
    Refusal(
        error="AlreadyPaused()",
        field="ledger",
        template="{field}: the ledger is paused already",
        remedy="nothing is to be done",
    ),
    Refusal(
        error="NotPaused()",
        field="ledger",
        template="{field}: the ledger is not paused",
        remedy="nothing is to be done",
    ),
    Refusal(
        error="NoDigest()",
        field="digest",
        template="{field}: this needs a reason, a record or a number",
        remedy="give the text, or the digest of the record",
    ),
    Refusal(
        error="UnknownOrganisation(uint64 organisation)",
        field="organisation",
        template="{field}: there is no organisation {organisation}",
        remedy="register it first: AccessRegistry.registerOrganisation",
    ),
    Refusal(
        error="UnknownRights(uint8 rights)",
        field="rights",
        template="{field}: there are no rights {rights}",
        remedy="use 1 (initiate), 2 (approve), 3 (both) or 0 (none)",
    ),
    Refusal(
        error="KeyOfAnotherOrganisation(address key,uint64 organisation)",
        field="key",
        template="{field}: {key} acts for organisation {organisation} already",
        remedy="use another key: one key acts for one organisation",
    ),
)
