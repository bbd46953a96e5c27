// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Book} from "./Book.sol";
import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IObligationBook} from "./IObligationBook.sol";
import {IRuleBook} from "./IRuleBook.sol";

/// @title Arrears, and how much an organisation may carry over.
abstract contract Claims is Book, IObligationBook {
    uint64 internal constant BASIS_POINTS = 10_000;
    uint64 private constant _MAX_TONNES = 10 ** 12;
    bytes32 private constant _BASE = "carry-over-base";
    bytes32 private constant _MULTIPLIER = "carry-over-multiplier-bps";

    IRuleBook private _rules;
    uint64 private _arrearCount;
    uint64 private _claimCount;
    mapping(uint64 arrear => Arrear) private _arrears;
    mapping(uint64 claim => CarryOver) private _claims;
    mapping(uint64 organisation => mapping(uint32 year => CarryOverLimit)) private _limits;

    constructor(IAccessRegistry access_, IRuleBook rules_) Book(access_) {
        _rules = rules_;
    }

    /// @inheritdoc IObligationBook
    function proposeCarryOver(
        uint64 organisation,
        uint32 year,
        uint64 netSold,
        uint64 holding,
        bytes32 leaf
    ) external returns (uint64 claim) {
        _requireWriter(IAccessRegistry.Role.REGISTRY);
        _requireOrganisation(organisation);
        _requireTonnes(netSold);
        _requireTonnes(holding);
        if (leaf == 0) revert NoDigest();
        claim = ++_claimCount;
        CarryOver memory content =
            CarryOver(organisation, year, false, netSold, holding, msg.sender, leaf);
        _claims[claim] = content;
        emit CarryOverProposed(_next(), claim, content);
    }

    /// @inheritdoc IObligationBook
    function confirmCarryOver(uint64 claim) external {
        _requireWriter(IAccessRegistry.Role.REGULATOR);
        CarryOver storage found = _claims[claim];
        if (found.officer == address(0)) revert UnknownRecord(claim);
        if (found.confirmed) revert AlreadyConfirmed(claim);
        _requireSecond(found.officer, IAccessRegistry.Role.REGISTRY);
        CarryOverLimit storage granted = _limits[found.organisation][found.year];
        if (claim < granted.claim) revert StaleRecord(claim, granted.claim);
        (uint128 base, uint32 baseVersion) = _rule(_BASE, found.year);
        (uint128 points, uint32 multiplierVersion) = _rule(_MULTIPLIER, found.year);
        uint256 limit = base + Math.mulDiv(found.netSold, points, BASIS_POINTS);
        found.confirmed = true;
        granted.claim = claim;
        granted.limit = uint64(Math.min(limit, found.holding));
        emit CarryOverConfirmed(
            _next(), claim, granted.limit, baseVersion, multiplierVersion, msg.sender
        );
    }

    /// @inheritdoc IObligationBook
    function openArrear(uint64 organisation, uint32 classId, uint64 quantity)
        external
        onlyLedger
        returns (uint64 arrear)
    {
        arrear = ++_arrearCount;
        _arrears[arrear] = Arrear(organisation, classId, quantity);
        emit ArrearOpened(_next(), arrear, organisation, classId, quantity);
    }

    /// @inheritdoc IObligationBook
    function settleArrear(uint64 arrear, uint64 organisation, uint64 quantity)
        external
        onlyLedger
    {
        Arrear storage found = _arrears[arrear];
        if (found.organisation == 0) revert UnknownArrear(arrear);
        if (found.organisation != organisation) {
            revert ArrearOfAnother(arrear, found.organisation);
        }
        if (quantity > found.open) revert ExceedsArrear(arrear, found.open, quantity);
        found.open -= quantity;
        emit ArrearSettled(_next(), arrear, quantity, found.open);
    }

    /// @inheritdoc IObligationBook
    function useCarryOver(uint64 organisation, uint32 year, uint64 quantity) external onlyLedger {
        CarryOverLimit storage granted = _limits[organisation][year];
        if (granted.claim == 0) revert NoCarryOver(organisation, year);
        if (granted.used + quantity > granted.limit) {
            revert CarryOverExceeded(organisation, year, granted.limit, granted.used + quantity);
        }
        granted.used += quantity;
        emit CarryOverUsed(_next(), organisation, year, quantity, granted.used);
    }

    /// @inheritdoc IObligationBook
    function restoreCarryOver(uint64 organisation, uint32 year, uint64 quantity)
        external
        onlyLedger
    {
        CarryOverLimit storage granted = _limits[organisation][year];
        granted.used -= quantity;
        emit CarryOverRestored(_next(), organisation, year, quantity, granted.used);
    }

    /// @inheritdoc IObligationBook
    function rules() external view returns (IRuleBook) {
        return _rules;
    }

    /// @inheritdoc IObligationBook
    function classOfArrear(uint64 arrear) external view returns (uint32) {
        if (_arrears[arrear].organisation == 0) revert UnknownArrear(arrear);
        return _arrears[arrear].classId;
    }

    /// @inheritdoc IObligationBook
    function arrearOf(uint64 arrear) external view returns (Arrear memory) {
        return _arrears[arrear];
    }

    /// @inheritdoc IObligationBook
    function carryOver(uint64 claim) external view returns (CarryOver memory) {
        return _claims[claim];
    }

    /// @inheritdoc IObligationBook
    function carryOverLimit(uint64 organisation, uint32 year)
        external
        view
        returns (CarryOverLimit memory)
    {
        return _limits[organisation][year];
    }

    function _rule(bytes32 ruleId, uint32 year) internal view returns (uint128, uint32) {
        return _rules.numberAt(ruleId, year, uint64(block.timestamp));
    }

    function _requireOrganisation(uint64 organisation) internal view {
        if (_access.bindingOf(organisation) == 0) revert UnknownOrganisation(organisation);
    }

    function _requireTonnes(uint64 tonnes) internal pure {
        if (tonnes > _MAX_TONNES) revert AmountTooLarge(tonnes);
    }
}
