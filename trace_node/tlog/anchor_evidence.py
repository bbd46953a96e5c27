"""The anchor as a bundle carries it, and what a trust root demands of it.

Hashes of the chain are written as chains write them (0x and lower-case hex), roots of the log as
records write digests (base64url). ``null`` means that the checkpoint was not anchored when the
bundle was made.
"""

from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import InputError
from trace_node.ids import to_base64url
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.hasher import HASH_SIZE
from trace_node.tlog.json_fields import Fields, hexadecimal

ADDRESS_SIZE = 20
MAX_BLOCK_TIME = 253_402_300_799  # the last second of the year 9999
ENGINES = frozenset({"embedded", "anvil", "besu", "fisco", "evm"})
ANCHOR_MEMBERS = frozenset(
    {
        *("block_hash", "block_number", "block_time", "chain_id", "contract", "engine"),
        *("genesis_hash", "head", "log_id", "previous", "transaction_hash"),
    }
)
_HEAD_MEMBERS = frozenset({"root", "size"})


def anchor_to_json(anchor: Anchor) -> JsonObject:
    """Write an anchor with all its fields."""
    return {
        "block_hash": hexadecimal(anchor.block_hash),
        "block_number": anchor.block_number,
        "block_time": anchor.block_time,
        "chain_id": anchor.chain_id,
        "contract": hexadecimal(anchor.contract),
        "engine": anchor.engine,
        "genesis_hash": hexadecimal(anchor.genesis_hash),
        "head": head_to_json(anchor.head),
        "log_id": hexadecimal(anchor.log_id),
        "previous": head_to_json(anchor.previous),
        "transaction_hash": hexadecimal(anchor.transaction_hash),
    }


def head_to_json(head: AnchoredHead) -> JsonObject:
    """Write a head: size and root."""
    return {"root": to_base64url(head.root), "size": head.size}


def anchor_from_json(value: JsonValue, *, path: str, error: type[InputError]) -> Anchor:
    """Read an anchor.

    Args:
        value: What should be its object.
        path: Where it stands, for messages.
        error: The error to raise.

    Raises:
        InputError: It is not an anchor; of the class ``error``.
    """
    fields = Fields(value, path=path, members=ANCHOR_MEMBERS, error=error)
    return Anchor(
        engine=engine_of(fields),
        chain_id=fields.integer("chain_id", least=1),
        genesis_hash=fields.hexadecimal("genesis_hash", size=HASH_SIZE),
        contract=fields.hexadecimal("contract", size=ADDRESS_SIZE),
        log_id=fields.hexadecimal("log_id", size=HASH_SIZE),
        transaction_hash=fields.hexadecimal("transaction_hash", size=HASH_SIZE),
        block_number=fields.integer("block_number"),
        block_hash=fields.hexadecimal("block_hash", size=HASH_SIZE),
        block_time=fields.integer("block_time", most=MAX_BLOCK_TIME),
        previous=_head_from_json(fields.inner("previous", members=_HEAD_MEMBERS)),
        head=_head_from_json(fields.inner("head", members=_HEAD_MEMBERS)),
    )


def engine_of(fields: Fields) -> str:
    """Read the member ``engine``, which must be one of ``ENGINES``.

    Raises:
        InputError: It is not; of the class of ``fields``.
    """
    engine = fields.text("engine", most=16)
    if engine not in ENGINES:
        raise fields.error(
            "{field}: must be one of {engines}",
            field=fields.at("engine"),
            engines=", ".join(sorted(ENGINES)),
        )
    return engine


def require_head(anchor: Anchor, *, size: int, root: bytes) -> None:
    """Require the anchor to be of exactly this tree, which then needs no further proof.

    Args:
        anchor: The anchor.
        size: Size of a verified checkpoint.
        root: Its root.

    Raises:
        EvidenceError: The anchor's head is another, or does not follow the head before it.
    """
    if anchor.head.size != size:
        raise EvidenceError(
            "{field}: the anchor is of size {found}, the checkpoint of size {expected}",
            field="anchor.head.size",
            found=anchor.head.size,
            expected=size,
            code="anchor.size",
        )
    if anchor.head.root != root:
        raise EvidenceError(
            "{field}: the anchor holds another root than the checkpoint",
            field="anchor.head.root",
            code="anchor.root",
        )
    if anchor.previous.size >= anchor.head.size:
        raise EvidenceError(
            "{field}: the head before must be smaller than the head",
            field="anchor.previous.size",
            code="anchor.previous",
        )


def _head_from_json(fields: Fields) -> AnchoredHead:
    return AnchoredHead(size=fields.integer("size"), root=fields.digest("root"))
