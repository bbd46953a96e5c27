// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IObligationBook} from "./IObligationBook.sol";
import {IRuleBook} from "./IRuleBook.sol";
import {Hold, Instrument, Kind, Lot, Order, Part, Place} from "./LedgerTypes.sol";
import {OrderRule, OrderRules, Signer} from "./OrderRules.sol";
import {Orders} from "./Orders.sol";

/// @title What an order must be like: its accounts, its amounts, its lots.
abstract contract OrderChecks is Orders {
    using OrderRules for OrderRule;

    uint256 private constant _MAX_TONNES = 10 ** 12;
    uint256 private constant _MAX_PARTS = 64;

    IRuleBook internal _rules;
    IObligationBook internal _obligations;
    mapping(uint64 account => mapping(uint64 counterparty => bool)) internal _allowed;

    function _requireAccounts(Order calldata order, OrderRule rule) internal view override {
        IAccessRegistry.Account memory from;
        IAccessRegistry.Account memory to;
        Kind kind = Kind(order.kind);
        if (rule.hasFrom() || order.from != 0) {
            from = _account(order.from, rule, false);
            if (rule.initiator() == Signer.KEY) _requireActive(order.from, from);
        }
        if (rule.hasTo() || order.to != 0) {
            to = _account(order.to, rule, true);
            if (kind < Kind.CORRECT_MOVE) _requireActive(order.to, to);
        }
        if (
            kind == Kind.MOVE
                || kind == Kind.ALLOCATE && from.kind == IAccessRegistry.AccountKind.PROVINCIAL
        ) {
            // Units move without a trade within one organisation only.
            if (from.organisation != to.organisation) {
                revert AnotherOrganisation(order.to, to.organisation);
            }
        } else if (
            kind == Kind.LISTED || kind == Kind.BLOCK || kind == Kind.AUCTION
                || kind == Kind.SET_COUNTERPARTY
        ) {
            if (order.from == order.to) revert SameAccount(order.to);
            if (from.kind != to.kind) revert WrongAccountKind(order.to, to.kind);
            if (kind != Kind.SET_COUNTERPARTY && !_allowed[order.from][order.to]) {
                revert CounterpartyNotAllowed(order.from, order.to);
            }
        } else if (kind == Kind.PLEDGE) {
            if (from.organisation == to.organisation) revert SameOrganisation(order.to);
        } else if (kind == Kind.OFFSET_FREEZE) {
            if (from.boundTo == 0) revert AccountNotBound(order.from);
        }
    }

    function _reserve(Order calldata order, OrderRule rule, uint64 number)
        internal
        override
        returns (uint64[] memory lots)
    {
        Kind kind = Kind(order.kind);
        uint256 count = order.parts.length;
        uint256 most = rule.hasLots() ? _MAX_PARTS : 0;
        if (count > most) revert TooManyLots(count, most);
        _requireFields(order, kind);
        if (count == 0 && most != 0 && kind != Kind.CLAW_BACK) revert NoLots();
        lots = new uint64[](count);
        uint256 total;
        uint64 last;
        for (uint256 i = 0; i < count; ++i) {
            Part calldata part = order.parts[i];
            uint64 lotId = part.lot;
            _requireAmount(part.quantity);
            if (lotId <= last) revert LotsNotAscending(lotId);
            last = lotId;
            _requireLot(order, rule, lotId, part.quantity);
            total += part.quantity;
            lots[i] = _lots.take(lotId, uint64(part.quantity), number);
        }
        if (kind == Kind.CLAW_BACK ? total > order.quantity : most != 0 && total != order.quantity)
        {
            revert QuantityMismatch(total, order.quantity);
        }
    }

    /// Whether units of the class may be used as the order wants. Asked when the order is proposed
    /// and again when it is executed: a rule may have ended in between.
    function _requireClass(Order calldata order, uint64 lotId, Lot memory lot) internal view {
        uint32 classId = lot.classId;
        Kind kind = Kind(order.kind);
        if (kind == Kind.CLAW_BACK) {
            if (classId != order.subject) revert WrongClass(lotId, classId);
        } else if (kind == Kind.SETTLE_ARREAR) {
            uint32 owed = _obligations.classOfArrear(order.subject);
            if (classId != owed) {
                (, uint32 vintage) = _lots.natureOf(owed);
                _requireAdmission(classId, vintage, IRuleBook.Admission.ALLOWANCE);
            }
        } else if (kind == Kind.SURRENDER || kind == Kind.FORCED_SURRENDER) {
            _requireAdmission(classId, _obligations.yearOf(order.subject), IRuleBook.Admission.ALLOWANCE);
        } else if (kind == Kind.OFFSET_FREEZE) {
            uint32 year = _obligations.yearOf(order.subject);
            IRuleBook.Admission found = _admission(classId, year);
            (Instrument instrument,) = _lots.natureOf(classId);
            if (
                instrument != Instrument.CCER
                    || (found != IRuleBook.Admission.OFFSET
                        && found != IRuleBook.Admission.OFFSET_CANCELLED_FIRST)
            ) revert NotAdmissible(classId, year);
        } else if (
            kind == Kind.OFFSET_PENDING || kind == Kind.OFFSET_USE && lot.place == Place.PENDING
        ) {
            _requireAdmission(classId, _obligations.yearOf(order.subject), IRuleBook.Admission.OFFSET);
        } else if (kind == Kind.OFFSET_CANCEL && lot.place == Place.FROZEN) {
            _requireAdmission(
                classId,
                _obligations.yearWithinCap(order.subject),
                IRuleBook.Admission.OFFSET_CANCELLED_FIRST
            );
        } else if (kind == Kind.CARRY_OVER) {
            (Instrument instrument, uint32 old) = _lots.natureOf(classId);
            (, uint32 target) = _lots.natureOf(order.subject);
            if (instrument != Instrument.ALLOWANCE || old >= target) revert WrongClass(lotId, classId);
        }
    }

    function _requireLot(Order calldata order, OrderRule rule, uint64 lotId, uint256 quantity)
        private
        view
    {
        Lot memory lot = _lots.lotOf(lotId);
        Kind kind = Kind(order.kind);
        (Place place, Hold hold, uint64 subject) = (lot.place, lot.hold, lot.subject);
        if (place == Place.NONE) revert UnknownLot(lotId);
        if (lot.account != order.from) revert NotInAccount(lotId, lot.account);
        if (lot.order != 0) revert LotReserved(lotId, lot.order);
        if (!rule.takesFrom(place)) revert WrongPlace(lotId, place);
        bool bound = kind == Kind.UNPLEDGE
            ? subject == order.to
            : hold < Hold.OFFSET || subject == order.subject || kind >= Kind.CORRECT_MOVE;
        bool unused = kind == Kind.OFFSET_CANCEL && place == Place.PENDING && hold == Hold.OFFSET;
        if (!rule.takesHold(hold) || !bound || unused) revert WrongHold(lotId, hold, subject);
        if (quantity > lot.quantity) revert InsufficientLot(lotId, lot.quantity, quantity);
        if (rule.endsInTo()) _lots.requireReceiver(lot.classId, order.to);
        _requireClass(order, lotId, lot);
    }

    /// The fields that a kind reads are what it can use.
    function _requireFields(Order calldata order, Kind kind) private view {
        if (kind == Kind.REGISTER_CLASS) {
            if (order.subject == 0 || order.subject > uint64(type(Instrument).max)) {
                revert UnknownInstrument(order.subject);
            }
            if (order.registryNumber == 0) revert NoDigest();
            if (order.quantity > type(uint32).max) revert AmountTooLarge(order.quantity);
        } else if (kind == Kind.PRE_ALLOCATE || kind == Kind.ISSUE) {
            _requireAmount(order.quantity);
            _lots.requireReceiver(order.subject, order.to);
        } else if (kind == Kind.CLAW_BACK) {
            _requireAmount(order.quantity);
            _lots.natureOf(order.subject);
        } else if (kind == Kind.SET_COUNTERPARTY) {
            if (order.quantity > 1) revert AmountTooLarge(order.quantity);
        } else if (kind == Kind.MOVE) {
            if (
                order.subject != uint64(Place.REGISTRY) && order.subject != uint64(Place.TRADING)
            ) revert UnknownPlace(order.subject);
        } else if (kind == Kind.CARRY_OVER) {
            (Instrument instrument,) = _lots.natureOf(order.subject);
            if (instrument != Instrument.ALLOWANCE) revert UnknownClass(order.subject);
        } else if (kind == Kind.FREEZE || kind == Kind.CANCEL) {
            if (order.reason == 0 || kind == Kind.CANCEL && order.commitment == 0) revert NoDigest();
        } else if (kind >= Kind.CORRECT_MOVE) {
            if (order.registryNumber == 0) revert NoDigest();
        }
    }

    function _requireAmount(uint256 quantity) private pure {
        if (quantity == 0) revert ZeroAmount();
        if (quantity > uint256(type(int256).max)) revert NegativeAmount(quantity);
        if (quantity > _MAX_TONNES) revert AmountTooLarge(quantity);
    }

    function _account(uint64 id, OrderRule rule, bool receiver)
        private
        view
        returns (IAccessRegistry.Account memory found)
    {
        found = _access.accountOf(id);
        if (found.kind == IAccessRegistry.AccountKind.NONE) revert UnknownAccount(id);
        if (!rule.fits(found.kind, receiver)) revert WrongAccountKind(id, found.kind);
    }

    function _requireActive(uint64 id, IAccessRegistry.Account memory found) private pure {
        if (found.status == IAccessRegistry.AccountStatus.FROZEN) revert AccountFrozen(id);
        if (found.status == IAccessRegistry.AccountStatus.CLOSED) revert AccountIsClosed(id);
    }

    function _requireAdmission(uint32 classId, uint32 year, IRuleBook.Admission needed)
        private
        view
    {
        if (_admission(classId, year) != needed) revert NotAdmissible(classId, year);
    }

    function _admission(uint32 classId, uint32 year) private view returns (IRuleBook.Admission) {
        (uint128 found,) = _rules.admissionAt(classId, year, uint64(block.timestamp));
        if (found > uint128(type(IRuleBook.Admission).max)) return IRuleBook.Admission.NO;
        return IRuleBook.Admission(uint8(found));
    }
}
