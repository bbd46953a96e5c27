// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessRegistry} from "./IAccessRegistry.sol";
import {Offices} from "./Offices.sol";

/// @title Officers, organisations, accounts and keys of the allowance ledger.
contract AccessRegistry is Offices {
    struct KeyUse {
        uint64 organisation;
        uint32 accounts;
    }

    uint8 private constant _ALL_RIGHTS = 3;

    uint64 private _organisationCount;
    uint64 private _accountCount;
    uint64 private _keyChangeCount;
    mapping(uint64 organisation => bytes32) private _bindings;
    mapping(uint64 account => Account) private _accounts;
    mapping(uint64 account => address) private _frozenBy;
    mapping(uint64 account => mapping(address key => uint8)) private _rights;
    mapping(address key => KeyUse) private _uses;
    mapping(uint64 changeId => KeyChange) private _keyChanges;

    constructor(address[] memory administrators, uint64 delay) Offices(administrators, delay) {}

    /// @inheritdoc IAccessRegistry
    function registerOrganisation(bytes32 binding) external returns (uint64 organisation) {
        _requireRole(Role.REGISTRY);
        organisation = ++_organisationCount;
        _bind(organisation, binding);
    }

    /// @inheritdoc IAccessRegistry
    function bindOrganisation(uint64 organisation, bytes32 binding) external {
        _requireRole(Role.REGISTRY);
        _requireOrganisation(organisation);
        _bind(organisation, binding);
    }

    /// @inheritdoc IAccessRegistry
    function openAccount(
        uint64 organisation,
        AccountKind kind,
        uint32 delay,
        bytes32 registryNumber
    ) external returns (uint64 account) {
        _requireRole(Role.REGISTRY);
        _requireOrganisation(organisation);
        account = ++_accountCount;
        if (kind == AccountKind.NONE) revert WrongAccountKind(account, kind);
        _accounts[account] = Account({
            organisation: organisation,
            boundTo: 0,
            kind: kind,
            status: AccountStatus.ACTIVE,
            delay: delay,
            registryNumber: registryNumber
        });
        emit AccountOpened(_next(), account, organisation, kind, delay, registryNumber);
    }

    /// @inheritdoc IAccessRegistry
    function bindAccount(uint64 account, uint64 holding) external {
        _requireRole(Role.REGISTRY);
        Account storage own = _known(account);
        Account storage other = _known(holding);
        if (own.kind != AccountKind.CCER) revert WrongAccountKind(account, own.kind);
        if (other.kind != AccountKind.HOLDING) revert WrongAccountKind(holding, other.kind);
        if (own.organisation != other.organisation) {
            revert AnotherOrganisation(holding, other.organisation);
        }
        own.boundTo = holding;
        emit AccountBound(_next(), account, holding);
    }

    /// @inheritdoc IAccessRegistry
    function freezeAccount(uint64 account, bytes32 reason) external {
        _requireRole(Role.REGULATOR);
        _changeStatus(account, AccountStatus.ACTIVE, AccountStatus.FROZEN, reason);
        _frozenBy[account] = msg.sender;
    }

    /// @inheritdoc IAccessRegistry
    function thawAccount(uint64 account, bytes32 reason) external {
        _requireRole(Role.REGULATOR);
        if (_frozenBy[account] == msg.sender) revert ApproverIsProposer(msg.sender);
        _changeStatus(account, AccountStatus.FROZEN, AccountStatus.ACTIVE, reason);
        delete _frozenBy[account];
    }

    /// @inheritdoc IAccessRegistry
    function closeAccount(uint64 account, bytes32 reason) external {
        _requireRole(Role.REGISTRY);
        _changeStatus(account, AccountStatus.FROZEN, AccountStatus.CLOSED, reason);
    }

    /// @inheritdoc IAccessRegistry
    function proposeKey(uint64 account, address key, uint8 rights, bytes32 binding)
        external
        returns (uint64 changeId)
    {
        _requireRole(Role.REGISTRY);
        _requireKey(account, key, rights);
        if (rights != 0 && binding == 0) revert NoDigest();
        changeId = ++_keyChangeCount;
        _keyChanges[changeId] =
            KeyChange(account, key, rights, ChangeState.PROPOSED, msg.sender, binding);
        emit KeyChangeProposed(_next(), changeId, account, key, rights, msg.sender, binding);
    }

    /// @inheritdoc IAccessRegistry
    function approveKey(uint64 changeId) external {
        _requireKeyOfficer();
        KeyChange storage change = _keyChanges[changeId];
        if (change.state != ChangeState.PROPOSED) revert ChangeNotOpen(changeId);
        if (change.proposer == msg.sender) revert ApproverIsProposer(msg.sender);
        if (roleOf(change.proposer) != Role.REGISTRY) revert NotOfficer(change.proposer);
        _requireKey(change.account, change.key, change.rights);
        change.state = ChangeState.DONE;
        _setRights(change.account, change.key, change.rights);
        emit KeySet(_next(), change.account, change.key, change.rights, changeId, msg.sender);
    }

    /// @inheritdoc IAccessRegistry
    function withdrawKey(uint64 changeId) external {
        _requireKeyOfficer();
        KeyChange storage change = _keyChanges[changeId];
        if (change.state != ChangeState.PROPOSED) revert ChangeNotOpen(changeId);
        change.state = ChangeState.WITHDRAWN;
        emit KeyChangeWithdrawn(_next(), changeId, msg.sender);
    }

    /// @inheritdoc IAccessRegistry
    function rightsOf(uint64 account, address key) external view returns (uint8) {
        return _rights[account][key];
    }

    /// @inheritdoc IAccessRegistry
    function organisationOf(address key) external view returns (uint64) {
        return _uses[key].organisation;
    }

    /// @inheritdoc IAccessRegistry
    function bindingOf(uint64 organisation) external view returns (bytes32) {
        return _bindings[organisation];
    }

    /// @inheritdoc IAccessRegistry
    function accountOf(uint64 account) external view returns (Account memory) {
        return _accounts[account];
    }

    /// @inheritdoc IAccessRegistry
    function keyChange(uint64 changeId) external view returns (KeyChange memory) {
        return _keyChanges[changeId];
    }

    function _isKey(address subject) internal view override returns (bool) {
        return _uses[subject].accounts != 0;
    }

    function _bind(uint64 organisation, bytes32 binding) private {
        if (binding == 0) revert NoDigest();
        _bindings[organisation] = binding;
        emit OrganisationBound(_next(), organisation, binding);
    }

    function _changeStatus(
        uint64 account,
        AccountStatus from,
        AccountStatus to,
        bytes32 reason
    ) private {
        Account storage found = _known(account);
        if (found.status != from) revert WrongAccountStatus(account, found.status);
        found.status = to;
        emit AccountStatusSet(_next(), account, to, msg.sender, reason);
    }

    /// An address keeps its organisation as long as it has rights over any account.
    function _setRights(uint64 account, address key, uint8 rights) private {
        KeyUse storage use = _uses[key];
        uint8 before = _rights[account][key];
        if (before == 0 && rights != 0) {
            use.organisation = _accounts[account].organisation;
            ++use.accounts;
        } else if (before != 0 && rights == 0) {
            --use.accounts;
            if (use.accounts == 0) use.organisation = 0;
        }
        _rights[account][key] = rights;
    }

    function _requireKey(uint64 account, address key, uint8 rights) private view {
        Account storage found = _known(account);
        if (
            found.kind != AccountKind.HOLDING && found.kind != AccountKind.COMPLIANCE
                && found.kind != AccountKind.CCER
        ) revert WrongAccountKind(account, found.kind);
        if (rights > _ALL_RIGHTS) revert UnknownRights(rights);
        if (key == address(0)) revert ZeroAddress();
        if (roleOf(key) != Role.NONE) revert RoleConflict(key);
        uint64 organisation = _uses[key].organisation;
        if (organisation != 0 && organisation != found.organisation) {
            revert KeyOfAnotherOrganisation(key, organisation);
        }
    }

    function _requireKeyOfficer() private view {
        Role role = roleOf(msg.sender);
        if (role != Role.REGISTRY && role != Role.REGULATOR) revert NotOfficer(msg.sender);
    }

    function _requireOrganisation(uint64 organisation) private view {
        if (_bindings[organisation] == 0) revert UnknownOrganisation(organisation);
    }

    function _known(uint64 account) private view returns (Account storage found) {
        found = _accounts[account];
        if (found.kind == AccountKind.NONE) revert UnknownAccount(account);
    }
}
