// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Book} from "./Book.sol";
import {IAccessRegistry} from "./IAccessRegistry.sol";
import {ILotBook} from "./ILotBook.sol";
import {Balance, Class, Hold, Instrument, Lot, Place} from "./LedgerTypes.sol";

/// @title Lots, balances and classes: every tonne is in exactly one place.
/// @dev   issued = held + surrendered + cancelled + converted, for each class; held is the sum of the
///        balances of all accounts. Serials come from the counter of the class, so that no two
///        lots of a class overlap.
contract LotBook is Book, ILotBook {
    uint64 private _lotCount;
    uint32 private _classCount;
    mapping(uint64 lotId => Lot) private _lots;
    mapping(uint32 classId => Class) private _classes;
    mapping(bytes32 code => uint32 classId) private _codes;
    mapping(uint64 account => mapping(uint32 classId => Balance)) private _balances;

    constructor(IAccessRegistry access_) Book(access_) {}

    /// @inheritdoc ILotBook
    function lotOf(uint64 lotId) external view returns (Lot memory) {
        return _lots[lotId];
    }

    /// @inheritdoc ILotBook
    function lotCount() external view returns (uint64) {
        return _lotCount;
    }

    /// @inheritdoc ILotBook
    function classOf(uint32 classId) external view returns (Class memory) {
        return _classes[classId];
    }

    /// @inheritdoc ILotBook
    function classCount() external view returns (uint32) {
        return _classCount;
    }

    /// @inheritdoc ILotBook
    function classWithCode(bytes32 code) external view returns (uint32) {
        return _codes[code];
    }

    /// @inheritdoc ILotBook
    function natureOf(uint64 classId)
        public
        view
        returns (Instrument instrument, uint32 vintage)
    {
        if (classId == 0 || classId > _classCount) revert UnknownClass(classId);
        Class storage class = _classes[uint32(classId)];
        return (class.instrument, class.vintage);
    }

    /// @inheritdoc ILotBook
    function requireReceiver(uint64 classId, uint64 account) external view {
        (Instrument instrument,) = natureOf(classId);
        IAccessRegistry.AccountKind kind = _access.accountOf(account).kind;
        if (kind == IAccessRegistry.AccountKind.CANCELLATION) return;
        bool ccer = kind == IAccessRegistry.AccountKind.CCER;
        if (ccer != (instrument == Instrument.CCER)) revert WrongAccountKind(account, kind);
    }

    /// @inheritdoc ILotBook
    function availableOf(uint64 account, uint32 classId) external view returns (uint64) {
        Balance storage balance = _balances[account][classId];
        return balance.registry + balance.trading;
    }

    /// @inheritdoc ILotBook
    function balanceOf(uint64 account, uint32 classId) external view returns (Balance memory) {
        return _balances[account][classId];
    }

    /// @inheritdoc ILotBook
    function registerClass(
        Instrument instrument,
        uint32 vintage,
        bytes32 code,
        bytes32 record,
        bytes32 orderId
    ) external onlyLedger {
        if (_codes[code] != 0) revert ClassExists(_codes[code]);
        uint32 classId = ++_classCount;
        _codes[code] = classId;
        Class storage made = _classes[classId];
        made.nextSerial = 1;
        made.vintage = vintage;
        made.instrument = instrument;
        made.code = code;
        made.record = record;
        emit ClassRegistered(_next(), classId, instrument, vintage, code, record, orderId);
    }

    /// @inheritdoc ILotBook
    function issue(
        uint32 classId,
        uint64 account,
        uint64 quantity,
        bytes32 registryNumber,
        bytes32 orderId
    ) external onlyLedger {
        Class storage class = _classes[classId];
        uint64 lotId = ++_lotCount;
        uint64 first = class.nextSerial;
        class.nextSerial = first + quantity;
        class.held += quantity;
        _balances[account][classId].registry += quantity;
        _lots[lotId] = Lot({
            account: account,
            classId: classId,
            place: Place.REGISTRY,
            hold: Hold.NONE,
            subject: 0,
            firstSerial: first,
            quantity: quantity,
            order: 0,
            registryNumber: registryNumber
        });
        emit LotIssued(
            _next(), lotId, classId, account, first, quantity, registryNumber, orderId
        );
    }

    /// @inheritdoc ILotBook
    function take(uint64 lotId, uint64 quantity, uint64 order)
        external
        onlyLedger
        returns (uint64 taken)
    {
        taken = _split(lotId, quantity);
        _lots[taken].order = order;
    }

    /// @inheritdoc ILotBook
    function release(uint64[] calldata lots) external onlyLedger {
        for (uint256 i = 0; i < lots.length; ++i) {
            _lots[lots[i]].order = 0;
        }
    }

    /// @inheritdoc ILotBook
    function move(
        uint64[] calldata lots,
        uint64 account,
        Place place,
        Hold hold,
        bool keepHold,
        uint64 subject,
        bytes32 orderId
    ) external onlyLedger {
        for (uint256 i = 0; i < lots.length; ++i) {
            Lot storage lot = _lots[lots[i]];
            Place next = place == Place.NONE ? lot.place : place;
            _leave(lot);
            (lot.account, lot.place, lot.subject, lot.order) = (account, next, subject, 0);
            if (!keepHold) lot.hold = hold;
            _arrive(lot);
            emit LotMoved(_next(), lots[i], account, next, lot.hold, subject, orderId);
        }
    }

    /// @inheritdoc ILotBook
    function numberLot(uint64 lotId, bytes32 registryNumber) external {
        _requireWriter(IAccessRegistry.Role.REGISTRY);
        if (registryNumber == 0) revert NoDigest();
        if (_lots[lotId].place == Place.NONE) revert UnknownLot(lotId);
        _lots[lotId].registryNumber = registryNumber;
        emit LotNumbered(_next(), lotId, registryNumber, msg.sender);
    }

    /// The lot itself when it is taken whole; what is left of it stays what it is.
    function _split(uint64 lotId, uint64 quantity) private returns (uint64 taken) {
        Lot storage lot = _lots[lotId];
        if (lot.quantity == quantity) return lotId;
        taken = ++_lotCount;
        Lot storage part = _lots[taken];
        (part.account, part.classId, part.place, part.hold, part.subject) =
            (lot.account, lot.classId, lot.place, lot.hold, lot.subject);
        part.firstSerial = lot.firstSerial;
        part.quantity = quantity;
        if (lot.registryNumber != 0) part.registryNumber = lot.registryNumber;
        lot.firstSerial += quantity;
        lot.quantity -= quantity;
        emit LotSplit(_next(), lotId, taken, quantity);
    }

    function _leave(Lot storage lot) private {
        Class storage class = _classes[lot.classId];
        (Place place, uint64 quantity) = (lot.place, lot.quantity);
        if (place == Place.SURRENDERED) {
            class.surrendered -= quantity;
        } else if (place == Place.CANCELLED) {
            class.cancelled -= quantity;
        } else if (place == Place.CONVERTED) {
            class.converted -= quantity;
        } else {
            class.held -= quantity;
            Balance storage balance = _balances[lot.account][lot.classId];
            if (place == Place.REGISTRY) balance.registry -= quantity;
            else if (place == Place.TRADING) balance.trading -= quantity;
            else if (place == Place.FROZEN) balance.frozen -= quantity;
            else balance.pending -= quantity;
        }
    }

    function _arrive(Lot storage lot) private {
        Class storage class = _classes[lot.classId];
        (Place place, uint64 quantity) = (lot.place, lot.quantity);
        if (place == Place.SURRENDERED) {
            class.surrendered += quantity;
        } else if (place == Place.CANCELLED) {
            class.cancelled += quantity;
        } else if (place == Place.CONVERTED) {
            class.converted += quantity;
        } else {
            class.held += quantity;
            Balance storage balance = _balances[lot.account][lot.classId];
            if (place == Place.REGISTRY) balance.registry += quantity;
            else if (place == Place.TRADING) balance.trading += quantity;
            else if (place == Place.FROZEN) balance.frozen += quantity;
            else balance.pending += quantity;
        }
    }
}
