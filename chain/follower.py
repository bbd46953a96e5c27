"""Follows a contract's events block by block, and takes them back when the chain does (区块跟随).

The follower keeps nothing: a step takes a cursor and returns events and the next cursor, and its
caller stores both in one transaction, so that what was applied and how far it was applied can never
differ.
"""

import logging
from dataclasses import dataclass

from chain.client import EvmClient
from chain.errors import DeepReorgError, StaleEndpointError
from chain.event_reader import EventReader
from chain.events import RegistryEvent, event_topics, registry_event
from trace_node.canonical_json import JsonObject, JsonValue, decode_object, encode
from trace_node.errors import InputError

logger = logging.getLogger(__name__)

UNDO_LIMIT = 64  # blocks; proof-of-authority forks are a few blocks deep
_MAX_STEP = 256  # blocks read in one step, to bound its memory and its time
_MAX_CURSOR_BYTES = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRef:
    """A block that was applied.

    Attributes:
        number: Height.
        block_hash: 32 bytes.
    """

    number: int
    block_hash: bytes


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
        pairs: list[JsonValue] = [
            [block.number, "0x" + block.block_hash.hex()] for block in self.blocks
        ]
        return encode({"type": "chain-cursor@1", "blocks": pairs})

    @classmethod
    def decode(cls, raw: bytes) -> "Cursor":
        """Read what ``encode`` wrote.

        Raises:
            InputError: It is something else.
        """
        fields = decode_object(raw, max_bytes=_MAX_CURSOR_BYTES)
        blocks = _blocks(fields)
        numbers = [block.number for block in blocks]
        if not blocks or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise InputError("{field}: must hold consecutive blocks", field="blocks")
        return cls(blocks=blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowStep:
    """What the caller has to do, in this order: undo, apply, store the cursor.

    Attributes:
        undo_above: Take back everything of blocks above this height; ``None`` when nothing is.
        events: Events to apply, in the order of the chain.
        cursor: The cursor to store with them.
        height: Newest block of the endpoint.
        final: Newest block that is final, or less than 0 when none is.
        lagging: The endpoint has not reached the cursor: nothing was applied.
    """

    undo_above: int | None
    events: tuple[RegistryEvent, ...]
    cursor: Cursor
    height: int
    final: int
    lagging: bool

    @property
    def idle(self) -> bool:
        """There was nothing to do."""
        return self.undo_above is None and self.cursor.tip.number >= self.height


class Follower:
    """Reads one CheckpointRegistry forward.

    Args:
        client: The endpoint.
        address: 20-byte address of the contract.
        undo_limit: Deepest reorganisation that is taken back, in blocks, 0 or more.
    """

    def __init__(self, client: EvmClient, *, address: bytes, undo_limit: int = UNDO_LIMIT) -> None:
        self._client = client
        self._undo_limit = undo_limit
        self._reader = EventReader(client, address=address, topics=event_topics())

    def begin(self, before: int) -> Cursor:
        """A cursor after block ``before``, such as the one before the contract was created.

        Raises:
            StaleEndpointError: The endpoint has no such block.
        """
        header = self._client.block(before)
        if header is None:
            raise StaleEndpointError(
                "{endpoint}: has no block {number}", endpoint=self._client.shown, number=before
            )
        return Cursor(blocks=(BlockRef(number=before, block_hash=header.block_hash),))

    def step(self, cursor: Cursor) -> FollowStep:
        """Apply the next blocks, or take the replaced ones back; never both in one step.

        Raises:
            DeepReorgError: The chain changed below the undo limit: nothing may be applied.
            ChainUnavailableError: No answer, or the chain changed while it was read: ask again.
        """
        height = self._client.height()
        known = self._newest_common(cursor, height)
        if known != cursor.tip:
            return self._take_back(cursor, known, height)
        if height <= cursor.tip.number:
            return self._result(cursor, height)
        first = cursor.tip.number + 1
        last = min(height, first + min(self._client.config.profile.max_log_window, _MAX_STEP) - 1)
        blocks = self._reader.read(first, last)
        if blocks[0].header.parent_hash != cursor.tip.block_hash:
            raise StaleEndpointError(
                "{endpoint}: block {number} does not follow the one that was applied",
                endpoint=self._client.shown,
                number=first,
                remedy="ask again: the chain changed while it was read",
            )
        refs = [
            BlockRef(number=block.header.number, block_hash=block.header.block_hash)
            for block in blocks
        ]
        kept = (*cursor.blocks, *refs)[-self._undo_limit - 1 :]
        events = tuple(registry_event(raw) for block in blocks for raw in block.events)
        return self._result(Cursor(blocks=kept), height, events=events)

    def _newest_common(self, cursor: Cursor, height: int) -> BlockRef:
        """The newest block of the cursor that the chain still has, as far as it can be seen."""
        visible = [block for block in cursor.blocks if block.number <= height]
        for block in reversed(visible):
            header = self._client.block(block.number)
            if header is None:
                raise StaleEndpointError(
                    "{endpoint}: has no block {number}",
                    endpoint=self._client.shown,
                    number=block.number,
                )
            if header.block_hash == block.block_hash:
                lagging = block is visible[-1] and height < cursor.tip.number
                return cursor.tip if lagging else block
        if not visible:
            return cursor.tip  # it lags, or the whole window is gone: nothing can be told apart
        raise DeepReorgError(
            "block {number} and all after it were replaced, deeper than the limit of {limit}",
            number=cursor.blocks[0].number,
            limit=self._undo_limit,
            remedy="find out why the chain was put back, then rebuild from its contract",
        )

    def _take_back(self, cursor: Cursor, known: BlockRef, height: int) -> FollowStep:
        logger.warning("reorg from=%d to=%d", cursor.tip.number, known.number)
        kept = tuple(block for block in cursor.blocks if block.number <= known.number)
        return self._result(Cursor(blocks=kept), height, undo_above=known.number)

    def _result(
        self,
        cursor: Cursor,
        height: int,
        *,
        events: tuple[RegistryEvent, ...] = (),
        undo_above: int | None = None,
    ) -> FollowStep:
        return FollowStep(
            undo_above=undo_above,
            events=events,
            cursor=cursor,
            height=height,
            final=height - self._client.config.depth,
            lagging=height < cursor.tip.number,
        )


def _blocks(fields: JsonObject) -> tuple[BlockRef, ...]:
    pairs = fields.get("blocks")
    if fields.get("type") != "chain-cursor@1" or not isinstance(pairs, list):
        raise InputError("{field}: not a cursor of the chain", field="type")
    refs = []
    for pair in pairs:
        match pair:
            case [int() as number, str() as text] if len(text) == 66 and text.startswith("0x"):  # noqa: PLR2004
                try:
                    refs.append(BlockRef(number=number, block_hash=bytes.fromhex(text[2:])))
                except ValueError as error:
                    raise InputError("{field}: not a block hash", field="blocks") from error
            case _:
                raise InputError("{field}: must hold number and hash", field="blocks")
    return tuple(refs)
