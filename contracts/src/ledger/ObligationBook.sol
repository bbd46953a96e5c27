// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Claims} from "./Claims.sol";
import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IObligationBook} from "./IObligationBook.sol";
import {IRuleBook} from "./IRuleBook.sol";

/// @title Obligations of organisations, and what they have handed in.
contract ObligationBook is Claims {
    bytes32 private constant _CAP = "offset-cap-bps";
    bytes32 private constant _DEADLINE = "surrender-deadline";

    uint64 private _recordCount;
    uint64 private _obligationCount;
    mapping(uint64 record => Record) private _records;
    mapping(uint64 obligation => Obligation) private _obligations;
    mapping(bytes32 place => uint64 obligation) private _ids;
    mapping(uint32 year => address regulator) private _closers;
    mapping(uint32 year => bool) private _closed;

    constructor(IAccessRegistry access_, IRuleBook rules_) Claims(access_, rules_) {}

    /// @inheritdoc IObligationBook
    function proposeRecord(
        uint64 organisation,
        uint32 year,
        uint16 sector,
        uint64 tonnes,
        bytes32 leaf
    ) external returns (uint64 record) {
        _requireWriter(IAccessRegistry.Role.VERIFIER);
        _requireOrganisation(organisation);
        _requireTonnes(tonnes);
        if (leaf == 0) revert NoDigest();
        if (_closed[year] && _ids[_key(organisation, year, sector)] == 0) revert PeriodClosed(year);
        record = ++_recordCount;
        Record memory content =
            Record(organisation, year, sector, false, tonnes, msg.sender, leaf);
        _records[record] = content;
        emit RecordProposed(_next(), record, content);
    }

    /// @inheritdoc IObligationBook
    function confirmRecord(uint64 record) external returns (uint64 obligation) {
        _requireWriter(IAccessRegistry.Role.REGULATOR);
        Record storage found = _records[record];
        if (found.verifier == address(0)) revert UnknownRecord(record);
        if (found.confirmed) revert AlreadyConfirmed(record);
        _requireSecond(found.verifier, IAccessRegistry.Role.VERIFIER);
        obligation = _opened(found);
        Obligation storage owed = _obligations[obligation];
        if (record < owed.record) revert StaleRecord(record, owed.record);
        (uint128 points, uint32 version) = _rule(_CAP, found.year);
        found.confirmed = true;
        owed.record = record;
        owed.tonnes = found.tonnes;
        owed.capVersion = version;
        owed.cap = SafeCast.toUint64(Math.mulDiv(found.tonnes, points, BASIS_POINTS));
        uint64 excess = owed.offsetReserved > owed.cap ? owed.offsetReserved - owed.cap : 0;
        emit RecordConfirmed(
            _next(), record, obligation, msg.sender, owed.cap, version, excess
        );
    }

    /// @inheritdoc IObligationBook
    function closePeriod(uint32 year) external {
        _requireWriter(IAccessRegistry.Role.REGULATOR);
        if (_closed[year]) revert PeriodClosed(year);
        (uint128 deadline,) = _rule(_DEADLINE, year);
        if (block.timestamp <= deadline) {
            revert DeadlineNotPassed(year, SafeCast.toUint64(deadline));
        }
        address first = _closers[year];
        if (_access.roleOf(first) != IAccessRegistry.Role.REGULATOR) {
            _closers[year] = msg.sender;
            emit PeriodCloseProposed(_next(), year, msg.sender);
            return;
        }
        if (first == msg.sender) revert ApproverIsProposer(msg.sender);
        _closed[year] = true;
        emit PeriodEnded(_next(), year, msg.sender);
    }

    /// @inheritdoc IObligationBook
    function surrender(uint64 obligation, uint64 organisation, uint64 quantity)
        external
        onlyLedger
    {
        Obligation storage owed = _ofOrganisation(obligation, organisation);
        _requireOutstanding(obligation, quantity);
        (uint128 deadline, uint32 version) = _rule(_DEADLINE, owed.year);
        owed.surrendered += quantity;
        bool late = block.timestamp > deadline;
        emit Surrendered(_next(), obligation, quantity, owed.surrendered, version, late);
    }

    /// @inheritdoc IObligationBook
    function restoreSurrender(uint64 obligation, uint64 quantity) external onlyLedger {
        Obligation storage owed = _obligations[obligation];
        owed.surrendered -= quantity;
        emit SurrenderRestored(_next(), obligation, quantity, owed.surrendered);
    }

    /// @inheritdoc IObligationBook
    function reserveOffset(uint64 obligation, uint64 organisation, uint64 quantity)
        external
        onlyLedger
    {
        Obligation storage owed = _ofOrganisation(obligation, organisation);
        if (_closed[owed.year]) revert PeriodClosed(owed.year);
        _requireUnderCap(obligation, owed.offsetReserved + quantity);
        owed.offsetReserved += quantity;
        emit OffsetReserved(_next(), obligation, quantity, owed.offsetReserved);
    }

    /// @inheritdoc IObligationBook
    function releaseOffset(uint64 obligation, uint64 quantity, uint64 used) external onlyLedger {
        Obligation storage owed = _obligations[obligation];
        owed.offsetReserved -= quantity;
        owed.offsetUsed -= used;
        emit OffsetReleased(
            _next(), obligation, quantity, owed.offsetReserved, owed.offsetUsed
        );
    }

    /// @inheritdoc IObligationBook
    function useOffset(uint64 obligation, uint64 quantity) external onlyLedger {
        Obligation storage owed = _obligations[obligation];
        _requireUnderCap(obligation, owed.offsetUsed + quantity);
        _requireOutstanding(obligation, quantity);
        owed.offsetUsed += quantity;
        emit OffsetUsed(_next(), obligation, quantity, owed.offsetUsed);
    }

    /// @inheritdoc IObligationBook
    function obligationId(uint64 organisation, uint32 year, uint16 sector)
        external
        view
        returns (uint64)
    {
        return _ids[_key(organisation, year, sector)];
    }

    /// @inheritdoc IObligationBook
    function obligationOf(uint64 obligation) external view returns (Obligation memory) {
        return _obligations[obligation];
    }

    /// @inheritdoc IObligationBook
    function yearOf(uint64 obligation) public view returns (uint32) {
        if (_obligations[obligation].organisation == 0) revert UnknownObligation(obligation);
        return _obligations[obligation].year;
    }

    /// @inheritdoc IObligationBook
    function outstanding(uint64 obligation) public view returns (uint64) {
        Obligation storage owed = _obligations[obligation];
        uint256 handedIn = owed.surrendered + Math.min(owed.offsetUsed, owed.cap);
        return handedIn >= owed.tonnes ? 0 : owed.tonnes - uint64(handedIn);
    }

    /// @inheritdoc IObligationBook
    function requireReleasable(uint64 obligation, uint64 account) external view {
        IAccessRegistry.Account memory found = _access.accountOf(account);
        if (found.kind != IAccessRegistry.AccountKind.PROVINCIAL) return;
        _ofOrganisation(obligation, found.organisation);
        uint64 open = outstanding(obligation);
        if (open != 0) revert ObligationOpen(obligation, open);
    }

    /// @inheritdoc IObligationBook
    function yearWithinCap(uint64 obligation) external view returns (uint32 year) {
        year = yearOf(obligation);
        _requireUnderCap(obligation, _obligations[obligation].offsetReserved);
    }

    /// @inheritdoc IObligationBook
    function recordOf(uint64 record) external view returns (Record memory) {
        return _records[record];
    }

    /// @inheritdoc IObligationBook
    function periodClosed(uint32 year) external view returns (bool) {
        return _closed[year];
    }

    /// The obligation of a record, opened when this is the first one.
    function _opened(Record storage found) private returns (uint64 obligation) {
        bytes32 key = _key(found.organisation, found.year, found.sector);
        obligation = _ids[key];
        if (obligation != 0) return obligation;
        if (_closed[found.year]) revert PeriodClosed(found.year);
        obligation = ++_obligationCount;
        _ids[key] = obligation;
        Obligation storage owed = _obligations[obligation];
        (owed.organisation, owed.year, owed.sector) =
            (found.organisation, found.year, found.sector);
    }

    function _ofOrganisation(uint64 obligation, uint64 organisation)
        private
        view
        returns (Obligation storage owed)
    {
        owed = _obligations[obligation];
        if (owed.organisation == 0) revert UnknownObligation(obligation);
        if (owed.organisation != organisation) {
            revert ObligationOfAnother(obligation, owed.organisation);
        }
    }

    function _requireOutstanding(uint64 obligation, uint64 quantity) private view {
        uint64 open = outstanding(obligation);
        if (quantity > open) revert ExceedsObligation(obligation, open, quantity);
    }

    function _requireUnderCap(uint64 obligation, uint64 quantity) private view {
        uint64 cap = _obligations[obligation].cap;
        if (quantity > cap) revert OffsetCapExceeded(obligation, cap, quantity);
    }

    function _key(uint64 organisation, uint32 year, uint16 sector) private pure returns (bytes32) {
        return keccak256(abi.encode(organisation, year, sector));
    }
}
