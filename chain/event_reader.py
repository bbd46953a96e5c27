"""Events of a range of blocks, checked against headers and receipts.

``eth_getLogs`` is not trusted by itself: some engines cut an answer off without an error, and a
load-balanced endpoint may answer from a host that lags. So every header of the range is read and
must link to the one before, every event must carry the hash of its header, and where a header's
bloom (or, on engines without a usable one, any transaction) leaves room for events that were not
answered, the receipts decide.

``read_some`` does without all this: it is for contracts that number their events, so that its
caller sees by the numbers that nothing is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chain.addresses import keccak256
from chain.client import EvmClient
from chain.errors import (
    ChainAnswerError,
    LogsIncompleteError,
    RpcError,
    StaleEndpointError,
)
from chain.values import BlockHeader, EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockEvents:
    """One block and the events in it, in order.

    Attributes:
        header: The block.
        events: The events of the contracts.
    """

    header: BlockHeader
    events: tuple[EventLog, ...]


class EventReader:
    """Reads the events of some contracts.

    Args:
        client: The endpoint.
        topics: First topics of the events of each contract, by its 20-byte address.
    """

    def __init__(self, client: EvmClient, *, topics: Mapping[bytes, Sequence[bytes]]) -> None:
        self._client = client
        self._topics = {address: frozenset(each) for address, each in topics.items()}
        self._all = tuple(sorted(frozenset[bytes]().union(*self._topics.values())))
        self._masks = [
            (_bloom_mask(address), [_bloom_mask(topic) for topic in each])
            for address, each in self._topics.items()
        ]

    def read(self, first: int, last: int, *, parent: bytes | None = None) -> list[BlockEvents]:
        """The blocks ``first`` to ``last``, at most one window of the engine.

        Args:
            first: First block.
            last: Last block.
            parent: Hash of the block before, which the first must follow; ``None`` for any.

        Raises:
            StaleEndpointError: The endpoint lacks a block of the range, or the chain changed while
                it was read: ask again.
            LogsIncompleteError: Receipts show events that the endpoint does not answer.
            ChainUnavailableError: No answer.
        """
        headers = self.headers(range(first, last + 1))
        before = parent or headers[0].parent_hash
        if before != headers[0].parent_hash:
            raise self._changed(first)
        for earlier, later in pairwise(headers):
            if later.parent_hash != earlier.block_hash:
                raise self._changed(later.number)
        logs = _by_block(self._logs(first, last))
        return [self._checked(header, logs.get(header.number, [])) for header in headers]

    def read_some(self, first: int, last: int) -> tuple[list[EventLog], int]:
        """Events of a range as they are answered, in order, and the block up to which they go.

        Where the endpoint refuses a range, half of it is asked for.

        Raises:
            ChainAnswerError: An event was answered twice, or of another contract.
            ChainUnavailableError: No answer.
        """
        try:
            logs = self._ask(first, last)
        except (RpcError, ChainAnswerError):
            if first == last:
                raise
            return self.read_some(first, (first + last) // 2)
        if any(not first <= entry.block_number <= last for entry in logs):
            raise self._foreign()
        return self._in_order(logs), last

    def headers(self, numbers: Iterable[int]) -> list[BlockHeader]:
        """The headers of these blocks.

        Raises:
            StaleEndpointError: The endpoint has no such block.
            ChainUnavailableError: No answer.
        """
        wanted = list(numbers)
        headers = []
        for number, header in zip(wanted, self._client.blocks(wanted), strict=True):
            if header is None or header.number != number:
                raise StaleEndpointError(
                    "{endpoint}: has no block {number}", endpoint=self._client.shown, number=number
                )
            headers.append(header)
        return headers

    def _ask(self, first: int, last: int) -> list[EventLog]:
        return self._client.logs(
            addresses=tuple(self._topics), topics=self._all, first=first, last=last
        )

    def _logs(self, first: int, last: int) -> list[EventLog]:
        """Ask in one piece; a piece that is refused is halved."""
        try:
            return self._ask(first, last)
        except (RpcError, ChainAnswerError):
            if first == last:
                raise
        middle = (first + last) // 2
        return self._logs(first, middle) + self._logs(middle + 1, last)

    def _checked(self, header: BlockHeader, logs: Sequence[EventLog]) -> BlockEvents:
        found = self._of_block(header, logs)
        doubtful = not found if self._client.config.profile.bloom else True
        if doubtful and self._may_hold_events(header):
            emitted = self._from_receipts(header)
            if emitted != found:  # the range was cut short: the block by itself is not
                found = self._of_block(header, self._logs(header.number, header.number))
            if emitted != found:
                raise LogsIncompleteError(
                    "{endpoint}: leaves events of block {number} out of eth_getLogs",
                    endpoint=self._client.shown,
                    number=header.number,
                    remedy="use another endpoint, or rebuild the log index of this one",
                )
        return BlockEvents(header=header, events=tuple(found))

    def _of_block(self, header: BlockHeader, logs: Sequence[EventLog]) -> list[EventLog]:
        for entry in logs:
            if entry.block_hash != header.block_hash:
                raise self._changed(header.number)
        return self._in_order(logs)

    def _in_order(self, logs: Sequence[EventLog]) -> list[EventLog]:
        for entry in logs:
            if not self._ours(entry):
                raise self._foreign()
        found = sorted(logs, key=_place)
        for earlier, later in pairwise(found):
            if _place(earlier) == _place(later):
                raise ChainAnswerError(
                    "{endpoint}: answered event {index} of block {number} twice",
                    endpoint=self._client.shown,
                    index=later.index,
                    number=later.block_number,
                    remedy="use another endpoint, or rebuild the log index of this one",
                    code="chain.event_twice",
                )
        return found

    def _may_hold_events(self, header: BlockHeader) -> bool:
        if not header.transactions:
            return False
        if not self._client.config.profile.bloom:
            return True
        bits = int.from_bytes(header.bloom)
        return any(
            bits & address == address and any(bits & topic == topic for topic in topics)
            for address, topics in self._masks
        )

    def _from_receipts(self, header: BlockHeader) -> list[EventLog]:
        found: list[EventLog] = []
        for transaction_hash in header.transactions:
            mined = self._client.tx_receipt(transaction_hash)
            if mined is None or mined.block_hash != header.block_hash:
                raise self._changed(header.number)
            found.extend(entry for entry in mined.logs if self._ours(entry))
        return found

    def _ours(self, entry: EventLog) -> bool:
        topics = self._topics.get(entry.address, ())
        return len(entry.topics) > 0 and entry.topics[0] in topics

    def _foreign(self) -> ChainAnswerError:
        return ChainAnswerError(
            "{endpoint}: answered events that were not asked for", endpoint=self._client.shown
        )

    def _changed(self, number: int) -> StaleEndpointError:
        return StaleEndpointError(
            "{endpoint}: block {number} changed while it was read",
            endpoint=self._client.shown,
            number=number,
            remedy="ask again",
        )


def _bloom_mask(value: bytes) -> int:
    """The bits that an address or topic sets in a logs bloom (Yellow Paper 4.3.1)."""
    digest = keccak256(value)
    mask = 0
    for at in (0, 2, 4):
        mask |= 1 << (int.from_bytes(digest[at : at + 2]) & 2047)
    return mask


def _place(entry: EventLog) -> tuple[int, int]:
    return entry.block_number, entry.index


def _by_block(logs: Sequence[EventLog]) -> dict[int, list[EventLog]]:
    found: dict[int, list[EventLog]] = {}
    for entry in logs:
        found.setdefault(entry.block_number, []).append(entry)
    return found
