"""The ``LedgerFollower`` of the core: the ledger's events forward, final ones never taken back."""

from chain.client import EvmClient
from chain.cursor import Cursor
from chain.follower import UNDO_LIMIT, Follower
from chain.ledger_feed import LedgerFeed
from trace_node.ports.ledger import BlockMark, LedgerIdentity, LedgerStep
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Book


class ChainLedgerFollower:
    """Follows one ledger on one endpoint.

    Args:
        client: The endpoint; serves the ledger's chain.
        identity: The ledger.
        undo_limit: Deepest reorganisation that is taken back, in blocks, 0 or more. Blocks that
            were final are not taken back: their replacement is a ``DeepReorgError``.
    """

    def __init__(
        self, client: EvmClient, identity: LedgerIdentity, *, undo_limit: int = UNDO_LIMIT
    ) -> None:
        self._identity = identity
        feed = LedgerFeed(client, identity.contracts)
        self._follower: Follower[PlacedEvent] = Follower(
            client, feed, undo_limit=undo_limit, undo_final=False
        )

    @property
    def identity(self) -> LedgerIdentity:
        """See ``LedgerFollower``."""
        return self._identity

    def begin(self) -> bytes:
        """See ``LedgerFollower``."""
        return self._follower.begin(max(self._identity.first_block - 1, 0)).encode()

    def step(self, cursor: bytes) -> LedgerStep:
        """See ``LedgerFollower``.

        Raises:
            LogsIncompleteError: The endpoint leaves events out; names contract, expected, found.
            DeepReorgError: A block was replaced that was final, or deeper than the limit.
            InputError: The cursor is damaged.
        """
        done = self._follower.step(Cursor.decode(cursor, contracts=len(Book)))
        tip = done.cursor.tip
        return LedgerStep(
            undo_above=done.undo_above,
            events=done.events,
            cursor=done.cursor.encode(),
            tip=BlockMark(number=tip.number, block_hash=tip.block_hash, time=tip.time),
            height=done.height,
            final=done.final,
            lagging=done.lagging,
        )
