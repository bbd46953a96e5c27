// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISequenced} from "./ISequenced.sol";

/// @title Numbers for events.
abstract contract Sequenced is ISequenced {
    uint64 private _eventCount;

    /// @inheritdoc ISequenced
    function eventCount() external view returns (uint64) {
        return _eventCount;
    }

    /// The number of the event that is about to be emitted.
    function _next() internal returns (uint64) {
        return ++_eventCount;
    }
}
