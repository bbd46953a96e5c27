// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISequenced} from "./ISequenced.sol";

/// @title Who may do what: officers, organisations, their accounts and the keys of these.
/// @notice Officers and traders are kept apart: an address that holds an office can hold no key of an
///         account, an address that holds a key can hold no office, and one address holds one office
///         only. A change of office takes two administrators and a delay, and never profits either
///         of them. A change of a key takes two officers.
interface IAccessRegistry is ISequenced {
    /// Offices. ADMINISTRATOR grants the others and pauses; it moves no tonne itself.
    enum Role {
        NONE,
        ADMINISTRATOR,
        REGULATOR,
        REGISTRY,
        EXCHANGE,
        VERIFIER
    }

    enum AccountKind {
        NONE,
        /// An enterprise's allowances: trades, surrenders.
        HOLDING,
        /// An enterprise's allowances put aside for surrender: does not trade.
        COMPLIANCE,
        /// The regulator's: units not yet allocated, or taken back. No keys.
        ISSUANCE,
        /// Where cancelled units end. No keys.
        CANCELLATION,
        /// Allowances of one enterprise at risk, held by its province. No keys.
        PROVINCIAL,
        /// An enterprise's CCER units; offsets once it is bound to a holding account.
        CCER
    }

    enum AccountStatus {
        NONE,
        ACTIVE,
        FROZEN,
        CLOSED
    }

    enum ChangeState {
        NONE,
        PROPOSED,
        APPROVED,
        DONE,
        WITHDRAWN
    }

    struct RoleChange {
        address officer;
        Role role;
        bool grant;
        ChangeState state;
        uint64 executableAt;
        address proposer;
        address approver;
    }

    struct KeyChange {
        uint64 account;
        address key;
        uint8 rights;
        ChangeState state;
        address proposer;
        bytes32 binding;
    }

    struct Account {
        uint64 organisation;
        /// Of a CCER account: the holding account it is bound to.
        uint64 boundTo;
        AccountKind kind;
        AccountStatus status;
        /// Seconds that an approved order of the account's keys waits at least.
        uint32 delay;
        /// Digest of the account's number in the national registry.
        bytes32 registryNumber;
    }

    event RoleChangeProposed(
        uint64 sequence,
        uint64 indexed changeId,
        address indexed officer,
        Role role,
        bool grant,
        address proposer,
        bytes32 reason
    );
    event RoleChangeApproved(
        uint64 sequence, uint64 indexed changeId, address approver, uint64 executableAt
    );
    event RoleChangeWithdrawn(uint64 sequence, uint64 indexed changeId, address administrator);
    /// @notice `officer` now holds `role`; NONE when its office ended. `changeId` 0: the constructor.
    event RoleSet(uint64 sequence, address indexed officer, Role role, uint64 indexed changeId);
    event Paused(uint64 sequence, address administrator, bytes32 reason);
    event UnpauseProposed(uint64 sequence, address administrator, bytes32 reason);
    event Unpaused(uint64 sequence, address administrator, bytes32 reason);
    /// @notice `binding` is the digest of the record, signed with the organisation's SM2 key, that
    ///         binds the addresses of its keys.
    event OrganisationBound(uint64 sequence, uint64 indexed organisation, bytes32 binding);
    event AccountOpened(
        uint64 sequence,
        uint64 indexed account,
        uint64 indexed organisation,
        AccountKind kind,
        uint32 delay,
        bytes32 registryNumber
    );
    event AccountStatusSet(
        uint64 sequence,
        uint64 indexed account,
        AccountStatus status,
        address officer,
        bytes32 reason
    );
    event AccountBound(uint64 sequence, uint64 indexed account, uint64 indexed boundTo);
    event KeyChangeProposed(
        uint64 sequence,
        uint64 indexed changeId,
        uint64 indexed account,
        address indexed key,
        uint8 rights,
        address proposer,
        bytes32 binding
    );
    event KeyChangeWithdrawn(uint64 sequence, uint64 indexed changeId, address officer);
    /// @notice `key` now has `rights` (1 initiate, 2 approve, 0 none) over `account`.
    event KeySet(
        uint64 sequence,
        uint64 indexed account,
        address indexed key,
        uint8 rights,
        uint64 indexed changeId,
        address approver
    );

