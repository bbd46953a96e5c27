// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IAllowanceRegistry} from "./IAllowanceRegistry.sol";
import {IBook} from "./IBook.sol";

/// @title Whose book it is, and that officers write nothing into it after the ledger is closed.
abstract contract Book is Governed, IBook {
    address private _ledger;

    modifier onlyLedger() {
        if (msg.sender != _ledger) revert NotLedger(msg.sender);
        _;
    }

    /// The creator is the ledger.
    constructor(IAccessRegistry access_) Governed(access_) {
        _ledger = msg.sender;
    }

    /// @inheritdoc IBook
    function ledger() external view returns (address) {
        return _ledger;
    }

    /// The caller holds the office, writing is not paused, and the ledger is open.
    function _requireWriter(IAccessRegistry.Role role) internal view {
        _requireOfficer(role);
        bytes32 closed = IAllowanceRegistry(_ledger).finalState();
        if (closed != 0) revert LedgerIsClosed(closed);
    }
}
