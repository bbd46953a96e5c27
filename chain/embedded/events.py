"""Event rows: written with their block, asked by ``eth_getLogs``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from eth.abc import BlockAPI, ReceiptAPI

from chain.embedded.errors import LIMIT_EXCEEDED, RpcRefusal
from chain.embedded.storage import Storage

MAX_EVENTS = 20_000  # about 14 MB of JSON
MAX_TOPICS = 4
_COLUMNS = (
    "block, position, transaction_index, transaction_hash, address,"
    " topic0, topic1, topic2, topic3, data"
)
_INSERT = f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  names only
_TOPIC_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event a contract emitted (事件).

    Attributes:
        block: Number of the block.
        position: Index among the events of that block, from 0.
        transaction_index: Index of the transaction in that block.
        transaction_hash: Its 32-byte hash.
        address: 20 bytes of the contract.
        topics: None to four 32-byte words.
        data: The words that are not indexed.
    """

    block: int
    position: int
    transaction_index: int
    transaction_hash: bytes
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events are asked for.

    Attributes:
        first: First block, included.
        last: Last block, included.
        addresses: Contracts; empty for all.
        topics: For each of the first positions the accepted words; an empty tuple accepts any.
    """

    first: int
    last: int
    addresses: tuple[bytes, ...] = ()
    topics: tuple[tuple[bytes, ...], ...] = ()


def of_block(block: BlockAPI, receipts: Sequence[ReceiptAPI]) -> list[Event]:
    """The events of one block, in order."""
    found: list[Event] = []
    for index, (transaction, receipt) in enumerate(zip(block.transactions, receipts, strict=True)):
        for entry in receipt.logs:
            found.append(
                Event(
                    block=block.number,
                    position=len(found),
                    transaction_index=index,
                    transaction_hash=transaction.hash,
                    address=entry.address,
                    topics=tuple(topic.to_bytes(_TOPIC_BYTES, "big") for topic in entry.topics),
                    data=entry.data,
                )
            )
    return found


def store(storage: Storage, *, block: BlockAPI, receipts: Sequence[ReceiptAPI]) -> None:
    """Write the event rows of one block; inside its transaction."""
    rows: list[tuple[object, ...]] = []
    for event in of_block(block, receipts):
        padded = event.topics + (None,) * (MAX_TOPICS - len(event.topics))
        rows.append(
            (
                event.block,
                event.position,
                event.transaction_index,
                event.transaction_hash,
                event.address,
                *padded,
                event.data,
            )
        )
    if rows:
        storage.write_rows(_INSERT, rows)


def newest_block(storage: Storage) -> int | None:
    """The highest block that has an event, or ``None``."""
    ((newest,),) = storage.rows("SELECT max(block) FROM events", ())
    return cast("int | None", newest)


def matching(storage: Storage, wanted: EventFilter) -> list[Event]:
    """All events that match, in the order of the chain.

    Raises:
        RpcRefusal: More than ``MAX_EVENTS`` match.
    """
    where = ["block BETWEEN ? AND ?"]
    values: list[object] = [wanted.first, wanted.last]
    choices = {"address": wanted.addresses}
    choices |= {f"topic{place}": words for place, words in enumerate(wanted.topics)}
    for column, words in choices.items():
        if words:
            where.append(f"{column} IN ({', '.join('?' * len(words))})")
            values.extend(words)
    if wanted.topics:
        # A filter of n positions matches only events that have n topics or more.
        where.append(f"topic{len(wanted.topics) - 1} IS NOT NULL")
    sql = (
        f"SELECT {_COLUMNS} FROM events WHERE {' AND '.join(where)}"  # noqa: S608  names only
        f" ORDER BY block, position LIMIT {MAX_EVENTS + 1}"
    )
    rows = storage.rows(sql, tuple(values))
    if len(rows) > MAX_EVENTS:
        raise RpcRefusal(
            number=LIMIT_EXCEEDED,
            text=f"more than {MAX_EVENTS} events match: ask for fewer blocks",
        )
    return [_event(row) for row in rows]


def _event(row: tuple[object, ...]) -> Event:
    block, position, transaction_index, transaction_hash, address, *topics, data = row
    return Event(
        block=cast("int", block),
        position=cast("int", position),
        transaction_index=cast("int", transaction_index),
        transaction_hash=cast("bytes", transaction_hash),
        address=cast("bytes", address),
        topics=tuple(cast("bytes", topic) for topic in topics if topic is not None),
        data=cast("bytes", data),
    )
