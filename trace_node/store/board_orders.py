"""What executed orders moved of one organisation, from the mirror's tables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from trace_node.period import from_ms
from trace_node.quota.board.position import (
    ISSUING,
    MOST_UNCONFIRMED,
    UNANSWERED,
    UNMOVING,
    Movement,
)
from trace_node.quota.ledger.kinds import Instrument, Kind, OrderState
from trace_node.store.tables import (
    LEDGER_BLOCKS,
    LEDGER_LOTS,
    LEDGER_ORDER_PARTS,
    LEDGER_ORDERS,
)

_NOTHING = bytes(32)
_ONE_SIDED = frozenset({Kind.CARRY_OVER, Kind.CORRECT_RESTORE})  # also between own accounts


@dataclass(frozen=True, slots=True)
class Moved:
    """Tonnes of one class that one order moved.

    Attributes:
        order_id: 32 bytes.
        kind: What the order did.
        time: Seconds since the epoch by the block in which it was executed.
        class_id: The class.
        received: Tonnes that came to the organisation.
        given: Tonnes that left it or came to an end.
        is_own: Both accounts are its own, where there are two.
        confirmed: It carries a number of registry or exchange, or needs none.
    """

    order_id: bytes
    kind: Kind
    time: int
    class_id: int
    received: int
    given: int
    is_own: bool
    confirmed: bool


def executed(connection: Connection, accounts: frozenset[int]) -> list[Moved]:
    """What executed orders moved of an organisation's accounts, oldest first."""
    orders = LEDGER_ORDERS.c
    touched = (
        select(LEDGER_ORDERS, LEDGER_BLOCKS.c.block_time)
        .join(LEDGER_BLOCKS, LEDGER_BLOCKS.c.number == orders.ended_block)
        .where(
            orders.state == int(OrderState.EXECUTED),
            or_(orders.source.in_(accounts), orders.target.in_(accounts)),
        )
        .order_by(orders.number)
    )
    rows = connection.execute(touched).all()
    parts = _parts(connection, accounts)
    return [each for row in rows for each in _moved(row, parts.get(row.number, {}), accounts)]


def _parts(connection: Connection, accounts: frozenset[int]) -> Mapping[int, Mapping[int, int]]:
    """Tonnes by order and class."""
    parts, orders, lots = LEDGER_ORDER_PARTS.c, LEDGER_ORDERS.c, LEDGER_LOTS.c
    statement = (
        select(parts.number, lots.class_id, func.sum(parts.quantity))
        .join(LEDGER_ORDERS, orders.number == parts.number)
        .join(LEDGER_LOTS, lots.lot == parts.lot)
        .where(
            orders.state == int(OrderState.EXECUTED),
            or_(orders.source.in_(accounts), orders.target.in_(accounts)),
        )
        .group_by(parts.number, lots.class_id)
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for number, class_id, tonnes in connection.execute(statement):
        found[number][class_id] = int(tonnes)
    return found


def _moved(row: Row[Any], parts: Mapping[int, int], accounts: frozenset[int]) -> Iterator[Moved]:
    kind = Kind(row.kind)
    confirmed = kind in UNANSWERED or row.confirmation != _NOTHING
    gives, gets = row.source in accounts, row.target in accounts

    def moved(class_id: int, *, received: int = 0, given: int = 0) -> Moved:
        return Moved(
            order_id=row.order_id,
            kind=kind,
            time=row.block_time,
            class_id=class_id,
            received=received,
            given=given,
            is_own=gives and gets,
            confirmed=confirmed,
        )

    if kind in ISSUING:
        yield moved(row.subject, received=row.quantity)
    elif kind is Kind.CLAW_BACK:  # what the parts do not hold is an arrear
        yield moved(row.subject, given=sum(parts.values()))
    elif kind is Kind.CARRY_OVER:
        yield from (moved(class_id, given=tonnes) for class_id, tonnes in parts.items())
        yield moved(row.subject, received=row.quantity)
    elif kind is Kind.CORRECT_RESTORE:  # out of an end, which is nobody's
        yield from (moved(class_id, received=parts[class_id]) for class_id in parts if gets)
    else:
        ends = kind is Kind.OFFSET_USE
        for class_id, tonnes in parts.items():
            yield moved(
                class_id,
                received=tonnes if gets and kind not in UNMOVING else 0,
                given=tonnes if (gives or ends) and kind not in UNMOVING else 0,
            )


def unconfirmed(moved: Sequence[Moved]) -> tuple[bytes, ...]:
    """The newest orders among them that nobody has confirmed, newest first."""
    ids = dict.fromkeys(each.order_id for each in reversed(moved) if not each.confirmed)
    return tuple(ids)[:MOST_UNCONFIRMED]


def issued(moved: Sequence[Moved], clawed_back: Mapping[int, int]) -> Mapping[int, int]:
    """Tonnes issued by class, less what was clawed back.

    Args:
        moved: What was moved.
        clawed_back: Tonnes owed back by class, whether they were there or not.
    """
    found: dict[int, int] = defaultdict(int)
    for each in moved:
        if each.kind in ISSUING or (each.kind is Kind.ALLOCATE and not each.is_own):
            found[each.class_id] += each.received
    for class_id, tonnes in clawed_back.items():
        found[class_id] -= tonnes
    return dict(found)


def clawed_back(connection: Connection, accounts: frozenset[int]) -> Mapping[int, int]:
    """Tonnes that executed claw-backs demanded, by class."""
    orders = LEDGER_ORDERS.c
    statement = (
        select(orders.subject, func.sum(orders.quantity))
        .where(
            orders.state == int(OrderState.EXECUTED),
            orders.kind == int(Kind.CLAW_BACK),
            orders.source.in_(accounts),
        )
        .group_by(orders.subject)
    )
    return {class_id: int(tonnes) for class_id, tonnes in connection.execute(statement)}


def movements(moved: Sequence[Moved], instruments: Mapping[int, Instrument]) -> list[Movement]:
    """The same by month, kind and class; transfers between own accounts are none."""
    sums: dict[tuple[int, int, Kind, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in moved:
        if each.kind in UNMOVING or (each.is_own and each.kind not in _ONE_SIDED):
            continue
        civil = from_ms(each.time * 1000)
        total = sums[civil.year, civil.month, each.kind, each.class_id]
        total[0] += each.received
        total[1] += each.given
        total[2] += 0 if each.confirmed else each.received + each.given
    return [
        Movement(
            year=year,
            month=month,
            kind=kind,
            class_id=class_id,
            instrument=instruments.get(class_id, Instrument.NONE),
            received=received,
            given=given,
            unconfirmed=open_tonnes,
        )
        for (year, month, kind, class_id), (received, given, open_tonnes) in sorted(sums.items())
    ]
