"""py-evm set up as a chain of one block maker: Prague rules, no proof, zero fees.

The base fee stays exactly 0: EIP-1559 raises it only when a block uses more than half of its gas
limit, and no transaction here may use more than that half.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import rlp
from eth.abc import AtomicWriteBatchAPI, MiningChainAPI
from eth.chains.base import MiningChain
from eth.consensus.noproof import NoProofConsensus
from eth.constants import ZERO_ADDRESS
from eth.db.atomic import AtomicDBWriteBatch
from eth.db.backends.base import BaseAtomicDB
from eth.exceptions import PyEVMError
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.state import PragueState
from eth_typing import BlockNumber
from trie.exceptions import MissingTrieNode
from typing_extensions import override

from chain.embedded.errors import ChainFileError
from chain.embedded.program import EmbeddedComputation
from chain.embedded.storage import Storage

BLOCK_GAS_LIMIT = 200_000_000
TRANSACTION_GAS_LIMIT = BLOCK_GAS_LIMIT // 2
MAX_INITCODE_BYTES = 49_152  # EIP-3860
RULES = "prague"
_EXTRA_DATA = b"trace-node embedded"
_MAX_CHAIN_ID = 2**53 - 1
_MAX_TIME = 2**40


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """What block 0 is made of (创世块). Equal values give an equal block.

    Attributes:
        chain_id: EVM chain id, 1 to 2**53 - 1; also written into block 0.
        time: Seconds since 1970 of block 0, 0 to 2**40; tells chains of equal id apart.
    """

    chain_id: int
    time: int

    def __post_init__(self) -> None:
        if not 1 <= self.chain_id <= _MAX_CHAIN_ID:
            raise ChainFileError(
                "{field}: must be 1 to {most}",
                field="chain_id",
                most=_MAX_CHAIN_ID,
                remedy="choose a number that no public chain uses",
            )
        if not 0 <= self.time <= _MAX_TIME:
            raise ChainFileError(
                "{field}: must be 0 to {most} seconds",
                field="time",
                most=_MAX_TIME,
                remedy="set the clock of this machine",
            )


class StorageDatabase(BaseAtomicDB):
    """The chain file as py-evm's key-value store; batches are merged into the open transaction."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @override
    def __getitem__(self, key: bytes) -> bytes:
        value = self._storage.get(key)
        if value is None:
            raise KeyError(key)
        return value

    @override
    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._storage.put(key, value)

    @override
    def __delitem__(self, key: bytes) -> None:
        self._storage.delete(key)

    def _exists(self, key: bytes) -> bool:
        return self._storage.get(key) is not None

    @override
    def atomic_batch(self) -> AbstractContextManager[AtomicWriteBatchAPI]:
        """A batch that is written here when its block of code ends without an error."""
        return AtomicDBWriteBatch._commit_unless_raises(self)  # noqa: SLF001  as py-evm does itself


@contextmanager
def sound(storage: Storage) -> Iterator[None]:
    """Tell what the EVM does not find, though the chain says it is there, as damage of the file.

    Raises:
        ChainCorruptError: A header, state node, transaction or receipt is missing or unreadable.
    """
    try:
        yield
    except (PyEVMError, MissingTrieNode, rlp.exceptions.RLPException) as error:
        raise storage.corrupt(f"{type(error).__name__}: {str(error)[:200]}") from error


def open_machine(storage: Storage, *, chain_id: int) -> MiningChainAPI:
    """The chain whose blocks are in ``storage``."""
    return _chain_class(chain_id)(StorageDatabase(storage))


def write_genesis(storage: Storage, genesis: Genesis) -> bytes:
    """Write block 0, inside a transaction, and return its hash."""
    chain_class = _chain_class(genesis.chain_id)
    parameters: dict[str, Any] = {
        "difficulty": 0,
        "gas_limit": BLOCK_GAS_LIMIT,
        "timestamp": genesis.time,
        "coinbase": ZERO_ADDRESS,
        "extra_data": _EXTRA_DATA + genesis.chain_id.to_bytes(7, "big"),
        "base_fee_per_gas": 0,
    }
    chain = chain_class.from_genesis(StorageDatabase(storage), parameters)
    return cast("bytes", chain.get_canonical_block_header_by_number(BlockNumber(0)).hash)


def _chain_class(chain_id: int) -> type[MiningChain]:
    state = PragueState.configure(__name__="EmbeddedState", computation_class=EmbeddedComputation)
    rules = PragueVM.configure(
        __name__="EmbeddedVM", consensus_class=NoProofConsensus, _state_class=state
    )
    return MiningChain.configure(
        __name__="EmbeddedChain", vm_configuration=((0, rules),), chain_id=chain_id
    )
