"""Events of a range of blocks, checked against headers and receipts.

``eth_getLogs`` is not trusted by itself: some engines cut an answer off without an error, and a
load-balanced endpoint may answer from a host that lags. So every header of the range is read and
must link to the one before, every event must carry the hash of its header, and where a header's
bloom (or, on engines without a usable one, any transaction) leaves room for events that were not
answered, the receipts decide.
"""

from collections.abc import Sequence
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
        events: The contract's events.
    """

    header: BlockHeader
    events: tuple[EventLog, ...]


class EventReader:
    """Reads one contract's events.

    Args:
        client: The endpoint.
        address: 20-byte address of the contract.
        topics: First topics of its events.
    """

    def __init__(self, client: EvmClient, *, address: bytes, topics: Sequence[bytes]) -> None:
        self._client = client
        self._address = address
        self._topics = tuple(topics)

    def read(self, first: int, last: int) -> list[BlockEvents]:
        """The blocks ``first`` to ``last``, at most one window of the engine.

        Raises:
            StaleEndpointError: The endpoint lacks a block of the range, or the chain changed while
                it was read: ask again.
            LogsIncompleteError: Receipts show events that the endpoint does not answer.
            ChainUnavailableError: No answer.
        """
        headers = [self._header(number) for number in range(first, last + 1)]
        for parent, child in pairwise(headers):
            if child.parent_hash != parent.block_hash:
                raise self._changed(child.number)
        logs = self._logs(first, last)
        return [self._checked(header, logs) for header in headers]

    def _header(self, number: int) -> BlockHeader:
        header = self._client.block(number)
        if header is None:
            raise StaleEndpointError(
                "{endpoint}: has no block {number}", endpoint=self._client.shown, number=number
            )
        return header

    def _logs(self, first: int, last: int) -> list[EventLog]:
        """Ask in one piece; a piece that is refused is halved."""
        try:
            return self._client.logs(
                address=self._address, topics=self._topics, first=first, last=last
            )
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
        found = [entry for entry in logs if entry.block_number == header.number]
        for entry in found:
            if entry.block_hash != header.block_hash:
                raise self._changed(header.number)
            if not self._ours(entry):
                raise ChainAnswerError(
                    "{endpoint}: answered events of another contract", endpoint=self._client.shown
                )
        return sorted(found, key=lambda entry: entry.index)

    def _may_hold_events(self, header: BlockHeader) -> bool:
        if not header.transactions:
            return False
        if not self._client.config.profile.bloom:
            return True
        return in_bloom(header.bloom, self._address) and any(
            in_bloom(header.bloom, topic) for topic in self._topics
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
        return (
            entry.address == self._address
            and len(entry.topics) > 0
            and entry.topics[0] in self._topics
        )

    def _changed(self, number: int) -> StaleEndpointError:
        return StaleEndpointError(
            "{endpoint}: block {number} changed while it was read",
            endpoint=self._client.shown,
            number=number,
            remedy="ask again",
        )


def in_bloom(bloom: bytes, value: bytes) -> bool:
    """Whether a 2048-bit logs bloom may contain an address or topic (Yellow Paper 4.3.1).

    Args:
        bloom: 256 bytes.
        value: The address or topic.
    """
    bits = int.from_bytes(bloom)
    digest = keccak256(value)
    return all(bits >> (int.from_bytes(digest[at : at + 2]) & 2047) & 1 for at in (0, 2, 4))
