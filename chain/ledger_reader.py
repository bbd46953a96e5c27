"""What the ledger's contracts hold at one block, by ``eth_call`` (账本状态读取)."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from chain.abi_values import AbiError
from chain.client import EvmClient
from chain.errors import ChainAnswerError, StaleEndpointError
from chain.ledger_contracts import CONTRACT_NAMES, View, view
from chain.pinned_calls import Call, PinnedCalls, require_output
from trace_node.ports.ledger import BlockMark
from trace_node.quota.ledger.kinds import Book, Role
from trace_node.quota.ledger.rules_events import RuleVersion
from trace_node.quota.ledger.state import (
    AccountContent,
    ArrearContent,
    Balance,
    CarryOverContent,
    ClassContent,
    LotContent,
    ObligationContent,
    OrderContent,
)

T = TypeVar("T")
WORD_BYTES = 32


class ChainLedgerReader:
    """The ``LedgerReader`` of one ledger on one endpoint.

    Args:
        client: The endpoint.
        contracts: 20-byte address of each contract.
        slice_size: Calls asked together, after which the endpoint has a rest; 0 for no slices.
            An engine that answers one request after the other needs it: whoever sends an order
            waits for no more than a slice.
        rest: Waits so many seconds.
    """

    def __init__(
        self,
        client: EvmClient,
        contracts: Mapping[Book, bytes],
        *,
        slice_size: int = 0,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._slice, self._rest = slice_size, rest
        self._contracts = dict(contracts)
        self._calls = PinnedCalls(client)

    def head(self) -> BlockMark:
        """See ``LedgerReader``."""
        height = self._client.height()
        header = self._client.block(height)
        if header is None:
            raise StaleEndpointError(
                "{endpoint}: has no block {number}", endpoint=self._client.shown, number=height
            )
        return BlockMark(number=height, block_hash=header.block_hash, time=header.time)

    def event_counts(self, at: BlockMark) -> Mapping[Book, int]:
        """See ``LedgerReader``; 0 of a contract that was not made yet."""
        counts = [view(book, "eventCount", int) for book in Book]
        calls = [(self._contracts[each.book], each.data()) for each in counts]
        found = self._calls.ask(calls, at)
        return {
            each.book: self._read(each, output) if output else 0
            for each, output in zip(counts, found, strict=True)
        }

    def paused(self, at: BlockMark) -> bool:
        """See ``LedgerReader``."""
        (found,) = self._all(Book.ACCESS, "paused", bool, [()], at)
        return found

    def accounts(self, numbers: Sequence[int], at: BlockMark) -> Sequence[AccountContent]:
        """See ``LedgerReader``."""
        return self._all(Book.ACCESS, "accountOf", AccountContent, _each(numbers), at)

    def classes(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ClassContent]:
        """See ``LedgerReader``."""
        return self._all(Book.LOTS, "classOf", ClassContent, _each(numbers), at)

    def lots(self, numbers: Sequence[int], at: BlockMark) -> Sequence[LotContent]:
        """See ``LedgerReader``."""
        return self._all(Book.LOTS, "lotOf", LotContent, _each(numbers), at)

    def balances(self, pairs: Sequence[tuple[int, int]], at: BlockMark) -> Sequence[Balance]:
        """See ``LedgerReader``."""
        return self._all(Book.LOTS, "balanceOf", Balance, pairs, at)

    def orders(self, ids: Sequence[bytes], at: BlockMark) -> Sequence[OrderContent]:
        """See ``LedgerReader``."""
        return self._all(Book.ORDERS, "orderOf", OrderContent, _each(ids), at)

    def obligations(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ObligationContent]:
        """See ``LedgerReader``."""
        return self._all(Book.OBLIGATIONS, "obligationOf", ObligationContent, _each(numbers), at)

    def arrears(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ArrearContent]:
        """See ``LedgerReader``."""
        return self._all(Book.OBLIGATIONS, "arrearOf", ArrearContent, _each(numbers), at)

    def carry_overs(
        self, pairs: Sequence[tuple[int, int]], at: BlockMark
    ) -> Sequence[CarryOverContent]:
        """See ``LedgerReader``."""
        return self._all(Book.OBLIGATIONS, "carryOverLimit", CarryOverContent, pairs, at)

    def offices(self, addresses: Sequence[bytes], at: BlockMark) -> Sequence[Role]:
        """See ``LedgerReader``."""
        words = [(_word_of(each),) for each in addresses]
        return self._all(Book.ACCESS, "roleOf", Role, words, at)

    def rights(self, pairs: Sequence[tuple[int, bytes]], at: BlockMark) -> Sequence[int]:
        """See ``LedgerReader``."""
        words = [(account, _word_of(key)) for account, key in pairs]
        return self._all(Book.ACCESS, "rightsOf", int, words, at)

    def rule_versions(
        self, keys: Sequence[tuple[bytes, int, int]], at: BlockMark
    ) -> Sequence[RuleVersion]:
        """See ``LedgerReader``."""
        return self._all(Book.RULES, "versionOf", RuleVersion, keys, at)

    def _all(
        self,
        book: Book,
        name: str,
        hint: type[T],
        arguments: Iterable[Sequence[int | bytes]],
        at: BlockMark,
    ) -> list[T]:
        asked = view(book, name, cast("Any", hint))
        contract = self._contracts[book]
        calls = [(contract, asked.data(*each)) for each in arguments]
        if not calls:
            return []
        shown = {"endpoint": self._client.shown, "contract": CONTRACT_NAMES[book]}
        return [
            cast("T", self._read(asked, require_output(output, **shown)))
            for output in self._in_slices(calls, at)
        ]

    def _in_slices(self, calls: Sequence[Call], at: BlockMark) -> Iterator[bytes]:
        """The outputs; between slices the endpoint has as long for others as the slice took."""
        size = self._slice or len(calls)
        for first in range(0, len(calls), size):
            began = time.monotonic()
            yield from self._calls.ask(calls[first : first + size], at)
            if self._slice:
                self._rest(time.monotonic() - began)

    def _read(self, asked: View, output: bytes) -> Any:  # noqa: ANN401  what the view's hint says
        try:
            return asked.read(output)
        except AbiError as error:
            raise ChainAnswerError(
                "{endpoint}: {contract} answered something malformed: {detail}",
                endpoint=self._client.shown,
                contract=CONTRACT_NAMES[asked.book],
                detail=str(error),
                remedy="check the recorded addresses of the contracts against the chain",
            ) from error


def _word_of(address: bytes) -> bytes:
    """An address as a word of call data."""
    return address.rjust(WORD_BYTES, b"\0")


def _each(values: Sequence[int] | Sequence[bytes]) -> list[tuple[int | bytes]]:
    return [(value,) for value in values]
