"""Raw events of the five contracts as the ledger's typed ones; an unknown one is an error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast, get_args, get_type_hints

from chain.abi_values import (
    AbiError,
    AbiItem,
    Read,
    member_name,
    sequence_reader,
    word_reader,
)
from chain.errors import ChainAnswerError
from chain.ledger_contracts import items, topic
from chain.values import EventLog
from trace_node.quota.ledger.access_events import AccessEvent
from trace_node.quota.ledger.events import LedgerEvent, PlacedEvent
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.lots_events import LotEvent
from trace_node.quota.ledger.obligations_events import ObligationEvent
from trace_node.quota.ledger.orders_events import OrderEvent
from trace_node.quota.ledger.rules_events import RuleEvent

_KINDS: Mapping[Book, Any] = {
    Book.ACCESS: AccessEvent,
    Book.RULES: RuleEvent,
    Book.LOTS: LotEvent,
    Book.OBLIGATIONS: ObligationEvent,
    Book.ORDERS: OrderEvent,
}


@dataclass(frozen=True, slots=True)
class _EventKind:
    """How one event is read."""

    content: Callable[..., LedgerEvent]
    topics: tuple[Read, ...]
    names: tuple[str, ...]  # of what stands in the topics, then in the data
    read: Callable[[bytes], list[Any]]


class LedgerDecoder:
    """Reads the events of one ledger.

    Args:
        contracts: 20-byte address of each contract.
    """

    def __init__(self, contracts: Mapping[Book, bytes]) -> None:
        self._kinds = {
            (contracts[book], first): (book, kind)
            for book in Book
            for first, kind in _event_kinds(book).items()
        }

    def event(self, raw: EventLog, *, time: int) -> PlacedEvent:
        """The typed event of a raw one.

        Args:
            raw: The event.
            time: Seconds since the epoch by its block.

        Raises:
            ChainAnswerError: Of another contract (``chain.foreign_event``), unknown, or malformed.
        """
        first = raw.topics[0] if raw.topics else b""
        found = self._kinds.get((raw.address, first))
        if found is None:
            raise ChainAnswerError(
                "{field}: block {number} holds an event that this ledger does not know",
                field="topics",
                number=raw.block_number,
                remedy="check the recorded addresses of the contracts against the chain",
                code="chain.foreign_event",
            )
        book, kind = found
        return PlacedEvent(
            book=book,
            block=raw.block_number,
            block_hash=raw.block_hash,
            time=time,
            transaction=raw.transaction_hash,
            index=raw.index,
            content=_content(kind, raw),
        )


def _content(kind: _EventKind, raw: EventLog) -> LedgerEvent:
    indexed = raw.topics[1:]
    try:
        if len(indexed) != len(kind.topics):
            raise AbiError(f"{len(indexed)} indexed values, must be {len(kind.topics)}")  # noqa: TRY301  told as the others
        values = [read(word, 0) for read, word in zip(kind.topics, indexed, strict=True)]
        values += kind.read(raw.data)
    except AbiError as error:
        raise ChainAnswerError(
            "{field}: event {index} of block {number} is malformed: {detail}",
            field="data",
            index=raw.index,
            number=raw.block_number,
            detail=str(error),
            remedy="use another endpoint",
            code="chain.malformed_event",
        ) from error
    return kind.content(**dict(zip(kind.names, values, strict=True)))


@cache
def _event_kinds(book: Book) -> dict[bytes, _EventKind]:
    """The events of a contract by their first topic.

    Raises:
        TypeError: The ABI and the ledger's types differ.
    """
    classes = {each.__name__: each for each in get_args(_KINDS[book])}
    described = {item["name"]: item for item in items(book, "event")}
    if classes.keys() != described.keys():
        raise TypeError(f"{book.name} has the events {sorted(described)}")
    return {topic(book, name): _event_kind(described[name], classes[name]) for name in classes}


def _event_kind(item: AbiItem, content: type[Any]) -> _EventKind:
    hints = get_type_hints(content)
    indexed = [each for each in item["inputs"] if each["indexed"]]
    others = [each for each in item["inputs"] if not each["indexed"]]
    names = tuple(member_name(each["name"]) for each in (*indexed, *others))
    if set(names) != set(hints):
        raise TypeError(f"{content.__name__} has other members than {names}")
    return _EventKind(
        content=cast("Callable[..., LedgerEvent]", content),
        topics=tuple(
            word_reader(each["type"], hint)
            for each, hint in zip(indexed, [hints[name] for name in names], strict=False)
        ),
        names=names,
        read=sequence_reader(others, [hints[name] for name in names[len(indexed) :]]),
    )
