"""How the mirror's identity, head and stops go into SQL and come out."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from trace_node.errors import NotFoundError, UnavailableError
from trace_node.ports.ledger import BlockMark, LedgerIdentity
from trace_node.ports.ledger_mirror_head import MirrorHead, Reconciled, Stop, StopCause
from trace_node.quota.ledger.kinds import Book
from trace_node.store.tables import LEDGER_HEAD, LEDGER_IDENTITY, LEDGER_STOPS
from trace_node.store.tables_ledger import BOOK_COLUMNS

BOOKS = dict(zip(Book, BOOK_COLUMNS, strict=True))
_GRAVITY = (StopCause.DEEP_REORG, StopCause.REBUILD, StopCause.DIFFERENCE)


class MirrorMovedError(UnavailableError):
    """Another process moved the mirror meanwhile; nothing was written."""

    code = "ledger.moved"


def read_identity(connection: Connection) -> LedgerIdentity | None:
    """The ledger that the database mirrors."""
    row = connection.execute(select(LEDGER_IDENTITY)).one_or_none()
    if row is None:
        return None
    return LedgerIdentity(
        chain_id=row.chain_id,
        genesis_hash=row.genesis_hash,
        contracts={book: getattr(row, name) for book, name in BOOKS.items()},
        first_block=row.first_block,
    )


def write_identity(connection: Connection, identity: LedgerIdentity) -> None:
    """Belong to a ledger; the database belonged to none before."""
    values: dict[str, object] = {
        "identity_id": 1,
        "chain_id": identity.chain_id,
        "genesis_hash": identity.genesis_hash,
        "first_block": identity.first_block,
    }
    values |= {name: identity.contracts[book] for book, name in BOOKS.items()}
    connection.execute(insert(LEDGER_IDENTITY), values)


def beginning(identity: LedgerIdentity, *, cursor: bytes, revision: int) -> MirrorHead:
    """The head of a mirror that has seen nothing of its ledger."""
    before = BlockMark(number=identity.first_block - 1, block_hash=bytes(32), time=0)
    return MirrorHead(
        revision=revision,
        cursor=cursor,
        tip=before,
        waiting=before,
        settled=None,
        height=before.number,
        final=-1,
        counts=dict.fromkeys(Book, 0),
    )


def read_head(connection: Connection, *, lock: bool = False) -> MirrorHead:
    """How far the mirror has come; with ``lock`` no other transaction moves it meanwhile.

    Raises:
        NotFoundError: No ledger was joined yet.
    """
    statement = select(LEDGER_HEAD)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFoundError(
            "this node has joined no ledger",
            code="not_found.ledger",
            remedy="join one: trace-node ledger join; the node mirrors it then",
        )
    return _head(row)


def write_head(connection: Connection, *, before: MirrorHead | None, after: MirrorHead) -> None:
    """Replace the head if it still is ``before``; ``None`` where there was none.

    Raises:
        MirrorMovedError: It is not.
    """
    if before is None:
        connection.execute(insert(LEDGER_HEAD), {"head_id": 1, **_values(after)})
        return
    moved = update(LEDGER_HEAD).where(LEDGER_HEAD.c.revision == before.revision)
    values = {**_values(after), "revision": before.revision + 1}
    if connection.execute(moved.values(values)).rowcount != 1:
        raise MirrorMovedError(
            "another process moved the mirror of the ledger; nothing was written",
            remedy="try again; one node alone should follow the ledger in this database",
        )


def read_stops(connection: Connection) -> list[Stop]:
    """Why orders are stopped, gravest first."""
    found = [
        Stop(
            cause=StopCause(row.cause),
            detail=row.detail,
            evidence=row.evidence,
            block=row.block,
            since_ms=row.since_ms,
        )
        for row in connection.execute(select(LEDGER_STOPS))
    ]
    return sorted(found, key=lambda stop: _GRAVITY.index(stop.cause))


def write_stop(connection: Connection, stop: Stop) -> None:
    """Stop orders; a stop for the same cause is replaced."""
    lift_stop(connection, stop.cause)
    connection.execute(
        insert(LEDGER_STOPS),
        {
            "cause": stop.cause.value,
            "detail": stop.detail,
            "evidence": stop.evidence,
            "block": stop.block,
            "since_ms": stop.since_ms,
        },
    )


def lift_stop(connection: Connection, cause: StopCause) -> None:
    """Take one cause back."""
    connection.execute(delete(LEDGER_STOPS).where(LEDGER_STOPS.c.cause == cause.value))


def _head(row: Row[Any]) -> MirrorHead:
    settled = None
    if row.settled_number is not None:
        settled = BlockMark(
            number=row.settled_number, block_hash=row.settled_hash, time=row.settled_time
        )
    reconciled = None
    if row.reconciled_block is not None:
        reconciled = Reconciled(block=row.reconciled_block, at_ms=row.reconciled_ms)
    return MirrorHead(
        revision=row.revision,
        cursor=row.cursor,
        tip=BlockMark(number=row.tip_number, block_hash=row.tip_hash, time=row.tip_time),
        waiting=BlockMark(
            number=row.waiting_number, block_hash=row.waiting_hash, time=row.waiting_time
        ),
        settled=settled,
        height=row.height,
        final=row.final,
        counts={book: getattr(row, f"{name}_events") for book, name in BOOKS.items()},
        history=row.history,
        level_ms=row.level_ms,
        reconciled=reconciled,
    )


def _values(head: MirrorHead) -> dict[str, object]:
    settled, reconciled = head.settled, head.reconciled
    counts = {f"{name}_events": head.counts[book] for book, name in BOOKS.items()}
    return {
        "revision": head.revision,
        "cursor": head.cursor,
        "tip_number": head.tip.number,
        "tip_hash": head.tip.block_hash,
        "tip_time": head.tip.time,
        "waiting_number": head.waiting.number,
        "waiting_hash": head.waiting.block_hash,
        "waiting_time": head.waiting.time,
        "settled_number": settled.number if settled else None,
        "settled_hash": settled.block_hash if settled else None,
        "settled_time": settled.time if settled else None,
        "height": head.height,
        "final": head.final,
        **counts,
        "history": head.history,
        "level_ms": head.level_ms,
        "reconciled_block": reconciled.block if reconciled else None,
        "reconciled_ms": reconciled.at_ms if reconciled else None,
    }
