// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessRegistry} from "./IAccessRegistry.sol";
import {Sequenced} from "./Sequenced.sol";

/// @title Officers, the two-person change of an office, and the pause.
/// @dev   Nothing is immutable in the Solidity sense: the code at every address is the built one,
///        so that a reader can compare its hash.
abstract contract Offices is Sequenced, IAccessRegistry {
    uint64 internal constant CHANGE_LIFE = 30 days;

    uint64 private _roleDelay;
    uint64 private _roleChangeCount;
    uint32 private _administratorCount;
    bool private _paused;
    address private _unpauser;
    mapping(address officer => Role) private _roles;
    mapping(uint64 changeId => RoleChange) private _roleChanges;
    /// How often the office of an address has changed, now and when a change was proposed.
    mapping(address officer => uint64) private _terms;
    mapping(uint64 changeId => uint64) private _proposedIn;

    constructor(address[] memory administrators, uint64 delay) {
        if (administrators.length < 2) revert TooFewAdministrators();
        if (delay == 0) revert ZeroDelay();
        _roleDelay = delay;
        for (uint256 i = 0; i < administrators.length; ++i) {
            _requireGrantable(administrators[i]);
            _setRole(administrators[i], Role.ADMINISTRATOR, 0);
        }
        _administratorCount = uint32(administrators.length);
    }

    /// @inheritdoc IAccessRegistry
    function proposeRole(address officer, Role role, bool grant, bytes32 reason)
        external
        returns (uint64 changeId)
    {
        _requireRole(Role.ADMINISTRATOR);
        if (role == Role.NONE) revert NoRole();
        _requireChangeable(officer, role, grant);
        if (grant && officer == msg.sender) revert SelfBenefit(msg.sender);
        changeId = ++_roleChangeCount;
        _roleChanges[changeId] = RoleChange({
            officer: officer,
            role: role,
            grant: grant,
            state: ChangeState.PROPOSED,
            executableAt: 0,
            proposer: msg.sender,
            approver: address(0)
        });
        _proposedIn[changeId] = _terms[officer];
        emit RoleChangeProposed(_next(), changeId, officer, role, grant, msg.sender, reason);
    }

    /// @inheritdoc IAccessRegistry
    function approveRole(uint64 changeId) external {
        _requireRole(Role.ADMINISTRATOR);
        RoleChange storage change = _roleChanges[changeId];
        if (change.state != ChangeState.PROPOSED) revert ChangeNotOpen(changeId);
        if (change.proposer == msg.sender) revert ApproverIsProposer(msg.sender);
        if (change.grant && change.officer == msg.sender) revert SelfBenefit(msg.sender);
        change.state = ChangeState.APPROVED;
        change.approver = msg.sender;
        change.executableAt = uint64(block.timestamp) + _roleDelay;
        emit RoleChangeApproved(_next(), changeId, msg.sender, change.executableAt);
    }

    /// @inheritdoc IAccessRegistry
    function executeRole(uint64 changeId) external {
        RoleChange storage change = _roleChanges[changeId];
        if (change.state != ChangeState.APPROVED) revert ChangeNotOpen(changeId);
        if (block.timestamp < change.executableAt) revert TooEarly(change.executableAt);
        if (block.timestamp > change.executableAt + CHANGE_LIFE) revert ChangeLapsed(changeId);
        _requireHolder(change.proposer, Role.ADMINISTRATOR);
        _requireHolder(change.approver, Role.ADMINISTRATOR);
        _requireChangeable(change.officer, change.role, change.grant);
        if (_proposedIn[changeId] != _terms[change.officer]) revert ChangeLapsed(changeId);
        change.state = ChangeState.DONE;
        if (change.role == Role.ADMINISTRATOR) {
            if (change.grant) {
                ++_administratorCount;
            } else {
                if (_administratorCount == 2) revert TooFewAdministrators();
                --_administratorCount;
            }
        }
        _setRole(change.officer, change.grant ? change.role : Role.NONE, changeId);
    }

    /// @inheritdoc IAccessRegistry
    function withdrawRole(uint64 changeId) external {
        _requireRole(Role.ADMINISTRATOR);
        RoleChange storage change = _roleChanges[changeId];
        if (change.state != ChangeState.PROPOSED && change.state != ChangeState.APPROVED) {
            revert ChangeNotOpen(changeId);
        }
        if (!change.grant && change.officer == msg.sender) revert SelfBenefit(msg.sender);
        change.state = ChangeState.WITHDRAWN;
        emit RoleChangeWithdrawn(_next(), changeId, msg.sender);
    }

    /// @inheritdoc IAccessRegistry
    function pause(bytes32 reason) external {
        _requireRole(Role.ADMINISTRATOR);
        if (_paused) revert AlreadyPaused();
        _paused = true;
        _unpauser = address(0);
        emit Paused(_next(), msg.sender, reason);
    }

    /// @inheritdoc IAccessRegistry
    function unpause(bytes32 reason) external {
        _requireRole(Role.ADMINISTRATOR);
        if (!_paused) revert NotPaused();
        if (_unpauser == msg.sender) revert ApproverIsProposer(msg.sender);
        if (_roles[_unpauser] != Role.ADMINISTRATOR) {
            _unpauser = msg.sender;
            emit UnpauseProposed(_next(), msg.sender, reason);
            return;
        }
        _paused = false;
        emit Unpaused(_next(), msg.sender, reason);
    }

    /// @inheritdoc IAccessRegistry
    function roleOf(address subject) public view returns (Role) {
        return _roles[subject];
    }

    /// @inheritdoc IAccessRegistry
    function roleChange(uint64 changeId) external view returns (RoleChange memory) {
        return _roleChanges[changeId];
    }

    /// @inheritdoc IAccessRegistry
    function paused() external view returns (bool) {
        return _paused;
    }

    /// @inheritdoc IAccessRegistry
    function administratorCount() external view returns (uint32) {
        return _administratorCount;
    }

    /// @inheritdoc IAccessRegistry
    function roleDelay() external view returns (uint64) {
        return _roleDelay;
    }

    /// Whether the address is a key of any account.
    function _isKey(address subject) internal view virtual returns (bool);

    function _requireRole(Role role) internal view {
        if (_roles[msg.sender] != role) revert NotOfficer(msg.sender);
    }

    function _requireHolder(address officer, Role role) private view {
        if (_roles[officer] != role) revert NotHolder(officer, role);
    }

    function _requireChangeable(address officer, Role role, bool grant) private view {
        if (grant) {
            _requireGrantable(officer);
        } else {
            _requireHolder(officer, role);
        }
    }

    function _requireGrantable(address officer) private view {
        if (officer == address(0)) revert ZeroAddress();
        if (_roles[officer] != Role.NONE) revert AlreadyOfficer(officer, _roles[officer]);
        if (_isKey(officer)) revert RoleConflict(officer);
    }

    function _setRole(address officer, Role role, uint64 changeId) private {
        _roles[officer] = role;
        ++_terms[officer];
        emit RoleSet(_next(), officer, role, changeId);
    }
}
