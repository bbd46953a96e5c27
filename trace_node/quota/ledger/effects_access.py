"""What the events of AccessRegistry do."""

from collections.abc import Mapping
from dataclasses import replace

from trace_node.quota.ledger.access_events import (
    AccountBound,
    AccountOpened,
    AccountStatusSet,
    KeyChangeProposed,
    KeyChangeWithdrawn,
    KeySet,
    OrganisationBound,
    Paused,
    RoleChangeApproved,
    RoleChangeProposed,
    RoleChangeWithdrawn,
    RoleSet,
    Unpaused,
    UnpauseProposed,
)
from trace_node.quota.ledger.effect import NOTHING, Effect, Handler, Known, changed, wanted
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import AccountStatus
from trace_node.quota.ledger.rows import KeyRow, LedgerRow, OfficeRow, OrganisationRow, Table
from trace_node.quota.ledger.state import AccountContent

LEDGER_KEY = 1
OPEN_LEDGER = LedgerRow(paused=False, final_state=bytes(32))


def ledger_row(known: Known) -> LedgerRow:
    """The ledger as a whole, running and open before any event told otherwise."""
    found = known.get(Table.LEDGER, LEDGER_KEY)
    return found if isinstance(found, LedgerRow) else OPEN_LEDGER


def _nothing(_event: object, _placed: PlacedEvent, _known: Known) -> Effect:
    """What is only asked for changes nothing; it is told again when it takes effect."""
    return NOTHING


def _bound(event: AccountBound, _placed: PlacedEvent, known: Known) -> Effect:
    account = wanted(known, Table.ACCOUNTS, event.account, AccountContent)
    return changed(Table.ACCOUNTS, event.account, replace(account, bound_to=event.bound_to))


def _opened(event: AccountOpened, _placed: PlacedEvent, _known: Known) -> Effect:
    account = AccountContent(
        organisation=event.organisation,
        bound_to=0,
        kind=event.kind,
        status=AccountStatus.ACTIVE,
        delay=event.delay,
        registry_number=event.registry_number,
    )
    return changed(Table.ACCOUNTS, event.account, account)


def _status_set(event: AccountStatusSet, _placed: PlacedEvent, known: Known) -> Effect:
    account = wanted(known, Table.ACCOUNTS, event.account, AccountContent)
    return changed(Table.ACCOUNTS, event.account, replace(account, status=event.status))


def _key_set(event: KeySet, _placed: PlacedEvent, _known: Known) -> Effect:
    row = KeyRow(rights=event.rights, change_id=event.change_id, approver=event.approver)
    return changed(Table.KEYS, (event.account, event.key), row)


def _organisation_bound(event: OrganisationBound, _placed: PlacedEvent, _known: Known) -> Effect:
    return changed(Table.ORGANISATIONS, event.organisation, OrganisationRow(binding=event.binding))


def _paused(_event: Paused, _placed: PlacedEvent, known: Known) -> Effect:
    return changed(Table.LEDGER, LEDGER_KEY, replace(ledger_row(known), paused=True))


def _unpaused(_event: Unpaused, _placed: PlacedEvent, known: Known) -> Effect:
    return changed(Table.LEDGER, LEDGER_KEY, replace(ledger_row(known), paused=False))


def _role_set(event: RoleSet, _placed: PlacedEvent, _known: Known) -> Effect:
    row = OfficeRow(role=event.role, change_id=event.change_id)
    return changed(Table.OFFICES, event.officer, row)


HANDLERS: Mapping[type, Handler] = {
    AccountBound: _bound,
    AccountOpened: _opened,
    AccountStatusSet: _status_set,
    KeyChangeProposed: _nothing,
    KeyChangeWithdrawn: _nothing,
    KeySet: _key_set,
    OrganisationBound: _organisation_bound,
    Paused: _paused,
    RoleChangeApproved: _nothing,
    RoleChangeProposed: _nothing,
    RoleChangeWithdrawn: _nothing,
    RoleSet: _role_set,
    UnpauseProposed: _nothing,
    Unpaused: _unpaused,
}
