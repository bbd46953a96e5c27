"""How far a chain was followed, as it is stored beside what was applied (游标)."""

from dataclasses import dataclass

from trace_node.canonical_json import JsonObject, JsonValue, decode_object, encode
from trace_node.errors import InputError

_TYPE = "chain-cursor@1"
_MAX_CURSOR_BYTES = 65_535
_HASH_TEXT = 66


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRef:
    """A block that was applied.

    Attributes:
        number: Height.
        block_hash: 32 bytes.
        time: Seconds since the epoch by the block.
        counts: How many events each contract had emitted after it, where they number them.
    """

    number: int
    block_hash: bytes
    time: int
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far events were applied, and the blocks that could still be taken back (游标).

    Attributes:
        blocks: The newest applied blocks, consecutive, oldest first; at least one.
    """

    blocks: tuple[BlockRef, ...]

    @property
    def tip(self) -> BlockRef:
        """The newest applied block."""
        return self.blocks[-1]

    def encode(self) -> bytes:
        """The cursor as canonical JSON."""
        blocks: list[JsonValue] = [
            [each.number, "0x" + each.block_hash.hex(), each.time, *each.counts]
            for each in self.blocks
        ]
        return encode({"type": _TYPE, "blocks": blocks})

    @classmethod
    def decode(cls, raw: bytes, *, contracts: int = 0) -> "Cursor":
        """Read what ``encode`` wrote.

        Args:
            raw: The stored bytes.
            contracts: How many contracts number their events.

        Raises:
            InputError: It is something else.
        """
        fields = decode_object(raw, max_bytes=_MAX_CURSOR_BYTES)
        blocks = _blocks(fields, contracts)
        numbers = [block.number for block in blocks]
        if not blocks or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise InputError("{field}: must hold consecutive blocks", field="blocks")
        return cls(blocks=blocks)


def _blocks(fields: JsonObject, contracts: int) -> tuple[BlockRef, ...]:
    listed = fields.get("blocks")
    if fields.get("type") != _TYPE or not isinstance(listed, list):
        raise InputError("{field}: not a cursor of the chain", field="type")
    return tuple(_block(each, contracts) for each in listed)


def _block(listed: JsonValue, contracts: int) -> BlockRef:
    match listed:
        case [int() as number, str() as text, int() as time, *counts] if (
            len(text) == _HASH_TEXT
            and text.startswith("0x")
            and len(counts) == contracts
            and all(type(count) is int and count >= 0 for count in counts)
        ):
            try:
                block_hash = bytes.fromhex(text[2:])
            except ValueError as error:
                raise InputError("{field}: not a block hash", field="blocks") from error
            return BlockRef(
                number=number,
                block_hash=block_hash,
                time=time,
                counts=tuple(count for count in counts if isinstance(count, int)),
            )
        case _:
            raise InputError("{field}: must hold number, hash and time", field="blocks")
