"""Events of AccessRegistry: officers, organisations, accounts, keys, the pause (权限事件).

The first member of each is its number in its contract, from 1 and without a gap. Addresses have 20
bytes, digests 32.
"""

from dataclasses import dataclass

from trace_node.quota.ledger.kinds import AccountKind, AccountStatus, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBound:
    """A CCER account was bound to a holding account of its organisation."""

    sequence: int
    account: int
    bound_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened:
    """An account was opened, active; ``delay`` in seconds."""

    sequence: int
    account: int
    organisation: int
    kind: AccountKind
    delay: int
    registry_number: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatusSet:
    """An account was frozen, thawed or closed."""

    sequence: int
    account: int
    status: AccountStatus
    officer: bytes
    reason: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChangeProposed:
    """One officer asked for rights of a key: 1 initiate, 2 approve, 3 both, 0 none."""

    sequence: int
    change_id: int
    account: int
    key: bytes
    rights: int
    proposer: bytes
    binding: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChangeWithdrawn:
    """A change of a key was stopped."""

    sequence: int
    change_id: int
    officer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """A key now has ``rights`` over an account."""

    sequence: int
    account: int
    key: bytes
    rights: int
    change_id: int
    approver: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationBound:
    """An organisation was entered, or its binding record replaced; ``binding`` is its digest."""

    sequence: int
    organisation: int
    binding: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """An administrator stopped all writing."""

    sequence: int
    administrator: bytes
    reason: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChangeApproved:
    """A second administrator agreed; ``executable_at`` in seconds since the epoch."""

    sequence: int
    change_id: int
    approver: bytes
    executable_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChangeProposed:
    """An administrator asked for an office to be granted or revoked."""

    sequence: int
    change_id: int
    officer: bytes
    role: Role
    grant: bool
    proposer: bytes
    reason: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChangeWithdrawn:
    """A change of an office was stopped."""

    sequence: int
    change_id: int
    administrator: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSet:
    """An address now holds an office; NONE when its office ended; ``change_id`` 0 at the start."""

    sequence: int
    officer: bytes
    role: Role
    change_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpauseProposed:
    """One administrator asked to let writing go on."""

    sequence: int
    administrator: bytes
    reason: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaused:
    """A second one agreed."""

    sequence: int
    administrator: bytes
    reason: bytes


AccessEvent = (
    AccountBound
    | AccountOpened
    | AccountStatusSet
    | KeyChangeProposed
    | KeyChangeWithdrawn
    | KeySet
    | OrganisationBound
    | Paused
    | RoleChangeApproved
    | RoleChangeProposed
    | RoleChangeWithdrawn
    | RoleSet
    | UnpauseProposed
    | Unpaused
)
