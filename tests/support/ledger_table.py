"""The table of orders, written out a second time for the slow model; the specification has it too."""

from dataclasses import dataclass

from support.ledger_orders import AccountKind, Hold, Kind, Place

HOLDING, COMPLIANCE, ISSUANCE, CANCELLATION, PROVINCIAL, CCER = (
    AccountKind.HOLDING,
    AccountKind.COMPLIANCE,
    AccountKind.ISSUANCE,
    AccountKind.CANCELLATION,
    AccountKind.PROVINCIAL,
    AccountKind.CCER,
)
ANY = (HOLDING, COMPLIANCE, ISSUANCE, CANCELLATION, PROVINCIAL, CCER)
OWN = (HOLDING, COMPLIANCE)
TRADERS = (HOLDING, CCER)
REGISTRY, TRADING, FROZEN, PENDING = Place.REGISTRY, Place.TRADING, Place.FROZEN, Place.PENDING
SURRENDERED, CANCELLED, CONVERTED = Place.SURRENDERED, Place.CANCELLED, Place.CONVERTED
FREE = (Hold.NONE,)
ANY_HOLD = tuple(Hold)
SET_ASIDE = (Hold.OFFSET, Hold.USED)


@dataclass(frozen=True)
class Row:
    """Who signs, between which kinds of account, which lots, and whether a registry confirms it."""

    initiator: str
    approver: str
    source: tuple[AccountKind, ...] = ()
    to: tuple[AccountKind, ...] = ()
    places: tuple[Place, ...] = ()
    holds: tuple[Hold, ...] = ()
    confirmed: bool = True


TABLE: dict[Kind, Row] = {
    Kind.REGISTER_CLASS: Row("registry", "regulator", confirmed=False),
    Kind.PRE_ALLOCATE: Row("regulator", "regulator", to=(HOLDING, ISSUANCE, PROVINCIAL, CCER)),
    Kind.ISSUE: Row("regulator", "regulator", to=(HOLDING, ISSUANCE, PROVINCIAL, CCER)),
    Kind.ALLOCATE: Row(
        "regulator", "regulator", (ISSUANCE, PROVINCIAL), (HOLDING,), (REGISTRY,), FREE
    ),
    Kind.CLAW_BACK: Row(
        "regulator",
        "regulator",
        (*OWN, PROVINCIAL),
        (ISSUANCE,),
        (REGISTRY, TRADING),
        FREE,
    ),
    Kind.SETTLE_ARREAR: Row("key", "key", OWN, (ISSUANCE,), (REGISTRY,), FREE),
    Kind.LISTED: Row("key", "key", TRADERS, TRADERS, (TRADING,), FREE),
    Kind.BLOCK: Row("key", "key", TRADERS, TRADERS, (TRADING,), FREE),
    Kind.AUCTION: Row("key", "key", TRADERS, TRADERS, (TRADING,), FREE),
    Kind.PRIMARY_AUCTION: Row("exchange", "regulator", (ISSUANCE,), (HOLDING,), (REGISTRY,), FREE),
    Kind.SET_COUNTERPARTY: Row("key", "key", TRADERS, TRADERS, confirmed=False),
    Kind.MOVE: Row(
        "key",
        "key",
        (HOLDING, COMPLIANCE, CCER),
        (HOLDING, COMPLIANCE, CCER),
        (REGISTRY, TRADING),
        FREE,
    ),
    Kind.FREEZE: Row("regulator", "regulator", ANY, (), (REGISTRY, TRADING), FREE),
    Kind.UNFREEZE: Row("regulator", "regulator", ANY, (), (FROZEN,), (Hold.JUDICIAL,)),
    Kind.PLEDGE: Row("key", "key", TRADERS, (HOLDING,), (REGISTRY, TRADING), FREE),
    Kind.UNPLEDGE: Row("key of to", "key of to", TRADERS, (HOLDING,), (FROZEN,), (Hold.PLEDGE,)),
    Kind.SURRENDER: Row("key", "key", OWN, (), (REGISTRY,), FREE),
    Kind.FORCED_SURRENDER: Row("regulator", "regulator", (PROVINCIAL,), (), (REGISTRY,), FREE),
    Kind.OFFSET_FREEZE: Row("key", "key", (CCER,), (), (REGISTRY,), FREE),
    Kind.OFFSET_PENDING: Row("registry", "regulator", (CCER,), (), (FROZEN,), (Hold.OFFSET,)),
    Kind.OFFSET_USE: Row("key", "regulator", (CCER,), (), (PENDING, CANCELLED), (Hold.OFFSET,)),
    Kind.OFFSET_CANCEL: Row("registry", "regulator", (CCER,), (), (FROZEN, PENDING), SET_ASIDE),
    Kind.OFFSET_RELEASE: Row("key", "registry", (CCER,), (), (FROZEN, PENDING), SET_ASIDE),
    Kind.CANCEL: Row("key", "key", TRADERS, (CANCELLATION,), (REGISTRY,), FREE),
    Kind.CARRY_OVER: Row("key", "regulator", OWN, (), (REGISTRY, TRADING), FREE),
    Kind.CORRECT_MOVE: Row(
        "registry",
        "regulator",
        ANY,
        ANY,
        (REGISTRY, TRADING, FROZEN, PENDING),
        ANY_HOLD,
        confirmed=False,
    ),
    Kind.CORRECT_REMOVE: Row(
        "registry",
        "regulator",
        ANY,
        (CANCELLATION,),
        (REGISTRY, TRADING, FROZEN, PENDING),
        ANY_HOLD,
        confirmed=False,
    ),
    Kind.CORRECT_RESTORE: Row(
        "registry",
        "regulator",
        ANY,
        ANY,
        (SURRENDERED, CANCELLED, CONVERTED),
        ANY_HOLD,
        confirmed=False,
    ),
    Kind.CLOSE_LEDGER: Row("regulator", "regulator", confirmed=False),
}