    /// @notice The caller, or the proposer, does not hold an office that may do this.
    error NotOfficer(address caller);
    /// @notice Fewer than two administrators would be left, or were given.
    error TooFewAdministrators();
    error ZeroAddress();
    /// @notice NONE cannot be granted or revoked.
    error NoRole();
    /// @notice The address holds this office already; one address holds one office.
    error AlreadyOfficer(address officer, Role role);
    /// @notice The address does not hold the office that is to be revoked.
    error NotHolder(address officer, Role role);
    /// @notice Nobody proposes or approves an office for itself, or stops its own dismissal.
    error SelfBenefit(address administrator);
    /// @notice The address is a key of an account or an officer, and cannot be the other too.
    error RoleConflict(address subject);
    error ApproverIsProposer(address caller);
    error ChangeNotOpen(uint64 changeId);
    error TooEarly(uint64 executableAt);
    /// @notice It was not carried out in time, or the office of that address has changed since.
    error ChangeLapsed(uint64 changeId);
    error ZeroDelay();
    error AlreadyPaused();
    error NotPaused();
    error NoDigest();
    error UnknownOrganisation(uint64 organisation);
    error UnknownAccount(uint64 account);
    /// @notice The kind of account does not allow this.
    error WrongAccountKind(uint64 account, AccountKind kind);
    /// @notice The status of the account does not allow this.
    error WrongAccountStatus(uint64 account, AccountStatus status);
    /// @notice The two accounts are not of one organisation.
    error AnotherOrganisation(uint64 account, uint64 organisation);
    error UnknownRights(uint8 rights);
    /// @notice An address acts for one organisation only.
    error KeyOfAnotherOrganisation(address key, uint64 organisation);

    /// @notice Asks for an office to be granted or revoked. ADMINISTRATOR.
    function proposeRole(address officer, Role role, bool grant, bytes32 reason)
        external
        returns (uint64 changeId);

    /// @notice Agrees, as a second ADMINISTRATOR; starts the delay.
    function approveRole(uint64 changeId) external;

    /// @notice Carries out an approved change after its delay and within 30 days. Anybody, as long as
    ///         both administrators still are.
    function executeRole(uint64 changeId) external;

    /// @notice Stops a change that is not carried out yet. Any one ADMINISTRATOR but the one it dismisses.
    function withdrawRole(uint64 changeId) external;

    /// @notice Stops all writing of the rule book, the obligations and the lots. One ADMINISTRATOR.
    function pause(bytes32 reason) external;

    /// @notice Lets writing go on; takes a call each of two ADMINISTRATORs.
    function unpause(bytes32 reason) external;

    /// @notice Enters an organisation. REGISTRY.
    function registerOrganisation(bytes32 binding) external returns (uint64 organisation);

    /// @notice Replaces the binding record of an organisation. REGISTRY.
    function bindOrganisation(uint64 organisation, bytes32 binding) external;

    /// @notice Opens an account. REGISTRY.
    function openAccount(
        uint64 organisation,
        AccountKind kind,
        uint32 delay,
        bytes32 registryNumber
    ) external returns (uint64 account);

    /// @notice Binds a CCER account to a holding account of the same organisation. REGISTRY.
    function bindAccount(uint64 account, uint64 holding) external;

    /// @notice Stops all orders of the account's keys and all that would come in. REGULATOR.
    function freezeAccount(uint64 account, bytes32 reason) external;

    /// @notice Lifts that. REGULATOR, another one than froze the account.
    function thawAccount(uint64 account, bytes32 reason) external;

    /// @notice Closes a frozen account for good. REGISTRY.
    function closeAccount(uint64 account, bytes32 reason) external;

    /// @notice Asks for rights of a key: 1 initiate, 2 approve, 3 both, 0 none. REGISTRY. `binding` is the
    ///         digest of the record that binds the key to a person; it may be zero where rights end.
    function proposeKey(uint64 account, address key, uint8 rights, bytes32 binding)
        external
        returns (uint64 changeId);

    /// @notice Agrees and carries it out. Another REGISTRY officer or a REGULATOR.
    function approveKey(uint64 changeId) external;

    /// @notice Stops a change of a key. REGISTRY or REGULATOR.
    function withdrawKey(uint64 changeId) external;

    /// @notice The office of an address.
    function roleOf(address subject) external view returns (Role);
    /// @notice The rights of a key over an account: 1 initiate, 2 approve.
    function rightsOf(uint64 account, address key) external view returns (uint8);
    /// @notice The organisation that a key acts for; 0 when it is no key.
    function organisationOf(address key) external view returns (uint64);
    /// @notice The digest of the organisation's binding record; 0 when there is no such organisation.
    function bindingOf(uint64 organisation) external view returns (bytes32);
    /// @notice An account; all zero when there is none.
    function accountOf(uint64 account) external view returns (Account memory);
    function roleChange(uint64 changeId) external view returns (RoleChange memory);
    function keyChange(uint64 changeId) external view returns (KeyChange memory);
    function paused() external view returns (bool);
    function administratorCount() external view returns (uint32);
    /// @notice Seconds between the approval of a change of office and its execution.
    function roleDelay() external view returns (uint64);
}
