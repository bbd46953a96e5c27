"""The embedded chain: blocks made one transaction at a time, each durable before it is answered."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self, cast

import rlp
from eth.abc import (
    BlockAPI,
    BlockHeaderAPI,
    MiningChainAPI,
    ReceiptAPI,
    SignedTransactionAPI,
)
from eth.constants import BLANK_ROOT_HASH
from eth.db.schema import SchemaV1
from eth.exceptions import TransactionNotFound
from eth_typing import BlockNumber, Hash32
from eth_utils.exceptions import ValidationError

from chain.embedded import admission, events
from chain.embedded.errors import REFUSED, ChainFileError, RpcRefusal
from chain.embedded.lock import OwnerLock
from chain.embedded.machine import RULES, Genesis, open_machine, sound, write_genesis
from chain.embedded.storage import Storage

DEFAULT_CHAIN_ID = 20_260
_NUMBER_FIELD: Final = 8  # of a header, by the Yellow Paper
_TIME_FIELD: Final = 11


class EmbeddedChain:
    """One open chain file and the right to append to it (嵌入式链). Safe to share between threads.

    Args:
        path: The chain file; made with ``chain_id`` when it does not exist.
        chain_id: Expected chain id; ``None`` takes what the file says, or ``DEFAULT_CHAIN_ID`` for
            a new file.
        senders: 20-byte addresses that may send; ``None`` lets every address send.
        now: Seconds since 1970; block times are ``max(now, parent + 1)``.
        check: Check every page of the file before it is used.
        wait_s: How long another owner of the file may take to give it up.

    Raises:
        ChainFileOwnedError: Another process owns the file.
        ChainFileError: Not a chain file, or the file of another chain id.
        ChainCorruptError: The file is damaged.
    """

    def __init__(
        self,
        path: Path,
        *,
        chain_id: int | None = None,
        senders: Iterable[bytes] | None = None,
        now: Callable[[], int] = lambda: int(time.time()),
        check: bool = True,
        wait_s: float = 0,
    ) -> None:
        self.senders = None if senders is None else frozenset(senders)
        self._lock = threading.RLock()
        self._now = now
        self._owner = OwnerLock(path)
        self._owner.take(wait_s=wait_s)
        try:
            self.storage = Storage(path, check=check)
            try:
                with sound(self.storage):
                    self.chain_id = self._settle_genesis(chain_id)
                    self._machine = open_machine(self.storage, chain_id=self.chain_id)
                    self._check_head()
            except BaseException:
                self.storage.close()
                raise
        except BaseException:
            self._owner.free()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give it up; a second call does nothing."""
        with self._lock:
            self.storage.close()
            self._owner.free()

    def _settle_genesis(self, expected: int | None) -> int:
        stored = self.storage.fact("chain_id")
        if stored is None:
            genesis = Genesis(
                time=self._now(), chain_id=DEFAULT_CHAIN_ID if expected is None else expected
            )
            with self.storage.transaction():
                genesis_hash = write_genesis(self.storage, genesis)
                self.storage.set_fact("chain_id", str(genesis.chain_id))
                self.storage.set_fact("genesis_hash", genesis_hash.hex())
                self.storage.set_fact("rules", RULES)
            return genesis.chain_id
        if expected is not None and int(stored) != expected:
            raise ChainFileError(
                "{field}: the file holds chain {stored}, the settings say {expected}",
                field="chain_id",
                stored=stored,
                expected=expected,
                remedy="correct the setting, or name the file of that chain",
                code="chain.embedded.file.chain_id",
            )
        if self.storage.fact("rules") != RULES:
            raise ChainFileError(
                "{field}: the file follows EVM rules {found}, this program {rules}",
                field="rules",
                found=self.storage.fact("rules"),
                rules=RULES,
                remedy="use the version of this program that wrote the file",
                code="chain.embedded.file.rules",
            )
        return int(stored)

    def _check_head(self) -> None:
        head = self._machine.get_canonical_head()
        genesis = self._machine.get_canonical_block_hash(BlockNumber(0))
        newest = events.newest_block(self.storage)
        if genesis.hex() != self.storage.fact("genesis_hash"):
            raise self.storage.corrupt("block 0 is not the one this chain was made with")
        if self._machine.get_canonical_block_hash(head.block_number) != head.hash:
            raise self.storage.corrupt("the newest block is not the one of its number")
        if newest is not None and newest > head.block_number:
            raise self.storage.corrupt(
                f"it has events of block {newest}, the head is {head.block_number}"
            )
        if head.state_root != BLANK_ROOT_HASH and self.storage.get(head.state_root) is None:
            raise self.storage.corrupt(f"the state of block {head.block_number} is missing")

    @contextmanager
    def using(self) -> Iterator[MiningChainAPI]:
        """The EVM over the stored blocks, for one thread at a time.

        Raises:
            ChainCorruptError: The file lacks what the chain says it has.
        """
        with self._lock, sound(self.storage):
            yield self._machine

    def head(self) -> BlockHeaderAPI:
        """Header of the newest block."""
        with self.using() as machine:
            return machine.get_canonical_head()

    def header(self, number: int) -> BlockHeaderAPI | None:
        """Header of block ``number``, or ``None`` when the chain is shorter."""
        with self.using() as machine:
            if not 0 <= number <= machine.get_canonical_head().block_number:
                return None
            header = machine.get_canonical_block_header_by_number(BlockNumber(number))
            if header.block_number != number:
                raise self.storage.corrupt(f"under number {number} is block {header.block_number}")
            return header

    def stamp(self, number: int) -> tuple[bytes, int]:
        """Hash and time of stored block ``number``, without making an object of its header."""
        with self.using() as machine:
            block_hash = machine.get_canonical_block_hash(BlockNumber(number))
            raw = self.storage.get(block_hash)
            fields = [] if raw is None else rlp.decode(raw)
            if len(fields) <= _TIME_FIELD or int.from_bytes(fields[_NUMBER_FIELD]) != number:
                raise self.storage.corrupt(f"under number {number} is another block, or none")
            return block_hash, int.from_bytes(fields[_TIME_FIELD])

    def header_by_hash(self, block_hash: bytes) -> BlockHeaderAPI | None:
        """Header of the block with this hash, or ``None``; there are no side chains."""
        with self.using() as machine:
            # A 32-byte key can also be that of a state node: only a stored header has a score.
            if not machine.chaindb.exists(
                SchemaV1.make_block_hash_to_score_lookup_key(Hash32(block_hash))
            ):
                return None
            return machine.get_block_header_by_hash(Hash32(block_hash))

    def block(self, header: BlockHeaderAPI) -> BlockAPI:
        """The whole block of a stored header."""
        with self.using() as machine:
            return machine.get_block_by_header(header)

    def place_of(self, transaction_hash: bytes) -> tuple[int, int] | None:
        """Block number and index of a mined transaction, or ``None``."""
        with self.using() as machine:
            try:
                return machine.get_canonical_transaction_index(Hash32(transaction_hash))
            except TransactionNotFound:
                return None

    def receipts(self, header: BlockHeaderAPI) -> tuple[ReceiptAPI, ...]:
        """Receipts of all transactions of a block, in order."""
        with self.using() as machine:
            return self.block(header).get_receipts(machine.chaindb)

    def send(self, raw: bytes) -> bytes:
        """Check a signed transaction, make its block, store it durably, and return its hash.

        Args:
            raw: The signed transaction as for ``eth_sendRawTransaction``.

        Raises:
            RpcRefusal: It was refused; nothing was stored.
            ChainWriteError: The disk refused; nothing was stored.
        """
        with self.using() as machine:
            transaction = admission.admit(
                raw, machine=machine, chain_id=self.chain_id, senders=self.senders
            )
            try:
                self._make_block(transaction)
            except BaseException as error:
                # What the EVM holds in memory belongs to a block that was rolled back.
                self._machine = open_machine(self.storage, chain_id=self.chain_id)
                if isinstance(error, ValidationError):
                    raise RpcRefusal(number=REFUSED, text=str(error)[:200]) from error
                raise
            return cast("bytes", transaction.hash)

    def _make_block(self, transaction: SignedTransactionAPI) -> None:
        parent = self._machine.get_canonical_head()
        header = self._machine.create_header_from_parent(
            parent,
            timestamp=max(self._now(), parent.timestamp + 1),
            gas_limit=parent.gas_limit,
        )
        with self.storage.transaction():
            self._machine.header = header
            made, receipts, _ = self._machine.mine_all((transaction,))
            events.store(self.storage, block=made.imported_block, receipts=receipts)
