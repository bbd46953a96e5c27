// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessRegistry} from "./IAccessRegistry.sol";
import {Hold, Kind, Place} from "./LedgerTypes.sol";

/// Who signs a step of an order.
enum Signer {
    NOBODY,
    /// A key of the account `from`.
    KEY,
    /// A key of the account `to`.
    KEY_OF_TO,
    REGULATOR,
    REGISTRY,
    EXCHANGE
}

/// One row of the table of orders, packed.
type OrderRule is uint256;

/// @title The table of orders: who signs, between which accounts, which lots.
/// @dev   A row holds sets as bit masks, bit n for the value n of the enumeration: kinds of the
///        account `from`, kinds of the account `to`, places and holds of the lots; and two signers;
///        and where the lots end: account, place, hold and subject of that. An empty set says that
///        the order has no such account or no lots.
library OrderRules {
    uint256 private constant _FROM = 0;
    uint256 private constant _TO = 8;
    uint256 private constant _PLACES = 16;
    uint256 private constant _HOLDS = 24;
    uint256 private constant _INITIATOR = 32;
    uint256 private constant _APPROVER = 36;
    uint256 private constant _CONFIRMED = 1 << 40;
    /// The lots end in the account `to`, not in `from`.
    uint256 private constant _TO_RECEIVER = 1 << 41;
    uint256 private constant _KEEPS_HOLD = 1 << 42;
    uint256 private constant _FOR_SUBJECT = 1 << 43;
    uint256 private constant _FOR_RECEIVER = 1 << 44;
    uint256 private constant _END_PLACE = 48;
    uint256 private constant _END_HOLD = 52;

    uint256 private constant _KEYS =
        uint256(Signer.KEY) << _INITIATOR | uint256(Signer.KEY) << _APPROVER;
    uint256 private constant _PLEDGEES =
        uint256(Signer.KEY_OF_TO) << _INITIATOR | uint256(Signer.KEY_OF_TO) << _APPROVER;
    uint256 private constant _KEY_AND_REGULATOR =
        uint256(Signer.KEY) << _INITIATOR | uint256(Signer.REGULATOR) << _APPROVER;
    uint256 private constant _KEY_AND_REGISTRY =
        uint256(Signer.KEY) << _INITIATOR | uint256(Signer.REGISTRY) << _APPROVER;
    uint256 private constant _REGULATORS =
        uint256(Signer.REGULATOR) << _INITIATOR | uint256(Signer.REGULATOR) << _APPROVER;
    uint256 private constant _REGISTRY_AND_REGULATOR =
        uint256(Signer.REGISTRY) << _INITIATOR | uint256(Signer.REGULATOR) << _APPROVER;
    uint256 private constant _EXCHANGE_AND_REGULATOR =
        uint256(Signer.EXCHANGE) << _INITIATOR | uint256(Signer.REGULATOR) << _APPROVER;

    uint256 private constant _HOLDING = 1 << uint256(IAccessRegistry.AccountKind.HOLDING);
    uint256 private constant _COMPLIANCE = 1 << uint256(IAccessRegistry.AccountKind.COMPLIANCE);
    uint256 private constant _ISSUANCE = 1 << uint256(IAccessRegistry.AccountKind.ISSUANCE);
    uint256 private constant _CANCELLATION = 1 << uint256(IAccessRegistry.AccountKind.CANCELLATION);
    uint256 private constant _PROVINCIAL = 1 << uint256(IAccessRegistry.AccountKind.PROVINCIAL);
    uint256 private constant _CCER = 1 << uint256(IAccessRegistry.AccountKind.CCER);
    uint256 private constant _OWN = _HOLDING | _COMPLIANCE;
    uint256 private constant _ANY =
        _HOLDING | _COMPLIANCE | _ISSUANCE | _CANCELLATION | _PROVINCIAL | _CCER;

    uint256 private constant _IN_REGISTRY = 1 << uint256(Place.REGISTRY);
    uint256 private constant _IN_TRADING = 1 << uint256(Place.TRADING);
    uint256 private constant _IN_FROZEN = 1 << uint256(Place.FROZEN);
    uint256 private constant _IN_PENDING = 1 << uint256(Place.PENDING);
    uint256 private constant _IN_SURRENDERED = 1 << uint256(Place.SURRENDERED);
    uint256 private constant _IN_CANCELLED = 1 << uint256(Place.CANCELLED);
    uint256 private constant _IN_CONVERTED = 1 << uint256(Place.CONVERTED);
    uint256 private constant _AVAILABLE = _IN_REGISTRY | _IN_TRADING;
    uint256 private constant _HELD = _AVAILABLE | _IN_FROZEN | _IN_PENDING;

    uint256 private constant _FREE = 1 << uint256(Hold.NONE);
    uint256 private constant _JUDICIAL = 1 << uint256(Hold.JUDICIAL);
    uint256 private constant _PLEDGED = 1 << uint256(Hold.PLEDGE);
    uint256 private constant _OFFSET = 1 << uint256(Hold.OFFSET);
    uint256 private constant _USED = 1 << uint256(Hold.USED);
    uint256 private constant _ANY_HOLD = _FREE | _JUDICIAL | _PLEDGED | _OFFSET | _USED;

    uint256 private constant _REGISTRY_LOTS = _IN_REGISTRY << _PLACES | _FREE << _HOLDS;
    uint256 private constant _TRADING_LOTS = _IN_TRADING << _PLACES | _FREE << _HOLDS;
    uint256 private constant _AVAILABLE_LOTS = _AVAILABLE << _PLACES | _FREE << _HOLDS;
    uint256 private constant _HELD_LOTS = _HELD << _PLACES | _ANY_HOLD << _HOLDS;
    uint256 private constant _ENDED_LOTS =
        (_IN_SURRENDERED | _IN_CANCELLED | _IN_CONVERTED) << _PLACES | _ANY_HOLD << _HOLDS;

    uint256 private constant _TO_REGISTRY =
        _TO_RECEIVER | uint256(Place.REGISTRY) << _END_PLACE | _CONFIRMED;
    uint256 private constant _TO_TRADING =
        _TO_RECEIVER | uint256(Place.TRADING) << _END_PLACE | _CONFIRMED;
    uint256 private constant _FREED = uint256(Place.REGISTRY) << _END_PLACE | _CONFIRMED;
    uint256 private constant _FREEZES = uint256(Place.FROZEN) << _END_PLACE | _CONFIRMED;
    uint256 private constant _HANDED_IN =
        uint256(Place.SURRENDERED) << _END_PLACE | _FOR_SUBJECT | _CONFIRMED;

    uint256 private constant _ISSUES =
        _REGULATORS | (_HOLDING | _ISSUANCE | _PROVINCIAL | _CCER) << _TO | _CONFIRMED;
    uint256 private constant _TRADES =
        _KEYS | (_HOLDING | _CCER) << _FROM | (_HOLDING | _CCER) << _TO | _TRADING_LOTS | _TO_TRADING;

    /// The row of a kind; an empty one for a kind that does not exist.
    function rowOf(Kind kind) internal pure returns (OrderRule) {
        if (kind < Kind.SET_COUNTERPARTY) return OrderRule.wrap(_issuing(kind));
        if (kind < Kind.SURRENDER) return OrderRule.wrap(_moving(kind));
        if (kind < Kind.CANCEL) return OrderRule.wrap(_complying(kind));
        return OrderRule.wrap(_ending(kind));
    }

    function _issuing(Kind kind) private pure returns (uint256) {
        if (kind == Kind.REGISTER_CLASS) return _REGISTRY_AND_REGULATOR;
        if (kind == Kind.PRE_ALLOCATE || kind == Kind.ISSUE) return _ISSUES;
        if (kind == Kind.ALLOCATE) {
            return _REGULATORS | (_ISSUANCE | _PROVINCIAL) << _FROM | _HOLDING << _TO
                | _REGISTRY_LOTS | _TO_REGISTRY;
        }
        if (kind == Kind.CLAW_BACK) {
            return _REGULATORS | (_OWN | _PROVINCIAL) << _FROM | _ISSUANCE << _TO | _AVAILABLE_LOTS
                | _TO_REGISTRY;
        }
        if (kind == Kind.SETTLE_ARREAR) {
            return _KEYS | _OWN << _FROM | _ISSUANCE << _TO | _REGISTRY_LOTS | _TO_REGISTRY;
        }
        if (kind == Kind.LISTED || kind == Kind.BLOCK || kind == Kind.AUCTION) return _TRADES;
        if (kind == Kind.PRIMARY_AUCTION) {
            return _EXCHANGE_AND_REGULATOR | _ISSUANCE << _FROM | _HOLDING << _TO | _REGISTRY_LOTS
                | _TO_TRADING;
        }
        return 0;
    }

    function _moving(Kind kind) private pure returns (uint256) {
        if (kind == Kind.SET_COUNTERPARTY) {
            return _KEYS | (_HOLDING | _CCER) << _FROM | (_HOLDING | _CCER) << _TO;
        }
        if (kind == Kind.MOVE) {
            // The place is the subject of the order.
            return _KEYS | (_OWN | _CCER) << _FROM | (_OWN | _CCER) << _TO | _AVAILABLE_LOTS
                | _TO_RECEIVER | _CONFIRMED;
        }
        if (kind == Kind.FREEZE) {
            return _REGULATORS | _ANY << _FROM | _AVAILABLE_LOTS | _FREEZES
                | uint256(Hold.JUDICIAL) << _END_HOLD;
        }
        if (kind == Kind.UNFREEZE) {
            return _REGULATORS | _ANY << _FROM | _IN_FROZEN << _PLACES | _JUDICIAL << _HOLDS
                | _FREED;
        }
        if (kind == Kind.PLEDGE) {
            return _KEYS | (_HOLDING | _CCER) << _FROM | _HOLDING << _TO | _AVAILABLE_LOTS
                | _FREEZES | uint256(Hold.PLEDGE) << _END_HOLD | _FOR_RECEIVER;
        }
        return _PLEDGEES | (_HOLDING | _CCER) << _FROM | _HOLDING << _TO | _IN_FROZEN << _PLACES
            | _PLEDGED << _HOLDS | _FREED;
    }

    function _complying(Kind kind) private pure returns (uint256) {
        if (kind == Kind.SURRENDER) return _KEYS | _OWN << _FROM | _REGISTRY_LOTS | _HANDED_IN;
        if (kind == Kind.FORCED_SURRENDER) {
            return _REGULATORS | _PROVINCIAL << _FROM | _REGISTRY_LOTS | _HANDED_IN;
        }
        if (kind == Kind.OFFSET_FREEZE) {
            return _KEYS | _CCER << _FROM | _REGISTRY_LOTS | _FREEZES
                | uint256(Hold.OFFSET) << _END_HOLD | _FOR_SUBJECT;
        }
        if (kind == Kind.OFFSET_PENDING) {
            return _REGISTRY_AND_REGULATOR | _CCER << _FROM | _IN_FROZEN << _PLACES
                | _OFFSET << _HOLDS | uint256(Place.PENDING) << _END_PLACE
                | uint256(Hold.OFFSET) << _END_HOLD | _FOR_SUBJECT | _CONFIRMED;
        }
        if (kind == Kind.OFFSET_USE) {
            // The lots stay where they are.
            return _KEY_AND_REGULATOR | _CCER << _FROM | (_IN_PENDING | _IN_CANCELLED) << _PLACES
                | _OFFSET << _HOLDS | uint256(Hold.USED) << _END_HOLD | _FOR_SUBJECT | _CONFIRMED;
        }
        if (kind == Kind.OFFSET_CANCEL) {
            return _REGISTRY_AND_REGULATOR | _CCER << _FROM | (_IN_FROZEN | _IN_PENDING) << _PLACES
                | (_OFFSET | _USED) << _HOLDS | uint256(Place.CANCELLED) << _END_PLACE
                | _KEEPS_HOLD | _FOR_SUBJECT | _CONFIRMED;
        }
        return _KEY_AND_REGISTRY | _CCER << _FROM | (_IN_FROZEN | _IN_PENDING) << _PLACES
            | (_OFFSET | _USED) << _HOLDS | _FREED;
    }

    function _ending(Kind kind) private pure returns (uint256) {
        uint256 cancelled = _TO_RECEIVER | uint256(Place.CANCELLED) << _END_PLACE;
        if (kind == Kind.CANCEL) {
            return _KEYS | (_HOLDING | _CCER) << _FROM | _CANCELLATION << _TO | _REGISTRY_LOTS
                | cancelled | _CONFIRMED;
        }
        if (kind == Kind.CARRY_OVER) {
            return _KEY_AND_REGULATOR | _OWN << _FROM | _AVAILABLE_LOTS
                | uint256(Place.CONVERTED) << _END_PLACE | _FOR_SUBJECT | _CONFIRMED;
        }
        if (kind == Kind.CLOSE_LEDGER) return _REGULATORS;
        uint256 corrected = _REGISTRY_AND_REGULATOR | _ANY << _FROM;
        if (kind == Kind.CORRECT_REMOVE) {
            return corrected | _CANCELLATION << _TO | _HELD_LOTS | cancelled;
        }
        corrected = corrected | _ANY << _TO | _TO_RECEIVER | uint256(Place.REGISTRY) << _END_PLACE;
        if (kind == Kind.CORRECT_MOVE) return corrected | _HELD_LOTS;
        return corrected | _ENDED_LOTS;
    }

    function exists(OrderRule rule) internal pure returns (bool) {
        return OrderRule.unwrap(rule) != 0;
    }

    function initiator(OrderRule rule) internal pure returns (Signer) {
        return Signer(OrderRule.unwrap(rule) >> _INITIATOR & 0xf);
    }

    function approver(OrderRule rule) internal pure returns (Signer) {
        return Signer(OrderRule.unwrap(rule) >> _APPROVER & 0xf);
    }

    /// Something in a registry or at the exchange answers to the order and is to be entered.
    function confirmed(OrderRule rule) internal pure returns (bool) {
        return OrderRule.unwrap(rule) & _CONFIRMED != 0;
    }

    function hasFrom(OrderRule rule) internal pure returns (bool) {
        return _set(rule, _FROM) != 0;
    }

    function hasTo(OrderRule rule) internal pure returns (bool) {
        return _set(rule, _TO) != 0;
    }

    function hasLots(OrderRule rule) internal pure returns (bool) {
        return _set(rule, _PLACES) != 0;
    }

    function fits(OrderRule rule, IAccessRegistry.AccountKind kind, bool receiver)
        internal
        pure
        returns (bool)
    {
        return _set(rule, receiver ? _TO : _FROM) >> uint256(kind) & 1 != 0;
    }

    function takesFrom(OrderRule rule, Place place) internal pure returns (bool) {
        return _set(rule, _PLACES) >> uint256(place) & 1 != 0;
    }

    function takesHold(OrderRule rule, Hold hold) internal pure returns (bool) {
        return _set(rule, _HOLDS) >> uint256(hold) & 1 != 0;
    }

    /// NONE: where they are.
    function endPlace(OrderRule rule) internal pure returns (Place) {
        return Place(OrderRule.unwrap(rule) >> _END_PLACE & 0xf);
    }

    function endHold(OrderRule rule) internal pure returns (Hold) {
        return Hold(OrderRule.unwrap(rule) >> _END_HOLD & 0xf);
    }

    function endsInTo(OrderRule rule) internal pure returns (bool) {
        return OrderRule.unwrap(rule) & _TO_RECEIVER != 0;
    }

    function keepsHold(OrderRule rule) internal pure returns (bool) {
        return OrderRule.unwrap(rule) & _KEEPS_HOLD != 0;
    }

    /// What the hold is for, of the subject and the receiver of the order.
    function endSubject(OrderRule rule, uint64 subject, uint64 to) internal pure returns (uint64) {
        uint256 row = OrderRule.unwrap(rule);
        if (row & _FOR_SUBJECT != 0) return subject;
        return row & _FOR_RECEIVER != 0 ? to : 0;
    }

    function _set(OrderRule rule, uint256 place) private pure returns (uint256) {
        return OrderRule.unwrap(rule) >> place & 0xff;
    }
}
