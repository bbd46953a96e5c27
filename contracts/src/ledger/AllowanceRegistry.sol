// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IAllowanceRegistry} from "./IAllowanceRegistry.sol";
import {ILotBook} from "./ILotBook.sol";
import {IObligationBook} from "./IObligationBook.sol";
import {IRuleBook} from "./IRuleBook.sol";
import {
    Hold,
    Instrument,
    Kind,
    Lot,
    Order,
    OrderState,
    OrderStatus,
    Place
} from "./LedgerTypes.sol";
import {LotBook} from "./LotBook.sol";
import {ObligationBook} from "./ObligationBook.sol";
import {OrderChecks} from "./OrderChecks.sol";
import {OrderRule, OrderRules} from "./OrderRules.sol";

/// @title The ledger of allowances and CCER: what each order does.
contract AllowanceRegistry is OrderChecks {
    using OrderRules for OrderRule;

    IAllowanceRegistry private _predecessor;

    /// Makes the books of lots and of obligations, whose only writer it is.
    constructor(IAccessRegistry access_, IRuleBook rules_, IAllowanceRegistry predecessor_)
        Governed(access_)
    {
        if (address(predecessor_) != address(0) && predecessor_.finalState() == 0) {
            revert PredecessorOpen(address(predecessor_));
        }
        _rules = rules_;
        _predecessor = predecessor_;
        _lots = new LotBook(access_);
        _obligations = new ObligationBook(access_, rules_);
    }

    /// @inheritdoc IAllowanceRegistry
    function confirm(bytes32 orderId, bytes32 registryNumber) external {
        _requireOpen();
        IAccessRegistry.Role role = _access.roleOf(msg.sender);
        if (role != IAccessRegistry.Role.REGISTRY && role != IAccessRegistry.Role.EXCHANGE) {
            revert NotOfficer(msg.sender);
        }
        if (registryNumber == 0) revert NoDigest();
        OrderStatus storage status = _status(orderId);
        if (status.confirmation == registryNumber) return;
        if (status.confirmation != 0) revert AlreadyConfirmed(orderId, status.confirmation);
        if (
            status.state != OrderState.EXECUTED || !OrderRules.rowOf(status.kind).confirmed()
        ) revert NothingToConfirm(orderId);
        status.confirmation = registryNumber;
        emit OrderConfirmed(_next(), orderId, registryNumber, msg.sender);
    }

    /// @inheritdoc IAllowanceRegistry
    function rules() external view returns (IRuleBook) {
        return _rules;
    }

    /// @inheritdoc IAllowanceRegistry
    function lotBook() external view returns (ILotBook) {
        return _lots;
    }

    /// @inheritdoc IAllowanceRegistry
    function obligations() external view returns (IObligationBook) {
        return _obligations;
    }

    /// @inheritdoc IAllowanceRegistry
    function predecessor() external view returns (IAllowanceRegistry) {
        return _predecessor;
    }

    /// @inheritdoc IAllowanceRegistry
    function counterpartyAllowed(uint64 account, uint64 counterparty)
        external
        view
        returns (bool)
    {
        return _allowed[account][counterparty];
    }

    function _apply(Order calldata order, uint64[] memory lots)
        internal
        override
        returns (uint64 total)
    {
        Kind kind = Kind(order.kind);
        if (kind == Kind.REGISTER_CLASS) {
            _lots.registerClass(
                Instrument(order.subject),
                uint32(order.quantity),
                order.registryNumber,
                order.reason,
                order.orderId
            );
        } else if (kind == Kind.PRE_ALLOCATE || kind == Kind.ISSUE) {
            total = uint64(order.quantity);
            _issueTo(order, order.to, total);
        } else if (kind == Kind.SET_COUNTERPARTY) {
            bool allowed = order.quantity == 1;
            _allowed[order.from][order.to] = allowed;
            emit CounterpartySet(_next(), order.from, order.to, allowed, order.orderId);
        } else if (kind == Kind.CLOSE_LEDGER) {
            _finalState = order.registryNumber;
            emit LedgerClosed(_next(), order.registryNumber, order.orderId);
        } else {
            total = _moveAll(order, lots);
            _settle(order, kind, total);
        }
    }

    /// Moves the lots; gives their tonnes.
    function _moveAll(Order calldata order, uint64[] memory lots)
        private
        returns (uint64 total)
    {
        for (uint256 i = 0; i < lots.length; ++i) {
            Lot memory lot = _lots.lotOf(lots[i]);
            _requireClass(order, lots[i], lot);
            total += lot.quantity;
            _takeBack(Kind(order.kind), lot);
        }
        OrderRule rule = OrderRules.rowOf(Kind(order.kind));
        Place place = Kind(order.kind) == Kind.MOVE ? Place(order.subject) : rule.endPlace();
        _lots.move(
            lots,
            rule.endsInTo() ? order.to : order.from,
            place,
            rule.endHold(),
            rule.keepsHold(),
            rule.endSubject(order.subject, order.to),
            order.orderId
        );
    }

    /// What a lot was handed in, set aside or converted for is as it was before, when it comes back.
    function _takeBack(Kind kind, Lot memory lot) private {
        if (kind != Kind.OFFSET_RELEASE && kind < Kind.CORRECT_MOVE) return;
        if (lot.place == Place.SURRENDERED) {
            _obligations.restoreSurrender(lot.subject, lot.quantity);
        } else if (lot.place == Place.CONVERTED) {
            (, uint32 year) = _lots.natureOf(lot.subject);
            _obligations.restoreCarryOver(_organisation(lot.account), year, lot.quantity);
        } else if (lot.hold >= Hold.OFFSET) {
            uint64 used = lot.hold == Hold.USED ? lot.quantity : 0;
            _obligations.releaseOffset(lot.subject, lot.quantity, used);
        }
    }

    /// What follows elsewhere from lots that moved.
    function _settle(Order calldata order, Kind kind, uint64 total) private {
        if (kind == Kind.SURRENDER || kind == Kind.FORCED_SURRENDER) {
            _obligations.surrender(order.subject, _organisation(order.from), total);
        } else if (kind == Kind.ALLOCATE) {
            _obligations.requireReleasable(order.subject, order.from);
        } else if (kind == Kind.OFFSET_FREEZE) {
            _obligations.reserveOffset(order.subject, _organisation(order.from), total);
        } else if (kind == Kind.OFFSET_USE) {
            _obligations.useOffset(order.subject, total);
        } else if (kind == Kind.SETTLE_ARREAR) {
            _obligations.settleArrear(order.subject, _organisation(order.from), total);
        } else if (kind == Kind.CLAW_BACK) {
            _openArrear(order, uint64(order.quantity) - total);
        } else if (kind == Kind.CARRY_OVER) {
            (, uint32 year) = _lots.natureOf(order.subject);
            _obligations.useCarryOver(_organisation(order.from), year, total);
            _issueTo(order, order.from, total);
        }
    }

    /// What a claw-back does not find stays owed; it must have found all that there was.
    function _openArrear(Order calldata order, uint64 missing) private {
        if (missing == 0) return;
        uint32 classId = uint32(order.subject);
        uint64 available = _lots.availableOf(order.from, classId);
        if (available != 0) revert NotShort(order.from, available);
        _obligations.openArrear(_organisation(order.from), classId, missing);
    }

    function _issueTo(Order calldata order, uint64 account, uint64 quantity) private {
        _lots.issue(
            uint32(order.subject), account, quantity, order.registryNumber, order.orderId
        );
    }

    function _organisation(uint64 account) private view returns (uint64) {
        return _access.accountOf(account).organisation;
    }
}
