"""What each kind of order is made of; the table is that of docs/spec/allowance-registry.md."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trace_node.quota.ledger.kinds import Hold, Kind, Place

_REGISTRY, _TRADING, _FROZEN, _PENDING = Place.REGISTRY, Place.TRADING, Place.FROZEN, Place.PENDING
_ENDS = (Place.SURRENDERED, Place.CANCELLED, Place.CONVERTED)
_HELD = (_REGISTRY, _TRADING, _FROZEN, _PENDING)
_FREE = (Hold.NONE,)
_SET_ASIDE = (Hold.OFFSET, Hold.USED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a kind of order needs.

    Attributes:
        initiator: Who signs first: key, key of to, regulator, registry or exchange.
        approver: Who approves, of the same words.
        source: Whether it names an account whose lots are moved.
        target: Whether it names an account that receives.
        subject: What its subject is: class, obligation, arrear, place or instrument; empty without.
        optional: Whether the subject may be left out.
        places: Where its lots may stand; empty for an order without lots.
        holds: What may bind them.
        confirmed: Whether the registry or the exchange answers to it.
    """

    initiator: str = "key"
    approver: str = "key"
    source: bool = True
    target: bool = False
    subject: str = ""
    optional: bool = False
    places: tuple[Place, ...] = ()
    holds: tuple[Hold, ...] = _FREE
    confirmed: bool = True


_TRADE = Shape(target=True, places=(_TRADING,))
_ISSUE = Shape(
    initiator="regulator", approver="regulator", source=False, target=True, subject="class"
)
SHAPES: Final = MappingProxyType(
    {
        Kind.REGISTER_CLASS: Shape(
            initiator="registry",
            approver="regulator",
            source=False,
            subject="instrument",
            confirmed=False,
        ),
        Kind.PRE_ALLOCATE: _ISSUE,
        Kind.ISSUE: _ISSUE,
        Kind.ALLOCATE: Shape(
            initiator="regulator",
            approver="regulator",
            target=True,
            subject="obligation",
            optional=True,  # asked for where a provincial account releases
            places=(_REGISTRY,),
        ),
        Kind.CLAW_BACK: Shape(
            initiator="regulator",
            approver="regulator",
            target=True,
            subject="class",
            places=(_REGISTRY, _TRADING),
        ),
        Kind.SETTLE_ARREAR: Shape(target=True, subject="arrear", places=(_REGISTRY,)),
        Kind.LISTED: _TRADE,
        Kind.BLOCK: _TRADE,
        Kind.AUCTION: _TRADE,
        Kind.PRIMARY_AUCTION: Shape(
            initiator="exchange", approver="regulator", target=True, places=(_REGISTRY,)
        ),
        Kind.SET_COUNTERPARTY: Shape(target=True, confirmed=False),
        Kind.MOVE: Shape(target=True, subject="place", places=(_REGISTRY, _TRADING)),
        Kind.FREEZE: Shape(
            initiator="regulator", approver="regulator", places=(_REGISTRY, _TRADING)
        ),
        Kind.UNFREEZE: Shape(
            initiator="regulator", approver="regulator", places=(_FROZEN,), holds=(Hold.JUDICIAL,)
        ),
        Kind.PLEDGE: Shape(target=True, places=(_REGISTRY, _TRADING)),
        Kind.UNPLEDGE: Shape(
            initiator="key of to",
            approver="key of to",
            target=True,
            places=(_FROZEN,),
            holds=(Hold.PLEDGE,),
        ),
        Kind.SURRENDER: Shape(subject="obligation", places=(_REGISTRY,)),
        Kind.FORCED_SURRENDER: Shape(
            initiator="regulator", approver="regulator", subject="obligation", places=(_REGISTRY,)
        ),
        Kind.OFFSET_FREEZE: Shape(subject="obligation", places=(_REGISTRY,)),
        Kind.OFFSET_PENDING: Shape(
            initiator="registry",
            approver="regulator",
            subject="obligation",
            places=(_FROZEN,),
            holds=(Hold.OFFSET,),
        ),
        Kind.OFFSET_USE: Shape(
            approver="regulator",
            subject="obligation",
            places=(_PENDING, Place.CANCELLED),
            holds=(Hold.OFFSET,),
        ),
        Kind.OFFSET_CANCEL: Shape(
            initiator="registry",
            approver="regulator",
            subject="obligation",
            places=(_FROZEN, _PENDING),
            holds=_SET_ASIDE,
        ),
        Kind.OFFSET_RELEASE: Shape(
            approver="registry", subject="obligation", places=(_FROZEN, _PENDING), holds=_SET_ASIDE
        ),
        Kind.CANCEL: Shape(target=True, places=(_REGISTRY,)),
        Kind.CARRY_OVER: Shape(approver="regulator", subject="class", places=(_REGISTRY, _TRADING)),
        Kind.CORRECT_MOVE: Shape(
            initiator="registry",
            approver="regulator",
            target=True,
            places=_HELD,
            holds=tuple(Hold),
            confirmed=False,
        ),
        Kind.CORRECT_REMOVE: Shape(
            initiator="registry",
            approver="regulator",
            target=True,
            places=_HELD,
            holds=tuple(Hold),
            confirmed=False,
        ),
        Kind.CORRECT_RESTORE: Shape(
            initiator="registry",
            approver="regulator",
            target=True,
            places=_ENDS,
            holds=tuple(Hold),
            confirmed=False,
        ),
        Kind.CLOSE_LEDGER: Shape(
            initiator="regulator", approver="regulator", source=False, confirmed=False
        ),
    }
)
