// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGoverned} from "./IGoverned.sol";

/// @title What a closed ledger refuses, whichever of its contracts is called.
interface IClosing {
    /// @notice The ledger was closed with the digest of its final state.
    error LedgerIsClosed(bytes32 stateDigest);
}

/// @title A book of the allowance registry: what orders come to is written by that registry alone.
interface IBook is IGoverned, IClosing {
    /// @notice Only the allowance registry that created this book writes what orders come to.
    error NotLedger(address caller);

    /// @notice The allowance registry that created this book.
    function ledger() external view returns (address);
}
