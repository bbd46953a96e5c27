"""The events of one CheckpointRegistry as a feed: every header, bloom and doubtful receipt read."""

from chain.client import EvmClient
from chain.cursor import BlockRef
from chain.event_reader import EventReader
from chain.events import RegistryEvent, event_topics, registry_event
from chain.follower import UNDO_LIMIT, Follower, Piece

_MAX_STEP = 256  # blocks read in one step, to bound its memory and its time


class RegistryFeed:
    """Reads one CheckpointRegistry; see ``EventFeed``.

    Args:
        client: The endpoint.
        address: 20-byte address of the contract.
    """

    def __init__(self, client: EvmClient, *, address: bytes) -> None:
        self._step = min(client.config.profile.max_log_window, _MAX_STEP)
        self._reader = EventReader(client, topics={address: event_topics()})

    def start(self, before: BlockRef) -> BlockRef:
        """See ``EventFeed``."""
        return before

    def read(self, tip: BlockRef, *, height: int, final: int) -> Piece[RegistryEvent]:  # noqa: ARG002  blocks are read whole, final or not
        """See ``EventFeed``."""
        first = tip.number + 1
        last = min(height, tip.number + self._step)
        blocks = self._reader.read(first, last, parent=tip.block_hash)
        return Piece(
            blocks=tuple(
                BlockRef(
                    number=block.header.number,
                    block_hash=block.header.block_hash,
                    time=block.header.time,
                )
                for block in blocks
            ),
            events=tuple(registry_event(raw) for block in blocks for raw in block.events),
        )


def registry_follower(
    client: EvmClient, *, address: bytes, undo_limit: int = UNDO_LIMIT
) -> Follower[RegistryEvent]:
    """A follower of one CheckpointRegistry.

    Args:
        client: The endpoint.
        address: 20-byte address of the contract.
        undo_limit: Deepest reorganisation that is taken back, in blocks, 0 or more.
    """
    return Follower(client, RegistryFeed(client, address=address), undo_limit=undo_limit)
