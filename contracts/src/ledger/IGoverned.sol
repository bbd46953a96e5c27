// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessRegistry} from "./IAccessRegistry.sol";
import {ISequenced} from "./ISequenced.sol";

/// @title A contract that asks the access registry who may do what.
interface IGoverned is ISequenced {
    /// @notice The caller, or the proposer, does not hold the office that may do this.
    error NotOfficer(address caller);
    /// @notice Two persons are needed, and the second one is the first.
    error ApproverIsProposer(address caller);
    /// @notice Writing is paused by an administrator.
    error LedgerPaused();
    error NoDigest();

    /// @notice The registry of officers, accounts and keys.
    function access() external view returns (IAccessRegistry);
}
