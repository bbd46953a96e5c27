"""The words of the ledger's contracts, with the numbers that they have on the chain.

`docs/spec/allowance-registry.md` says what each of them means.
"""

from enum import IntEnum


class Book(IntEnum):
    """One of the five contracts, in the order in which their events of one block are shown."""

    ACCESS = 1
    RULES = 2
    LOTS = 3
    OBLIGATIONS = 4
    ORDERS = 5


class Role(IntEnum):
    """Office of an address (职务)."""

    NONE = 0
    ADMINISTRATOR = 1
    REGULATOR = 2
    REGISTRY = 3
    EXCHANGE = 4
    VERIFIER = 5


class AccountKind(IntEnum):
    """What an account is for (账户类型)."""

    NONE = 0
    HOLDING = 1
    COMPLIANCE = 2
    ISSUANCE = 3
    CANCELLATION = 4
    PROVINCIAL = 5
    CCER = 6


class AccountStatus(IntEnum):
    """Whether an account may act (账户状态)."""

    NONE = 0
    ACTIVE = 1
    FROZEN = 2
    CLOSED = 3


class Instrument(IntEnum):
    """What a class of units is for (产品类型)."""

    NONE = 0
    ALLOWANCE = 1
    CCER = 2
    OTHER = 3


class Place(IntEnum):
    """Where a lot stands; the first four are held, the last three are its end (位置)."""

    NONE = 0
    REGISTRY = 1
    TRADING = 2
    FROZEN = 3
    PENDING = 4
    SURRENDERED = 5
    CANCELLED = 6
    CONVERTED = 7

    @property
    def held(self) -> bool:
        """Units here belong to what the account holds."""
        return Place.REGISTRY <= self <= Place.PENDING


class Hold(IntEnum):
    """What binds a lot (限制)."""

    NONE = 0
    JUDICIAL = 1
    PLEDGE = 2
    OFFSET = 3
    USED = 4


class Kind(IntEnum):
    """What an order does (指令类型)."""

    NONE = 0
    REGISTER_CLASS = 1
    PRE_ALLOCATE = 2
    ISSUE = 3
    ALLOCATE = 4
    CLAW_BACK = 5
    SETTLE_ARREAR = 6
    LISTED = 7
    BLOCK = 8
    AUCTION = 9
    PRIMARY_AUCTION = 10
    SET_COUNTERPARTY = 11
    MOVE = 12
    FREEZE = 13
    UNFREEZE = 14
    PLEDGE = 15
    UNPLEDGE = 16
    SURRENDER = 17
    FORCED_SURRENDER = 18
    OFFSET_FREEZE = 19
    OFFSET_PENDING = 20
    OFFSET_USE = 21
    OFFSET_CANCEL = 22
    OFFSET_RELEASE = 23
    CANCEL = 24
    CARRY_OVER = 25
    CORRECT_MOVE = 26
    CORRECT_REMOVE = 27
    CORRECT_RESTORE = 28
    CLOSE_LEDGER = 29


class OrderState(IntEnum):
    """How far an order has come; the last three are ends (指令状态)."""

    NONE = 0
    PROPOSED = 1
    APPROVED = 2
    EXECUTED = 3
    CANCELLED = 4
    EXPIRED = 5


class Admission(IntEnum):
    """How units of a class may serve an obligation year."""

    NO = 0
    ALLOWANCE = 1
    OFFSET = 2
    OFFSET_CANCELLED_FIRST = 3
