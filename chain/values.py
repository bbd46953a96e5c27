"""What a chain answers, as plain values, so that no web3 type leaves the client."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHeader:
    """A block without the bodies of its transactions (区块头).

    Attributes:
        number: Height, 0 or more.
        block_hash: 32 bytes.
        parent_hash: 32 bytes.
        time: Seconds since the epoch, normalised from whatever unit the chain uses.
        bloom: 256-byte logs bloom; all zero when the endpoint gives none.
        transactions: Hashes of its transactions, in order.
    """

    number: int
    block_hash: bytes
    parent_hash: bytes
    time: int
    bloom: bytes
    transactions: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """One raw event of a block (事件).

    Attributes:
        address: 20-byte address of the contract that emitted it.
        topics: Up to four 32-byte topics.
        data: The rest of it, ABI-encoded.
        block_number: Height of its block.
        block_hash: 32 bytes.
        transaction_hash: 32 bytes.
        index: Position in the block.
        time: Seconds since the epoch of its block, where the endpoint says it with the event.
    """

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    transaction_hash: bytes
    index: int
    time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TxReceipt:
    """What became of a mined transaction (交易回执).

    Attributes:
        transaction_hash: 32 bytes.
        block_number: Height of its block.
        block_hash: 32 bytes.
        succeeded: It did not revert.
        contract: 20-byte address of the contract it created; ``None`` when it created none.
        logs: Its events, in order.
    """

    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool
    contract: bytes | None
    logs: tuple[EventLog, ...]
