// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IGoverned} from "./IGoverned.sol";
import {Sequenced} from "./Sequenced.sol";

/// @title Who may call, and whether anything may be written now.
abstract contract Governed is Sequenced, IGoverned {
    IAccessRegistry internal _access;

    constructor(IAccessRegistry access_) {
        _access = access_;
    }

    /// @inheritdoc IGoverned
    function access() external view returns (IAccessRegistry) {
        return _access;
    }

    /// The caller holds the office, and writing is not paused.
    function _requireOfficer(IAccessRegistry.Role role) internal view {
        _requireRunning();
        if (_access.roleOf(msg.sender) != role) revert NotOfficer(msg.sender);
    }

    /// The caller is not the one who proposed, and that one still holds the office.
    function _requireSecond(address first, IAccessRegistry.Role role) internal view {
        if (first == msg.sender) revert ApproverIsProposer(msg.sender);
        if (_access.roleOf(first) != role) revert NotOfficer(first);
    }

    function _requireRunning() internal view {
        if (_access.paused()) revert LedgerPaused();
    }
}
