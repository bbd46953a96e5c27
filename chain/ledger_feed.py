"""The events of the five contracts as a feed, complete by their own numbers (账本事件流).

Every event of a contract carries its number, without a gap, and ``eventCount()`` tells the newest.
So what an endpoint left out shows, wherever it stood, without a look at any block between:

* Where a range is final, it is *leapt*: its events, one header, and five counts at its end. This is
  what makes a rebuild fast, and a year of empty blocks cheap.
* Where it is not, or where the endpoint has no state of that block, it is *walked*: every header
  linked, blooms and receipts compared, as for contracts without numbers.
* A leap that finds events missing is walked too, which often completes them; an event that stays
  missing is an error that names it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chain.client import EvmClient
from chain.cursor import BlockRef
from chain.errors import LogsIncompleteError, StaleEndpointError, StateGoneError
from chain.event_reader import EventReader
from chain.follower import Piece
from chain.ledger_contracts import CONTRACT_NAMES, topics
from chain.ledger_events import LedgerDecoder
from chain.ledger_reader import ChainLedgerReader
from chain.values import BlockHeader, EventLog
from trace_node.ports.ledger import BlockMark
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Book

logger = logging.getLogger(__name__)

_WALK = 256  # blocks of one step, to bound its memory and its time
_FEW_EVENTS, _MANY_EVENTS = 1_000, 4_000  # of one leap; its width is doubled or halved


class LedgerFeed:
    """Reads the events of one ledger; see ``EventFeed``.

    Args:
        client: The endpoint.
        contracts: 20-byte address of each contract.
    """

    def __init__(self, client: EvmClient, contracts: Mapping[Book, bytes]) -> None:
        self._client = client
        self._window = client.config.profile.max_log_window
        self._width = min(self._window, _WALK)
        self._reader = EventReader(client, topics={contracts[book]: topics(book) for book in Book})
        self._decoder = LedgerDecoder(contracts)
        self._state = ChainLedgerReader(client, contracts)

    def start(self, before: BlockRef) -> BlockRef:
        """See ``EventFeed``."""
        return replace(before, counts=(0,) * len(Book))

    def read(self, tip: BlockRef, *, height: int, final: int) -> Piece[PlacedEvent]:
        """See ``EventFeed``.

        Raises:
            LogsIncompleteError: The endpoint leaves an event out, or tells one twice.
        """
        if tip.number < final:
            leap = self._leap(tip, min(final, tip.number + self._width))
            if leap is not None:
                self._adapt(len(leap.events))
                return leap
        return self._walk(tip, min(height, tip.number + min(self._window, _WALK)))

    def _leap(self, tip: BlockRef, last: int) -> Piece[PlacedEvent] | None:
        """The blocks to ``last``, or to one before; ``None`` when they have to be walked."""
        (header,) = self._reader.headers([last])
        told = self._told(header)
        if told is None:
            return None
        logs, reached = self._reader.read_some(tip.number + 1, last)
        if reached < last:
            return self._leap(tip, reached)
        counts = list(tip.counts)
        try:
            events = self._numbered(logs, self._times(logs, header), counts)
            self._require(counts, told, header)
        except LogsIncompleteError as error:
            logger.warning("ledger_leap_incomplete first=%d: %s", tip.number + 1, error.message)
            return None
        return Piece(blocks=(_ref(header, counts),), events=tuple(events))

    def _walk(self, tip: BlockRef, last: int) -> Piece[PlacedEvent]:
        blocks = self._reader.read(tip.number + 1, last, parent=tip.block_hash)
        counts = list(tip.counts)
        refs: list[BlockRef] = []
        events: list[PlacedEvent] = []
        for block in blocks:
            times = {block.header.number: block.header.time}
            events += self._numbered(block.events, times, counts)
            refs.append(_ref(block.header, counts))
        told = self._told(blocks[-1].header)
        if told is not None:
            self._require(counts, told, blocks[-1].header)
        return Piece(blocks=tuple(refs), events=tuple(events))

    def _told(self, header: BlockHeader) -> Mapping[Book, int] | None:
        """What the contracts say of their events; ``None`` where the endpoint cannot tell."""
        at = BlockMark(number=header.number, block_hash=header.block_hash, time=header.time)
        try:
            return self._state.event_counts(at)
        except StateGoneError:
            return None

    def _times(self, logs: Sequence[EventLog], last: BlockHeader) -> dict[int, int]:
        """The time of each block that has events: from them, or from its header."""
        times = {entry.block_number: entry.time for entry in logs if entry.time is not None}
        hashes = {entry.block_number: entry.block_hash for entry in logs}
        missing = [number for number in hashes if number not in times]
        for header in (*self._reader.headers(missing), last):
            if hashes.get(header.number, header.block_hash) != header.block_hash:
                raise StaleEndpointError(
                    "{endpoint}: block {number} changed while it was read",
                    endpoint=self._client.shown,
                    number=header.number,
                    remedy="ask again",
                )
            times[header.number] = header.time
        return times

    def _numbered(
        self, logs: Sequence[EventLog], times: Mapping[int, int], counts: list[int]
    ) -> list[PlacedEvent]:
        """The typed events; ``counts`` grows by them."""
        events = []
        for raw in logs:
            event = self._decoder.event(raw, time=times[raw.block_number])
            place, found = event.book - 1, event.content.sequence
            if found != counts[place] + 1:
                raise LogsIncompleteError(
                    "{endpoint}: {contract}: event {expected} is missing before block {number},"
                    " where event {found} was answered",
                    endpoint=self._client.shown,
                    contract=CONTRACT_NAMES[event.book],
                    expected=counts[place] + 1,
                    found=found,
                    number=raw.block_number,
                    remedy="use another endpoint, or rebuild the log index of this one",
                )
            counts[place] = found
            events.append(event)
        return events

    def _require(
        self, counts: Sequence[int], told: Mapping[Book, int], header: BlockHeader
    ) -> None:
        for book in Book:
            if told[book] != counts[book - 1]:
                raise LogsIncompleteError(
                    "{endpoint}: {contract}: has emitted {expected} events up to block {number},"
                    " the endpoint answered {found}",
                    endpoint=self._client.shown,
                    contract=CONTRACT_NAMES[book],
                    expected=told[book],
                    found=counts[book - 1],
                    number=header.number,
                    remedy="use another endpoint, or rebuild the log index of this one",
                )

    def _adapt(self, events: int) -> None:
        """Steps of bounded memory where there is much, long ones where there is little."""
        if events < _FEW_EVENTS:
            self._width = min(self._window, 2 * self._width)
        elif events > _MANY_EVENTS:
            self._width = max(1, self._width // 2)


def _ref(header: BlockHeader, counts: Sequence[int]) -> BlockRef:
    return BlockRef(
        number=header.number,
        block_hash=header.block_hash,
        time=header.time,
        counts=tuple(counts),
    )
