// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A contract whose events are numbered without a gap.
/// @notice The first parameter of every event is its number, from 1. A reader that finds a gap, or
///         fewer events than `eventCount` says, has been given a truncated answer by its endpoint.
interface ISequenced {
    /// @notice Number of the newest event; 0 when there is none.
    function eventCount() external view returns (uint64);
}
