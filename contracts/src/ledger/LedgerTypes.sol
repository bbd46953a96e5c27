// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What a class of instruments is for.
enum Instrument {
    NONE,
    /// CEA of a vintage.
    ALLOWANCE,
    /// CCER of a project and vintage.
    CCER,
    /// Anything else that is held and traded, such as units of a carbon fund or bond.
    OTHER
}

/// Where a lot stands. The first four are held; the last three are the end of a lot.
enum Place {
    NONE,
    REGISTRY,
    TRADING,
    FROZEN,
    PENDING,
    SURRENDERED,
    CANCELLED,
    CONVERTED
}

/// What binds a lot.
enum Hold {
    NONE,
    /// Frozen by a court or the regulator.
    JUDICIAL,
    /// Pledged; the subject is the pledgee's account.
    PLEDGE,
    /// Set aside against an obligation, which is the subject.
    OFFSET,
    /// Used for that obligation.
    USED
}

/// What an order does. `docs/spec/allowance-registry.md` has a row for each.
enum Kind {
    NONE,
    REGISTER_CLASS,
    PRE_ALLOCATE,
    ISSUE,
    ALLOCATE,
    CLAW_BACK,
    SETTLE_ARREAR,
    LISTED,
    BLOCK,
    AUCTION,
    PRIMARY_AUCTION,
    SET_COUNTERPARTY,
    MOVE,
    FREEZE,
    UNFREEZE,
    PLEDGE,
    UNPLEDGE,
    SURRENDER,
    FORCED_SURRENDER,
    OFFSET_FREEZE,
    OFFSET_PENDING,
    OFFSET_USE,
    OFFSET_CANCEL,
    OFFSET_RELEASE,
    CANCEL,
    CARRY_OVER,
    CORRECT_MOVE,
    CORRECT_REMOVE,
    CORRECT_RESTORE,
    CLOSE_LEDGER
}

enum OrderState {
    NONE,
    PROPOSED,
    APPROVED,
    EXECUTED,
    CANCELLED,
    EXPIRED
}

/// A quantity of one lot.
struct Part {
    uint64 lot;
    uint256 quantity;
}

/// What two persons sign. Accounts that a kind does not use are zero, and so should all else be.
struct Order {
    /// The chain, so that an order of another one is refused by name.
    uint256 chainId;
    /// The idempotency key: 8 bytes of the account whose keys propose the order, zero for officers,
    /// so that nobody takes an id of another; then 24 bytes chosen by the initiator.
    bytes32 orderId;
    uint8 kind;
    /// The account whose lots are moved.
    uint64 from;
    uint64 to;
    /// Class, obligation, arrear, place, instrument: by kind.
    uint64 subject;
    Part[] parts;
    uint256 quantity;
    /// Salted digest of price and counterparties, or of the beneficiary.
    bytes32 commitment;
    /// Digest of the registry's serial or trade number, or of another outside reference.
    bytes32 registryNumber;
    /// Digest of the reason or of the record behind the order.
    bytes32 reason;
    /// First second at which it may be executed.
    uint64 notBefore;
    /// Last second at which it may be proposed, approved or executed.
    uint64 deadline;
}

struct Class {
    /// Serial of the next unit issued; one less is all that was issued.
    uint64 nextSerial;
    uint64 held;
    uint64 surrendered;
    uint64 cancelled;
    uint64 converted;
    /// Year of the units.
    uint32 vintage;
    Instrument instrument;
    /// Such as "CEA25".
    bytes32 code;
    /// Digest of the class's record: of the project, for CCER.
    bytes32 record;
}

/// A contiguous range of serials of one class in one account.
struct Lot {
    uint64 account;
    uint32 classId;
    Place place;
    Hold hold;
    uint64 subject;
    uint64 firstSerial;
    uint64 quantity;
    /// Number of the open order that reserves it; 0 when it is free.
    uint64 order;
    /// Digest of its serial range in the national registry.
    bytes32 registryNumber;
}

/// What an account holds of one class, by place.
struct Balance {
    uint64 registry;
    uint64 trading;
    uint64 frozen;
    uint64 pending;
}

struct OrderStatus {
    /// EIP-712 hash of the order's content.
    bytes32 contentHash;
    uint64 number;
    Kind kind;
    OrderState state;
    uint64 executableAt;
    address initiator;
    address approver;
    /// Digest of the registry's or trade number; 0 while the order is unconfirmed.
    bytes32 confirmation;
    /// The lots that it reserves; empty once it has ended.
    uint64[] lots;
}
