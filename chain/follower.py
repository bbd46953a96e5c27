"""Follows contracts' events block by block, and takes them back when the chain does (区块跟随).

The follower keeps nothing: a step takes a cursor and returns events and the next cursor, and its
caller stores both in one transaction, so that what was applied and how far it was applied can never
differ. Which events these are, and how it is known that none is missing, is its feed's to tell.
"""

import logging
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from chain.client import EvmClient
from chain.cursor import BlockRef, Cursor
from chain.errors import DeepReorgError, StaleEndpointError

logger = logging.getLogger(__name__)

UNDO_LIMIT = 64  # blocks; proof-of-authority forks are a few blocks deep

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece(Generic[E_co]):
    """The next blocks and their events.

    Attributes:
        blocks: Consecutive; they follow the tip, or end at a block that is final.
        events: In the order of the chain.
    """

    blocks: tuple[BlockRef, ...]
    events: tuple[E_co, ...]


class EventFeed(Protocol[E_co]):
    """Reads the events of some contracts forward."""

    def start(self, before: BlockRef) -> BlockRef:
        """Block ``before``, after which the events begin."""

    def read(self, tip: BlockRef, *, height: int, final: int) -> Piece[E_co]:
        """The blocks after ``tip``, at least one and at most to ``height``.

        Args:
            tip: The newest applied block; below ``height``.
            height: Newest block of the endpoint.
            final: Newest block that is final: what ends at or below it may be without its parents.

        Raises:
            ChainUnavailableError: No answer, or the chain changed while it was read: ask again.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowStep(Generic[E_co]):
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
    events: tuple[E_co, ...]
    cursor: Cursor
    height: int
    final: int
    lagging: bool

    @property
    def idle(self) -> bool:
        """There was nothing to do."""
        return self.undo_above is None and self.cursor.tip.number >= self.height


class Follower(Generic[E]):
    """Reads a feed forward.

    Args:
        client: The endpoint.
        feed: The events.
        undo_limit: Deepest reorganisation that is taken back, in blocks, 0 or more.
        undo_final: Blocks that were final are taken back too, within the limit.
    """

    def __init__(
        self,
        client: EvmClient,
        feed: EventFeed[E],
        *,
        undo_limit: int = UNDO_LIMIT,
        undo_final: bool = True,
    ) -> None:
        self._client = client
        self._feed = feed
        self._undo_limit = undo_limit
        self._undo_final = undo_final

    def begin(self, before: int) -> Cursor:
        """A cursor after block ``before``, such as the one before the contract was created.

        Raises:
            StaleEndpointError: The endpoint has no such block.
        """
        header = self._client.block(before)
        if header is None:
            raise self._without(before)
        start = BlockRef(number=before, block_hash=header.block_hash, time=header.time)
        return Cursor(blocks=(self._feed.start(start),))

    def step(self, cursor: Cursor) -> FollowStep[E]:
        """Apply the next blocks, or take the replaced ones back; never both in one step.

        Raises:
            DeepReorgError: The chain changed below the undo limit: nothing may be applied.
            ChainConfigError: The endpoint has come to serve another chain.
            ChainUnavailableError: No answer, or the chain changed while it was read: ask again.
        """
        height = self._client.height()
        known = self._newest_common(cursor, height)
        if known != cursor.tip:
            return self._take_back(cursor, known, height)
        if height <= cursor.tip.number:
            return self._result(cursor, height)
        final = height - self._client.config.depth
        piece = self._feed.read(cursor.tip, height=height, final=final)
        joined = piece.blocks
        if joined[0].number == cursor.tip.number + 1:
            joined = (*cursor.blocks, *joined)
        kept = joined[-self._undo_limit - 1 :]
        if not self._undo_final:
            oldest = min(final, kept[-1].number)
            kept = tuple(block for block in kept if block.number >= oldest)
        return self._result(Cursor(blocks=kept), height, events=piece.events)

    def _newest_common(self, cursor: Cursor, height: int) -> BlockRef:
        """The newest block of the cursor that the chain still has, as far as it can be seen."""
        visible = [block for block in cursor.blocks if block.number <= height]
        can_lag = self._client.config.profile.can_lag
        for block in reversed(visible):
            header = self._client.block(block.number)
            if header is None:
                raise self._without(block.number)
            if header.block_hash == block.block_hash:
                lagging = block is visible[-1] and height < cursor.tip.number and can_lag
                return cursor.tip if lagging else block
        if not visible and can_lag:
            return cursor.tip  # it lags, or the whole window is gone: nothing can be told apart
        self._client.check_identity()
        raise DeepReorgError(
            "block {number} and all after it were replaced, deeper than the limit of {limit}",
            number=cursor.blocks[0].number,
            limit=len(cursor.blocks) - 1,
            remedy="find out why the chain was put back, then rebuild from its contract",
        )

    def _take_back(self, cursor: Cursor, known: BlockRef, height: int) -> FollowStep[E]:
        logger.warning("reorg from=%d to=%d", cursor.tip.number, known.number)
        kept = tuple(block for block in cursor.blocks if block.number <= known.number)
        return self._result(Cursor(blocks=kept), height, undo_above=known.number)

    def _result(
        self,
        cursor: Cursor,
        height: int,
        *,
        events: tuple[E, ...] = (),
        undo_above: int | None = None,
    ) -> FollowStep[E]:
        return FollowStep(
            undo_above=undo_above,
            events=events,
            cursor=cursor,
            height=height,
            final=height - self._client.config.depth,
            lagging=height < cursor.tip.number,
        )

    def _without(self, number: int) -> StaleEndpointError:
        return StaleEndpointError(
            "{endpoint}: has no block {number}", endpoint=self._client.shown, number=number
        )
