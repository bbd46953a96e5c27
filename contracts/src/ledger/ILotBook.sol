// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IBook, IClosing} from "./IBook.sol";
import {Balance, Class, Hold, Instrument, Lot, Place} from "./LedgerTypes.sol";

/// @title What the lots refuse; part of the allowance registry too, whose orders meet it.
interface ILotErrors is IClosing {
    /// @notice A class with this code is registered.
    error ClassExists(uint32 classId);
    error UnknownClass(uint64 classId);
    error UnknownLot(uint64 lotId);
    /// @notice The kind of account does not allow this, or not units of this class.
    error WrongAccountKind(uint64 account, IAccessRegistry.AccountKind kind);
}

/// @title Where each tonne is: classes of instruments, lots, and what accounts hold of a class.
/// @notice Written by the allowance registry that created it, and by nothing else. A lot is a range of
///         serials; it is split where a part moves, keeps its serials for ever, and is never merged.
///         issued = held + surrendered + cancelled + converted, for each class.
interface ILotBook is IBook, ILotErrors {
    event ClassRegistered(
        uint64 sequence,
        uint32 indexed classId,
        Instrument instrument,
        uint32 vintage,
        bytes32 code,
        bytes32 record,
        bytes32 indexed orderId
    );
    event LotIssued(
        uint64 sequence,
        uint64 indexed lotId,
        uint32 indexed classId,
        uint64 indexed account,
        uint64 firstSerial,
        uint64 quantity,
        bytes32 registryNumber,
        bytes32 orderId
    );
    /// @notice The first `quantity` serials of `lotId` are now the lot `newLotId`.
    event LotSplit(
        uint64 sequence, uint64 indexed lotId, uint64 indexed newLotId, uint64 quantity
    );
    event LotMoved(
        uint64 sequence,
        uint64 indexed lotId,
        uint64 indexed account,
        Place place,
        Hold hold,
        uint64 subject,
        bytes32 indexed orderId
    );
    event LotNumbered(
        uint64 sequence, uint64 indexed lotId, bytes32 registryNumber, address officer
    );

    /// @notice Registers a class of instruments.
    function registerClass(
        Instrument instrument,
        uint32 vintage,
        bytes32 code,
        bytes32 record,
        bytes32 orderId
    ) external;

    /// @notice Issues the next serials of a class as a lot.
    function issue(
        uint32 classId,
        uint64 account,
        uint64 quantity,
        bytes32 registryNumber,
        bytes32 orderId
    ) external;

    /// @notice Reserves the first serials of a lot for an order; in a lot of their own, unless all.
    function take(uint64 lotId, uint64 quantity, uint64 order) external returns (uint64 taken);

    /// @notice Frees lots that an order reserves.
    function release(uint64[] calldata lots) external;

    /// @notice Frees lots and moves them. Place NONE: each stays where it is.
    /// @param keepHold Each keeps its hold, whatever `hold` is.
    function move(
        uint64[] calldata lots,
        uint64 account,
        Place place,
        Hold hold,
        bool keepHold,
        uint64 subject,
        bytes32 orderId
    ) external;

    /// @notice Enters the registry's serial reference of a lot. REGISTRY.
    function numberLot(uint64 lotId, bytes32 registryNumber) external;

    /// @notice A lot; all zero when there is none.
    function lotOf(uint64 lotId) external view returns (Lot memory);
    function lotCount() external view returns (uint64);
    /// @notice A class; all zero when there is none.
    function classOf(uint32 classId) external view returns (Class memory);
    function classCount() external view returns (uint32);
    /// @notice The class with this code; 0 when there is none.
    function classWithCode(bytes32 code) external view returns (uint32);
    /// @notice What a class is; reverts when there is none.
    function natureOf(uint64 classId)
        external
        view
        returns (Instrument instrument, uint32 vintage);
    /// @notice Reverts when the account may not receive units of the class: CCER units stand in CCER and
    ///         cancellation accounts, all others in all but CCER accounts.
    function requireReceiver(uint64 classId, uint64 account) external view;
    /// @notice What of a class an account may dispose of, reserved or not: registry and trading.
    function availableOf(uint64 account, uint32 classId) external view returns (uint64);
    function balanceOf(uint64 account, uint32 classId) external view returns (Balance memory);
}
