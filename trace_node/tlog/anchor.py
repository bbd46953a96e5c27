"""What a chain says about a checkpoint: the anchor and the head it moved."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredHead:
    """The head of a log as the registry on the chain holds it.

    Attributes:
        size: Number of leaves, 0 or more.
        root: 32-byte root of the tree of that size.
    """

    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One anchoring of a checkpoint on a chain (锚定): the event and where it was mined.

    Attributes:
        engine: ``embedded``, ``anvil``, ``besu``, ``fisco`` or ``evm``.
        chain_id: EVM chain id, at least 1.
        genesis_hash: 32-byte hash of block 0.
        contract: 20-byte address of the CheckpointRegistry.
        log_id: 32-byte id, keccak256(owner ‖ originHash).
        transaction_hash: 32 bytes.
        block_number: Block that holds the transaction.
        block_hash: 32 bytes.
        block_time: Seconds since the epoch, the block's own statement.
        previous: Head before.
        head: Head after.
    """

    engine: str
    chain_id: int
    genesis_hash: bytes
    contract: bytes
    log_id: bytes
    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    block_time: int
    previous: AnchoredHead
    head: AnchoredHead
